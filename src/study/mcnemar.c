/* mcnemar.c - two models on one test set, by what their runs have written. */
#include "study/mcnemar.h"

#include "base/file.h"
#include "study/statistics.h"

#include <lido/data.h>

/* The run's predictions; data NULL when there is no run. */
static lido_status read_predictions(const lido_results_table *r, const lido_truth *truth, int cell,
                                    int seed, lido_npy *array, lido_error *error) {
    char folder[LIDO_PATH_SIZE], path[LIDO_PATH_SIZE];
    const lido_json *run = r->run[cell * r->seeds + seed];
    const char *name = lido_json_string(lido_json_get(run, "folder"));
    *array = (lido_npy){0};
    if (!name) return LIDO_OK;
    lido_status status = lido_path_join(truth->folder, name, folder, sizeof folder, error);
    if (!status) status = lido_path_join(folder, "predictions.npy", path, sizeof path, error);
    if (!status) status = lido_npy_read(path, array, error);
    if (status || (array->type == LIDO_NPY_I32 && array->count == truth->rows)) return status;
    lido_npy_free(array);
    return lido_fail(error, LIDO_MISMATCH, "%s: not the predictions of %lld rows as int32", path,
                     (long long)truth->rows);
}

static void add_pair(const lido_results_table *r, const lido_truth *truth, int cell, int seed,
                     const int32_t *baseline, const int32_t *other, lido_json *list) {
    int64_t only_baseline = 0, only_cell = 0;
    for (int64_t i = 0; i < truth->rows; i++) {
        if (truth->labels[i] < 0) continue;
        only_baseline += baseline[i] == truth->labels[i] && other[i] != truth->labels[i];
        only_cell += baseline[i] != truth->labels[i] && other[i] == truth->labels[i];
    }
    lido_json *entry = lido_json_object();
    lido_json_add_string(entry, "cell", r->cell[cell]);
    lido_json_add_number(entry, "seed", (double)r->seed[seed]);
    lido_json_add_number(entry, "only_baseline_right", (double)only_baseline);
    lido_json_add_number(entry, "only_cell_right", (double)only_cell);
    lido_json_add_number(entry, "p", lido_mcnemar(only_baseline, only_cell));
    lido_json_append(list, entry);
}

static lido_status add_cell(const lido_results_table *r, const lido_truth *truth, int cell,
                            int seed, const lido_npy *baseline, lido_json *list,
                            lido_error *error) {
    lido_npy other;
    lido_status status = read_predictions(r, truth, cell, seed, &other, error);
    if (!status && other.data) add_pair(r, truth, cell, seed, baseline->data, other.data, list);
    lido_npy_free(&other);
    return status;
}

lido_status lido_mcnemar_json(const lido_results_table *r, const lido_truth *truth,
                              lido_json **json, lido_error *error) {
    lido_json *list = lido_json_array();
    lido_status status = LIDO_OK;
    for (int seed = 0; seed < r->seeds && r->baseline >= 0 && !status; seed++) {
        lido_npy baseline;
        status = read_predictions(r, truth, r->baseline, seed, &baseline, error);
        for (int cell = 0; cell < r->cells && !status && baseline.data; cell++)
            if (cell != r->baseline)
                status = add_cell(r, truth, cell, seed, &baseline, list, error);
        lido_npy_free(&baseline);
    }
    if (status) lido_json_free(list);
    *json = status ? NULL : list;
    return status;
}
