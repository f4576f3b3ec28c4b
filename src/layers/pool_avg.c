/* pool_avg.c - the average of each window. What it divides by is the rule of docs/pooling.md:
 * `divisor` where it is given, else the cells inside the input and its explicit padding, else
 * (count_include_pad false, an engine that leaves padding out, "same" padding, global and adaptive
 * windows) the cells inside the input. Cells beyond the padding, which a rounded-up last window
 * reaches, never count. */
#include "layers/pool.h"

#include "kernels/pool_mean.h"

typedef struct avg_config {
    lido_grid_config grid;
    int count_include_pad; /* -1: not written */
    int64_t divisor;       /* 0: not written */
} avg_config;

static const lido_option options[] = {
    LIDO_GRID_OPTIONS,
    LIDO_SEMANTICS_OPTION,
    {"count_include_pad", LIDO_OPTION_FLAG, offsetof(avg_config, count_include_pad), "null",
     .doc = "padding counts in the divisor (default: unless it is \"same\")"},
    {"divisor", LIDO_OPTION_INT, offsetof(avg_config, divisor), "null", 1, 1 << 30,
     .doc = "divide by this instead of the number of cells"},
    {0},
};

static lido_mean rule(const avg_config *config) {
    bool counts = lido_engine_at(config->grid.semantics)->counts_padding &&
                  config->grid.padding.mode == LIDO_EXPLICIT;
    bool padded = config->count_include_pad < 0 ? counts : config->count_include_pad == 1;
    if (config->divisor > 0)
        return (lido_mean){.divisor = LIDO_BY_NUMBER, .number = (lido_real)config->divisor};
    return (lido_mean){.divisor = padded ? LIDO_BY_PADDED : LIDO_BY_CELLS};
}

static lido_status infer(const lido_site *site, const lido_grid *grid, lido_pool_demand *demand,
                         lido_error *error) {
    (void)grid;
    demand->scratch = lido_mean_scratch(site->x->channels);
    lido_status status = lido_pool_needs_kernel(site, "count_include_pad", error);
    return status ? status : lido_pool_needs_kernel(site, "divisor", error);
}

static void forward(const lido_pool_piece *piece) {
    lido_mean mean = rule(piece->config);
    mean.streams = piece->streams;
    lido_mean_forward(&mean, piece->x, piece->grid, piece->channels, &piece->box, piece->scratch,
                      piece->y);
}

static void backward(const lido_pool_piece *piece) {
    const lido_mean mean = rule(piece->config);
    lido_mean_backward(&mean, piece->dy, piece->grid, piece->channels, &piece->box, piece->scratch,
                       piece->dx);
}

static const lido_reducer reducer = {.infer = infer, .forward = forward, .backward = backward};

const lido_layer lido_layer_avg_pool = {
    .name = "avg_pool",
    .doc = "the average of each window",
    .options = options,
    .config_size = sizeof(avg_config),
    .family = &reducer,
    LIDO_POOL_LAYER,
};
