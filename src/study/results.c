/* results.c - results.json: all runs of a study together. */
#include "study/study.h"

#include "study/curve.h"
#include "study/statistics_json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static lido_status out_of_memory(lido_error *error) {
    return lido_fail(error, LIDO_MEMORY, "out of memory for the results of the study");
}

/* ---- a run --------------------------------------------------------------------------------- */

static lido_status run_json(const lido_study_run *info, const char *folder, lido_json **json,
                            lido_error *error) {
    char path[LIDO_PATH_SIZE];
    lido_json *measures = NULL;
    lido_curve curve = {0};
    *json = NULL;
    lido_status status = lido_path_join(folder, "measures.json", path, sizeof path, error);
    if (!status) status = lido_json_read(path, &measures, error);
    if (status == LIDO_SPEC) status = lido_fail_in(error, LIDO_CORRUPT, "no measures");
    if (!status) status = lido_curve_read(folder, &curve, error);
    if (status) {
        lido_json_free(measures);
        return status;
    }
    *json = lido_json_object();
    lido_json_add_number(*json, "seed", (double)info->seed);
    lido_json_add_string(*json, "folder", info->folder);
    lido_json_add(*json, "measures", measures);
    lido_json_add(*json, "history", curve.rows);
    return LIDO_OK;
}

/* The finished runs of a cell, in the order of the seeds. */
static lido_status runs_json(const lido_study *study, const lido_study_place *place, int cell,
                             lido_json *list, int *finished, lido_error *error) {
    lido_status status = LIDO_OK;
    for (int i = cell; i < lido_study_runs(study) && !status; i += study->arms) {
        if (!lido_study_finished(study, place, i)) continue;
        lido_study_run info;
        char folder[LIDO_PATH_SIZE];
        lido_json *run = NULL;
        lido_study_run_get(study, i, &info);
        status = lido_path_join(place->out, info.folder, folder, sizeof folder, error);
        if (!status) status = run_json(&info, folder, &run, error);
        if (!status) lido_json_append(list, run);
        *finished += !status;
    }
    return status;
}

/* ---- cells and factors --------------------------------------------------------------------- */

static lido_json *levels_json(const lido_study *study, const lido_arm *arm) {
    lido_json *levels = lido_json_array();
    for (int f = 0; f < study->factors; f++)
        lido_json_append(levels, lido_json_from_string(lido_json_key(arm->variant[f])));
    return levels;
}

static lido_status cells_json(const lido_study *study, const lido_study_place *place,
                              lido_json *cells, int *finished, lido_error *error) {
    lido_status status = LIDO_OK;
    for (int i = 0; i < study->arms && !status; i++) {
        const lido_arm *arm = &study->arm[i];
        lido_json *cell = lido_json_object(), *runs = lido_json_array();
        lido_json_add_string(cell, "name", arm->name);
        lido_json_add(cell, "levels", levels_json(study, arm));
        lido_json_add_number(cell, "scale", arm->scale);
        lido_json_add_number(cell, "steps", (double)arm->total_steps);
        status = runs_json(study, place, i, runs, finished, error);
        lido_json_add(cell, "runs", runs);
        lido_json_append(cells, cell);
    }
    return status;
}

static lido_json *factors_json(const lido_study *study) {
    lido_json *factors = lido_json_array();
    for (int f = 0; f < study->factors; f++) {
        lido_json *factor = lido_json_object(), *variants = lido_json_array();
        const lido_json *v = lido_json_first(study->factor[f].variants);
        for (; v; v = lido_json_next(v))
            lido_json_append(variants, lido_json_from_string(lido_json_key(v)));
        lido_json_add_string(factor, "name", study->factor[f].name);
        lido_json_add(factor, "variants", variants);
        lido_json_append(factors, factor);
    }
    return factors;
}

/* ---- the whole ----------------------------------------------------------------------------- */

/* What the first finished run ran on, without what differs from run to run; {} when there is none.
 */
static lido_json *environment_json(const lido_study *study, const lido_study_place *place) {
    static const char *const of_runs[] = {"threads", "cores", "seed", "date", NULL};
    lido_json *environment = lido_json_object(), *all = NULL;
    char folder[LIDO_PATH_SIZE], path[LIDO_PATH_SIZE];
    lido_study_run info;
    int run = 0;
    while (run < lido_study_runs(study) && !lido_study_finished(study, place, run)) run++;
    if (run == lido_study_runs(study)) return environment;
    lido_study_run_get(study, run, &info);
    if (lido_path_join(place->out, info.folder, folder, sizeof folder, NULL) ||
        lido_path_join(folder, "environment.json", path, sizeof path, NULL) ||
        lido_json_read(path, &all, NULL))
        return environment;
    for (const lido_json *m = lido_json_first(all); m; m = lido_json_next(m)) {
        const char *const *name = of_runs;
        while (*name && strcmp(*name, lido_json_key(m)) != 0) name++;
        if (!*name) lido_json_add(environment, lido_json_key(m), lido_json_copy(m));
    }
    lido_json_free(all);
    return environment;
}

static lido_status results_json(const lido_study *study, const lido_study_place *place,
                                lido_json *results, int *finished, lido_error *error) {
    const char *profile = lido_study_profile(study);
    lido_json *cells = lido_json_array();
    lido_json_add(results, "study", lido_study_resolved_document(study));
    lido_json_add_string(results, "lido", lido_version());
    lido_json_add(results, "environment", environment_json(study, place));
    lido_json_add(results, "profile",
                  profile ? lido_json_from_string(profile) : lido_json_from_number(NAN));
    lido_json_add(results, "factors", factors_json(study));
    lido_json_add_string(results, "baseline", study->arm[study->baseline].name);
    lido_status status = cells_json(study, place, cells, finished, error);
    lido_json_add(results, "cells", cells);
    return status;
}

/* Labels of the test set, against which predictions are right or wrong. */
static lido_status add_statistics(const lido_study *study, const lido_study_place *place,
                                  lido_json *results, lido_error *error) {
    const lido_data_options options = {.dir = place->data_dir, .team = place->team};
    lido_dataset *test;
    lido_json *statistics;
    lido_status status =
        lido_dataset_load(study->arm[0].train.data, LIDO_TEST, &options, &test, error);
    if (status) return status;
    const lido_truth truth = {
        .folder = place->out, .labels = test->labels, .rows = test->count * test->labels_each};
    status = lido_statistics_json(results, &truth, &statistics, error);
    if (!status) lido_json_add(results, "statistics", statistics);
    lido_dataset_free(test);
    return status;
}

static lido_status write_results(const char *folder, const lido_json *results, lido_error *error) {
    char path[LIDO_PATH_SIZE], *text = lido_json_print(results, false);
    if (!text) return out_of_memory(error);
    lido_status status = lido_path_join(folder, "results.json", path, sizeof path, error);
    if (!status) status = lido_file_write(path, text, strlen(text), error);
    free(text);
    return status;
}

lido_status lido_study_gather(const lido_study *study, const lido_study_place *place, int *finished,
                              lido_error *error) {
    lido_json *results = lido_json_object();
    *finished = 0;
    if (!results) return out_of_memory(error);
    lido_status status = results_json(study, place, results, finished, error);
    if (!status) status = add_statistics(study, place, results, error);
    if (!status) status = write_results(place->out, results, error);
    lido_json_free(results);
    return status;
}
