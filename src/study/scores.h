/* scores.h - how right and how sure a network is: its outputs on a whole set, added up row by row
 * in order. */
#ifndef LIDO_STUDY_SCORES_H
#define LIDO_STUDY_SCORES_H

#include "base/json.h"

enum { LIDO_CALIBRATION_BINS = 15 };

/* What was taken for what: a row for each sample * position (or box) of a set, in order. Owned by
 * the caller; lido_answers_free. */
typedef struct lido_answers {
    int64_t rows;
    int32_t *predictions; /* the first largest output; -1 where there is no label */
    float *confidences;   /* that output; 0 where there is no label */
} lido_answers;

void lido_answers_free(lido_answers *answers); /* harmless on a zeroed struct */

/* Rows of one bin of confidence. */
typedef struct lido_confidence_bin {
    int64_t rows, right;
    double confidence; /* their sum */
} lido_confidence_bin;

typedef struct lido_scores {
    int64_t classes; /* outputs a row */
    int64_t seen;    /* rows, with or without a label */
    int64_t rows;    /* with a label */
    double brier;    /* sum over rows */
    lido_confidence_bin bin[LIDO_CALIBRATION_BINS];
    int64_t *taken; /* taken[label * classes + prediction]: rows */
    lido_answers answers;
} lido_scores;

/* Room for `rows` rows of `classes` outputs. LIDO_MEMORY, LIDO_TOO_LARGE; then harmless to free. */
lido_status lido_scores_make(int64_t classes, int64_t rows, lido_scores *scores, lido_error *error);
void lido_scores_free(lido_scores *scores); /* harmless on a zeroed struct */

/* The next `rows` rows: y (rows, classes), labels (rows), -1 where there is none. */
void lido_scores_add(lido_scores *scores, const lido_real *y, const int32_t *labels, int64_t rows);

/* Expected calibration error (Guo et al. 2017) of outputs that are probabilities: bin b holds the
 * rows whose confidence lies in (b / 15, (b + 1) / 15]; the sum over bins of rows / all rows *
 * |right / rows - mean confidence|. NaN without rows. */
double lido_scores_calibration_error(const lido_scores *scores);

/* Mean over rows of the sum over classes of (p_k - [k is the label])^2 (Brier 1950), in 0..2. NaN
 * without rows. */
double lido_scores_brier(const lido_scores *scores);

/* [[rows]]: a row for each label below `labels`, a column for each output. */
lido_json *lido_scores_confusion(const lido_scores *scores, int labels);

#endif
