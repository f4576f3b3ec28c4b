/* study_table.c - what a study found, as a table and as JSON. */
#include "cli/study_table.h"

#include "base/file.h"

#include <math.h>
#include <string.h>

static lido_status read_results(const char *folder, lido_json **results, lido_error *error) {
    char path[LIDO_PATH_SIZE];
    *results = NULL;
    lido_status status = lido_path_join(folder, "results.json", path, sizeof path, error);
    return status ? status : lido_json_read(path, results, error);
}

/* The element of the list whose `key` is `text`; NULL when there is none. */
static const lido_json *find(const lido_json *list, const char *key, const char *text) {
    for (const lido_json *m = lido_json_first(list); m; m = lido_json_next(m)) {
        const char *has = lido_json_string(lido_json_get(m, key));
        if (has && strcmp(has, text) == 0) return m;
    }
    return NULL;
}

/* "cells" or "differences" of the test accuracy. */
static const lido_json *accuracy_list(const lido_json *results, const char *list) {
    const lido_json *measures = lido_json_get(lido_json_get(results, "statistics"), "measures");
    return lido_json_get(find(measures, "name", "test_accuracy"), list);
}

/* What a cell's first run says of its network: the same in all. */
static double of_network(const lido_json *cell, const char *measure) {
    const lido_json *run = lido_json_first(lido_json_get(cell, "runs"));
    return lido_json_number(lido_json_get(lido_json_get(run, "measures"), measure));
}

/* ---- for people ----------------------------------------------------------------------------- */

static void add_count(lido_table *table, double value) {
    char text[LIDO_NUMBER_SIZE];
    if (isnan(value))
        lido_table_add(table, "-");
    else
        lido_table_add(table, "%s", lido_text_count((int64_t)value, text));
}

/* A mean in percent, and half the width of its interval. */
static void add_mean(lido_table *table, const lido_json *of, const char *format) {
    const double mean = lido_json_number(lido_json_get(of, "mean"));
    const double half =
        (lido_json_number(lido_json_get(of, "high")) - lido_json_number(lido_json_get(of, "low"))) /
        2;
    char text[LIDO_NUMBER_SIZE] = "-";
    if (!isnan(mean)) {
        int used = snprintf(text, sizeof text, format, 100 * mean);
        if (!isnan(half)) snprintf(text + used, sizeof text - (size_t)used, " ± %.2f", 100 * half);
    }
    lido_table_add(table, "%s", text);
}

static void add_cell(lido_table *table, const lido_json *results, const lido_json *cell) {
    const char *name = lido_json_string(lido_json_get(cell, "name"));
    lido_table_add(table, "%s", name);
    add_count(table, of_network(cell, "parameters"));
    add_count(table, of_network(cell, "multiply_adds"));
    lido_table_add(table, "%d", lido_json_count(lido_json_get(cell, "runs")));
    add_mean(table, find(accuracy_list(results, "cells"), "cell", name), "%.2f");
    add_mean(table, find(accuracy_list(results, "differences"), "cell", name), "%+.2f");
}

static void say_verdicts(const lido_json *results, const lido_output *output) {
    const lido_json *d = lido_json_first(accuracy_list(results, "differences"));
    lido_say(
        output,
        "\nTest accuracy in percent, and its difference from the baseline's with the same seed;\n"
        "± is half the width of the 95 %% interval. The baseline is %s.\n\n",
        lido_json_string(lido_json_get(results, "baseline")));
    for (; d; d = lido_json_next(d)) {
        const char *cell = lido_json_string(lido_json_get(d, "cell"));
        const char *verdict = lido_json_string(lido_json_get(d, "verdict"));
        if (!cell || !verdict) continue;
        char text[512];
        snprintf(text, sizeof text, "%s: %s", cell, verdict);
        lido_say_wrapped(output, 0, text);
    }
}

lido_status lido_study_table_print(const char *folder, const lido_output *output,
                                   lido_error *error) {
    static const char *const titles[] = {"<cell", "parameters", "mult-adds",
                                         "runs",  "accuracy",   "difference"};
    lido_json *results;
    lido_status status = read_results(folder, &results, error);
    if (status) return status;
    lido_table *table = lido_table_new(titles, sizeof titles / sizeof *titles);
    const lido_json *cell = lido_json_first(lido_json_get(results, "cells"));
    for (; cell; cell = lido_json_next(cell)) add_cell(table, results, cell);
    status = lido_table_print(table, output, error);
    if (!status) say_verdicts(results, output);
    lido_json_free(results);
    return status;
}

/* ---- for programs --------------------------------------------------------------------------- */

static lido_json *cell_json(const lido_json *results, const lido_json *cell) {
    const char *name = lido_json_string(lido_json_get(cell, "name"));
    const lido_json *accuracy = find(accuracy_list(results, "cells"), "cell", name);
    const lido_json *difference = find(accuracy_list(results, "differences"), "cell", name);
    lido_json *json = lido_json_object();
    lido_json_add_string(json, "name", name);
    lido_json_add_number(json, "runs", lido_json_count(lido_json_get(cell, "runs")));
    lido_json_add_number(json, "test_accuracy", lido_json_number(lido_json_get(accuracy, "mean")));
    if (difference)
        lido_json_add_number(json, "difference",
                             lido_json_number(lido_json_get(difference, "mean")));
    return json;
}

lido_status lido_study_table_json(const char *folder, lido_json **cells, lido_error *error) {
    lido_json *results;
    *cells = NULL;
    lido_status status = read_results(folder, &results, error);
    if (status) return status;
    *cells = lido_json_array();
    const lido_json *cell = lido_json_first(lido_json_get(results, "cells"));
    for (; cell; cell = lido_json_next(cell)) lido_json_append(*cells, cell_json(results, cell));
    lido_json_free(results);
    return LIDO_OK;
}
