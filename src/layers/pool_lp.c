/* pool_lp.c - the p-norm of each window: y = (sum |x|^p)^(1/p), or of the mean with `normalize`, or
 * weighted by a Gaussian over the window's cells (Sermanet, Chintala & LeCun 2012, "Convolutional
 * neural networks applied to house numbers digit classification"). The norm of p = infinity, the
 * largest |x|, is asked for with `max_norm`. p may be learned. */
#include "kernels/pool_power.h"
#include "layers/pool_smooth.h"

#include <math.h>

typedef struct lp_config {
    lido_grid_config grid;
    double p;
    bool max_norm, normalize;
    double gaussian; /* NaN: not written */
    int learn;
} lp_config;

/* Above 1000, float says little of (x / y)^(p - 1); the norm itself is that of infinity. */
static const lido_option options[] = {
    LIDO_GRID_OPTIONS,
    {"p", LIDO_OPTION_REAL, offsetof(lp_config, p), "2", 1, 1000,
     .doc = "the exponent, or where learning it starts"},
    {"max_norm", LIDO_OPTION_BOOL, offsetof(lp_config, max_norm), "null",
     .doc = "p is infinite: the largest magnitude"},
    {"normalize", LIDO_OPTION_BOOL, offsetof(lp_config, normalize), "null",
     .doc = "take the mean of |x|^p, not the sum"},
    {"gaussian", LIDO_OPTION_REAL, offsetof(lp_config, gaussian), "null", 0.001, 1000000,
     .doc = "weigh cells by a Gaussian of this standard deviation, in cells"},
    {"learn", LIDO_OPTION_CHOICE, offsetof(lp_config, learn), "\"none\"",
     .choices = lido_learning_names, .doc = "learn p: one for the layer or for each channel"},
    {0},
};

static lido_exponent exponent_of(const lp_config *config) {
    return (lido_exponent){LIDO_EXPONENT_ABOVE_ONE, (lido_learning)config->learn, config->p};
}

static bool is_learned(const lp_config *config) {
    return config->learn != LIDO_LEARN_NONE;
}

static lido_power_kind kind_of(const lp_config *config) {
    if (!is_learned(config) && config->p == 1) return LIDO_POWER_ONE;
    if (!is_learned(config) && config->p == 2) return LIDO_POWER_TWO;
    if (!is_learned(config) && config->p == 3) return LIDO_POWER_THREE;
    return LIDO_POWER_ANY;
}

/* ---- checking ------------------------------------------------------------------------------ */

/* Defaults may be written out, as in a resolved spec. */
static lido_status check_max_norm(const lido_site *site, lido_error *error) {
    const lp_config *config = site->config;
    const struct {
        const char *name;
        bool differs;
    } others[] = {{"p", config->p != 2},
                  {"normalize", config->normalize},
                  {"gaussian", !isnan(config->gaussian)},
                  {"learn", is_learned(config)}};
    for (size_t i = 0; config->max_norm && i < sizeof others / sizeof *others; i++)
        if (others[i].differs)
            return lido_fail(error, LIDO_SPEC,
                             "\"%s\" has no meaning with \"max_norm\", where p is infinite",
                             others[i].name);
    return LIDO_OK;
}

static lido_status check_gaussian(const lido_site *site, const lido_grid *grid, lido_error *error) {
    const lp_config *config = site->config;
    if (isnan(config->gaussian)) return LIDO_OK;
    if (config->normalize)
        return lido_fail(error, LIDO_SPEC,
                         "\"normalize\" and \"gaussian\" conflict: the weights of a Gaussian "
                         "already sum to 1");
    if (grid->cells > LIDO_LISTED_CELLS)
        return lido_fail(error, LIDO_SPEC, "\"gaussian\" on a window of %lld cells, allowed: %d",
                         (long long)grid->cells, LIDO_LISTED_CELLS);
    return lido_pool_needs_grid(site, LIDO_GRID_ONE_KERNEL,
                                "\"gaussian\" has a weight for each cell of a window", error);
}

