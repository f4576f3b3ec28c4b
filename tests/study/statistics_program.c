/* statistics_program.c RESULTS.json: prints the document with the "statistics" of its "cells" as
 * they are now. */
#include "study/statistics_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A copy without what was there. */
static lido_json *without_statistics(const lido_json *document) {
    lido_json *copy = lido_json_object();
    for (const lido_json *m = lido_json_first(document); m; m = lido_json_next(m))
        if (strcmp(lido_json_key(m), "statistics") != 0)
            lido_json_add(copy, lido_json_key(m), lido_json_copy(m));
    return copy;
}

int main(int argc, char **argv) {
    lido_json *document = NULL, *statistics = NULL;
    lido_error error;
    if (argc != 2) return EXIT_FAILURE;
    lido_status status = lido_json_read(argv[1], &document, &error);
    if (!status) status = lido_statistics_json(document, NULL, &statistics, &error);
    if (status) {
        fprintf(stderr, "%s\n", error.message);
        lido_json_free(document);
        return EXIT_FAILURE;
    }
    lido_json *whole = without_statistics(document);
    lido_json_add(whole, "statistics", statistics);
    char *text = lido_json_print(whole, true);
    if (text) puts(text);
    free(text);
    lido_json_free(whole);
    lido_json_free(document);
    return text ? EXIT_SUCCESS : EXIT_FAILURE;
}
