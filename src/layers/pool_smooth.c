/* pool_smooth.c - what the smooth reducers share. */
#include "layers/pool_smooth.h"

#include <math.h>

lido_row_walk lido_pool_rows(const lido_pool_piece *piece) {
    return (lido_row_walk){.grid = piece->grid,
                           .channels = piece->channels,
                           .inputs = piece->map ? 2 : 1,
                           .x = {piece->x, piece->map},
                           .dx = {piece->dx, piece->dmap},
                           .scratch = piece->scratch,
                           .maps = piece->maps};
}

int64_t lido_pool_elements(const lido_pool_piece *piece) {
    const lido_windows *axis = piece->grid->axis;
    return axis[0].outputs * axis[1].outputs * axis[2].outputs * piece->channels;
}

/* ---- exponents ----------------------------------------------------------------------------- */

const char *const lido_learning_names[] = {
    [LIDO_LEARN_NONE] = "none",
    [LIDO_LEARN_LAYER] = "layer",
    [LIDO_LEARN_CHANNEL] = "channel",
    NULL,
};

/* The exponent of a weight, the other way round, and its derivative. */
typedef struct exponent_map {
    const char *name;
    double (*of_weight)(double w);
    double (*to_weight)(double value);
    double (*slope)(double w);
} exponent_map;

/* 1 + ln(1 + e^w), written so that neither end overflows. */
static double one_and_more(double w) {
    return 1 + fmax(w, 0) + log1p(exp(-fabs(w)));
}

static double one_and_more_inverse(double p) {
    return p - 1 + log(-expm1(1 - p));
}

static double logistic(double w) {
    return 1 / (1 + exp(-w));
}

static const exponent_map maps[] = {
    [LIDO_EXPONENT_ABOVE_ONE] = {"raw_p", one_and_more, one_and_more_inverse, logistic},
    [LIDO_EXPONENT_POSITIVE] = {"log_r", exp, log, exp},
};

lido_status lido_exponent_infer(const lido_exponent *exponent, const lido_site *site,
                                lido_pool_demand *demand, lido_error *error) {
    const exponent_map *map = &maps[exponent->range];
    if (exponent->learn == LIDO_LEARN_NONE) return LIDO_OK;
    if (exponent->range == LIDO_EXPONENT_ABOVE_ONE && exponent->value <= 1)
        return lido_fail(error, LIDO_SPEC,
                         "\"p\" is %g, allowed where it is learned: above 1, which it approaches "
                         "but never reaches",
                         exponent->value);
    demand->params = 1;
    demand->param[0] =
        (lido_param){.name = map->name,
                     .rank = 1,
                     .dim = {exponent->learn == LIDO_LEARN_CHANNEL ? site->x->channels : 1},
                     .init = LIDO_INIT_CONSTANT,
                     .value = map->to_weight(exponent->value)};
    return LIDO_OK;
}

void lido_exponent_values(const lido_exponent *exponent, const lido_pool_piece *piece,
                          lido_real *spread) {
    const bool each = exponent->learn == LIDO_LEARN_CHANNEL;
    lido_real value = (lido_real)exponent->value;
    if (exponent->learn == LIDO_LEARN_LAYER)
        value = (lido_real)maps[exponent->range].of_weight((double)piece->w[0][0]);
    for (int64_t c = 0; each && c < piece->channels; c++)
        spread[c] = (lido_real)maps[exponent->range].of_weight((double)piece->w[0][c]);
    lido_row_spread(each ? spread : &value, each ? piece->channels : 1, piece->channels, spread);
}

/* Outputs first <= o < last, at most, of channel c. */
static double sum_products(const lido_pool_piece *piece, const lido_real *slope, int64_t first,
                           int64_t last, int64_t c) {
    double sum = 0;
    for (int64_t o = first; o < last; o++) {
        const int64_t i = o * piece->channels + c;
        sum += (double)piece->dy[i] * (double)slope[i];
    }
    return sum;
}

void lido_exponent_gradient(const lido_exponent *exponent, const lido_pool_piece *piece,
                            const lido_real *slope) {
    const lido_windows *axis = piece->grid->axis;
    const lido_box *box = &piece->box;
    for (int64_t c = 0; c < piece->channels; c++) {
        const int64_t j = exponent->learn == LIDO_LEARN_CHANNEL ? c : 0;
        double sum = 0;
        for (int64_t od = box->first[0]; od < box->last[0]; od++)
            for (int64_t oh = box->first[1]; oh < box->last[1]; oh++) {
                const int64_t row = (od * axis[1].outputs + oh) * axis[2].outputs;
                sum += sum_products(piece, slope, row + box->first[2], row + box->last[2], c);
            }
        piece->dw[0][j] += sum * maps[exponent->range].slope((double)piece->w[0][j]);
    }
}
