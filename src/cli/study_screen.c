/* study_screen.c - a study at work, for people. The table is drawn on standard error, line over
 * line, by the cursor movements of ECMA-48 that every terminal knows. */
#include "cli/study_screen.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_SIZE = 256, FEWEST_ROWS = 4 };

char *lido_text_run(const lido_study *study, int run, char *text, size_t size) {
    lido_study_run info;
    lido_study_cell cell;
    lido_study_run_get(study, run, &info);
    lido_study_cell_get(study, info.cell, &cell);
    snprintf(text, size, "%s, seed %" PRId64, cell.name, info.seed);
    return text;
}

lido_status lido_screen_start(lido_screen *screen, const lido_study *study,
                              const lido_output *output, lido_error *error) {
    const size_t runs = (size_t)lido_study_runs(study);
    *screen = (lido_screen){.study = study,
                            .output = output,
                            .live = output->people && isatty(STDERR_FILENO),
                            .started = lido_seconds(),
                            .run = calloc(runs, sizeof *screen->run),
                            .before = calloc(runs, sizeof *screen->before)};
    if (screen->run && screen->before) return LIDO_OK;
    lido_screen_stop(screen);
    return lido_fail(error, LIDO_MEMORY, "out of memory for %zu runs", runs);
}

/* ---- how far it is ------------------------------------------------------------------------- */

static bool is_finished(const lido_screen *screen, int run) {
    return screen->run[run].stage == LIDO_RUN_FINISHED;
}

static bool is_ended(const lido_screen *screen, int run) {
    return screen->run[run].stage >= LIDO_RUN_FINISHED;
}

/* What a run takes, in multiply-adds of training. */
static double weight(const lido_study *study, int run) {
    lido_study_run info;
    lido_study_cell cell;
    lido_study_run_get(study, run, &info);
    lido_study_cell_get(study, info.cell, &cell);
    return (double)cell.steps * (double)(cell.multiply_adds + 1);
}

/* Of the work of this command, which is all but what was finished before. */
static double fraction_done(const lido_screen *screen) {
    double all = 0, done = 0;
    for (int i = 0; i < lido_study_runs(screen->study); i++) {
        if (screen->before[i]) continue;
        const double of_run = weight(screen->study, i);
        all += of_run;
        done += is_ended(screen, i) ? of_run : of_run * screen->run[i].fraction;
    }
    return all > 0 ? done / all : 1;
}

static void left_text(const lido_screen *screen, double fraction, char text[TEXT_SIZE]) {
    char seconds[LIDO_NUMBER_SIZE];
    const double spent = lido_seconds() - screen->started;
    const int used = snprintf(text, TEXT_SIZE, "%d of %d runs", screen->finished,
                              lido_study_runs(screen->study));
    if (fraction > 0.001)
        snprintf(text + used, TEXT_SIZE - (size_t)used, "  %s left",
                 lido_text_seconds(spent * (1 - fraction) / fraction, seconds));
}

/* ---- the table ----------------------------------------------------------------------------- */

/* One line of the screen, cut to its width; the rest of what was there is cleared. */
static void draw_line(lido_screen *screen, const char *text, int columns) {
    fprintf(stderr, "%.*s\033[K\n", columns - 1, text);
    screen->lines++;
}

/* "seed 2: epoch 1/3, loss 0.0312" of the cell's first run at work; "" when there is none. */
static void work_text(const lido_screen *screen, int cell, char text[TEXT_SIZE]) {
    text[0] = '\0';
    for (int i = cell; i < lido_study_runs(screen->study); i += lido_study_cells(screen->study)) {
        const lido_run_event *e = &screen->run[i];
        lido_study_run run;
        lido_study_run_get(screen->study, i, &run);
        if (e->stage == LIDO_RUN_TRAINING)
            snprintf(text, TEXT_SIZE, "seed %" PRId64 ": epoch %" PRId64 "/%" PRId64 ", loss %.4f",
                     run.seed, e->epoch, e->epochs, e->loss);
        else if (e->stage == LIDO_RUN_EVALUATING)
            snprintf(text, TEXT_SIZE, "seed %" PRId64 ": evaluating", run.seed);
        if (text[0]) return;
    }
}

