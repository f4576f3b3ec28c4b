/* conv.c - convolution (cross-correlation, as every framework means it) over one, two or three
 * spatial axes:  y[o][f] = bias[f] + sum over taps t, channels c of x[o * stride - before +
 * t * dilation][c] * w[t][c][f], the padding holding `padding_mode`. With groups, filters of group
 * i see the channels of group i only. How it is computed is one of conv_algorithms.def. */
#include "layers/conv.h"

#include "kernels/im2col.h"

#include <inttypes.h>
#include <limits.h>

#define OPTION(field) offsetof(lido_conv_config, field)

static const lido_option options[] = {
    {"filters", LIDO_OPTION_INT, OPTION(filters), NULL, 1, 1 << 20, .doc = "output channels"},
    {"kernel", LIDO_OPTION_AXES, OPTION(kernel), NULL, 1, 1 << 20, .doc = "window size"},
    {"stride", LIDO_OPTION_AXES, OPTION(stride), "1", 1, 1 << 20, .doc = "step of the window"},
    {"dilation", LIDO_OPTION_AXES, OPTION(dilation), "1", 1, 1 << 20,
     .doc = "distance between neighbouring taps"},
    {"padding", LIDO_OPTION_PADDING, OPTION(padding), "\"valid\"", .doc = "cells added around"},
    {"padding_mode", LIDO_OPTION_CHOICE, OPTION(padding_mode), "\"zero\"",
     .choices = lido_border_names, .doc = "what the added cells hold"},
    {"groups", LIDO_OPTION_INT, OPTION(groups), "1", 1, 1 << 20,
     .doc = "channels and filters are split into so many independent convolutions"},
    {"bias", LIDO_OPTION_BOOL, OPTION(bias), "true", .doc = "add a number to each filter"},
    {"init", LIDO_OPTION_CHOICE, OPTION(init), "\"he_normal\"", .choices = lido_init_names,
     .doc = "how the weights start"},
    LIDO_CONV_ALGORITHM_OPTION(OPTION(algorithm)),
    {0},
};

#define LIDO_CONV_ALGORITHM(name) extern const lido_conv_algorithm lido_conv_##name;
#include "layers/conv_algorithms.def"
#undef LIDO_CONV_ALGORITHM

static const lido_conv_algorithm *const algorithms[] = {
#define LIDO_CONV_ALGORITHM(name) &lido_conv_##name,
#include "layers/conv_algorithms.def"
#undef LIDO_CONV_ALGORITHM
};

const char *const lido_conv_algorithm_names[] = {
    "auto",
#define LIDO_CONV_ALGORITHM(name) #name,
#include "layers/conv_algorithms.def"
#undef LIDO_CONV_ALGORITHM
    NULL,
};

static bool applies(const lido_conv_algorithm *algorithm, const lido_conv *conv) {
    return !algorithm->applicable || algorithm->applicable(conv);
}

static lido_status choose(lido_conv *conv, int wanted, lido_error *error) {
    size_t i = 0;
    if (wanted == 0) {
        while (!applies(algorithms[i], conv) || (algorithms[i]->pays && !algorithms[i]->pays(conv)))
            i++;
    } else {
        i = (size_t)wanted - 1;
        if (!applies(algorithms[i], conv))
            return lido_fail(error, LIDO_SHAPE, "\"algorithm\" \"%s\" does not apply: it needs %s",
                             algorithms[i]->name, algorithms[i]->needs);
    }
    conv->algorithm = algorithms[i];
    return LIDO_OK;
}

const int32_t *lido_conv_source(const lido_conv *conv, int axis) {
    return (const int32_t *)(const void *)((const char *)conv + conv->source_at[axis]);
}

void lido_conv_add_bias(lido_real *restrict y, int64_t rows, int64_t filters,
                        const lido_real *restrict bias) {
    if (!bias) return;
    for (int64_t r = 0; r < rows; r++)
        for (int64_t f = 0; f < filters; f++) y[r * filters + f] += bias[f];
}

lido_status lido_conv_place(lido_conv *conv, int wanted, size_t *tables, lido_error *error) {
    const lido_geometry *g = &conv->geometry;
    conv->positions = g->output[0] * g->output[1] * g->output[2];
    conv->taps = g->kernel[0] * g->kernel[1] * g->kernel[2];
    int64_t at = sizeof(lido_conv);
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        int64_t cells;
        if (g->input[a] > INT32_MAX || !lido_mul(g->output[a], g->kernel[a], &cells) ||
            cells > INT32_MAX)
            return lido_fail(error, LIDO_TOO_LARGE, "an axis of %" PRId64 " cells", g->input[a]);
        conv->source_at[a] = at;
        at += (int64_t)sizeof(int32_t) * cells;
    }
    *tables = (size_t)at;
    return choose(conv, wanted, error);
}

void lido_conv_fill(lido_conv *conv) {
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        lido_im2col_source(&conv->geometry, a, (lido_border)conv->border,
                           (int32_t *)(void *)((char *)conv + conv->source_at[a]));
}

