/* pool_window.c - the maximum and the mean of one window, and gradients on their way back. */
#include "kernels/pool_window.h"

#include "kernels/clones.h"
#include "kernels/pool_mean.h"

#include <string.h>

lido_status lido_window_check(int64_t cells, lido_error *error) {
    if (cells < (int64_t)LIDO_NO_CELL) return LIDO_OK;
    return lido_fail(error, LIDO_TOO_LARGE, "a window of more than 2^32 cells");
}

LIDO_INLINE void take(const lido_real *restrict x, uint32_t number, int64_t channels,
                      lido_real *restrict best, uint32_t *restrict where) {
    for (int64_t c = 0; c < channels; c++) {
        bool taken = (x[c] > best[c]) | (x[c] != x[c]);
        best[c] = taken ? x[c] : best[c];
        where[c] = taken ? number : where[c];
    }
}

LIDO_CLONES
void lido_window_max(lido_walk *walk, const lido_real *x, int64_t channels, lido_real *best,
                     uint32_t *where) {
    bool first = true;
    lido_walk_again(walk);
    while (lido_walk_cells(walk))
        for (int i = 0; i < walk->count; i++, first = false) {
            const lido_real *cell = x + lido_walk_position(walk, i) * channels;
            if (first) {
                memcpy(best, cell, (size_t)channels * sizeof *best);
                for (int64_t c = 0; c < channels; c++) where[c] = walk->number[i];
            } else {
                take(cell, walk->number[i], channels, best, where);
            }
        }
}

LIDO_INLINE void add(const lido_real *restrict x, int64_t channels, lido_real *restrict sum) {
    for (int64_t c = 0; c < channels; c++) sum[c] += x[c];
}

/* total[] += part[] = the sum of at most LIDO_PLAIN_SUM cells of the list, from `first` on. */
LIDO_INLINE void add_some(const lido_walk *walk, int first, const lido_real *x, int64_t channels,
                          double *restrict total, lido_real *restrict part) {
    const int left = walk->count - first,
              last = first + (left < LIDO_PLAIN_SUM ? left : LIDO_PLAIN_SUM);
    memcpy(part, x + lido_walk_position(walk, first) * channels, (size_t)channels * sizeof *part);
    for (int i = first + 1; i < last; i++)
        add(x + lido_walk_position(walk, i) * channels, channels, part);
    for (int64_t c = 0; c < channels; c++) total[c] += (double)part[c];
}

LIDO_CLONES
void lido_window_mean(lido_walk *walk, const lido_real *x, int64_t channels, double *total,
                      lido_real *mean) {
    memset(total, 0, (size_t)channels * sizeof *total);
    lido_walk_again(walk);
    while (lido_walk_cells(walk))
        for (int i = 0; i < walk->count; i += LIDO_PLAIN_SUM)
            add_some(walk, i, x, channels, total, mean);
    const double cells = (double)walk->cells;
    for (int64_t c = 0; c < channels; c++) mean[c] = (lido_real)(total[c] / cells);
}

LIDO_INLINE void give(const lido_real *restrict amount, const uint32_t *restrict where,
                      uint32_t number, int64_t channels, lido_real *restrict dx) {
    for (int64_t c = 0; c < channels; c++) dx[c] += where[c] == number ? amount[c] : 0;
}

LIDO_CLONES
void lido_window_give(lido_walk *walk, const lido_real *amount, const uint32_t *where,
                      int64_t channels, lido_real *dx) {
    lido_walk_again(walk);
    while (lido_walk_cells(walk))
        for (int i = 0; i < walk->count; i++) {
            const int64_t position = lido_walk_position(walk, i);
            if (lido_walk_wants(walk, position))
                give(amount, where, walk->number[i], channels, dx + position * channels);
        }
}

LIDO_CLONES
void lido_window_share(lido_walk *walk, const lido_real *amount, int64_t channels, lido_real *dx) {
    lido_walk_again(walk);
    while (lido_walk_cells(walk))
        for (int i = 0; i < walk->count; i++) {
            const int64_t position = lido_walk_position(walk, i);
            if (lido_walk_wants(walk, position)) add(amount, channels, dx + position * channels);
        }
}
