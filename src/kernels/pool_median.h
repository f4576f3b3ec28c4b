/* pool_median.h - the middle value of each window, channel by channel, and where it was.
 *
 * Of an even number of cells, the mean of the two in the middle. A window with a NaN gives NaN. Of
 * equal values, the first in the window, row-major, stands for all. */
#ifndef LIDO_KERNELS_POOL_MEDIAN_H
#define LIDO_KERNELS_POOL_MEDIAN_H

#include "kernels/window.h"

/* Bytes of scratch. */
size_t lido_median_scratch(void);

/* y[box] of one sample, x (D, H, W, C) and y (OD, OH, OW, C). lower and upper, of the shape of y or
 * both NULL, become the numbers of the cells that hold the two middle values (the same cell where
 * the values are equal); with a NaN in the window, of the first cell that holds one. */
void lido_median_forward(const lido_real *x, const lido_grid *grid, int64_t channels,
                         const lido_box *box, void *scratch, lido_real *y, uint32_t *lower,
                         uint32_t *upper);

#endif
