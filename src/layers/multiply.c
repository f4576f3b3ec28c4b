/* multiply.c - the product of two maps of one shape, or of a map and one factor for each channel
 * (the joint of channel attention). */
#include <lido/layer.h>

#include "base/team.h"
#include "kernels/channel_sums.h"
#include "kernels/clones.h"
#include "layers/blocks.h"

static bool is_per_channel(const lido_shape *map, const lido_shape *factor) {
    return map->rank > 0 && factor->channels == map->channels && lido_shape_positions(factor) == 1;
}

static lido_status infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    const lido_shape *a = &site->x[0], *b = &site->x[1];
    needs->y = *a;
    needs->nonnegative = site->x_nonnegative[0] && site->x_nonnegative[1];
    needs->backward_reads_x = true;
    if (is_per_channel(a, b)) needs->scratch_worker = (size_t)a->channels * sizeof(double);
    if (lido_shape_equal(a, b) || is_per_channel(a, b)) return LIDO_OK;
    char first[64], second[64];
    return lido_fail(
        error, LIDO_SHAPE,
        "multiply takes two inputs of one shape, or a map and a vector of its channels, "
        "not %s and %s",
        lido_shape_text(a, first, sizeof first), lido_shape_text(b, second, sizeof second));
}

/* ---- same shape ---------------------------------------------------------------------------- */

LIDO_CLONES
static void product(const lido_real *a, const lido_real *b, int64_t count, lido_real *y) {
    for (int64_t i = 0; i < count; i++) y[i] = a[i] * b[i];
}

static void forward_block(const lido_call *call, int64_t first, int64_t count) {
    product(call->x[0] + first, call->x[1] + first, count, call->y + first);
}

static void backward_block(const lido_call *call, int64_t first, int64_t count) {
    const lido_real *dy = call->dy + first;
    if (call->dx[0]) product(dy, call->x[1] + first, count, call->dx[0] + first);
    if (call->dx[1]) product(dy, call->x[0] + first, count, call->dx[1] + first);
}

/* ---- a factor for each channel ------------------------------------------------------------- */

LIDO_CLONES
static void scale_rows(const lido_real *x, const lido_real *factor, int64_t rows, int64_t channels,
                       lido_real *y) {
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < channels; c++)
            y[r * channels + c] = x[r * channels + c] * factor[c];
}

static void scale_sample(void *context, int64_t n, int worker) {
    (void)worker;
    const lido_call *call = context;
    int64_t channels = call->y_shape->channels, rows = lido_shape_positions(call->y_shape);
    int64_t sample = n * rows * channels;
    scale_rows(call->x[0] + sample, call->x[1] + n * channels, rows, channels, call->y + sample);
}

static void scale_back_sample(void *context, int64_t n, int worker) {
    const lido_call *call = context;
    int64_t channels = call->y_shape->channels, rows = lido_shape_positions(call->y_shape);
    int64_t sample = n * rows * channels;
    const lido_real *dy = call->dy + sample;
    double *sum = (double *)(call->worker_scratch + (size_t)worker * call->worker_stride);
    if (call->dx[0])
        scale_rows(dy, call->x[1] + n * channels, rows, channels, call->dx[0] + sample);
    if (!call->dx[1]) return;
    lido_channel_products(dy, call->x[0] + sample, rows, channels, sum);
    for (int64_t c = 0; c < channels; c++) call->dx[1][n * channels + c] = (lido_real)sum[c];
}

/* ---- the layer ----------------------------------------------------------------------------- */

static void forward(const lido_call *call) {
    if (is_per_channel(&call->x_shape[0], &call->x_shape[1]))
        lido_team_run(call->team, call->batch, scale_sample, (void *)call);
    else
        lido_each_block(call, lido_call_elements(call), 1, forward_block);
}

static void backward(const lido_call *call) {
    if (is_per_channel(&call->x_shape[0], &call->x_shape[1]))
        lido_team_run(call->team, call->batch, scale_back_sample, (void *)call);
    else
        lido_each_block(call, lido_call_elements(call), 1, backward_block);
}

const lido_layer lido_layer_multiply = {
    .name = "multiply",
    .doc = "product of two inputs; the second may be one factor for each channel",
    .min_inputs = 2,
    .max_inputs = 2,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
