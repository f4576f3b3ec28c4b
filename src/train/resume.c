/* resume.c - whether a run may go on from its last checkpoint, and when it has come to its end. */
#include "train/resume.h"

#include "train/difference.h"

#include <stdio.h>
#include <string.h>

enum { DIFFERENCE_SIZE = 768 };

static const char epochs_path[] = "train.epochs";

static bool epochs_may_change(const lido_train_options *train) {
    return !train->schedule.type->spans_run && train->schedule.warmup <= 0;
}

static lido_status compare(const char *folder, const lido_json *ours, const lido_json *theirs,
                           const lido_train_options *train, lido_error *error) {
    char text[DIFFERENCE_SIZE];
    const char *except = epochs_may_change(train) ? epochs_path : NULL;
    if (!lido_json_difference(ours, theirs, except, text, sizeof text)) return LIDO_OK;
    bool epochs = strncmp(text, epochs_path, strlen(epochs_path)) == 0;
    return lido_fail(error, LIDO_MISMATCH, "%s: the run there was begun with another spec: %s%s",
                     folder, text,
                     epochs ? "; the learning rates would be others with this schedule" : "");
}

lido_status lido_resume_check(const char *folder, const char *ours, const char *theirs,
                              const lido_train_options *train, const lido_position *position,
                              lido_error *error) {
    if (strcmp(ours, theirs) == 0) return LIDO_OK;
    lido_json *our_json = NULL, *their_json = NULL;
    lido_status status = lido_json_parse(ours, strlen(ours), "spec", &our_json, error);
    if (!status) {
        status =
            lido_json_parse(theirs, strlen(theirs), "the checkpoint's spec", &their_json, error);
        if (status == LIDO_SPEC) status = lido_fail_in(error, LIDO_CORRUPT, "%s", folder);
    }
    if (!status) status = compare(folder, our_json, their_json, train, error);
    lido_json_free(our_json);
    lido_json_free(their_json);
    if (status || position->epoch <= train->epochs) return status;
    return lido_fail(error, LIDO_MISMATCH, "%s: %s is %lld, the run there has already done %lld",
                     folder, epochs_path, (long long)train->epochs, (long long)position->epoch);
}

bool lido_position_finished(const lido_position *position, const lido_train_options *train) {
    bool impatient = train->patience > 0 && position->waited >= train->patience;
    bool spent = train->steps > 0 && position->step >= train->steps;
    return position->epoch >= train->epochs || spent || impatient;
}

static bool is_better(const lido_position *position, const lido_score *validation) {
    if (validation->rows == 0 || position->best_epoch == 0) return true;
    if (validation->accuracy != position->best_accuracy)
        return validation->accuracy > position->best_accuracy;
    return validation->loss < position->best_loss;
}

bool lido_position_advance(lido_position *position, const lido_score *validation) {
    position->epoch++;
    position->waited++;
    if (!is_better(position, validation)) return false;
    position->best_epoch = position->epoch;
    position->best_accuracy = validation->accuracy;
    position->best_loss = validation->loss;
    position->waited = 0;
    return true;
}
