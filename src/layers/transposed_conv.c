/* transposed_conv.c - convolution the other way round: each input cell adds its channels, times the
 * weights, to the window of output cells that a convolution would have computed it from,
 *   y[i * stride - before + t * dilation][f] += sum over channels c of x[i][c] * w[t][f][c],
 * plus the bias. It is that convolution's input gradient, and is computed by its code: forward is
 * its backward, the gradient of x its forward, and the gradient of the weights its own, x and y
 * having changed places. The weights (taps, filters / groups, channels) lie as that convolution's.
 */
#include "layers/conv.h"

#include "base/team.h"
#include "kernels/im2col.h"
#include "layers/blocks.h"
#include "layers/upward.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

typedef struct transposed_config {
    int64_t filters, groups;
    lido_axes kernel, stride, dilation, output_padding;
    lido_padding padding;
    bool bias;
    int init;
    int algorithm; /* index into lido_conv_algorithm_names */
} transposed_config;

#define OPTION(field) offsetof(transposed_config, field)

static const lido_option options[] = {
    {"filters", LIDO_OPTION_INT, OPTION(filters), NULL, 1, 1 << 20, .doc = "output channels"},
    {"kernel", LIDO_OPTION_AXES, OPTION(kernel), NULL, 1, 1 << 20, .doc = "window size"},
    {"stride", LIDO_OPTION_AXES, OPTION(stride), "1", 1, 1 << 20,
     .doc = "output cells between the windows of neighbouring input cells"},
    {"dilation", LIDO_OPTION_AXES, OPTION(dilation), "1", 1, 1 << 20,
     .doc = "distance between neighbouring taps"},
    {"padding", LIDO_OPTION_PADDING, OPTION(padding), "\"valid\"",
     .doc = "cells cut off around the output; \"same\": so that it is stride times the input"},
    {"output_padding", LIDO_OPTION_AXES, OPTION(output_padding), "0", 0, 1 << 20,
     .doc = "cells added at the end of the output, fewer than stride or dilation"},
    {"groups", LIDO_OPTION_INT, OPTION(groups), "1", 1, 1 << 20,
     .doc = "channels and filters are split into so many independent convolutions"},
    {"bias", LIDO_OPTION_BOOL, OPTION(bias), "true", .doc = "add a number to each filter"},
    {"init", LIDO_OPTION_CHOICE, OPTION(init), "\"he_normal\"", .choices = lido_init_names,
     .doc = "how the weights start"},
    LIDO_CONV_ALGORITHM_OPTION(OPTION(algorithm)),
    {0},
};

/* The convolution that has our output for its input and our input for its output. Where it would
 * have more outputs (`output_padding` beyond the stride) the last see no cell of ours. */
static lido_status make_conv(const lido_site *site, lido_conv *conv, lido_needs *needs,
                             lido_error *error) {
    const transposed_config *config = site->config;
    const lido_upward wish = {.window = {.kernel = config->kernel,
                                         .stride = config->stride,
                                         .dilation = config->dilation,
                                         .padding = config->padding},
                              .output_padding = config->output_padding};
    *conv = (lido_conv){.channels = config->filters,
                        .filters = site->x->channels,
                        .groups = config->groups,
                        .border = LIDO_BORDER_ZERO};
    if (conv->channels % conv->groups || conv->filters % conv->groups)
        return lido_fail(error, LIDO_SHAPE,
                         "\"groups\" %" PRId64 " must divide the input's channels (%" PRId64
                         ") and \"filters\" (%" PRId64 ")",
                         conv->groups, conv->filters, conv->channels);
    lido_status status = lido_upward_make(&wish, site->x, &conv->geometry, error);
    if (!status) status = lido_upward_shape(&conv->geometry, config->filters, &needs->y, error);
    return status ? status : lido_conv_place(conv, config->algorithm, &needs->tables, error);
}

/* ---- needs ----------------------------------------------------------------------------------- */

/* An output cell is reached by one in `stride` of the taps along each axis. */
static int64_t taps_of_output(const lido_conv *conv) {
    int64_t taps = 1;
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        taps *= (conv->geometry.kernel[a] - 1) / conv->geometry.stride[a] + 1;
    return taps;
}

static lido_status add_params(const lido_conv *conv, const transposed_config *config,
                              lido_needs *needs, lido_error *error) {
    const lido_geometry *g = &conv->geometry;
    const int64_t out = conv->channels / conv->groups, in = conv->filters / conv->groups;
    int64_t fan_out, weights;
    if (!lido_mul(conv->taps, out, &fan_out) || !lido_mul(fan_out, conv->filters, &weights) ||
        weights > INT_MAX)
        return lido_fail(error, LIDO_TOO_LARGE, "more than 2^31 weights");
    lido_param *weight = &needs->param[needs->params++];
    *weight = (lido_param){.name = "weight",
                           .rank = g->rank + 2,
                           .init = (lido_init)config->init,
                           .fan_in = taps_of_output(conv) * in,
                           .fan_out = fan_out,
                           .decay = true};
    for (int i = 0; i < g->rank; i++) weight->dim[i] = g->kernel[LIDO_MAX_AXES - g->rank + i];
    weight->dim[g->rank] = out;
    weight->dim[g->rank + 1] = conv->filters;
    if (config->bias)
        needs->param[needs->params++] = (lido_param){
            .name = "bias", .rank = 1, .dim = {config->filters}, .init = LIDO_INIT_ZEROS};
    return LIDO_OK;
}