static lido_status check_border(const lido_conv *conv, lido_error *error) {
    const lido_geometry *g = &conv->geometry;
    if (conv->border != LIDO_BORDER_REFLECT && conv->border != LIDO_BORDER_CIRCULAR) return LIDO_OK;
    const int64_t spare = conv->border == LIDO_BORDER_REFLECT ? 1 : 0;
    for (int a = LIDO_MAX_AXES - g->rank; a < LIDO_MAX_AXES; a++) {
        const int64_t most = g->before[a] > g->after[a] ? g->before[a] : g->after[a];
        if (most > g->input[a] - spare)
            return lido_fail(error, LIDO_SHAPE,
                             "\"%s\" padding of %" PRId64 " needs an input longer than %" PRId64
                             " along that axis",
                             lido_border_names[conv->border], most, g->input[a]);
    }
    return LIDO_OK;
}

/* The convolution of a site without its place in memory; all sizes checked. */
static lido_status make_conv(const lido_site *site, lido_conv *conv, size_t *tables,
                             lido_error *error) {
    const lido_conv_config *config = site->config;
    const lido_window_options window = {.kernel = config->kernel,
                                        .stride = config->stride,
                                        .dilation = config->dilation,
                                        .padding = config->padding};
    *conv = (lido_conv){.channels = site->x[0].channels,
                        .filters = config->filters,
                        .groups = config->groups,
                        .border = config->padding_mode,
                        .bias = config->bias};
    lido_status status = lido_geometry_make(&window, &site->x[0], &conv->geometry, error);
    if (status) return status;
    if (conv->channels % conv->groups || conv->filters % conv->groups)
        return lido_fail(error, LIDO_SHAPE,
                         "\"groups\" %" PRId64 " must divide the input's channels (%" PRId64
                         ") and \"filters\" (%" PRId64 ")",
                         conv->groups, conv->channels, conv->filters);
    status = lido_conv_place(conv, config->algorithm, tables, error);
    if (status) return status;
    return check_border(conv, error);
}

static void conv_prepare(const lido_site *site, const lido_needs *needs, void *tables) {
    (void)needs;
    size_t bytes;
    make_conv(site, tables, &bytes, NULL);
    lido_conv_fill(tables);
}

/* dims of a [axes..., channels] shape from three axis lengths. */
static lido_status shape_of(const lido_geometry *g, const int64_t axis[], int64_t channels,
                            lido_shape *shape, lido_error *error) {
    int64_t dims[LIDO_MAX_AXES + 1];
    for (int i = 0; i < g->rank; i++) dims[i] = axis[LIDO_MAX_AXES - g->rank + i];
    dims[g->rank] = channels;
    return lido_shape_make(dims, g->rank + 1, shape, error);
}

static lido_status add_params(const lido_conv *conv, const lido_conv_config *config,
                              lido_needs *needs, lido_error *error) {
    const lido_geometry *g = &conv->geometry;
    const int64_t in = conv->channels / conv->groups;
    int64_t fan_in, fan_out, weights;
    if (!lido_mul(conv->taps, in, &fan_in) || !lido_mul(fan_in, conv->filters, &weights) ||
        !lido_mul(conv->taps, conv->filters / conv->groups, &fan_out) || weights > INT_MAX)
        return lido_fail(error, LIDO_TOO_LARGE, "more than 2^31 weights");
    lido_param *weight = &needs->param[needs->params++];
    *weight = (lido_param){.name = "weight",
                           .rank = g->rank + 2,
                           .init = (lido_init)config->init,
                           .fan_in = fan_in,
                           .fan_out = fan_out,
                           .decay = true};
    for (int i = 0; i < g->rank; i++) weight->dim[i] = g->kernel[LIDO_MAX_AXES - g->rank + i];
    weight->dim[g->rank] = in;
    weight->dim[g->rank + 1] = conv->filters;
    if (config->bias)
        needs->param[needs->params++] = (lido_param){
            .name = "bias", .rank = 1, .dim = {conv->filters}, .init = LIDO_INIT_ZEROS};
    return LIDO_OK;
}

static lido_status conv_infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    lido_conv conv;
    lido_status status = make_conv(site, &conv, &needs->tables, error);
    if (status) return status;
    const lido_geometry *g = &conv.geometry;
    if ((status = shape_of(g, g->output, conv.filters, &needs->y, error))) return status;
    if ((status = add_params(&conv, site->config, needs, error))) return status;
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        needs->extent[a] = lido_geometry_extent(g, a);
        needs->stride[a] = g->stride[a];
    }
    needs->backward_reads_x = true;
    int64_t taps = conv.taps * (conv.channels / conv.groups);
    needs->algorithm = conv.algorithm->name;
    if (!lido_mul(taps, lido_shape_size(&needs->y), &needs->multiply_adds) ||
        !conv.algorithm->memory(&conv, site->batch, needs))
        return lido_fail(error, LIDO_TOO_LARGE, "more work than can be counted");
    return LIDO_OK;
}

static void conv_forward(const lido_call *call) {
    const lido_conv *conv = call->tables;
    conv->algorithm->forward(conv, call);
}

static void conv_backward(const lido_call *call) {
    const lido_conv *conv = call->tables;
    conv->algorithm->backward(conv, call);
}

const lido_layer lido_layer_conv = {
    .name = "conv",
    .doc = "convolution over one, two or three spatial axes",
    .options = options,
    .config_size = sizeof(lido_conv_config),
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = conv_infer,
    .prepare = conv_prepare,
    .forward = conv_forward,
    .backward = conv_backward,
};
