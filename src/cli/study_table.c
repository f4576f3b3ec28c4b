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

/* Mean and standard deviation of a measure over a cell's runs. */
static int mean_of(const lido_json *cell, const char *measure, double *mean, double *deviation) {
    const lido_json *runs = lido_json_get(cell, "runs");
    double sum = 0, squares = 0;
    int count = 0;
    for (const lido_json *r = lido_json_first(runs); r; r = lido_json_next(r), count++)
        sum += lido_json_number(lido_json_get(lido_json_get(r, "measures"), measure));
    *mean = sum / count;
    for (const lido_json *r = lido_json_first(runs); r; r = lido_json_next(r)) {
        double value = lido_json_number(lido_json_get(lido_json_get(r, "measures"), measure));
        squares += (value - *mean) * (value - *mean);
    }
    *deviation = count > 1 ? sqrt(squares / (count - 1)) : NAN;
    return count;
}

static void add_count(lido_table *table, double value) {
    char text[LIDO_NUMBER_SIZE];
    if (isnan(value))
        lido_table_add(table, "-");
    else
        lido_table_add(table, "%s", lido_text_count((int64_t)value, text));
}

/* A NaN, as of no runs, is shown as a dash. */
static void add_number(lido_table *table, double value, const char *unit) {
    if (isnan(value))
        lido_table_add(table, "-");
    else
        lido_table_add(table, "%.2f%s", value, unit);
}

static void add_cell(lido_table *table, const lido_json *cell) {
    double mean, deviation, params, multiply_adds, seconds, ignored;
    const int runs = mean_of(cell, "test_accuracy", &mean, &deviation);
    mean_of(cell, "parameters", &params, &ignored);
    mean_of(cell, "multiply_adds", &multiply_adds, &ignored);
    mean_of(cell, "seconds_per_epoch", &seconds, &ignored);
    lido_table_add(table, "%s", lido_json_string(lido_json_get(cell, "name")));
    add_count(table, params);
    add_count(table, multiply_adds);
    add_number(table, seconds, "");
    lido_table_add(table, "%d", runs);
    add_number(table, 100 * mean, " %");
    add_number(table, 100 * deviation, "");
}

lido_status lido_study_table_print(const char *folder, const lido_output *output,
                                   lido_error *error) {
    static const char *const titles[] = {"<cell", "parameters", "mult-adds", "s/epoch",
                                         "runs",  "accuracy",   "sd"};
    lido_json *results;
    lido_status status = read_results(folder, &results, error);
    if (status) return status;
    lido_table *table = lido_table_new(titles, sizeof titles / sizeof *titles);
    const lido_json *cell = lido_json_first(lido_json_get(results, "cells"));
    for (; cell; cell = lido_json_next(cell)) add_cell(table, cell);
    status = lido_table_print(table, output, error);
    lido_json_free(results);
    return status;
}

lido_status lido_study_table_json(const char *folder, lido_json **cells, lido_error *error) {
    lido_json *results;
    *cells = NULL;
    lido_status status = read_results(folder, &results, error);
    if (status) return status;
    *cells = lido_json_array();
    const lido_json *cell = lido_json_first(lido_json_get(results, "cells"));
    for (; cell; cell = lido_json_next(cell)) {
        double mean, deviation;
        lido_json *entry = lido_json_object();
        const int runs = mean_of(cell, "test_accuracy", &mean, &deviation);
        lido_json_add_string(entry, "name", lido_json_string(lido_json_get(cell, "name")));
        lido_json_add_number(entry, "runs", runs);
        lido_json_add_number(entry, "test_accuracy", mean);
        lido_json_append(*cells, entry);
    }
    lido_json_free(results);
    return LIDO_OK;
}