/* Bytes of the bias gradient's partial sums, which lie before the convolution's scratch. */
static size_t bias_bytes(const lido_conv *conv) {
    const size_t bytes =
        (size_t)(lido_conv_most_chunks(conv, INT64_MAX) * conv->channels) * sizeof(lido_real);
    return (bytes + 63) / 64 * 64;
}

static lido_status infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    lido_conv conv;
    lido_status status = make_conv(site, &conv, needs, error);
    if (!status) status = add_params(&conv, site->config, needs, error);
    if (status) return status;
    needs->algorithm = conv.algorithm->name;
    needs->backward_reads_x = true;
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        needs->extent[a] =
            (lido_geometry_extent(&conv.geometry, a) - 1) / conv.geometry.stride[a] + 1;
    if (!lido_mul(conv.taps * (conv.channels / conv.groups), lido_shape_size(site->x),
                  &needs->multiply_adds) ||
        !conv.algorithm->memory(&conv, site->batch, needs))
        return lido_fail(error, LIDO_TOO_LARGE, "more work than can be counted");
    needs->scratch += bias_bytes(&conv);
    return LIDO_OK;
}

static void prepare(const lido_site *site, const lido_needs *needs, void *tables) {
    lido_needs ignored = *needs;
    make_conv(site, tables, &ignored, NULL);
    lido_conv_fill(tables);
}

/* ---- running --------------------------------------------------------------------------------- */

/* The call of that convolution: nothing wanted yet, our bias none of its business. */
static lido_call turn(const lido_call *call) {
    lido_call turned = *call;
    turned.x_shape = call->y_shape;
    turned.y_shape = call->x_shape;
    turned.w[1] = NULL;
    turned.dw[0] = turned.dw[1] = NULL;
    turned.scratch = (char *)call->scratch + bias_bytes(call->tables);
    return turned;
}

static void add_bias(const lido_call *call, int64_t first, int64_t count) {
    const int64_t filters = call->y_shape->channels;
    lido_conv_add_bias(call->y + first * filters, count, filters, call->w[1]);
}

static void forward(const lido_call *call) {
    const lido_conv *conv = call->tables;
    lido_call turned = turn(call);
    turned.dy = call->x[0];
    turned.dx = &call->y;
    conv->algorithm->backward(conv, &turned);
    if (call->w[1]) lido_each_block(call, lido_call_rows(call), call->y_shape->channels, add_bias);
}

/* The partial sum over one chunk of images. */
static void sum_bias_chunk(void *context, int64_t chunk, int worker) {
    (void)worker;
    const lido_call *call = context;
    const int64_t filters = call->y_shape->channels, rows = lido_shape_positions(call->y_shape);
    const int64_t images = lido_conv_chunk_images(call->tables, call->batch);
    const int64_t first = chunk * images, left = call->batch - first;
    lido_real *sum = (lido_real *)call->scratch + chunk * filters;
    memset(sum, 0, (size_t)filters * sizeof *sum);
    lido_conv_add_rows(sum, call->dy + first * rows * filters,
                       (left < images ? left : images) * rows, filters, filters);
}

static void sum_bias(const lido_call *call) {
    lido_call copy = *call;
    const int64_t filters = call->y_shape->channels;
    const int64_t chunks = lido_conv_chunks(call->tables, call->batch);
    lido_team_run(call->team, chunks, sum_bias_chunk, &copy);
    memset(call->dw[1], 0, (size_t)filters * sizeof *call->dw[1]);
    lido_conv_add_rows(call->dw[1], call->scratch, chunks, filters, filters);
}

static void backward(const lido_call *call) {
    const lido_conv *conv = call->tables;
    lido_real *unwanted = NULL;
    lido_call turned = turn(call);
    turned.x = &call->dy;
    if (call->dx[0]) {
        turned.y = call->dx[0];
        conv->algorithm->forward(conv, &turned);
    }
    if (!call->dw[0]) return;
    turned.dy = call->x[0];
    turned.dx = &unwanted;
    turned.dw[0] = call->dw[0];
    conv->algorithm->backward(conv, &turned);
    if (call->dw[1]) sum_bias(call);
}

const lido_layer lido_layer_transposed_conv = {
    .name = "transposed_conv",
    .doc = "transposed convolution: each input cell adds to a window of the output",
    .options = options,
    .config_size = sizeof(transposed_config),
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = infer,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
};
