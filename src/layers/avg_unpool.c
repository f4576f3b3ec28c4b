/* avg_unpool.c - average pooling backwards: each input value is spread over its window of the
 * output, divided by what average pooling of that output would divide by; windows that overlap add
 * up, cells in no window are zero. It is the transpose of that pooling, so forward is its backward
 * and backward its forward, on the same kernels. */
#include <lido/layer.h>

#include "kernels/pool_mean.h"
#include "layers/upward.h"

typedef struct unpool_config {
    lido_axes kernel, stride, output_size;
    lido_padding padding;
    int count_include_pad; /* -1: not written */
} unpool_config;

static const lido_option options[] = {
    {"kernel", LIDO_OPTION_AXES, offsetof(unpool_config, kernel), NULL, 1, 1 << 20,
     .doc = "size of a window"},
    {"stride", LIDO_OPTION_AXES, offsetof(unpool_config, stride), "null", 1, 1 << 20,
     .doc = "step of the window (default: the kernel)"},
    {"padding", LIDO_OPTION_PADDING, offsetof(unpool_config, padding), "\"valid\"",
     .doc = "cells around the output that windows reach; \"same\": stride times the input"},
    {"output_size", LIDO_OPTION_SIZES, offsetof(unpool_config, output_size), "null", 1, 1 << 30,
     .doc = "less than a stride from what the windows come to (null: that)"},
    {"count_include_pad", LIDO_OPTION_FLAG, offsetof(unpool_config, count_include_pad), "null",
     .doc = "padding counts in the divisor (default: unless it is \"same\")"},
    {0},
};

/* The tables begin with this; windows and cell list follow. */
typedef struct unpool_plan {
    lido_upward_plan up;
    lido_mean mean;
} unpool_plan;

static lido_status make_plan(const lido_site *site, unpool_plan *plan, lido_needs *needs,
                             lido_error *error) {
    const unpool_config *config = site->config;
    const lido_upward wish = {.window = {.kernel = config->kernel,
                                         .stride = config->stride,
                                         .padding = config->padding,
                                         .stride_is_kernel = true},
                              .output_size = config->output_size};
    const bool padded = config->count_include_pad < 0 ? config->padding.mode == LIDO_EXPLICIT
                                                      : config->count_include_pad == 1;
    lido_geometry *g = &plan->up.geometry;
    plan->mean = (lido_mean){.divisor = padded ? LIDO_BY_PADDED : LIDO_BY_CELLS};
    lido_status status = lido_upward_make(&wish, site->x, g, error);
    if (!status) status = lido_upward_shape(g, site->x->channels, &needs->y, error);
    return status ? status : lido_upward_plan_make(&plan->up, &needs->y, error);
}

static lido_status infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    unpool_plan plan;
    lido_status status = make_plan(site, &plan, needs, error);
    if (status) return status;
    const lido_geometry *g = &plan.up.geometry;
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        needs->extent[a] = (g->kernel[a] - 1) / g->stride[a] + 1;
    needs->tables = sizeof plan + lido_upward_tables(&plan.up);
    needs->scratch_worker = lido_mean_scratch(site->x->channels);
    needs->nonnegative = site->x_nonnegative[0];
    return LIDO_OK;
}

static void prepare(const lido_site *site, const lido_needs *needs, void *tables) {
    unpool_plan *plan = tables;
    lido_needs ignored = *needs;
    make_plan(site, plan, &ignored, NULL);
    lido_upward_fill(&plan->up, plan + 1);
}

static void forward_piece(void *context, int64_t index, int worker) {
    const lido_call *call = context;
    const unpool_plan *plan = call->tables;
    const lido_upward_piece piece = lido_upward_piece_of(&plan->up.y, index);
    lido_real *y = lido_upward_clear(&plan->up, call, &piece);
    lido_mean_backward(&plan->mean, call->x[0] + piece.sample * lido_shape_size(call->x_shape),
                       &plan->up.grid, call->y_shape->channels, &piece.box,
                       lido_upward_scratch(call, worker), y);
}

static void backward_piece(void *context, int64_t index, int worker) {
    const lido_call *call = context;
    const unpool_plan *plan = call->tables;
    const lido_upward_piece piece = lido_upward_piece_of(&plan->up.x, index);
    lido_mean_forward(&plan->mean, call->dy + piece.sample * lido_shape_size(call->y_shape),
                      &plan->up.grid, call->y_shape->channels, &piece.box,
                      lido_upward_scratch(call, worker),
                      call->dx[0] + piece.sample * lido_shape_size(call->x_shape));
}

static void forward(const lido_call *call) {
    lido_upward_run(call, &((const unpool_plan *)call->tables)->up.y, forward_piece);
}

static void backward(const lido_call *call) {
    if (call->dx[0])
        lido_upward_run(call, &((const unpool_plan *)call->tables)->up.x, backward_piece);
}

const lido_layer lido_layer_avg_unpool = {
    .name = "avg_unpool",
    .doc = "average pooling backwards: each value spread over its window",
    .options = options,
    .config_size = sizeof(unpool_config),
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = infer,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
};
