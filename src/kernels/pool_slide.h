/* pool_slide.h - sums and extrema over full 2x2 and 3x3 windows of many channels, the common case,
 * at the speed of memory: what a window shares with the one before it stays in registers. */
#ifndef LIDO_KERNELS_POOL_SLIDE_H
#define LIDO_KERNELS_POOL_SLIDE_H

#include "kernels/window.h"

typedef enum lido_slide { LIDO_SLIDE_SUM, LIDO_SLIDE_MAXIMUM, LIDO_SLIDE_MINIMUM } lido_slide;

/* Whether this grid over so many channels has such windows. */
bool lido_slides(const lido_grid *grid, int64_t channels);

/* y[windows * channels] = the sums of each window's columns, added from left to right and divided
 * by `divisor`, or the largest or smallest numbers; x: the first window's first cell. `streams`: y
 * is written past the caches (kernels/stream.h). False where an extremum may have met a NaN, or
 * infinities of both signs: y is then not valid. */
bool lido_slide_run(lido_slide kind, const lido_grid *grid, int64_t channels, int64_t windows,
                    const lido_real *x, lido_real divisor, bool streams, lido_real *y);

/* The same for windows any distance apart: grid->axis[2].at[first] and so on, all full, x being the
 * first cell of the first one. */
bool lido_slides_apart(const lido_grid *grid, int64_t channels);
bool lido_slide_apart(lido_slide kind, const lido_grid *grid, int64_t channels, int64_t first,
                      int64_t windows, const lido_real *x, lido_real divisor, bool streams,
                      lido_real *y);

#endif
