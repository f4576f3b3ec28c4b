/* pad.c - cells added around a map: zeros, or the map's own mirrored, repeated at the edge, or
 * taken from the other side. The same rules as the padding of a convolution, as a layer of its own.
 */
#include <lido/layer.h>

#include "kernels/im2col.h"
#include "layers/blocks.h"

#include <inttypes.h>
#include <string.h>

typedef struct pad_config {
    lido_padding padding;
    int mode; /* lido_border */
} pad_config;

static const lido_option options[] = {
    {"padding", LIDO_OPTION_PADDING, offsetof(pad_config, padding), NULL,
     .doc = "cells to add: n, [n per axis] or [[before, after] per axis]"},
    {"mode", LIDO_OPTION_CHOICE, offsetof(pad_config, mode), "\"zero\"",
     .choices = lido_border_names, .doc = "what the added cells hold"},
    {0},
};

/* One axis: which input cell each output cell shows (-1: none), and where the input lies in it. */
typedef struct pad_axis {
    int64_t length, output, before, after;
    const int64_t *source; /* source[output] */
} pad_axis;

/* The tables begin with three of these; the sources follow. */
typedef struct pad_plan {
    pad_axis axis[LIDO_MAX_AXES];
} pad_plan;

static lido_status check_amounts(const lido_site *site, const pad_axis *axis, lido_error *error) {
    const int mode = ((const pad_config *)site->config)->mode;
    const bool mirrored = mode == LIDO_BORDER_REFLECT, around = mode == LIDO_BORDER_CIRCULAR;
    const int64_t most = axis->before > axis->after ? axis->before : axis->after;
    const int64_t allowed = mirrored ? axis->length - 1 : axis->length;
    if (!(mirrored || around) || most <= allowed) return LIDO_OK;
    return lido_fail(error, LIDO_SHAPE,
                     "%" PRId64 " cells of \"%s\" padding on an axis of %" PRId64
                     ", allowed: at most %" PRId64,
                     most, lido_border_names[mode], axis->length, allowed);
}

static lido_status make_plan(const lido_site *site, pad_plan *plan, lido_error *error) {
    const lido_padding *padding = &((const pad_config *)site->config)->padding;
    const lido_shape *x = site->x;
    lido_axes amounts[] = {{.count = padding->count}, {.count = padding->count}};
    int64_t before[LIDO_MAX_AXES], after[LIDO_MAX_AXES];
    if (padding->mode != LIDO_EXPLICIT)
        return lido_fail(error, LIDO_SPEC,
                         "\"padding\" is a word, allowed: n, [n per axis] or [[before, after] per "
                         "axis]");
    if (x->rank == 0)
        return lido_fail(error, LIDO_SHAPE, "padding needs spatial axes, the input is a vector");
    memcpy(amounts[0].at, padding->before, sizeof amounts[0].at);
    memcpy(amounts[1].at, padding->after, sizeof amounts[1].at);
    lido_status status = lido_axes_expand(&amounts[0], x->rank, 0, "padding", before, error);
    if (!status) status = lido_axes_expand(&amounts[1], x->rank, 0, "padding", after, error);
    for (int a = 0; a < LIDO_MAX_AXES && !status; a++) {
        plan->axis[a] = (pad_axis){.length = x->axis[a],
                                   .output = x->axis[a] + before[a] + after[a],
                                   .before = before[a],
                                   .after = after[a]};
        status = check_amounts(site, &plan->axis[a], error);
    }
    return status;
}

static lido_status infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    pad_plan plan = {0};
    lido_status status = make_plan(site, &plan, error);
    if (status) return status;
    int64_t dims[LIDO_MAX_AXES + 1];
    int count = 0;
    for (int a = LIDO_MAX_AXES - site->x->rank; a < LIDO_MAX_AXES; a++)
        dims[count++] = plan.axis[a].output;
    dims[count++] = site->x->channels;
    status = lido_shape_make(dims, count, &needs->y, error);
    if (status) return status;
    needs->tables = sizeof plan;
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        needs->tables += (size_t)plan.axis[a].output * sizeof *plan.axis[a].source;
    needs->nonnegative = site->x_nonnegative[0];
    return LIDO_OK;
}

static void prepare(const lido_site *site, const lido_needs *needs, void *tables) {
    (void)needs;
    pad_plan *plan = tables;
    const pad_config *config = site->config;
    make_plan(site, plan, NULL);
    int64_t *source = (int64_t *)(plan + 1);
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        pad_axis *axis = &plan->axis[a];
        axis->source = source;
        for (int64_t o = 0; o < axis->output; o++)
            *source++ =
                lido_border_index((lido_border)config->mode, o - axis->before, axis->length);
    }
}

