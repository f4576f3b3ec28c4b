#include "study/mcnemar.h"

#include "train/run_helpers.h"

#include "base/file.h"

#include <lido/data.h>

enum { ROWS = 6 };

static const char document[] =
    "{\"baseline\": \"a\", \"cells\": ["
    "{\"name\": \"a\", \"runs\": [{\"seed\": 1, \"folder\": \"a1\"}, {\"seed\": 2, \"folder\": "
    "\"a2\"}]},"
    "{\"name\": \"b\", \"runs\": [{\"seed\": 1, \"folder\": \"b1\"}]},"
    "{\"name\": \"c\", \"runs\": [{\"seed\": 2, \"folder\": \"c2\"}, {\"seed\": 3, \"folder\": "
    "\"c3\"}]}]}";

static const int32_t labels[ROWS] = {0, 1, 2, 0, 1, -1};

static void write_run(const char *study, const char *run, const int32_t *predictions,
                      int64_t rows) {
    char folder[LIDO_PATH_SIZE], path[LIDO_PATH_SIZE];
    const lido_npy array = {.type = LIDO_NPY_I32,
                            .rank = 1,
                            .dim = {rows},
                            .count = rows,
                            .data = (void *)(uintptr_t)predictions};
    lido_error error;
    assert_ok(lido_path_join(study, run, folder, sizeof folder, &error));
    assert_ok(lido_make_folder(folder, &error));
    assert_ok(lido_path_join(folder, "predictions.npy", path, sizeof path, &error));
    assert_ok(lido_npy_write(path, &array, &error));
}

static lido_status run_on(const char *folder, const char *text, lido_json **json,
                          lido_error *told) {
    lido_json *results;
    lido_results_table table;
    lido_error error;
    const lido_truth truth = {folder, labels, ROWS};
    assert_ok(lido_json_parse(text, strlen(text), "test", &results, &error));
    assert_ok(lido_results_table_read(results, &table, &error));
    lido_status status = lido_mcnemar_json(&table, &truth, json, told);
    lido_results_table_free(&table);
    lido_json_free(results);
    return status;
}

static void assert_pair(const lido_json *pair, const char *cell, int seed, int only_baseline,
                        int only_cell, double p) {
    ck_assert_str_eq(lido_json_string(lido_json_get(pair, "cell")), cell);
    ck_assert(lido_json_number(lido_json_get(pair, "seed")) == seed);
    ck_assert(lido_json_number(lido_json_get(pair, "only_baseline_right")) == only_baseline);
    ck_assert(lido_json_number(lido_json_get(pair, "only_cell_right")) == only_cell);
    ck_assert_double_eq_tol(lido_json_number(lido_json_get(pair, "p")), p, 1e-14);
}

/* Counted by hand; the last row has no label, though all agree on it. Pairs of both runs only. */
START_TEST(pairs_are_counted) {
    char folder[LIDO_PATH_SIZE];
    lido_json *json;
    lido_error error;
    temporary_folder(folder);
    write_run(folder, "a1", (int32_t[]){0, 1, 2, 0, 0, -1}, ROWS);
    write_run(folder, "b1", (int32_t[]){1, 0, 0, 0, 1, -1}, ROWS);
    write_run(folder, "a2", (int32_t[]){0, 1, 2, 0, 1, -1}, ROWS);
    write_run(folder, "c2", (int32_t[]){0, 1, 2, 0, 1, -1}, ROWS);
    assert_ok(run_on(folder, document, &json, &error));
    const lido_json *first = lido_json_first(json);
    assert_pair(first, "b", 1, 3, 1, 0.625);
    assert_pair(lido_json_next(first), "c", 2, 0, 0, 1);
    ck_assert_int_eq(lido_json_count(json), 2);
    lido_json_free(json);
    remove_folder(folder);
}
END_TEST

START_TEST(other_predictions_are_refused) {
    char folder[LIDO_PATH_SIZE];
    lido_json *json;
    lido_error error;
    temporary_folder(folder);
    write_run(folder, "a1", labels, ROWS - 1);
    assert_fails(run_on(folder, document, &json, &error), LIDO_MISMATCH,
                 "a1/predictions.npy: not the predictions of 6 rows as int32");
    ck_assert_ptr_null(json);
    write_run(folder, "a1", labels, ROWS);
    assert_fails(run_on(folder, document, &json, &error), LIDO_NOT_FOUND, "b1/predictions.npy");
    remove_folder(folder);
}
END_TEST

START_TEST(no_baseline_no_pairs) {
    lido_json *json;
    lido_error error;
    assert_ok(run_on("nowhere", "{\"cells\": []}", &json, &error));
    ck_assert_int_eq(lido_json_count(json), 0);
    lido_json_free(json);
}
END_TEST

LIDO_TEST_MAIN("mcnemar", pairs_are_counted, other_predictions_are_refused, no_baseline_no_pairs)
