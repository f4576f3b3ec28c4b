/* pool_blend.h - y = a max + (1 - a) average of one window, for each channel with its own a in
 * [0, 1]: what mixed, mixed choice and gated pooling have in common (Lee et al. 2016, Yu et al.
 * 2014). A window is where a lido_walk stands. With a = 1 it is the maximum, with 0 the average,
 * whatever the other is. */
#ifndef LIDO_KERNELS_POOL_BLEND_H
#define LIDO_KERNELS_POOL_BLEND_H

#include "kernels/pool_runs.h"
#include "kernels/pool_walk.h"

/* Bytes of scratch for any of these: a whole number of reals. */
size_t lido_blend_scratch(int64_t channels);

/* y[C], the number of the maximum's cell where[C], and difference[C] = max - average; the last two
 * may be NULL. */
void lido_blend_forward(lido_walk *walk, const lido_real *x, const lido_real *a, int64_t channels,
                        void *scratch, lido_real *y, uint32_t *where, lido_real *difference);

/* The same of a run of windows that slide: y, where and difference are those of its first window,
 * a[] has a share for each element of the run. */
void lido_blend_run(const lido_grid *grid, int64_t channels, const lido_run *run,
                    const lido_real *x, const lido_real *a, void *scratch, lido_real *y,
                    uint32_t *where, lido_real *difference);

/* dx += dy (a at the maximum's cell + (1 - a) / cells), where the walk wants the cell. */
void lido_blend_backward(lido_walk *walk, const lido_real *dy, const lido_real *a,
                         const uint32_t *where, int64_t channels, void *scratch, lido_real *dx);

#endif