/* ---- running ------------------------------------------------------------------------------- */

/* The output cells before the input, then those after it. */
static int64_t border_count(const pad_axis *axis) {
    return axis->before + axis->after;
}

static int64_t border_cell(const pad_axis *axis, int64_t i) {
    return i < axis->before ? i : i + axis->length;
}

static void forward_row(const pad_axis *w, int64_t channels, const lido_real *x, lido_real *y) {
    const size_t cell = (size_t)channels * sizeof *x;
    memcpy(y + w->before * channels, x, (size_t)w->length * cell);
    for (int64_t i = 0; i < border_count(w); i++) {
        int64_t to = border_cell(w, i), from = w->source[to];
        if (from < 0)
            memset(y + to * channels, 0, cell);
        else
            memcpy(y + to * channels, x + from * channels, cell);
    }
}

static void forward_block(const lido_call *call, int64_t first, int64_t count) {
    const pad_axis *d = ((const pad_plan *)call->tables)->axis, *h = d + 1, *w = d + 2;
    const int64_t channels = call->x_shape->channels;
    for (int64_t row = first; row < first + count; row++) {
        int64_t oh = row % h->output, od = row / h->output % d->output;
        int64_t n = row / h->output / d->output;
        lido_real *y = call->y + row * w->output * channels;
        if (d->source[od] < 0 || h->source[oh] < 0) {
            memset(y, 0, (size_t)(w->output * channels) * sizeof *y);
            continue;
        }
        int64_t from = (n * d->length + d->source[od]) * h->length + h->source[oh];
        forward_row(w, channels, call->x[0] + from * w->length * channels, y);
    }
}

static void backward_row(const pad_axis *w, int64_t channels, const lido_real *restrict dy,
                         lido_real *restrict dx) {
    const lido_real *inside = dy + w->before * channels;
    for (int64_t i = 0; i < w->length * channels; i++) dx[i] += inside[i];
    for (int64_t i = 0; i < border_count(w); i++) {
        int64_t from = border_cell(w, i), to = w->source[from];
        if (to < 0) continue;
        for (int64_t c = 0; c < channels; c++) dx[to * channels + c] += dy[from * channels + c];
    }
}

/* Output cell number i of those that may show input cell `to`, or -1 when it does not: first the
 * cell itself, then the border. */
static int64_t reader(const pad_axis *axis, int64_t to, int64_t i) {
    if (i == 0) return to + axis->before;
    int64_t from = border_cell(axis, i - 1);
    return axis->source[from] == to ? from : -1;
}

static void backward_block(const lido_call *call, int64_t first, int64_t count) {
    const pad_axis *d = ((const pad_plan *)call->tables)->axis, *h = d + 1, *w = d + 2;
    const int64_t channels = call->x_shape->channels;
    for (int64_t row = first; row < first + count; row++) {
        int64_t ih = row % h->length, id = row / h->length % d->length;
        int64_t n = row / h->length / d->length;
        lido_real *dx = call->dx[0] + row * w->length * channels;
        memset(dx, 0, (size_t)(w->length * channels) * sizeof *dx);
        for (int64_t i = 0; i <= border_count(d); i++)
            for (int64_t j = 0; j <= border_count(h); j++) {
                int64_t od = reader(d, id, i), oh = reader(h, ih, j);
                if (od < 0 || oh < 0) continue;
                int64_t from = (n * d->output + od) * h->output + oh;
                backward_row(w, channels, call->dy + from * w->output * channels, dx);
            }
    }
}

static void forward(const lido_call *call) {
    const pad_axis *axis = ((const pad_plan *)call->tables)->axis;
    lido_each_block(call, call->batch * axis[0].output * axis[1].output,
                    axis[2].output * call->x_shape->channels, forward_block);
}

static void backward(const lido_call *call) {
    const pad_axis *axis = ((const pad_plan *)call->tables)->axis;
    if (!call->dx[0]) return;
    lido_each_block(call, call->batch * axis[0].length * axis[1].length,
                    axis[2].length * call->x_shape->channels, backward_block);
}

const lido_layer lido_layer_pad = {
    .name = "pad",
    .doc = "cells added around a map",
    .options = options,
    .config_size = sizeof(pad_config),
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = infer,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
};