static void cell_line(const lido_screen *screen, int index, int width, char text[TEXT_SIZE]) {
    const int cells = lido_study_cells(screen->study), runs = lido_study_runs(screen->study);
    char work[TEXT_SIZE], accuracy[LIDO_NUMBER_SIZE] = "";
    lido_study_cell cell;
    double sum = 0;
    int finished = 0;
    lido_study_cell_get(screen->study, index, &cell);
    for (int i = index; i < runs; i += cells) {
        if (!is_finished(screen, i)) continue;
        sum += screen->run[i].accuracy;
        finished++;
    }
    if (finished > 0) snprintf(accuracy, sizeof accuracy, "%.2f %%", 100 * sum / finished);
    work_text(screen, index, work);
    snprintf(text, TEXT_SIZE, "%-*s  %3d/%-3d  %8s  %.120s", width, cell.name, finished,
             runs / cells, accuracy, work);
}

static int name_width(const lido_study *study) {
    int width = (int)strlen("cell");
    for (int i = 0; i < lido_study_cells(study); i++) {
        lido_study_cell cell;
        lido_study_cell_get(study, i, &cell);
        if ((int)strlen(cell.name) > width) width = (int)strlen(cell.name);
    }
    return width;
}

static bool is_at_work(const lido_screen *screen, int cell) {
    char work[TEXT_SIZE];
    work_text(screen, cell, work);
    return work[0] != '\0';
}

/* All cells where they fit, otherwise those at work. */
static void draw_cells(lido_screen *screen, const lido_terminal *terminal) {
    const int cells = lido_study_cells(screen->study), width = name_width(screen->study);
    const int room = terminal->rows - FEWEST_ROWS;
    char line[TEXT_SIZE];
    for (int i = 0, drawn = 0; i < cells && drawn < room; i++) {
        if (cells > room && !is_at_work(screen, i)) continue;
        cell_line(screen, i, width, line);
        draw_line(screen, line, terminal->columns);
        drawn++;
    }
}

static void erase(lido_screen *screen) {
    if (screen->lines > 0) fprintf(stderr, "\033[%dA\033[J", screen->lines);
    screen->lines = 0;
}

static void draw(lido_screen *screen) {
    const lido_terminal terminal = lido_terminal_size();
    const double fraction = fraction_done(screen);
    char line[LIDO_MOST_COLUMNS], left[TEXT_SIZE];
    if (screen->lines > 0) fprintf(stderr, "\033[%dA", screen->lines);
    screen->lines = 0;
    draw_cells(screen, &terminal);
    left_text(screen, fraction, left);
    lido_text_bar(lido_study_name(screen->study), fraction, left, line, sizeof line);
    draw_line(screen, line, terminal.columns);
    fprintf(stderr, "\033[J");
    fflush(stderr);
}

void lido_screen_tick(lido_screen *screen) {
    const double now = lido_seconds();
    if (!screen->live || now - screen->last < 0.1) return;
    screen->last = now;
    draw(screen);
}

/* ---- what is told -------------------------------------------------------------------------- */

static void say_end(lido_screen *screen, const lido_run_event *event) {
    const lido_output *output = screen->output;
    char run[TEXT_SIZE], seconds[LIDO_NUMBER_SIZE];
    lido_text_run(screen->study, event->run, run, sizeof run);
    erase(screen);
    if (event->stage == LIDO_RUN_FINISHED)
        lido_say(output, "%d/%d  %s: %.2f %%, %s\n", screen->finished,
                 lido_study_runs(screen->study), run, 100 * event->accuracy,
                 lido_text_seconds(event->seconds, seconds));
    else
        lido_say(output, "%s: failed: %s\n", run, event->message);
    if (output->people) fflush(output->people);
}

void lido_screen_skip(lido_screen *screen, int run, double accuracy) {
    screen->run[run] =
        (lido_run_event){.run = run, .stage = LIDO_RUN_FINISHED, .accuracy = accuracy};
    screen->before[run] = true;
    screen->finished++;
}

void lido_screen_tell(lido_screen *screen, const lido_run_event *event) {
    lido_run_event *last = &screen->run[event->run];
    const double fraction = last->fraction;
    *last = *event;
    if (event->stage == LIDO_RUN_EVALUATING) last->fraction = fraction;
    if (event->stage == LIDO_RUN_FINISHED) screen->finished++;
    if (event->stage == LIDO_RUN_FAILED && screen->failed++ == 0) screen->first_failure = *event;
    bool told =
        event->stage == LIDO_RUN_FAILED || (event->stage == LIDO_RUN_FINISHED && !screen->live);
    if (told) say_end(screen, event);
}

void lido_screen_stop(lido_screen *screen) {
    if (screen->live) erase(screen);
    free(screen->run);
    free(screen->before);
    screen->run = NULL;
    screen->before = NULL;
    screen->live = false;
}
