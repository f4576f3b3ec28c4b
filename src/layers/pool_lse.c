/* pool_lse.c - the log-sum-exp of each window, as a mean: y = ln(mean e^(r x)) / r (Pinheiro &
 * Collobert 2015, "From image-level to pixel-level labeling with convolutional networks"). Small r
 * is the average, large r the maximum; r may be learned. */
#include "kernels/pool_softmax.h"
#include "layers/pool_smooth.h"

typedef struct lse_config {
    lido_grid_config grid;
    double r;
    int learn;
} lse_config;

static const lido_option options[] = {
    LIDO_GRID_OPTIONS,
    {"r", LIDO_OPTION_REAL, offsetof(lse_config, r), "1", 1e-6, 1e6,
     .doc = "the sharpness, or where learning it starts"},
    {"learn", LIDO_OPTION_CHOICE, offsetof(lse_config, learn), "\"none\"",
     .choices = lido_learning_names, .doc = "learn r: one for the layer or for each channel"},
    {0},
};

static lido_exponent exponent_of(const lse_config *config) {
    return (lido_exponent){LIDO_EXPONENT_POSITIVE, (lido_learning)config->learn, config->r};
}

static lido_status infer(const lido_site *site, const lido_grid *grid, lido_pool_demand *demand,
                         lido_error *error) {
    const lse_config *config = site->config;
    const lido_exponent exponent = exponent_of(config);
    (void)grid;
    demand->reads_x = true;
    demand->saved = LIDO_SOFTMAX_SAVED * sizeof(lido_real);
    if (config->learn != LIDO_LEARN_NONE) demand->saved += sizeof(lido_real);
    demand->maps = LIDO_LOGSUMEXP_MAPS;
    demand->scratch = lido_softmax_scratch(site->x->channels) +
                      lido_row_spread_size(site->x->channels) * sizeof(lido_real);
    return lido_exponent_infer(&exponent, site, demand, error);
}

static const lido_real *sharpness(const lido_pool_piece *piece) {
    const lido_exponent exponent = exponent_of(piece->config);
    lido_real *r = (lido_real *)((char *)piece->scratch + lido_softmax_scratch(piece->channels));
    lido_exponent_values(&exponent, piece, r);
    return r;
}

/* Kept after what the softmax keeps; NULL where r is not learned or nothing is kept. */
static lido_real *slope_of(const lido_pool_piece *piece) {
    const lse_config *config = piece->config;
    if (config->learn == LIDO_LEARN_NONE || !piece->saved) return NULL;
    return (lido_real *)piece->saved + LIDO_SOFTMAX_SAVED * lido_pool_elements(piece);
}

static void forward(const lido_pool_piece *piece) {
    const lido_row_walk walk = lido_pool_rows(piece);
    const lido_softmax_saved saved = lido_softmax_split(piece->saved, lido_pool_elements(piece));
    lido_logsumexp_forward(sharpness(piece), &walk, &piece->box, piece->y, &saved, slope_of(piece));
}

static void backward(const lido_pool_piece *piece) {
    const lido_row_walk walk = lido_pool_rows(piece);
    const lido_softmax_saved saved = lido_softmax_split(piece->saved, lido_pool_elements(piece));
    lido_logsumexp_backward(sharpness(piece), &walk, &piece->box, &saved, piece->dy);
}

static void backward_params(const lido_pool_piece *piece) {
    const lido_exponent exponent = exponent_of(piece->config);
    lido_exponent_gradient(&exponent, piece, slope_of(piece));
}

static const lido_reducer reducer = {
    .infer = infer, .forward = forward, .backward = backward, .backward_params = backward_params};

const lido_layer lido_layer_lse_pool = {
    .name = "lse_pool",
    .doc = "the log-sum-exp of each window",
    .options = options,
    .config_size = sizeof(lse_config),
    .family = &reducer,
    LIDO_POOL_LAYER,
};
