/* pool_lip.c - local importance pooling (Gao, Wang & Wu 2019): y = sum e^g x / sum e^g over each
 * window, where g is the second input, a map the network learns. With one input x is its own g. */
#include "kernels/pool_softmax.h"
#include "layers/pool_smooth.h"

static const lido_option options[] = {LIDO_GRID_OPTIONS, {0}};

static lido_status infer(const lido_site *site, const lido_grid *grid, lido_pool_demand *demand,
                         lido_error *error) {
    (void)grid, (void)error;
    demand->reads_x = demand->reads_y = true;
    demand->saved = LIDO_SOFTMAX_SAVED * sizeof(lido_real);
    if (site->inputs == 1) demand->maps = LIDO_SOFTMAX_MAPS;
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
    lido_softmax_backward(false, &walk, &piece->box, piece->y, &saved, piece->dy);
}

static const lido_reducer reducer = {.infer = infer, .forward = forward, .backward = backward};

const lido_layer lido_layer_lip_pool = {
    .name = "lip_pool",
    .doc = "the mean of each window weighted by e^g, g a learned map",
    .options = options,
    .config_size = sizeof(lido_grid_config),
    .min_inputs = 1,
    .max_inputs = 2,
    .family = &reducer,
    LIDO_POOL_CALLS,
};
