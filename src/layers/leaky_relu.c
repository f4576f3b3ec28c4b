/* leaky_relu.c - the leaky rectifier, y = x for x > 0 and slope x otherwise. */
#include <lido/layer.h>

#include "kernels/clones.h"
#include "layers/blocks.h"

#include <math.h>

typedef struct leaky_relu {
    double slope;
} leaky_relu;

/* With a slope below zero the sign of y would not tell the sign of x. */
static const lido_option options[] = {
    {"slope", LIDO_OPTION_REAL, offsetof(leaky_relu, slope), "0.01", 0, INFINITY, NULL, NULL,
     "factor of inputs below zero"},
    {0},
};

static lido_status infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    (void)error;
    needs->y = site->x[0];
    needs->backward_reads_y = true;
    needs->in_place = true;
    needs->nonnegative = site->x_nonnegative[0];
    return LIDO_OK;
}

LIDO_CLONES
static void rectify(const lido_real *x, int64_t count, lido_real slope, lido_real *y) {
    for (int64_t i = 0; i < count; i++) y[i] = x[i] > 0 ? x[i] : slope * x[i];
}

LIDO_CLONES
static void scale(const lido_real *y, const lido_real *dy, int64_t count, lido_real slope,
                  lido_real *dx) {
    for (int64_t i = 0; i < count; i++) dx[i] = y[i] > 0 ? dy[i] : slope * dy[i];
}

static lido_real slope_of(const lido_call *call) {
    return (lido_real)((const leaky_relu *)call->config)->slope;
}

static void forward_block(const lido_call *call, int64_t first, int64_t count) {
    rectify(call->x[0] + first, count, slope_of(call), call->y + first);
}

static void backward_block(const lido_call *call, int64_t first, int64_t count) {
    scale(call->y + first, call->dy + first, count, slope_of(call), call->dx[0] + first);
}

static void forward(const lido_call *call) {
    lido_each_block(call, lido_call_elements(call), 1, forward_block);
}

static void backward(const lido_call *call) {
    if (call->dx[0]) lido_each_block(call, lido_call_elements(call), 1, backward_block);
}

const lido_layer lido_layer_leaky_relu = {
    .name = "leaky_relu",
    .doc = "leaky rectifier: x above zero, slope x below",
    .options = options,
    .config_size = sizeof(leaky_relu),
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
