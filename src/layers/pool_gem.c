/* pool_gem.c - the generalised mean of each window (Radenovic, Tolias & Chum 2018, "Fine-tuning CNN
 * image retrieval with no human annotation"): y = (mean max(x, eps)^p)^(1/p), p learned unless told
 * otherwise. p = 1 is the average, p towards infinity the maximum. */
#include "kernels/pool_power.h"
#include "layers/pool_smooth.h"

typedef struct gem_config {
    lido_grid_config grid;
    double p, eps;
    int learn;
} gem_config;

static const lido_option options[] = {
    LIDO_GRID_OPTIONS,
    {"p", LIDO_OPTION_REAL, offsetof(gem_config, p), "3", 1, 1000,
     .doc = "the exponent, or where learning it starts"},
    {"eps", LIDO_OPTION_REAL, offsetof(gem_config, eps), "1e-6", 1e-30, 1000000,
     .doc = "what lies below counts as this"},
    {"learn", LIDO_OPTION_CHOICE, offsetof(gem_config, learn), "\"layer\"",
     .choices = lido_learning_names, .doc = "learn p: one for the layer or for each channel"},
    {0},
};

static lido_exponent exponent_of(const gem_config *config) {
    return (lido_exponent){LIDO_EXPONENT_ABOVE_ONE, (lido_learning)config->learn, config->p};
}

static lido_power_kind kind_of(const gem_config *config) {
    const bool cubes = config->learn == LIDO_LEARN_NONE && config->p == 3;
    return cubes ? LIDO_POWER_LIFTED_THREE : LIDO_POWER_LIFTED;
}

static lido_status infer(const lido_site *site, const lido_grid *grid, lido_pool_demand *demand,
                         lido_error *error) {
    const gem_config *config = site->config;
    const lido_exponent exponent = exponent_of(config);
    (void)grid;
    demand->nonnegative = true;
    demand->reads_x = demand->reads_y = true;
    demand->maps = LIDO_POWER_MAPS;
    demand->scratch = lido_power_scratch(site->x->channels) +
                      lido_row_spread_size(site->x->channels) * sizeof(lido_real);
    if (config->learn != LIDO_LEARN_NONE) demand->saved = sizeof(lido_real);
    return lido_exponent_infer(&exponent, site, demand, error);
}

static lido_power power_of(const lido_pool_piece *piece) {
    const gem_config *config = piece->config;
    const lido_exponent exponent = exponent_of(config);
    lido_real *p = (lido_real *)((char *)piece->scratch + lido_power_scratch(piece->channels));
    lido_exponent_values(&exponent, piece, p);
    return (lido_power){
        .kind = kind_of(config), .p = p, .eps = (lido_real)config->eps, .mean = true};
}

static void forward(const lido_pool_piece *piece) {
    const lido_row_walk walk = lido_pool_rows(piece);
    const lido_power power = power_of(piece);
    lido_power_forward(&power, &walk, &piece->box, piece->y, piece->saved);
}

static void backward(const lido_pool_piece *piece) {
    const lido_row_walk walk = lido_pool_rows(piece);
    const lido_power power = power_of(piece);
    lido_power_backward(&power, &walk, &piece->box, piece->y, piece->dy);
}

static void backward_params(const lido_pool_piece *piece) {
    const lido_exponent exponent = exponent_of(piece->config);
    lido_exponent_gradient(&exponent, piece, piece->saved);
}

static const lido_reducer reducer = {
    .infer = infer, .forward = forward, .backward = backward, .backward_params = backward_params};

const lido_layer lido_layer_gem_pool = {
    .name = "gem_pool",
    .doc = "the generalised mean of each window, its exponent learned",
    .options = options,
    .config_size = sizeof(gem_config),
    .family = &reducer,
    LIDO_POOL_LAYER,
};
