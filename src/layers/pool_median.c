/* pool_median.c - the middle value of each window; of an even number, the mean of the two in the
 * middle. Keeps the numbers of the two cells (the same for an odd number), each of which gets half
 * the gradient; of equal values the first in the window stands for all. A NaN in the window comes
 * through, and has the gradient. */
#include "layers/pool.h"

#include "kernels/pool_median.h"
#include "kernels/pool_window.h"

static const lido_option options[] = {LIDO_GRID_OPTIONS, {0}};

static lido_status infer(const lido_site *site, const lido_grid *grid, lido_pool_demand *demand,
                         lido_error *error) {
    size_t half = (size_t)site->x->channels * sizeof(lido_real);
    demand->saved = 2 * sizeof(uint32_t);
    demand->scratch = half > lido_median_scratch() ? half : lido_median_scratch();
    return lido_window_check(grid->cells, error);
}

/* The second of the two arrays kept. */
static uint32_t *upper_of(const lido_pool_piece *piece) {
    return (uint32_t *)piece->saved + lido_grid_outputs(piece->grid) * piece->channels;
}

static void forward(const lido_pool_piece *piece) {
    lido_median_forward(piece->x, piece->grid, piece->channels, &piece->box, piece->scratch,
                        piece->y, piece->saved, piece->saved ? upper_of(piece) : NULL);
}

static void backward(const lido_pool_piece *piece) {
    const int64_t channels = piece->channels;
    const uint32_t *lower = piece->saved, *upper = upper_of(piece);
    lido_real *half = piece->scratch;
    lido_walk walk;
    lido_walk_inputs(&walk, piece->grid, &piece->box);
    while (lido_walk_window(&walk)) {
        const int64_t at = walk.output * channels;
        for (int64_t c = 0; c < channels; c++) half[c] = piece->dy[at + c] / 2;
        lido_window_give(&walk, half, lower + at, channels, piece->dx);
        lido_window_give(&walk, half, upper + at, channels, piece->dx);
    }
}

static const lido_reducer reducer = {.infer = infer, .forward = forward, .backward = backward};

const lido_layer lido_layer_median_pool = {
    .name = "median_pool",
    .doc = "the middle value of each window, or the mean of the two in the middle",
    .options = options,
    .config_size = sizeof(lido_grid_config),
    .family = &reducer,
    LIDO_POOL_LAYER,
};
