/* pool_taps.h - windows weighted cell by cell: the products w.x that gates and trees are made of,
 * and their gradients. A window is where a lido_walk stands. Cells outside the input contribute
 * nothing. */
#ifndef LIDO_KERNELS_POOL_TAPS_H
#define LIDO_KERNELS_POOL_TAPS_H

#include "kernels/pool_walk.h"

/* `count` weightings of a kernel of so many cells. */
typedef struct lido_taps {
    const lido_real *weight; /* [count][cells], or [count][cells][C] with per_channel */
    int count;
    int64_t cells, channels;
    bool per_channel;
} lido_taps;

/* dot[count][C] = the sum of weight x over the window. */
void lido_taps_dot(const lido_taps *taps, lido_walk *walk, const lido_real *x, lido_real *dot);

/* dx[position][C] += the sum over the weightings of slope[count][C] weight, where the walk wants
 * the cell. */
void lido_taps_spread(const lido_taps *taps, lido_walk *walk, const lido_real *slope,
                      lido_real *dx);

/* sum[count][cells][C] += slope x, in double. */
void lido_taps_gather(const lido_taps *taps, lido_walk *walk, const lido_real *x,
                      const lido_real *slope, double *sum);

/* dw[count][cells] += the sum of sum[count][cells][C] over the channels, or dw[count][cells][C] +=
 * it, by per_channel. */
void lido_taps_fold(const lido_taps *taps, const double *sum, double *dw);

#endif
