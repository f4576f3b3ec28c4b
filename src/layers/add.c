/* add.c - the sum of several maps of one shape: the joint of a residual block. */
#include <lido/layer.h>

#include "kernels/clones.h"
#include "layers/blocks.h"

#include <string.h>

static lido_status infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    needs->y = site->x[0];
    needs->nonnegative = true;
    for (int i = 0; i < site->inputs; i++) {
        needs->nonnegative &= site->x_nonnegative[i];
        if (lido_shape_equal(&site->x[i], &site->x[0])) continue;
        char first[64], other[64];
        return lido_fail(error, LIDO_SHAPE,
                         "input %d is %s, but the first is %s: add takes one shape", i + 1,
                         lido_shape_text(&site->x[i], other, sizeof other),
                         lido_shape_text(&site->x[0], first, sizeof first));
    }
    return LIDO_OK;
}

LIDO_CLONES
static void sum(const lido_real *a, const lido_real *b, int64_t count, lido_real *y) {
    for (int64_t i = 0; i < count; i++) y[i] = a[i] + b[i];
}

static void forward_block(const lido_call *call, int64_t first, int64_t count) {
    lido_real *y = call->y + first;
    sum(call->x[0] + first, call->x[1] + first, count, y);
    for (int i = 2; i < call->inputs; i++) sum(y, call->x[i] + first, count, y);
}

static void backward_block(const lido_call *call, int64_t first, int64_t count) {
    for (int i = 0; i < call->inputs; i++)
        if (call->dx[i])
            memcpy(call->dx[i] + first, call->dy + first, (size_t)count * sizeof *call->dy);
}

static void forward(const lido_call *call) {
    lido_each_block(call, lido_call_elements(call), 1, forward_block);
}

static void backward(const lido_call *call) {
    lido_each_block(call, lido_call_elements(call), 1, backward_block);
}

const lido_layer lido_layer_add = {
    .name = "add",
    .doc = "sum of inputs of the same shape",
    .min_inputs = 2,
    .max_inputs = LIDO_MAX_INPUTS,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
