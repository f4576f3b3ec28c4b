/* pool_window.h - what reducers made of a maximum, a mean or a choice do with one window, over all
 * channels: its largest values and their cells, its means, and gradients on their way back. A
 * window is where a lido_walk stands; each function goes through its cells anew. */
#ifndef LIDO_KERNELS_POOL_WINDOW_H
#define LIDO_KERNELS_POOL_WINDOW_H

#include "kernels/pool_walk.h"

/* In place of a cell's number: none. */
#define LIDO_NO_CELL UINT32_MAX

/* Whether the cells of such windows can be numbered in 32 bits. */
lido_status lido_window_check(int64_t cells, lido_error *error);

/* best[c] = the largest x of the window and where[c] = its cell's number, by the rule of maximum
 * pooling: the first of equals, NaN before anything. */
void lido_window_max(lido_walk *walk, const lido_real *x, int64_t channels, lido_real *best,
                     uint32_t *where);

/* mean[c] = the sum over the window's cells inside the input divided by their number; summed in
 * double where there are more than LIDO_PLAIN_SUM of pool_mean.h. total[C]: scratch. */
void lido_window_mean(lido_walk *walk, const lido_real *x, int64_t channels, double *total,
                      lido_real *mean);

/* dx[position][c] += amount[c], where the walk wants the cell: for the cell numbered where[c]. */
void lido_window_give(lido_walk *walk, const lido_real *amount, const uint32_t *where,
                      int64_t channels, lido_real *dx);

/* The same for every cell. */
void lido_window_share(lido_walk *walk, const lido_real *amount, int64_t channels, lido_real *dx);

#endif
