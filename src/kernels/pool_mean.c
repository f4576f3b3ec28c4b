/* pool_mean.c - sums and averages over windows, forward and backward. */
#include "kernels/pool_mean.h"

#include "kernels/clones.h"

#include <string.h>

enum { GROUP = 4 /* cells added in one pass over the channels */ };

size_t lido_mean_scratch(int64_t channels) {
    return (size_t)channels * (sizeof(double) + sizeof(lido_real));
}

static lido_real divisor_of(const lido_mean *mean, const lido_window *const window[LIDO_MAX_AXES]) {
    switch (mean->divisor) {
    case LIDO_BY_CELLS:
        return (lido_real)(window[0]->count * window[1]->count * window[2]->count);
    case LIDO_BY_PADDED:
        return (lido_real)(window[0]->padded * window[1]->padded * window[2]->padded);
    case LIDO_BY_NUMBER:
        break;
    }
    return mean->number;
}

/* ---- forward ------------------------------------------------------------------------------- */

/* sum[C] (+)= the cells, in order; count is 1..GROUP and known where this is called. */
LIDO_INLINE void add_group(bool first, int count, const lido_real *const x[GROUP], int64_t channels,
                           lido_real *restrict sum) {
    const lido_real *const x0 = x[0], *const x1 = x[1], *const x2 = x[2], *const x3 = x[3];
    for (int64_t c = 0; c < channels; c++) {
        lido_real total = first ? x0[c] : sum[c] + x0[c];
        if (count > 1) total += x1[c];
        if (count > 2) total += x2[c];
        if (count > 3) total += x3[c];
        sum[c] = total;
    }
}

LIDO_INLINE void add_some(bool first, int count, const lido_real *const x[GROUP], int64_t channels,
                          lido_real *sum) {
    switch (count) {
    case 1:
        add_group(first, 1, x, channels, sum);
        break;
    case 2:
        add_group(first, 2, x, channels, sum);
        break;
    case 3:
        add_group(first, 3, x, channels, sum);
        break;
    default:
        add_group(first, GROUP, x, channels, sum);
    }
}

/* sum[C] = the cells at position[count], count >= 1, in order. */
LIDO_INLINE void add_cells(const int64_t *position, int count, const lido_real *x, int64_t channels,
                           lido_real *sum) {
    for (int done = 0; done < count; done += GROUP) {
        const lido_real *cell[GROUP];
        const int left = count - done;
        for (int i = 0; i < GROUP; i++)
            cell[i] = x + position[i < left ? done + i : done] * channels;
        if (done == 0)
            add_some(true, left, cell, channels, sum);
        else
            add_some(false, left, cell, channels, sum);
    }
}

/* y[C] = the sum of a large window / divisor. */
LIDO_INLINE void reduce_large(lido_cells *cells, const lido_real *x, int64_t channels,
                              lido_real divisor, void *scratch, lido_real *restrict y) {
    double *restrict total = scratch;
    lido_real *restrict part = (lido_real *)(total + channels);
    memset(total, 0, (size_t)channels * sizeof *total);
    while (lido_cells_next(cells))
        for (int done = 0; done < cells->count; done += LIDO_PLAIN_SUM) {
            int left = cells->count - done;
            add_cells(cells->position + done, left < LIDO_PLAIN_SUM ? left : LIDO_PLAIN_SUM, x,
                      channels, part);
            for (int64_t c = 0; c < channels; c++) total[c] += (double)part[c];
        }
    for (int64_t c = 0; c < channels; c++) y[c] = (lido_real)(total[c] / (double)divisor);
}

LIDO_INLINE void reduce_small(lido_cells *cells, const lido_real *x, int64_t channels,
                              lido_real divisor, lido_real *restrict y) {
    lido_cells_next(cells);
    add_cells(cells->position, cells->count, x, channels, y);
    for (int64_t c = 0; c < channels; c++) y[c] /= divisor;
}

LIDO_CLONES void lido_mean_forward(const lido_mean *mean, const lido_real *x, const lido_grid *grid,
                                   int64_t channels, const lido_box *box, void *scratch,
                                   lido_real *y) {
    const lido_windows *axis = grid->axis;
    for (int64_t od = box->first[0]; od < box->last[0]; od++)
        for (int64_t oh = box->first[1]; oh < box->last[1]; oh++)
            for (int64_t ow = box->first[2]; ow < box->last[2]; ow++) {
                int64_t output = (od * axis[1].outputs + oh) * axis[2].outputs + ow;
                lido_cells cells;
                lido_cells_begin(&cells, grid, od, oh, ow);
                lido_real divisor = divisor_of(mean, cells.window);
                if (grid->cells > LIDO_PLAIN_SUM)
                    reduce_large(&cells, x, channels, divisor, scratch, y + output * channels);
                else
                    reduce_small(&cells, x, channels, divisor, y + output * channels);
            }
}

/* ---- backward ------------------------------------------------------------------------------ */

LIDO_INLINE void spread(lido_cells *cells, const lido_real *restrict share, int64_t channels,
                        int64_t low, int64_t high, lido_real *restrict dx) {
    while (lido_cells_next(cells))
        for (int i = 0; i < cells->count; i++) {
            if (cells->position[i] < low || cells->position[i] >= high) continue;
            lido_real *restrict cell = dx + cells->position[i] * channels;
            for (int64_t c = 0; c < channels; c++) cell[c] += share[c];
        }
}

LIDO_CLONES void lido_mean_backward(const lido_mean *mean, const lido_real *dy,
                                    const lido_grid *grid, int64_t channels, const lido_box *box,
                                    void *scratch, lido_real *dx) {
    const lido_windows *axis = grid->axis;
    lido_real *restrict share = scratch;
    int64_t low, high;
    lido_box reach;
    lido_box_run(grid, box, &low, &high);
    lido_grid_reaching(grid, box, &reach);
    memset(dx + low * channels, 0, (size_t)((high - low) * channels) * sizeof *dx);
    for (int64_t od = reach.first[0]; od < reach.last[0]; od++)
        for (int64_t oh = reach.first[1]; oh < reach.last[1]; oh++)
            for (int64_t ow = reach.first[2]; ow < reach.last[2]; ow++) {
                int64_t output = (od * axis[1].outputs + oh) * axis[2].outputs + ow;
                lido_cells cells;
                lido_cells_begin(&cells, grid, od, oh, ow);
                lido_real divisor = divisor_of(mean, cells.window);
                for (int64_t c = 0; c < channels; c++)
                    share[c] = dy[output * channels + c] / divisor;
                spread(&cells, share, channels, low, high, dx);
            }
}
