/* pool_stochastic.h - a value of each window drawn with a probability in proportion to it, or the
 * mean of the values weighted so (Zeiler & Fergus 2013). For values of at least zero.
 *
 * p[i] = x[i] / m, s[i] = p[0] + ... + p[i] over its cells row-major, each rounded to lido_real,
 * and s the last of these; m = 1, or the window's largest value where it has more than
 * LIDO_PLAIN_SUM cells (pool_mean.h) or sums of x itself leave the middle of the range of numbers
 * (1e-30 to 1e30; with squares, 1e-15 to 1e15). A number u in [0, 1) draws the first cell with s[i]
 * > u s; a cell of zero is never that. The weighted mean is m (sum p^2) / s = (sum x^2) / (sum x).
 * A window of zeros gives 0; one with a NaN or an infinite value gives that value, and the cell
 * that maximum pooling chooses stands for it. */
#ifndef LIDO_KERNELS_POOL_STOCHASTIC_H
#define LIDO_KERNELS_POOL_STOCHASTIC_H

#include "kernels/window.h"

/* Bytes of scratch for any of these. */
size_t lido_stochastic_scratch(int64_t channels);

/* y[box] of one sample, x (D, H, W, C) and y (OD, OH, OW, C), drawn by u, of the shape of y.
 * chosen, of the shape of y, become the numbers of the cells, LIDO_NO_CELL of pool_window.h for
 * windows of zeros. */
void lido_stochastic_forward(const lido_real *x, const float *u, const lido_grid *grid,
                             int64_t channels, const lido_box *box, void *scratch, lido_real *y,
                             uint32_t *chosen);

/* dx[box] of one sample += the sum of dy over the outputs that chose the cell, in a fixed order. */
void lido_stochastic_backward(const lido_real *dy, const uint32_t *chosen, const lido_grid *grid,
                              int64_t channels, const lido_box *box, lido_real *dx);

/* y[box] = the weighted means. unit and total, of the shape of y or both NULL, become m (0: a
 * window of zeros) and s. */
void lido_weighted_forward(const lido_real *x, const lido_grid *grid, int64_t channels,
                           const lido_box *box, void *scratch, lido_real *y, lido_real *unit,
                           lido_real *total);

/* dx[box] += the sum of dy (2 x - y) / (sum x) over the outputs whose window holds the cell, of dy
 * for the one cell that stands for an infinite y or a NaN. */
void lido_weighted_backward(const lido_real *x, const lido_real *y, const lido_real *unit,
                            const lido_real *total, const lido_real *dy, const lido_grid *grid,
                            int64_t channels, const lido_box *box, void *scratch, lido_real *dx);

#endif
