/* pool_mixture.c - mixtures of the maximum and the average of each window. */
#include "layers/pool_mixture.h"

#include "kernels/clones.h"
#include "kernels/logistic.h"
#include "kernels/pool_blend.h"
#include "kernels/pool_window.h"

#include <string.h>

const char *const lido_sharing_names[LIDO_SHARINGS + 1] = {"none", "layer", "channel", "position",
                                                           NULL};

/* ---- the parameter -------------------------------------------------------------------------- */

static lido_status infer_logit(const lido_site *site, const lido_grid *grid, lido_param *param,
                               lido_error *error) {
    const lido_mixture *config = site->config;
    *param = (lido_param){.name = "logit", .init = LIDO_INIT_CONSTANT};
    if (config->a <= 0 || config->a >= 1)
        return lido_fail(error, LIDO_SPEC,
                         "a is %g, allowed where it is learned: above 0 and below 1", config->a);
    param->value = lido_logit(config->a);
    if (config->learn != LIDO_SHARE_POSITION) {
        param->rank = 1;
        param->dim[0] = config->learn == LIDO_SHARE_CHANNEL ? site->x->channels : 1;
        return LIDO_OK;
    }
    for (int a = LIDO_MAX_AXES - site->x->rank; a < LIDO_MAX_AXES; a++)
        param->dim[param->rank++] = grid->axis[a].outputs;
    return lido_pool_needs_grid(site, LIDO_GRID_POSITIONS,
                                "there is one share for each output position", error);
}

lido_status lido_mixture_infer(const lido_site *site, const lido_grid *grid,
                               lido_pool_demand *demand, lido_error *error) {
    const lido_mixture *config = site->config;
    const int64_t channels = site->x->channels;
    demand->saved = 2 * sizeof(lido_real);
    demand->scratch = lido_blend_scratch(channels) + (size_t)channels * sizeof(lido_real);
    lido_status status = lido_window_check(grid->cells, error);
    if (status || config->learn == LIDO_SHARE_GIVEN) return status;
    demand->params = 1;
    return infer_logit(site, grid, &demand->param[0], error);
}

/* ---- running -------------------------------------------------------------------------------- */

/* Kept of each output: max - average, and the number of the maximum's cell in room for a real. */
static lido_real *differences(const lido_pool_piece *piece) {
    return piece->saved;
}

static uint32_t *cells(const lido_pool_piece *piece) {
    return (uint32_t *)(differences(piece) + lido_grid_outputs(piece->grid) * piece->channels);
}

/* a[C] lies behind what the mixture needs. */
static lido_real *shares(const lido_pool_piece *piece) {
    return (lido_real *)((char *)piece->scratch + lido_blend_scratch(piece->channels));
}

static int sharing_of(const lido_pool_piece *piece) {
    return ((const lido_mixture *)piece->config)->learn;
}

/* a[C] of an output; which one matters to LIDO_SHARE_POSITION only. */
static void fill_shares(const lido_pool_piece *piece, int64_t output, lido_real *a) {
    const lido_mixture *config = piece->config;
    const lido_real *w = piece->w[0];
    lido_real one = (lido_real)config->a;
    if (config->learn == LIDO_SHARE_LAYER) one = lido_logistic(w[0]);
    if (config->learn == LIDO_SHARE_POSITION) one = lido_logistic(w[output]);
    for (int64_t c = 0; c < piece->channels; c++)
        a[c] = config->learn == LIDO_SHARE_CHANNEL ? lido_logistic(w[c]) : one;
}

/* The same, drawn where there are random numbers. */
static void draw_shares(const lido_pool_piece *piece, int64_t output, lido_real *a) {
    fill_shares(piece, output, a);
    for (int64_t c = 0; piece->draws && c < piece->channels; c++)
        a[c] = (lido_real)piece->draws[c] < a[c];
}

void lido_mixture_forward(const lido_pool_piece *piece) {
    const int64_t channels = piece->channels;
    const bool keeps = piece->saved, by_position = sharing_of(piece) == LIDO_SHARE_POSITION;
    lido_real *a = shares(piece);
    lido_walk walk;
    draw_shares(piece, 0, a);
    lido_walk_outputs(&walk, piece->grid, &piece->box);
    while (lido_walk_window(&walk)) {
        const int64_t at = walk.output * channels;
        if (by_position) draw_shares(piece, walk.output, a);
        lido_blend_forward(&walk, piece->x, a, channels, piece->scratch, piece->y + at,
                           keeps ? cells(piece) + at : NULL,
                           keeps ? differences(piece) + at : NULL);
    }
}

void lido_mixture_backward(const lido_pool_piece *piece) {
    const int64_t channels = piece->channels;
    const bool by_position = sharing_of(piece) == LIDO_SHARE_POSITION;
    const uint32_t *where = cells(piece);
    lido_real *a = shares(piece);
    lido_walk walk;
    draw_shares(piece, 0, a);
    lido_walk_inputs(&walk, piece->grid, &piece->box);
    while (lido_walk_window(&walk)) {
        const int64_t at = walk.output * channels;
        if (by_position) draw_shares(piece, walk.output, a);
        lido_blend_backward(&walk, piece->dy + at, a, where + at, channels, piece->scratch,
                            piece->dx);
    }
}

LIDO_CLONES
static void add_products(const lido_real *restrict dy, const lido_real *restrict difference,
                         int64_t channels, double *restrict sum) {
    for (int64_t c = 0; c < channels; c++) sum[c] += (double)dy[c] * (double)difference[c];
}

/* dw[c * each] += sum[c] a (1 - a), the slope of a by the logit being a (1 - a); clears the sum. */
static void fold(double *sum, const lido_real *a, int64_t channels, int each, double *dw) {
    for (int64_t c = 0; c < channels; c++) {
        dw[c * each] += sum[c] * (double)a[c] * (double)(1 - a[c]);
        sum[c] = 0;
    }
}

void lido_mixture_backward_params(const lido_pool_piece *piece) {
    const int64_t channels = piece->channels;
    const bool by_position = sharing_of(piece) == LIDO_SHARE_POSITION;
    const int each = sharing_of(piece) == LIDO_SHARE_CHANNEL;
    double *sum = piece->scratch; /* before the shares */
    lido_real *a = shares(piece);
    lido_walk walk;
    fill_shares(piece, 0, a);
    memset(sum, 0, (size_t)channels * sizeof *sum);
    lido_walk_outputs(&walk, piece->grid, &piece->box);
    while (lido_walk_window(&walk)) {
        const int64_t at = walk.output * channels;
        add_products(piece->dy + at, differences(piece) + at, channels, sum);
        if (!by_position) continue;
        fill_shares(piece, walk.output, a);
        fold(sum, a, channels, 0, piece->dw[0] + walk.output);
    }
    if (!by_position) fold(sum, a, channels, each, piece->dw[0]);
}
