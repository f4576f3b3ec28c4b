/* pool_blend.c - mixtures of the maximum and the average of one window. */
#include "kernels/pool_blend.h"

#include "kernels/clones.h"
#include "kernels/pool_window.h"

size_t lido_blend_scratch(int64_t channels) {
    const size_t window = (size_t)channels * (sizeof(double) + 3 * sizeof(lido_real));
    const size_t run = 2 * (size_t)lido_run_elements(channels) * sizeof(lido_real);
    return window > run ? window : run;
}

LIDO_INLINE lido_real mixture(lido_real a, lido_real most, lido_real mean) {
    lido_real mixed = a * most + (1 - a) * mean;
    return a == 1 ? most : a == 0 ? mean : mixed;
}

LIDO_CLONES
static void mix(const lido_real *a, const lido_real *most, const lido_real *mean, int64_t channels,
                lido_real *y) {
    for (int64_t c = 0; c < channels; c++) y[c] = mixture(a[c], most[c], mean[c]);
}

LIDO_CLONES
static void subtract(const lido_real *most, const lido_real *mean, int64_t channels,
                     lido_real *restrict difference) {
    for (int64_t c = 0; c < channels; c++) difference[c] = most[c] - mean[c];
}

void lido_blend_forward(lido_walk *walk, const lido_real *x, const lido_real *a, int64_t channels,
                        void *scratch, lido_real *y, uint32_t *where, lido_real *difference) {
    double *total = scratch;
    lido_real *most = (lido_real *)(total + channels), *mean = most + channels;
    if (!where) where = (uint32_t *)(mean + channels);
    lido_window_max(walk, x, channels, most, where);
    lido_window_mean(walk, x, channels, total, mean);
    mix(a, most, mean, channels, y);
    if (difference) subtract(most, mean, channels, difference);
}

void lido_blend_run(const lido_grid *grid, int64_t channels, const lido_run *run,
                    const lido_real *x, const lido_real *a, void *scratch, lido_real *y,
                    uint32_t *where, lido_real *difference) {
    const int64_t n = run->windows * channels;
    const lido_real *first = x + run->position * channels;
    lido_real *most = scratch, *mean = most + n;
    lido_run_max(grid, channels, run, x, most, where);
    lido_slide_run(LIDO_SLIDE_SUM, grid, channels, run->windows, first, (lido_real)grid->cells,
                   false, mean);
    mix(a, most, mean, n, y);
    if (difference) subtract(most, mean, n, difference);
}

LIDO_CLONES
static void divide(const lido_real *restrict dy, const lido_real *restrict a, lido_real cells,
                   int64_t channels, lido_real *restrict peak, lido_real *restrict share) {
    for (int64_t c = 0; c < channels; c++) {
        peak[c] = dy[c] * a[c];
        share[c] = dy[c] * (1 - a[c]) / cells;
    }
}

void lido_blend_backward(lido_walk *walk, const lido_real *dy, const lido_real *a,
                         const uint32_t *where, int64_t channels, void *scratch, lido_real *dx) {
    lido_real *peak = scratch, *share = peak + channels;
    divide(dy, a, (lido_real)walk->cells, channels, peak, share);
    lido_window_give(walk, peak, where, channels, dx);
    lido_window_share(walk, share, channels, dx);
}
