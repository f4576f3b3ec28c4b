/* fetch_program.c - what test_fetch.py drives: lido_data_fetch of a set made up on the command
 * line.
 *
 *   fetch_program DIR BASE_URL TRIES STOP_AFTER FILE:MD5
 * [ARCHIVE:MD5:MEMBER=BYTES[,MEMBER=BYTES]]...
 *
 * The set's folder is DIR/set. STOP_AFTER 0: no limit; otherwise the progress function stops the
 * download after so many bytes. Prints the status, then the message; exits with 0 only when all is
 * well. Every call of the progress function is checked. */
#define _GNU_SOURCE
#include <lido/data.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILES = 8, MAX_MEMBERS = 8 };

typedef struct watch {
    int64_t stop_after, last;
    bool wrong;
} watch;

static bool watch_progress(void *context, const char *file, int64_t done, int64_t total) {
    watch *w = context;
    if (done < 0 || (total > 0 && done > total) || !*file) w->wrong = true;
    w->last = done;
    return w->stop_after == 0 || done < w->stop_after;
}

static void parse_members(char *text, lido_data_member *members) {
    char *rest = NULL;
    int count = 0;
    for (char *item = strtok_r(text, ",", &rest); item && count < MAX_MEMBERS - 1;
         item = strtok_r(NULL, ",", &rest)) {
        char *equals = strchr(item, '=');
        *equals = '\0';
        members[count++] = (lido_data_member){item, strtoll(equals + 1, NULL, 10)};
    }
}

static lido_data_file parse_file(char *text, lido_data_member *members) {
    char *rest = NULL;
    lido_data_file file = {.name = strtok_r(text, ":", &rest), .url = "http://127.0.0.1:1/none"};
    file.md5 = strtok_r(NULL, ":", &rest);
    char *list = strtok_r(NULL, ":", &rest);
    if (!list) return file;
    parse_members(list, members);
    file.members = members;
    return file;
}

int main(int count, char **argument) {
    static lido_data_member members[MAX_FILES][MAX_MEMBERS];
    lido_data_file files[MAX_FILES + 1] = {0};
    if (count < 6 || count > 5 + MAX_FILES) return 2;
    for (int i = 5; i < count; i++) files[i - 5] = parse_file(argument[i], members[i - 5]);
    watch w = {.stop_after = strtoll(argument[4], NULL, 10)};
    const lido_data_source source = {
        .name = "set", .folder = "set", .format = "idx", .files = files};
    const lido_fetch_options options = {.dir = argument[1],
                                        .base_url = argument[2],
                                        .tries = atoi(argument[3]),
                                        .progress = watch_progress,
                                        .context = &w};
    lido_error error = {.message = ""};
    lido_status status = lido_data_fetch(&source, &options, &error);
    printf("%s\n%s\n%" PRId64 "\n", lido_status_text(status), status ? error.message : "", w.last);
    return status == LIDO_OK && !w.wrong ? EXIT_SUCCESS : EXIT_FAILURE;
}
