/* concat.c - several maps side by side along the channels: the joint of an inception block. */
#include <lido/layer.h>

#include "layers/blocks.h"

#include <string.h>

static bool same_positions(const lido_shape *a, const lido_shape *b) {
    return a->rank == b->rank && memcmp(a->axis, b->axis, sizeof a->axis) == 0;
}

static lido_status infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    const lido_shape *x = site->x;
    int64_t dims[LIDO_MAX_AXES + 1], channels = 0;
    needs->nonnegative = true;
    for (int i = 0; i < site->inputs; i++) {
        channels += x[i].channels;
        needs->nonnegative &= site->x_nonnegative[i];
        if (same_positions(&x[i], &x[0])) continue;
        char first[64], other[64];
        return lido_fail(error, LIDO_SHAPE,
                         "input %d is %s, but the first is %s: concat takes maps that differ in "
                         "their channels alone",
                         i + 1, lido_shape_text(&x[i], other, sizeof other),
                         lido_shape_text(&x[0], first, sizeof first));
    }
    for (int i = 0; i < x[0].rank; i++) dims[i] = x[0].axis[LIDO_MAX_AXES - x[0].rank + i];
    dims[x[0].rank] = channels;
    return lido_shape_make(dims, x[0].rank + 1, &needs->y, error);
}

static void forward_block(const lido_call *call, int64_t first, int64_t count) {
    int64_t width = call->y_shape->channels, offset = 0;
    for (int i = 0; i < call->inputs; i++) {
        int64_t channels = call->x_shape[i].channels;
        for (int64_t row = first; row < first + count; row++)
            memcpy(call->y + row * width + offset, call->x[i] + row * channels,
                   (size_t)channels * sizeof(lido_real));
        offset += channels;
    }
}

static void backward_block(const lido_call *call, int64_t first, int64_t count) {
    int64_t width = call->y_shape->channels, offset = 0;
    for (int i = 0; i < call->inputs; i++) {
        int64_t channels = call->x_shape[i].channels;
        for (int64_t row = first; call->dx[i] && row < first + count; row++)
            memcpy(call->dx[i] + row * channels, call->dy + row * width + offset,
                   (size_t)channels * sizeof(lido_real));
        offset += channels;
    }
}

static void forward(const lido_call *call) {
    lido_each_block(call, lido_call_rows(call), call->y_shape->channels, forward_block);
}

static void backward(const lido_call *call) {
    lido_each_block(call, lido_call_rows(call), call->y_shape->channels, backward_block);
}

const lido_layer lido_layer_concat = {
    .name = "concat",
    .doc = "inputs side by side along the channels",
    .min_inputs = 2,
    .max_inputs = LIDO_MAX_INPUTS,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
