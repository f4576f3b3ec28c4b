/* pool_soft.c - the mean of each window weighted by the softmax of its values (Stergiou, Poppe &
 * Kalliatakis 2021, "Refining activation downsampling with SoftPool"). The gradient is the exact
 * one, w (1 + x - y) dy, unless that of the published code is asked for, w dy, which takes the
 * weights for constants. */
#include "kernels/pool_softmax.h"
#include "layers/pool_smooth.h"

typedef enum soft_gradient { EXACT, STRAIGHT_THROUGH } soft_gradient;

typedef struct soft_config {
    lido_grid_config grid;
    int gradient;
} soft_config;

static const char *const gradients[] = {
    [EXACT] = "exact", [STRAIGHT_THROUGH] = "straight_through", NULL};

static const lido_option options[] = {
    LIDO_GRID_OPTIONS,
    {"gradient", LIDO_OPTION_CHOICE, offsetof(soft_config, gradient), "\"exact\"",
     .choices = gradients, .doc = "the true one, or that of the published code"},
    {0},
};

static bool is_straight(const soft_config *config) {
    return config->gradient == STRAIGHT_THROUGH;
}

static lido_status infer(const lido_site *site, const lido_grid *grid, lido_pool_demand *demand,
                         lido_error *error) {
    (void)grid, (void)error;
    demand->reads_x = true;
    demand->reads_y = !is_straight(site->config);
    demand->saved = LIDO_SOFTMAX_SAVED * sizeof(lido_real);
    demand->maps = LIDO_SOFTMAX_MAPS;
    demand->scratch = lido_softmax_scratch(site->x->channels);
    return LIDO_OK;
}

static void forward(const lido_pool_piece *piece) {
    const lido_row_walk walk = lido_pool_rows(piece);
    const lido_softmax_saved saved = lido_softmax_split(piece->saved, lido_pool_elements(piece));
    lido_softmax_forward(&walk, &piece->box, piece->y, &saved);
}

static void backward(const lido_pool_piece *piece) {
    const lido_row_walk walk = lido_pool_rows(piece);
    const lido_softmax_saved saved = lido_softmax_split(piece->saved, lido_pool_elements(piece));
    lido_softmax_backward(is_straight(piece->config), &walk, &piece->box, piece->y, &saved,
                          piece->dy);
}

static const lido_reducer reducer = {.infer = infer, .forward = forward, .backward = backward};

const lido_layer lido_layer_soft_pool = {
    .name = "soft_pool",
    .doc = "the mean of each window weighted by the softmax of its values",
    .options = options,
    .config_size = sizeof(soft_config),
    .family = &reducer,
    LIDO_POOL_LAYER,
};
