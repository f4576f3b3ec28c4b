/* tally.h - loss and accuracy over many batches, each counting by its rows. */
#ifndef LIDO_TRAIN_TALLY_H
#define LIDO_TRAIN_TALLY_H

#include <lido/train.h>

typedef struct lido_tally {
    double loss; /* sum over rows */
    int64_t correct, rows;
} lido_tally;

static inline void lido_tally_add(lido_tally *tally, const lido_result *result) {
    tally->loss += result->loss * (double)result->rows;
    tally->correct += result->correct;
    tally->rows += result->rows;
}

static inline lido_score lido_tally_score(const lido_tally *tally) {
    if (tally->rows == 0) return (lido_score){0};
    double rows = (double)tally->rows;
    return (lido_score){tally->loss / rows, (double)tally->correct / rows, tally->rows};
}

#endif
