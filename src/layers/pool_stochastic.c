/* pool_stochastic.c - in training a value of each window drawn with a probability in proportion to
 * it, in evaluation the mean weighted so (Zeiler & Fergus 2013). Values must not be negative. One
 * random number for each element of the output; kernels/pool_stochastic.h says which cell it draws.
 * With "training": "weighted", training uses the weighted mean as well. */
#include "layers/pool.h"

#include "kernels/pool_stochastic.h"
#include "kernels/pool_window.h"

enum { DRAW, WEIGHTED };

typedef struct stochastic_config {
    lido_grid_config grid;
    int training;
} stochastic_config;

static const char *const trainings[] = {"draw", "weighted", NULL};

static const lido_option options[] = {
    LIDO_GRID_OPTIONS,
    {"training", LIDO_OPTION_CHOICE, offsetof(stochastic_config, training), "\"draw\"",
     .choices = trainings,
     .doc = "in training draw a value, or take the weighted mean as in evaluation"},
    {0},
};

static bool draws(const void *config) {
    return ((const stochastic_config *)config)->training == DRAW;
}

static lido_status infer(const lido_site *site, const lido_grid *grid, lido_pool_demand *demand,
                         lido_error *error) {
    demand->scratch = lido_stochastic_scratch(site->x->channels);
    if (draws(site->config)) {
        demand->output_draws = 1;
        demand->decides = "the cell of each output";
        demand->saved = sizeof(uint32_t);
        demand->switches = LIDO_SWITCHES_WIDE;
        demand->only_drawn = true;
    } else {
        demand->reads_x = demand->reads_y = true;
        demand->saved = 2 * sizeof(lido_real);
    }
    lido_status status =
        lido_pool_needs_nonnegative(site, "values stand for their probabilities", error);
    return status ? status : lido_window_check(grid->cells, error);
}

/* What the weighted mean keeps: each window's unit, then the sums. */
static lido_real *totals(const lido_pool_piece *piece) {
    return (lido_real *)piece->saved + lido_grid_outputs(piece->grid) * piece->channels;
}

static void forward(const lido_pool_piece *piece) {
    if (piece->training && draws(piece->config))
        lido_stochastic_forward(piece->x, piece->output_draws, piece->grid, piece->channels,
                                &piece->box, piece->scratch, piece->y, piece->saved);
    else
        lido_weighted_forward(piece->x, piece->grid, piece->channels, &piece->box, piece->scratch,
                              piece->y, piece->saved, piece->saved ? totals(piece) : NULL);
}

static void backward(const lido_pool_piece *piece) {
    if (draws(piece->config))
        lido_stochastic_backward(piece->dy, piece->saved, piece->grid, piece->channels, &piece->box,
                                 piece->dx);
    else
        lido_weighted_backward(piece->x, piece->y, piece->saved, totals(piece), piece->dy,
                               piece->grid, piece->channels, &piece->box, piece->scratch,
                               piece->dx);
}

static const lido_reducer reducer = {.infer = infer, .forward = forward, .backward = backward};

const lido_layer lido_layer_stochastic_pool = {
    .name = "stochastic_pool",
    .doc = "a value of each window drawn in proportion to it; in evaluation their weighted mean",
    .options = options,
    .config_size = sizeof(stochastic_config),
    .family = &reducer,
    LIDO_POOL_LAYER,
};
