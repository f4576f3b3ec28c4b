/* relu.c - the rectifier, y = max(x, 0), NaN kept. */
#include <lido/layer.h>

#include "kernels/clones.h"
#include "layers/blocks.h"

static lido_status infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    (void)error;
    needs->y = site->x[0];
    needs->backward_reads_y = true;
    needs->in_place = true;
    needs->nonnegative = true;
    needs->rectifies = true;
    return LIDO_OK;
}

LIDO_CLONES
static void rectify(const lido_real *x, int64_t count, lido_real *y) {
    for (int64_t i = 0; i < count; i++) y[i] = x[i] <= 0 ? 0 : x[i];
}

LIDO_CLONES
static void mask(const lido_real *y, const lido_real *dy, int64_t count, lido_real *dx) {
    for (int64_t i = 0; i < count; i++) dx[i] = y[i] > 0 ? dy[i] : 0;
}

static void forward_block(const lido_call *call, int64_t first, int64_t count) {
    rectify(call->x[0] + first, count, call->y + first);
}

static void backward_block(const lido_call *call, int64_t first, int64_t count) {
    mask(call->y + first, call->dy + first, count, call->dx[0] + first);
}

static void forward(const lido_call *call) {
    lido_each_block(call, lido_call_elements(call), 1, forward_block);
}

static void backward(const lido_call *call) {
    if (call->dx[0]) lido_each_block(call, lido_call_elements(call), 1, backward_block);
}

const lido_layer lido_layer_relu = {
    .name = "relu",
    .doc = "rectifier: max(x, 0)",
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
