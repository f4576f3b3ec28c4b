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
    demand->saved = (config->learn == LIDO_SHARE_GIVEN ? 1 : 2) * sizeof(lido_real);
    demand->scratch =
        lido_blend_scratch(channels) + (size_t)lido_run_elements(channels) * sizeof(lido_real);
    lido_status status = lido_window_check(grid->cells, error);
    if (status || config->learn == LIDO_SHARE_GIVEN) return status;
    demand->params = 1;
    return infer_logit(site, grid, &demand->param[0], error);
}

/* ---- running -------------------------------------------------------------------------------- */

/* The shares of a run, or a[C], lie behind what the mixture needs. */
static lido_real *shares(const lido_pool_piece *piece) {
    return (lido_real *)((char *)piece->scratch + lido_blend_scratch(piece->channels));
}

static int sharing_of(const lido_pool_piece *piece) {
    return ((const lido_mixture *)piece->config)->learn;
}

static bool is_by_position(const lido_pool_piece *piece) {
    return sharing_of(piece) == LIDO_SHARE_POSITION;
}

/* Kept of each output: where a is learned max - average, and the number of the maximum's cell in
 * room for a real. NULL: not kept. */
typedef struct kept {
    lido_real *difference;
    uint32_t *where;
} kept;

/* From an output on. */
static kept kept_of(const lido_pool_piece *piece, int64_t output) {
    const int64_t at = output * piece->channels;
    lido_real *behind = piece->saved;
    kept of = {NULL, NULL};
    if (!piece->saved) return of;
    if (sharing_of(piece) != LIDO_SHARE_GIVEN) {
        of.difference = behind + at;
        behind += lido_grid_outputs(piece->grid) * piece->channels;
    }
    of.where = (uint32_t *)behind + at;
    return of;
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

/* a[] of so many outputs: that of the first for each. */
static void repeat_shares(const lido_pool_piece *piece, int64_t outputs, lido_real *a) {
    const int64_t channels = piece->channels;
    for (int64_t i = channels; i < outputs * channels; i++) a[i] = a[i - channels];
}

static void forward_run(const void *reducer, const lido_run *run) {
    const lido_pool_piece *piece = reducer;
    const int64_t channels = piece->channels, at = run->output * channels;
    const kept keep = kept_of(piece, run->output);
    lido_real *a = shares(piece);
    for (int64_t i = 0; is_by_position(piece) && i < run->windows; i++)
        draw_shares(piece, run->output + i, a + i * channels);
    lido_blend_run(piece->grid, channels, run, piece->x, a, piece->scratch, piece->y + at,
                   keep.where, keep.difference);
}

static void forward_box(const void *reducer, const lido_box *box) {
    const lido_pool_piece *piece = reducer;
    const int64_t channels = piece->channels;
    lido_real *a = shares(piece);
    lido_walk walk;
    lido_walk_outputs(&walk, piece->grid, box);
    while (lido_walk_window(&walk)) {
        const int64_t at = walk.output * channels;
        const kept keep = kept_of(piece, walk.output);
        if (is_by_position(piece)) draw_shares(piece, walk.output, a);
        lido_blend_forward(&walk, piece->x, a, channels, piece->scratch, piece->y + at, keep.where,
                           keep.difference);
    }
}

/* What every output shares stands in a[] all the while. */
void lido_mixture_forward(const lido_pool_piece *piece) {
    const lido_run_visitor visitor = {.grid = piece->grid,
                                      .channels = piece->channels,
                                      .reducer = piece,
                                      .run = forward_run,
                                      .box = forward_box};
    const int64_t most = lido_run_elements(piece->channels) / piece->channels;
    draw_shares(piece, 0, shares(piece));
    repeat_shares(piece, most, shares(piece));
    lido_runs_forward(&visitor, &piece->box);
}

void lido_mixture_backward(const lido_pool_piece *piece) {
    const int64_t channels = piece->channels;
    const bool by_position = is_by_position(piece);
    lido_real *a = shares(piece);
    lido_walk walk;
    draw_shares(piece, 0, a);
    lido_walk_inputs(&walk, piece->grid, &piece->box);
    while (lido_walk_window(&walk)) {
        const int64_t at = walk.output * channels;
        if (by_position) draw_shares(piece, walk.output, a);
        lido_blend_backward(&walk, piece->dy + at, a, kept_of(piece, walk.output).where, channels,
                            piece->scratch, piece->dx);
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
    const bool by_position = is_by_position(piece);
    const int each = sharing_of(piece) == LIDO_SHARE_CHANNEL;
    double *sum = piece->scratch; /* before the shares */
    lido_real *a = shares(piece);
    lido_walk walk;
    fill_shares(piece, 0, a);
    memset(sum, 0, (size_t)channels * sizeof *sum);
    lido_walk_outputs(&walk, piece->grid, &piece->box);
    while (lido_walk_window(&walk)) {
        const int64_t at = walk.output * channels;
        add_products(piece->dy + at, kept_of(piece, walk.output).difference, channels, sum);
        if (!by_position) continue;
        fill_shares(piece, walk.output, a);
        fold(sum, a, channels, 0, piece->dw[0] + walk.output);
    }
    if (!by_position) fold(sum, a, channels, each, piece->dw[0]);
}
