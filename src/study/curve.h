/* curve.h - the learning curve of a run, from its history.jsonl. */
#ifndef LIDO_STUDY_CURVE_H
#define LIDO_STUDY_CURVE_H

#include "base/json.h"

typedef struct lido_curve {
    int64_t epochs;
    lido_json *rows; /* [{"epoch", "train_loss", "train_accuracy", "test_loss", "test_accuracy"}] */
    double seconds;  /* mean of an epoch's training and validation */
} lido_curve;

/* Of the run in a folder; lido_curve_free releases. LIDO_NOT_FOUND, LIDO_IO, LIDO_CORRUPT,
 * LIDO_MEMORY. */
lido_status lido_curve_read(const char *folder, lido_curve *curve, lido_error *error);
void lido_curve_free(lido_curve *curve); /* harmless on a zeroed struct */

/* The first epoch after which the test accuracy was at least so much; 0: none. */
int64_t lido_curve_epochs_to(const lido_curve *curve, double accuracy);

#endif
