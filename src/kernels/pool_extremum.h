/* pool_extremum.h - the largest (or smallest) value of each window, channel by channel, and where
 * it was.
 *
 * From the first cell inside the input on, row-major, a cell is taken when it is larger (smaller)
 * than the best so far or NaN: so the first of equals wins, NaN propagates, and the padding is
 * never chosen. The switch of an output is the chosen cell's number inside the kernel. */
#ifndef LIDO_KERNELS_POOL_EXTREMUM_H
#define LIDO_KERNELS_POOL_EXTREMUM_H

#include "kernels/clones.h"
#include "kernels/window.h"

typedef enum lido_extremum { LIDO_MAXIMUM, LIDO_MINIMUM } lido_extremum;

/* Bytes of one switch: 1, 2 or 4 for windows of so many cells; 0 when 4 are too few. */
size_t lido_switch_size(int64_t cells);
/* The switch of element i, of so many bytes. */
LIDO_INLINE uint32_t lido_switch_at(const void *switches, size_t size, int64_t i) {
    if (size == 1) return ((const uint8_t *)switches)[i];
    if (size == 2) return ((const uint16_t *)switches)[i];
    return ((const uint32_t *)switches)[i];
}

/* Bytes of scratch for either function. */
size_t lido_extremum_scratch(int64_t channels);

/* y[box] of one sample, x (D, H, W, C) and y (OD, OH, OW, C). `streams`: y may be written past the
 * caches. switches, of the shape of y, may be NULL: not wanted. */
void lido_extremum_forward(lido_extremum which, const lido_real *x, const lido_grid *grid,
                           int64_t channels, const lido_box *box, bool streams, void *scratch,
                           lido_real *y, void *switches);

/* dx[box] of one sample += the sum of dy over the outputs that chose the cell, in a fixed order.
 * The box is one run of memory: whole along all but the first axis longer than 1. */
void lido_extremum_backward(const lido_real *dy, const void *switches, const lido_grid *grid,
                            int64_t channels, const lido_box *box, void *scratch, lido_real *dx);

#endif
