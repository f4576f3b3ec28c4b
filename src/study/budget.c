/* budget.c - how long each cell of a study is trained: a budget over the cost of a step. */
#define _POSIX_C_SOURCE 200809L
#include "study/budget.h"

#include "train/trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char steps_name[] = "steps.json";

enum { MOST_EPOCHS = 1 << 20 }; /* of a run */

/* ---- timing -------------------------------------------------------------------------------- */

enum { WARM_STEPS = 5, TIMED_STEPS = 40 };

typedef struct stopwatch {
    int steps;
    double started, seconds; /* seconds: of the steps after the warm ones */
} stopwatch;

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool count_step(void *context, int64_t epoch, int64_t epochs, int64_t done, int64_t total,
                       double loss) {
    (void)epoch, (void)epochs, (void)done, (void)total, (void)loss;
    stopwatch *watch = context;
    if (++watch->steps == WARM_STEPS) watch->started = seconds_now();
    watch->seconds = seconds_now() - watch->started;
    return watch->steps < WARM_STEPS + TIMED_STEPS;
}

/* Whole training steps on the arm's own data, nothing of which is kept. */
static lido_status time_step(const lido_study *study, const lido_arm *arm,
                             const lido_study_place *place, double *seconds, lido_error *error) {
    stopwatch watch = {0};
    const lido_trainer_events events = {.context = &watch, .step = count_step};
    const lido_run_options options = {
        .team = place->team, .data = {.dir = place->data_dir}, .events = &events};
    lido_train_options train = arm->train;
    train.epochs = MOST_EPOCHS;
    train.steps = 0;
    lido_trainer trainer;
    lido_status status = lido_trainer_make(arm->spec, &train, &options, &trainer, error);
    while (!status && watch.steps < WARM_STEPS + TIMED_STEPS) {
        lido_score ignored;
        double rate;
        status = lido_trainer_epoch(&trainer, &ignored, &rate, error);
        trainer.position.epoch++;
        if (status == LIDO_INTERRUPTED) status = LIDO_OK; /* by count_step */
    }
    lido_trainer_free(&trainer);
    *seconds = watch.seconds / TIMED_STEPS;
    return status ? lido_fail_in(error, status, "%s: %s", study->path, arm->name) : LIDO_OK;
}

/* ---- steps --------------------------------------------------------------------------------- */

/* What a step of the arm takes of the budget; `seconds`: of one of its steps, where they matter. */
static double cost(const lido_study *study, const lido_arm *arm, int64_t steps_an_epoch,
                   double seconds) {
    switch ((lido_budget_kind)study->settings.budget.kind) {
    case LIDO_BUDGET_EPOCHS:
        return 1 / (double)steps_an_epoch;
    case LIDO_BUDGET_STEPS:
        return 1;
    case LIDO_BUDGET_MULTIPLY_ADDS:
        return (double)arm->train.batch * (double)arm->multiply_adds;
    case LIDO_BUDGET_SECONDS:
        break;
    }
    return seconds;
}

static lido_status set_steps(const lido_study *study, lido_arm *arm, double steps,
                             int64_t steps_an_epoch, lido_error *error) {
    const double most = (double)steps_an_epoch * MOST_EPOCHS;
    if (!(steps >= 0.5 && steps <= most))
        return lido_fail(error, LIDO_SPEC,
                         "%s: budget: it comes to %.3g steps of %s, allowed: 1 to %.3g",
                         study->path, steps, arm->name, most);
    arm->total_steps = llround(steps);
    arm->train.epochs = (arm->total_steps + steps_an_epoch - 1) / steps_an_epoch;
    bool whole = arm->total_steps == arm->train.epochs * steps_an_epoch;
    arm->train.steps = whole ? 0 : arm->total_steps;
    return LIDO_OK;
}

static int64_t own_steps(const lido_arm *arm, int64_t steps_an_epoch) {
    int64_t steps = arm->train.epochs * steps_an_epoch;
    return arm->train.steps > 0 && arm->train.steps < steps ? arm->train.steps : steps;
}

static lido_status settle(lido_study *study, const double *seconds, int64_t steps_an_epoch,
                          lido_error *error) {
    const lido_arm *baseline = &study->arm[study->baseline];
    double amount = study->settings.budget.amount;
    if (isnan(amount))
        amount = (double)own_steps(baseline, steps_an_epoch) *
                 cost(study, baseline, steps_an_epoch, seconds[study->baseline]);
    lido_status status = LIDO_OK;
    for (int i = 0; i < study->arms && !status; i++) {
        lido_arm *arm = &study->arm[i];
        double steps = amount / cost(study, arm, steps_an_epoch, seconds[i]);
        status = set_steps(study, arm, steps, steps_an_epoch, error);
    }
    return status;
}

/* ---- remembering --------------------------------------------------------------------------- */

static lido_status write_steps(const lido_study *study, const char *path, lido_error *error) {
    lido_json *object = lido_json_object();
    for (int i = 0; i < study->arms; i++)
        lido_json_add_number(object, study->arm[i].name, (double)study->arm[i].total_steps);
    char *text = lido_json_print(object, true);
    lido_json_free(object);
    if (!text) return lido_fail(error, LIDO_MEMORY, "out of memory for %s", steps_name);
    lido_status status = lido_file_write(path, text, strlen(text), error);
    free(text);
    return status;
}

static lido_status read_steps(lido_study *study, const char *path, int64_t steps_an_epoch,
                              lido_error *error) {
    lido_json *object;
    lido_status status = lido_json_read(path, &object, error);
    for (int i = 0; i < study->arms && !status; i++) {
        double steps = lido_json_number(lido_json_get(object, study->arm[i].name));
        status = set_steps(study, &study->arm[i], steps, steps_an_epoch, error);
    }
    if (status == LIDO_SPEC) status = lido_fail_in(error, LIDO_CORRUPT, "%s", path);
    lido_json_free(object);
    return status;
}

static lido_status settle_seconds(lido_study *study, const lido_study_place *place, double *seconds,
                                  int64_t steps_an_epoch, lido_error *error) {
    char path[LIDO_PATH_SIZE];
    lido_status status = lido_path_join(place->out, steps_name, path, sizeof path, error);
    if (status) return status;
    if (lido_path_exists(path)) return read_steps(study, path, steps_an_epoch, error);
    for (int i = 0; i < study->arms && !status; i++)
        status = time_step(study, &study->arm[i], place, &seconds[i], error);
    if (!status) status = settle(study, seconds, steps_an_epoch, error);
    return status ? status : write_steps(study, path, error);
}

lido_status lido_study_budget(lido_study *study, const lido_study_place *place, int64_t pictures,
                              lido_error *error) {
    const lido_train_options *train = &study->arm[0].train;
    int64_t held_out = llround(train->validation * (double)pictures);
    if (train->validation > 0 && held_out == 0) held_out = 1;
    int64_t batch = train->batch < pictures ? train->batch : pictures;
    int64_t steps_an_epoch = (pictures - held_out + batch - 1) / batch;
    double *seconds = calloc((size_t)study->arms, sizeof *seconds);
    if (!seconds) return lido_fail(error, LIDO_MEMORY, "out of memory for the study");
    lido_status status = study->settings.budget.kind == LIDO_BUDGET_SECONDS
                             ? settle_seconds(study, place, seconds, steps_an_epoch, error)
                             : settle(study, seconds, steps_an_epoch, error);
    free(seconds);
    return status;
}
