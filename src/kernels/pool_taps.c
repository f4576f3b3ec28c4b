/* pool_taps.c - windows weighted cell by cell, over all channels at once. */
#include "kernels/pool_taps.h"

#include "kernels/clones.h"

#include <string.h>

/* The weights of a cell: one, or one for each channel. */
LIDO_INLINE const lido_real *weight_of(const lido_taps *taps, int k, uint32_t number) {
    return taps->weight + (k * taps->cells + number) * (taps->per_channel ? taps->channels : 1);
}

/* to[c] += w x[c], or w[c] x[c] */
LIDO_INLINE void add_product(const lido_taps *taps, const lido_real *restrict w,
                             const lido_real *restrict x, lido_real *restrict to) {
    const int64_t channels = taps->channels;
    if (taps->per_channel)
        for (int64_t c = 0; c < channels; c++) to[c] += w[c] * x[c];
    else
        for (int64_t c = 0; c < channels; c++) to[c] += *w * x[c];
}

LIDO_CLONES
void lido_taps_dot(const lido_taps *taps, lido_walk *walk, const lido_real *x, lido_real *dot) {
    const int64_t channels = taps->channels;
    memset(dot, 0, (size_t)(taps->count * channels) * sizeof *dot);
    lido_walk_again(walk);
    while (lido_walk_cells(walk))
        for (int i = 0; i < walk->count; i++)
            for (int k = 0; k < taps->count; k++)
                add_product(taps, weight_of(taps, k, walk->number[i]),
                            x + lido_walk_position(walk, i) * channels, dot + k * channels);
}

LIDO_CLONES
void lido_taps_spread(const lido_taps *taps, lido_walk *walk, const lido_real *slope,
                      lido_real *dx) {
    const int64_t channels = taps->channels;
    lido_walk_again(walk);
    while (lido_walk_cells(walk))
        for (int i = 0; i < walk->count; i++) {
            const int64_t position = lido_walk_position(walk, i);
            for (int k = 0; k < taps->count && lido_walk_wants(walk, position); k++)
                add_product(taps, weight_of(taps, k, walk->number[i]), slope + k * channels,
                            dx + position * channels);
        }
}

LIDO_INLINE void add_wide(const lido_real *restrict a, const lido_real *restrict b, int64_t count,
                          double *restrict to) {
    for (int64_t c = 0; c < count; c++) to[c] += (double)a[c] * (double)b[c];
}

LIDO_CLONES
void lido_taps_gather(const lido_taps *taps, lido_walk *walk, const lido_real *x,
                      const lido_real *slope, double *sum) {
    const int64_t channels = taps->channels;
    lido_walk_again(walk);
    while (lido_walk_cells(walk))
        for (int i = 0; i < walk->count; i++)
            for (int k = 0; k < taps->count; k++)
                add_wide(slope + k * channels, x + lido_walk_position(walk, i) * channels, channels,
                         sum + (k * taps->cells + walk->number[i]) * channels);
}

void lido_taps_fold(const lido_taps *taps, const double *sum, double *dw) {
    const int64_t channels = taps->channels;
    for (int64_t i = 0; i < taps->count * taps->cells; i++)
        for (int64_t c = 0; c < channels; c++)
            dw[taps->per_channel ? i * channels + c : i] += sum[i * channels + c];
}
