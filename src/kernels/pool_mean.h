/* pool_mean.h - the sum or average of each window, channel by channel.
 *
 * Up to LIDO_PLAIN_SUM cells are added in the library's own precision; larger windows add runs of
 * that many in double, so that a mean of a million cells keeps its digits. */
#ifndef LIDO_KERNELS_POOL_MEAN_H
#define LIDO_KERNELS_POOL_MEAN_H

#include "kernels/window.h"

enum { LIDO_PLAIN_SUM = 16 };

/* By what a window's sum is divided. */
typedef enum lido_divisor {
    LIDO_BY_CELLS,  /* its cells inside the input */
    LIDO_BY_PADDED, /* its cells inside the input or the padding, not beyond */
    LIDO_BY_NUMBER  /* a given number */
} lido_divisor;

typedef struct lido_mean {
    lido_divisor divisor;
    lido_real number; /* LIDO_BY_NUMBER; 1 for a sum */
    bool streams;     /* y may be written past the caches */
} lido_mean;

/* Bytes of scratch for either function. */
size_t lido_mean_scratch(int64_t channels);

/* y[box] of one sample, x (D, H, W, C) and y (OD, OH, OW, C). */
void lido_mean_forward(const lido_mean *mean, const lido_real *x, const lido_grid *grid,
                       int64_t channels, const lido_box *box, void *scratch, lido_real *y);

/* dx[box] of one sample += the sum of dy / divisor over the outputs whose window holds the cell, in
 * a fixed order. The box is one run of memory: whole along all but the first axis longer than 1. */
void lido_mean_backward(const lido_mean *mean, const lido_real *dy, const lido_grid *grid,
                        int64_t channels, const lido_box *box, void *scratch, lido_real *dx);

#endif
