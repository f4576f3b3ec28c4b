/* run.c - a run from its spec to its result. Files are written in an order that lets a kill at any
 * moment be mended: best before history before last.safetensors, which alone says how far the run
 * is; what the others hold beyond it is dropped and made again, with the same bits. */
#define _POSIX_C_SOURCE 200809L
#include "base/machine.h"
#include "net/spec.h"
#include "train/environment.h"
#include "train/folder.h"
#include "train/history.h"
#include "net/learned.h"
#include "train/resume.h"
#include "train/snapshot.h"
#include "train/trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct run {
    const lido_spec *spec;
    const lido_train_options *train;
    const lido_run_options *options;
    char *resolved;
    lido_folder folder;
    lido_snapshot begun; /* of folder.last, while the run is set up */
    lido_trainer trainer;
    lido_history history;
} run;

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* ---- the two checkpoints ------------------------------------------------------------------- */

static lido_snapshot_parts parts_of(lido_trainer *trainer) {
    return (lido_snapshot_parts){.graph = trainer->graph,
                                 .net = trainer->net,
                                 .updater = trainer->updater,
                                 .slots = trainer->train->optimizer->slots,
                                 .normalisation = &trainer->rule.normalisation,
                                 .position = &trainer->position};
}

static lido_status write_checkpoint(run *r, const char *path, lido_error *error) {
    lido_snapshot_parts parts = parts_of(&r->trainer);
    return lido_snapshot_write(path, &parts, r->resolved, error);
}

/* Everything an epoch leaves behind. */
static lido_status write_state(run *r, bool best, lido_error *error) {
    lido_status status = best ? write_checkpoint(r, r->folder.best, error) : LIDO_OK;
    if (!status) status = lido_history_write(&r->history, r->folder.path, error);
    return status ? status : write_checkpoint(r, r->folder.last, error);
}

/* ---- beginning and going on ---------------------------------------------------------------- */

/* The resolved spec goes into every checkpoint: it must read back, whoever filled the options. */
static lido_status resolve(run *r, lido_error *error) {
    r->resolved = lido_train_resolved(r->spec, r->train);
    if (!r->resolved) return lido_fail(error, LIDO_MEMORY, "out of memory for the resolved spec");
    lido_spec *again = NULL;
    lido_train_options train;
    lido_status status =
        lido_spec_parse(r->resolved, strlen(r->resolved), r->spec->path, &again, error);
    if (!status) status = lido_train_options_read(again, &train, error);
    lido_spec_free(again);
    return status;
}

static lido_status open_run(run *r, lido_error *error) {
    lido_status status = resolve(r, error);
    if (!status) status = lido_folder_open(r->options->out, r->options->resume, &r->folder, error);
    if (status || !r->folder.begun) return status;
    status = lido_snapshot_read(r->folder.last, &r->begun, error);
    if (status) return status;
    return lido_resume_check(r->folder.path, r->resolved, r->begun.spec, r->train,
                             &r->begun.position, error);
}

static lido_status check_data(const run *r, lido_error *error) {
    const lido_position *ours = &r->trainer.position, *theirs = &r->begun.position;
    if (ours->training == theirs->training && ours->validation == theirs->validation)
        return LIDO_OK;
    return lido_fail(error, LIDO_MISMATCH,
                     "%s: the run there trains on %lld pictures, the data set %s now gives %lld",
                     r->folder.path, (long long)theirs->training, r->trainer.set->name,
                     (long long)ours->training);
}

static lido_status go_on(run *r, lido_error *error) {
    lido_status status = check_data(r, error);
    lido_snapshot_parts parts = parts_of(&r->trainer);
    if (!status) status = lido_snapshot_restore(&r->begun, &parts, error);
    if (!status)
        status = lido_history_read(r->folder.path, r->begun.position.epoch, &r->history, error);
    lido_snapshot_free(&r->begun);
    return status;
}

static lido_status write_descriptions(const run *r, lido_error *error) {
    const lido_trainer *t = &r->trainer;
    lido_environment environment = {.threads = lido_team_threads(r->options->team),
                                    .seed = r->train->seed,
                                    .data = r->train->data,
                                    .training = t->position.training,
                                    .validation = t->position.validation,
                                    .test = t->test ? t->test->count : 0};
    char *text = lido_environment_text(&environment);
    lido_status status = lido_folder_write(&r->folder, "environment.json", text, error);
    free(text);
    return status ? status : lido_folder_write(&r->folder, "spec.json", r->resolved, error);
}

