/* softmax.c - y = exp(x) / sum exp(x) over the channels of each position. */
#include <lido/layer.h>

#include "layers/blocks.h"

#include <tgmath.h>

static lido_status infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    (void)error;
    needs->y = site->x[0];
    needs->backward_reads_y = true;
    needs->in_place = true;
    needs->nonnegative = true;
    return LIDO_OK;
}

/* Shifted by the largest, so that nothing overflows; a NaN makes its whole row NaN. */
static void normalize(const lido_real *x, int64_t channels, lido_real *y) {
    lido_real largest = x[0], sum = 0;
    for (int64_t c = 1; c < channels; c++)
        if (x[c] > largest) largest = x[c];
    for (int64_t c = 0; c < channels; c++) sum += y[c] = exp(x[c] - largest);
    for (int64_t c = 0; c < channels; c++) y[c] /= sum;
}

/* dx = y (dy - sum(dy y)) */
static void differentiate(const lido_real *y, const lido_real *dy, int64_t channels,
                          lido_real *dx) {
    lido_real sum = 0;
    for (int64_t c = 0; c < channels; c++) sum += dy[c] * y[c];
    for (int64_t c = 0; c < channels; c++) dx[c] = y[c] * (dy[c] - sum);
}

static void forward_block(const lido_call *call, int64_t first, int64_t count) {
    int64_t channels = call->y_shape->channels;
    for (int64_t row = first; row < first + count; row++)
        normalize(call->x[0] + row * channels, channels, call->y + row * channels);
}

static void backward_block(const lido_call *call, int64_t first, int64_t count) {
    int64_t channels = call->y_shape->channels;
    for (int64_t row = first; row < first + count; row++)
        differentiate(call->y + row * channels, call->dy + row * channels, channels,
                      call->dx[0] + row * channels);
}

static void forward(const lido_call *call) {
    lido_each_block(call, lido_call_rows(call), call->y_shape->channels, forward_block);
}

static void backward(const lido_call *call) {
    if (call->dx[0])
        lido_each_block(call, lido_call_rows(call), call->y_shape->channels, backward_block);
}

const lido_layer lido_layer_softmax = {
    .name = "softmax",
    .doc = "exp(x) / sum exp(x) over the channels of each position",
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
