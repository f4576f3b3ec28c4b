/* pool_midrange.c - halfway between the largest and the smallest value of each window. Keeps the
 * numbers of their cells, each of which gets half the gradient; of equal values the first in the
 * window stands for all. A NaN in the window comes through. */
#include "layers/pool.h"

#include "kernels/pool_window.h"

#include <string.h>

static const lido_option options[] = {LIDO_GRID_OPTIONS, {0}};

/* Of one window: a value for each channel, and the number of its cell. */
typedef struct extreme {
    lido_real *value;
    uint32_t *cell;
} extreme;

static size_t bytes_of(int64_t channels) {
    return (size_t)channels * (sizeof(lido_real) + sizeof(uint32_t));
}

static lido_status infer(const lido_site *site, const lido_grid *grid, lido_pool_demand *demand,
                         lido_error *error) {
    demand->saved = 2 * sizeof(uint32_t);
    demand->scratch = 2 * bytes_of(site->x->channels);
    return lido_window_check(grid->cells, error);
}

/* The second of the two arrays kept. */
static uint32_t *lowest_of(const lido_pool_piece *piece) {
    return (uint32_t *)piece->saved + lido_grid_outputs(piece->grid) * piece->channels;
}

static void take(const extreme *best, int64_t c, lido_real value, uint32_t cell) {
    best->value[c] = value;
    best->cell[c] = cell;
}

static void find_extremes(lido_walk *walk, const lido_real *x, int64_t channels,
                          const extreme *high, const extreme *low) {
    bool first = true;
    while (lido_walk_cells(walk))
        for (int i = 0; i < walk->count; i++, first = false) {
            const lido_real *cell = x + lido_walk_position(walk, i) * channels;
            for (int64_t c = 0; c < channels; c++) {
                const bool always = first || cell[c] != cell[c]; /* NaN */
                if (always || cell[c] > high->value[c]) take(high, c, cell[c], walk->number[i]);
                if (always || cell[c] < low->value[c]) take(low, c, cell[c], walk->number[i]);
            }
        }
}

static void forward(const lido_pool_piece *piece) {
    const int64_t channels = piece->channels;
    lido_real *values = piece->scratch;
    uint32_t *cells = (uint32_t *)(values + 2 * channels);
    const extreme high = {values, cells}, low = {values + channels, cells + channels};
    lido_walk walk;
    lido_walk_outputs(&walk, piece->grid, &piece->box);
    while (lido_walk_window(&walk)) {
        const int64_t at = walk.output * channels;
        find_extremes(&walk, piece->x, channels, &high, &low);
        for (int64_t c = 0; c < channels; c++) /* halved first: their sum might overflow */
            piece->y[at + c] = high.value[c] / 2 + low.value[c] / 2;
        if (!piece->saved) continue;
        memcpy((uint32_t *)piece->saved + at, high.cell, (size_t)channels * sizeof *high.cell);
        memcpy(lowest_of(piece) + at, low.cell, (size_t)channels * sizeof *low.cell);
    }
}

static void backward(const lido_pool_piece *piece) {
    const int64_t channels = piece->channels;
    const uint32_t *highest = piece->saved, *lowest = lowest_of(piece);
    lido_real *half = piece->scratch;
    lido_walk walk;
    lido_walk_inputs(&walk, piece->grid, &piece->box);
    while (lido_walk_window(&walk)) {
        const int64_t at = walk.output * channels;
        for (int64_t c = 0; c < channels; c++) half[c] = piece->dy[at + c] / 2;
        lido_window_give(&walk, half, highest + at, channels, piece->dx);
        lido_window_give(&walk, half, lowest + at, channels, piece->dx);
    }
}

static const lido_reducer reducer = {.infer = infer, .forward = forward, .backward = backward};

const lido_layer lido_layer_midrange_pool = {
    .name = "midrange_pool",
    .doc = "halfway between the largest and the smallest value of each window",
    .options = options,
    .config_size = sizeof(lido_grid_config),
    .family = &reducer,
    LIDO_POOL_LAYER,
};