/* Leaves the trainer at the run's last checkpoint, which a new run gets before its first step. */
static lido_status set_up(run *r, lido_error *error) {
    lido_status status = lido_trainer_make(r->spec, r->train, r->options, &r->trainer, error);
    if (!status && r->folder.begun) status = go_on(r, error);
    if (!status) status = write_descriptions(r, error);
    if (status || r->folder.begun) return status;
    status = lido_history_new(&r->history, error);
    return status ? status : write_state(r, true, error);
}

/* ---- epochs -------------------------------------------------------------------------------- */

/* A checkpoint must never replace a good one by NaN. */
static lido_status check_weights(run *r, const lido_score *validation, lido_error *error) {
    int segments;
    const lido_segment *segment = lido_graph_segments(r->trainer.graph, &segments);
    long long epoch = (long long)r->trainer.position.epoch + 1;
    for (int i = 0; i < segments; i++) {
        const lido_real *vector =
            segment[i].state ? lido_net_state(r->trainer.net) : lido_net_params(r->trainer.net);
        for (int64_t j = 0; j < segment[i].count; j++)
            if (!isfinite(vector[segment[i].offset + j]))
                return lido_fail(error, LIDO_NOT_FINITE,
                                 "epoch %lld: a number of \"%s\" is not finite after the last step",
                                 epoch, segment[i].name);
    }
    if (isfinite(validation->loss)) return LIDO_OK;
    return lido_fail(error, LIDO_NOT_FINITE, "epoch %lld: the validation loss is not finite",
                     epoch);
}

static lido_status run_epoch(run *r, lido_error *error) {
    lido_trainer *t = &r->trainer;
    double start = seconds_now();
    lido_epoch epoch = {.epoch = t->position.epoch + 1};
    lido_status status = lido_trainer_epoch(t, &epoch.train, &epoch.lr, error);
    if (!status) status = lido_trainer_validate(t, &epoch.validation, error);
    if (!status) status = check_weights(r, &epoch.validation, error);
    if (status) return status;
    bool best = lido_position_advance(&t->position, &epoch.validation);
    epoch.seconds = seconds_now() - start;
    if (r->options->test_epochs) status = lido_trainer_test(t, &epoch.test, error);
    if (status) return status;
    status = lido_history_add(&r->history, &epoch,
                              lido_learned_document(t->graph, lido_net_params(t->net)), error);
    if (!status) status = write_state(r, best, error);
    const lido_trainer_events *events = r->options->events;
    if (!status && events && events->epoch) events->epoch(events->context, &epoch);
    return status;
}

static lido_status train_and_test(run *r, lido_run_result *result, lido_error *error) {
    double start = seconds_now();
    int blas_threads = lido_blas_threads_set(1);
    lido_status status = set_up(r, error);
    while (!status && !lido_position_finished(&r->trainer.position, r->train))
        status = run_epoch(r, error);
    if (!status) status = lido_trainer_test(&r->trainer, &result->test, error);
    lido_blas_threads_set(blas_threads);
    if (status) return status;
    result->epochs = r->trainer.position.epoch;
    result->seconds = seconds_now() - start;
    return lido_folder_write_result(&r->folder, result, error);
}

static bool is_finished(const run *r, lido_run_result *result) {
    if (!r->folder.begun || !lido_position_finished(&r->begun.position, r->train)) return false;
    if (!lido_folder_read_result(&r->folder, r->begun.position.epoch, result)) return false;
    result->already_finished = true;
    return true;
}

lido_status lido_run(const lido_spec *spec, const lido_train_options *train,
                     const lido_run_options *options, lido_run_result *result, lido_error *error) {
    *result = (lido_run_result){0};
    run *r = calloc(1, sizeof *r);
    if (!r) return lido_fail(error, LIDO_MEMORY, "out of memory for a run");
    r->spec = spec;
    r->train = train;
    r->options = options;
    lido_status status = open_run(r, error);
    if (!status && !is_finished(r, result)) {
        *result = (lido_run_result){0};
        status = train_and_test(r, result, error);
    }
    if (status) *result = (lido_run_result){0};
    lido_snapshot_free(&r->begun);
    lido_history_free(&r->history);
    lido_trainer_free(&r->trainer);
    free(r->resolved);
    free(r);
    return status;
}