static lido_status infer(const lido_site *site, const lido_grid *grid, lido_pool_demand *demand,
                         lido_error *error) {
    const lp_config *config = site->config;
    const lido_exponent exponent = exponent_of(config);
    demand->nonnegative = true;
    demand->reads_x = true;
    demand->reads_y = !config->max_norm && kind_of(config) != LIDO_POWER_ONE;
    if (!config->max_norm) demand->maps = LIDO_POWER_MAPS;
    demand->scratch =
        lido_power_scratch(site->x->channels) +
        sizeof(lido_real) * (LIDO_LISTED_CELLS + lido_row_spread_size(site->x->channels));
    if (is_learned(config)) demand->saved = sizeof(lido_real);
    if (config->max_norm) {
        demand->saved = sizeof(uint32_t);
        demand->switches = LIDO_SWITCHES_WIDE;
    }
    lido_status status = check_max_norm(site, error);
    if (!status && config->max_norm && grid->cells > UINT32_MAX)
        status = lido_fail(error, LIDO_TOO_LARGE, "a window of more than 2^32 cells");
    if (!status) status = check_gaussian(site, grid, error);
    return status ? status : lido_exponent_infer(&exponent, site, demand, error);
}

/* ---- running ------------------------------------------------------------------------------- */

/* tap[i] of a kernel of n cells = e^(-d^2 / (2 sigma^2)), d the distance from the middle, divided
 * by their sum. Distances count from the nearest cell's: no sigma makes all taps vanish. */
static void fill_axis(double sigma, int64_t n, double *tap) {
    const double middle = (double)(n - 1) / 2, nearest = n % 2 == 1 ? 0 : 0.5;
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        const double d = (double)i - middle;
        tap[i] = exp((nearest * nearest - d * d) / (2 * sigma * sigma));
        sum += tap[i];
    }
    for (int64_t i = 0; i < n; i++) tap[i] /= sum;
}

static void fill_taps(double sigma, const lido_grid *grid, lido_real *taps) {
    double tap[LIDO_MAX_AXES][LIDO_LISTED_CELLS];
    const lido_windows *axis = grid->axis;
    for (int a = 0; a < LIDO_MAX_AXES; a++) fill_axis(sigma, axis[a].kernel, tap[a]);
    for (int64_t i = 0; i < axis[0].kernel; i++)
        for (int64_t j = 0; j < axis[1].kernel; j++)
            for (int64_t k = 0; k < axis[2].kernel; k++)
                *taps++ = (lido_real)(tap[0][i] * tap[1][j] * tap[2][k]);
}

static lido_power power_of(const lido_pool_piece *piece) {
    const lp_config *config = piece->config;
    const lido_exponent exponent = exponent_of(config);
    lido_real *taps = (lido_real *)((char *)piece->scratch + lido_power_scratch(piece->channels));
    lido_real *p = taps + LIDO_LISTED_CELLS;
    lido_power power = {.kind = kind_of(config), .p = p, .mean = config->normalize};
    lido_exponent_values(&exponent, piece, p);
    if (isnan(config->gaussian)) return power;
    fill_taps(config->gaussian, piece->grid, taps);
    power.tap = taps;
    return power;
}

static void forward(const lido_pool_piece *piece) {
    const lp_config *config = piece->config;
    const lido_row_walk walk = lido_pool_rows(piece);
    if (config->max_norm) {
        lido_power_max_forward(&walk, &piece->box, piece->y, piece->saved);
        return;
    }
    const lido_power power = power_of(piece);
    lido_power_forward(&power, &walk, &piece->box, piece->y, piece->saved);
}

static void backward(const lido_pool_piece *piece) {
    const lp_config *config = piece->config;
    const lido_row_walk walk = lido_pool_rows(piece);
    if (config->max_norm) {
        lido_power_max_backward(&walk, &piece->box, piece->saved, piece->dy);
        return;
    }
    const lido_power power = power_of(piece);
    lido_power_backward(&power, &walk, &piece->box, piece->y, piece->dy);
}

static void backward_params(const lido_pool_piece *piece) {
    const lido_exponent exponent = exponent_of(piece->config);
    lido_exponent_gradient(&exponent, piece, piece->saved);
}

static const lido_reducer reducer = {
    .infer = infer, .forward = forward, .backward = backward, .backward_params = backward_params};

const lido_layer lido_layer_lp_pool = {
    .name = "lp_pool",
    .doc = "the p-norm of each window",
    .options = options,
    .config_size = sizeof(lp_config),
    .family = &reducer,
    LIDO_POOL_LAYER,
};
