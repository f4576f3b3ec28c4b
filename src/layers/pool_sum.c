/* pool_sum.c - the sum of each window, the padding counting as zero. */
#include "layers/pool.h"

#include "kernels/pool_mean.h"

static const lido_option options[] = {LIDO_GRID_OPTIONS, {0}};

static const lido_mean sum = {.divisor = LIDO_BY_NUMBER, .number = 1};

static lido_status infer(const lido_site *site, const lido_grid *grid, lido_pool_demand *demand,
                         lido_error *error) {
    (void)grid, (void)error;
    demand->scratch = lido_mean_scratch(site->x->channels);
    return LIDO_OK;
}

static void forward(const lido_pool_piece *piece) {
    lido_mean streamed = sum;
    streamed.streams = piece->streams;
    lido_mean_forward(&streamed, piece->x, piece->grid, piece->channels, &piece->box,
                      piece->scratch, piece->y);
}

static void backward(const lido_pool_piece *piece) {
    lido_mean_backward(&sum, piece->dy, piece->grid, piece->channels, &piece->box, piece->scratch,
                       piece->dx);
}

static const lido_reducer reducer = {.infer = infer, .forward = forward, .backward = backward};

const lido_layer lido_layer_sum_pool = {
    .name = "sum_pool",
    .doc = "the sum of each window",
    .options = options,
    .config_size = sizeof(lido_grid_config),
    .family = &reducer,
    LIDO_POOL_LAYER,
};
