/* conv_direct.c - the obvious loop: the reference every other algorithm is tested against. It
 * always applies and is never the fastest. */
#include "base/team.h"
#include "layers/conv.h"

#include <string.h>

/* One output cell and one tap of it that falls on the input: which rows of x and y they are. */
typedef void (*visit_cell)(const lido_conv *conv, const lido_call *call, int64_t x_row,
                           int64_t y_row, int64_t tap);

static void visit_image(const lido_conv *conv, const lido_call *call, int64_t n, visit_cell visit) {
    const lido_geometry *g = &conv->geometry;
    const int32_t *source[LIDO_MAX_AXES];
    for (int a = 0; a < LIDO_MAX_AXES; a++) source[a] = lido_conv_source(conv, a);
    const int64_t cells = g->input[0] * g->input[1] * g->input[2];
    for (int64_t p = 0; p < conv->positions; p++) {
        const int64_t ow = p % g->output[2], oh = p / g->output[2] % g->output[1];
        const int64_t od = p / (g->output[2] * g->output[1]);
        for (int64_t t = 0; t < conv->taps; t++) {
            const int64_t kw = t % g->kernel[2], kh = t / g->kernel[2] % g->kernel[1];
            const int64_t kd = t / (g->kernel[2] * g->kernel[1]);
            const int64_t d = source[0][od * g->kernel[0] + kd];
            const int64_t h = source[1][oh * g->kernel[1] + kh];
            const int64_t w = source[2][ow * g->kernel[2] + kw];
            if (d < 0 || h < 0 || w < 0) continue;
            visit(conv, call, n * cells + (d * g->input[1] + h) * g->input[2] + w,
                  n * conv->positions + p, t);
        }
    }
}

static void add_forward(const lido_conv *conv, const lido_call *call, int64_t x_row, int64_t y_row,
                        int64_t tap) {
    const int64_t in = conv->channels / conv->groups, out = conv->filters / conv->groups;
    const lido_real *x = call->x[0] + x_row * conv->channels;
    const lido_real *w = call->w[0] + tap * in * conv->filters;
    lido_real *y = call->y + y_row * conv->filters;
    for (int64_t f = 0; f < conv->filters; f++)
        for (int64_t c = 0; c < in; c++) y[f] += x[f / out * in + c] * w[c * conv->filters + f];
}

static void add_backward_data(const lido_conv *conv, const lido_call *call, int64_t x_row,
                              int64_t y_row, int64_t tap) {
    const int64_t in = conv->channels / conv->groups, out = conv->filters / conv->groups;
    const lido_real *dy = call->dy + y_row * conv->filters;
    const lido_real *w = call->w[0] + tap * in * conv->filters;
    lido_real *dx = call->dx[0] + x_row * conv->channels;
    for (int64_t f = 0; f < conv->filters; f++)
        for (int64_t c = 0; c < in; c++) dx[f / out * in + c] += dy[f] * w[c * conv->filters + f];
}

static void add_backward_weights(const lido_conv *conv, const lido_call *call, int64_t x_row,
                                 int64_t y_row, int64_t tap) {
    const int64_t in = conv->channels / conv->groups, out = conv->filters / conv->groups;
    const lido_real *x = call->x[0] + x_row * conv->channels;
    const lido_real *dy = call->dy + y_row * conv->filters;
    lido_real *dw = call->dw[0] + tap * in * conv->filters;
    for (int64_t f = 0; f < conv->filters; f++)
        for (int64_t c = 0; c < in; c++) dw[c * conv->filters + f] += x[f / out * in + c] * dy[f];
}

typedef struct job {
    const lido_conv *conv;
    const lido_call *call;
} job;

static void forward_image(void *context, int64_t n, int worker) {
    (void)worker;
    const job *j = context;
    lido_real *y = j->call->y + n * j->conv->positions * j->conv->filters;
    memset(y, 0, (size_t)(j->conv->positions * j->conv->filters) * sizeof *y);
    visit_image(j->conv, j->call, n, add_forward);
    lido_conv_add_bias(y, j->conv->positions, j->conv->filters, j->call->w[1]);
}

static void backward_image(void *context, int64_t n, int worker) {
    (void)worker;
    const job *j = context;
    const int64_t size = lido_shape_size(j->call->x_shape);
    memset(j->call->dx[0] + n * size, 0, (size_t)size * sizeof(lido_real));
    visit_image(j->conv, j->call, n, add_backward_data);
}

static bool no_memory(const lido_conv *conv, int64_t batch, lido_needs *needs) {
    (void)conv, (void)batch, (void)needs;
    return true;
}

static void forward(const lido_conv *conv, const lido_call *call) {
    lido_team_run(call->team, call->batch, forward_image, &(job){conv, call});
}

static void backward(const lido_conv *conv, const lido_call *call) {
    if (call->dx[0]) lido_team_run(call->team, call->batch, backward_image, &(job){conv, call});
    if (!call->dw[0]) return;
    const int64_t weights = conv->taps * (conv->channels / conv->groups) * conv->filters;
    memset(call->dw[0], 0, (size_t)weights * sizeof(lido_real));
    for (int64_t n = 0; n < call->batch; n++) visit_image(conv, call, n, add_backward_weights);
    if (!call->dw[1]) return;
    memset(call->dw[1], 0, (size_t)conv->filters * sizeof(lido_real));
    for (int64_t r = 0; r < call->batch * conv->positions; r++)
        for (int64_t f = 0; f < conv->filters; f++)
            call->dw[1][f] += call->dy[r * conv->filters + f];
}

const lido_conv_algorithm lido_conv_direct = {
    .name = "direct",
    .doc = "the obvious loop, the reference",
    .memory = no_memory,
    .forward = forward,
    .backward = backward,
};
