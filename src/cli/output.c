/* output.c - text for people, numbers as text, the JSON line and the progress bar. */
#define _POSIX_C_SOURCE 200809L
#include "cli/output.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { COLUMNS = 80, ROWS = 24, BAR_WIDTH = 24 };

lido_output lido_output_of(const lido_common *common) {
    FILE *people = common->json ? stderr : stdout;
    return (lido_output){.people = common->quiet ? NULL : people, .json = common->json};
}

void lido_say(const lido_output *output, const char *format, ...) {
    if (!output->people) return;
    va_list list;
    va_start(list, format);
    vfprintf(output->people, format, list);
    va_end(list);
}

void lido_say_wrapped(const lido_output *output, int indent, const char *text) {
    int column = indent;
    while (*text) {
        int word = (int)strcspn(text, " \n");
        bool begins = column == indent;
        if (!begins && column + 1 + word > COLUMNS) {
            lido_say(output, "\n%*s", indent, "");
            column = indent;
            begins = true;
        }
        lido_say(output, "%s%.*s", begins ? "" : " ", word, text);
        column += word + !begins;
        text += word;
        if (*text == '\n') {
            lido_say(output, "\n%*s", indent, "");
            column = indent;
        }
        if (*text) text++;
    }
    lido_say(output, "\n");
}

lido_status lido_output_json(const lido_output *output, lido_json *object, lido_error *error) {
    char *text = output->json ? lido_json_print(object, false) : NULL;
    lido_json_free(object);
    if (!output->json) return LIDO_OK;
    if (!text) return lido_fail(error, LIDO_MEMORY, "out of memory while writing the result");
    printf("%s\n", text);
    free(text);
    return LIDO_OK;
}

/* ---- numbers as text ------------------------------------------------------------------------ */

char *lido_text_shape(const int64_t *axis, int rank, char *text) {
    size_t at = 0;
    text[0] = '\0';
    for (int i = LIDO_MAX_AXES - rank; i < LIDO_MAX_AXES && at < LIDO_NUMBER_SIZE; i++)
        at += (size_t)snprintf(text + at, LIDO_NUMBER_SIZE - at, "%s%" PRId64, at ? "x" : "",
                               axis[i]);
    return text;
}

/* ---- progress ------------------------------------------------------------------------------- */

double lido_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

lido_terminal lido_terminal_size(void) {
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return (lido_terminal){.rows = ROWS, .columns = COLUMNS};
    return (lido_terminal){.rows = size.ws_row > 0 ? size.ws_row : ROWS,
                           .columns =
                               size.ws_col < LIDO_MOST_COLUMNS ? size.ws_col : LIDO_MOST_COLUMNS};
}

void lido_bar_start(lido_bar *bar, const lido_output *output) {
    *bar = (lido_bar){.shown = output->people && isatty(STDERR_FILENO), .started = lido_seconds()};
}

int lido_text_bar(const char *label, double fraction, const char *note, char *text, size_t size) {
    char cells[BAR_WIDTH + 1];
    int filled = (int)(fraction * BAR_WIDTH);
    for (int i = 0; i < BAR_WIDTH; i++) cells[i] = i < filled ? '=' : i == filled ? '>' : ' ';
    cells[BAR_WIDTH] = '\0';
    return snprintf(text, size, "%s [%s] %3.0f %%  %s", label, cells, 100 * fraction, note);
}

void lido_bar_draw(lido_bar *bar, const char *label, double fraction, const char *note) {
    double now = lido_seconds();
    if (!bar->shown || (bar->drawn && now - bar->last < 0.1)) return;
    bar->last = now;
    bar->drawn = true;

    char line[LIDO_MOST_COLUMNS];
    int length = lido_text_bar(label, fraction, note, line, sizeof line);
    int room = lido_terminal_size().columns - 1;
    fprintf(stderr, "\r%-*.*s", room, length < room ? length : room, line);
    fflush(stderr);
}

void lido_bar_clear(lido_bar *bar) {
    if (bar->drawn) fprintf(stderr, "\r%*s\r", lido_terminal_size().columns - 1, "");
    bar->drawn = false;
    fflush(stderr);
}
