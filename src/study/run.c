/* run.c - one run of a study: trained as any other, then measured. Of what it leaves measures.json
 * comes last: it says that the run is done. */
#include "study/study.h"

#include "study/curve.h"
#include "study/lock.h"
#include "study/measures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char measures_name[] = "measures.json";
static const double patience_seconds = 5; /* for the lock of the run */

/* A run at work. */
typedef struct study_run {
    const lido_study *study;
    const lido_arm *arm;
    const lido_study_place *place;
    const lido_trainer_events *events;
    lido_train_options train;
    char folder[LIDO_PATH_SIZE], measures[LIDO_PATH_SIZE];
} study_run;

static lido_status open_run(const lido_study *study, int index, const lido_study_place *place,
                            study_run *run, lido_error *error) {
    lido_study_run info;
    lido_study_run_get(study, index, &info);
    *run = (study_run){.study = study, .arm = &study->arm[info.cell], .place = place};
    run->train = run->arm->train;
    run->train.seed = info.seed;
    lido_status status =
        lido_path_join(place->out, info.folder, run->folder, sizeof run->folder, error);
    if (status) return status;
    return lido_path_join(run->folder, measures_name, run->measures, sizeof run->measures, error);
}

bool lido_study_finished(const lido_study *study, const lido_study_place *place, int run) {
    study_run r;
    return open_run(study, run, place, &r, NULL) == LIDO_OK && lido_path_exists(r.measures);
}

/* ---- measuring ----------------------------------------------------------------------------- */

static lido_json *epochs_to_json(const lido_curve *curve, const lido_amounts *accuracies) {
    lido_json *list = lido_json_array();
    for (int i = 0; i < accuracies->count; i++) {
        int64_t epochs = lido_curve_epochs_to(curve, accuracies->at[i]);
        lido_json *entry = lido_json_object();
        lido_json_add_number(entry, "accuracy", accuracies->at[i]);
        lido_json_add_number(entry, "epochs", epochs > 0 ? (double)epochs : NAN);
        lido_json_append(list, entry);
    }
    return list;
}

/* What the history says. */
static lido_status add_curve(const study_run *run, lido_json *measures, lido_error *error) {
    lido_curve curve;
    lido_status status = lido_curve_read(run->folder, &curve, error);
    if (status) return status;
    lido_json_add_number(measures, "seconds_per_epoch", curve.seconds);
    lido_json_add(measures, "epochs_to", epochs_to_json(&curve, &run->study->measures.accuracies));
    lido_curve_free(&curve);
    return LIDO_OK;
}

static lido_status write_array(const study_run *run, const char *name, lido_npy_type type,
                               void *data, int64_t count, lido_error *error) {
    char path[LIDO_PATH_SIZE];
    const lido_npy array = {.type = type, .rank = 1, .dim = {count}, .count = count, .data = data};
    lido_status status = lido_path_join(run->folder, name, path, sizeof path, error);
    return status ? status : lido_npy_write(path, &array, error);
}

static lido_status write_answers(const study_run *run, const lido_answers *answers,
                                 lido_error *error) {
    lido_status status = write_array(run, "predictions.npy", LIDO_NPY_I32, answers->predictions,
                                     answers->rows, error);
    if (status) return status;
    return write_array(run, "confidences.npy", LIDO_NPY_F32, answers->confidences, answers->rows,
                       error);
}

static lido_status write_measures(const study_run *run, const lido_json *measures,
                                  lido_error *error) {
    char *text = lido_json_print(measures, true);
    if (!text) return lido_fail(error, LIDO_MEMORY, "out of memory for %s", measures_name);
    lido_status status = lido_file_write(run->measures, text, strlen(text), error);
    free(text);
    return status;
}

/* What is asked for, but for passes where they would all be the same. */
static lido_measure_options options_for(const study_run *run) {
    lido_measure_options options = run->study->measures;
    if (lido_measure_check(run->arm->graph, &options, "", NULL)) options.passes.count = 0;
    return options;
}

static lido_status measure_model(const study_run *run, lido_model *model, const lido_dataset *train,
                                 const lido_dataset *test, lido_error *error) {
    const lido_measure_options options = options_for(run);
    const lido_measuring measuring = {.model = model,
                                      .test = test,
                                      .train = train,
                                      .options = &options,
                                      .seed = (uint64_t)run->train.seed,
                                      .team = run->place->team,
                                      .progress = run->events ? run->events->evaluation : NULL,
                                      .context = run->events ? run->events->context : NULL};
    lido_json *measures;
    lido_answers answers;
    lido_status status = lido_measure(&measuring, &measures, &answers, error);
    if (!status) status = add_curve(run, measures, error);
    if (!status) status = write_answers(run, &answers, error);
    if (!status) status = write_measures(run, measures, error);
    lido_json_free(measures);
    lido_answers_free(&answers);
    return status;
}

static lido_status measure(const study_run *run, lido_error *error) {
    lido_data_options options = {.dir = run->place->data_dir, .team = run->place->team};
    lido_dataset *train = NULL, *test = NULL;
    lido_model model = {0};
    lido_status status = lido_dataset_load(run->train.data, LIDO_TEST, &options, &test, error);
    options.limit = run->train.limit;
    if (!status) status = lido_dataset_load(run->train.data, LIDO_TRAIN, &options, &train, error);
    if (!status) status = lido_model_load(run->folder, 0, run->place->team, &model, error);
    if (!status) status = measure_model(run, &model, train, test, error);
    lido_model_free(&model);
    lido_dataset_free(train);
    lido_dataset_free(test);
    return status;
}

/* ---- the run ------------------------------------------------------------------------------- */

static lido_status train_and_measure(const study_run *run, lido_study_outcome *outcome,
                                     lido_error *error) {
    const lido_run_options options = {.out = run->folder,
                                      .resume = true,
                                      .test_epochs = true,
                                      .team = run->place->team,
                                      .data = {.dir = run->place->data_dir},
                                      .events = run->events};
    lido_run_result result;
    lido_status status = lido_run(run->arm->spec, &run->train, &options, &result, error);
    if (!status) status = measure(run, error);
    if (status) return status;
    outcome->test = result.test;
    outcome->seconds = result.seconds;
    return LIDO_OK;
}

/* Of a run that is done. */
static lido_status read_outcome(const study_run *run, lido_study_outcome *outcome,
                                lido_error *error) {
    lido_json *measures;
    lido_status status = lido_json_read(run->measures, &measures, error);
    if (status) return status;
    outcome->already_finished = true;
    outcome->test.accuracy = lido_json_number(lido_json_get(measures, "test_accuracy"));
    outcome->test.loss = lido_json_number(lido_json_get(measures, "test_loss"));
    lido_json_free(measures);
    return LIDO_OK;
}

lido_status lido_study_train(const lido_study *study, int run, const lido_study_place *place,
                             const lido_trainer_events *events, lido_study_outcome *outcome,
                             lido_error *error) {
    study_run r;
    lido_lock lock = {.file = -1};
    *outcome = (lido_study_outcome){0};
    lido_status status = open_run(study, run, place, &r, error);
    r.events = events;
    if (!status) status = lido_make_folder(r.folder, error);
    if (!status) status = lido_lock_take(r.folder, patience_seconds, &lock, error);
    if (status) return status;
    status = lido_path_exists(r.measures) ? read_outcome(&r, outcome, error)
                                          : train_and_measure(&r, outcome, error);
    lido_lock_release(&lock);
    return status;
}
