/* batch_norm.c - batch normalisation (Ioffe & Szegedy 2015): every channel is brought to mean 0 and
 * variance 1 over the batch and its positions, then scaled and shifted by learned numbers. In
 * evaluation the running statistics take the batch's place.
 *
 * Statistics are summed in double, in blocks of rows fixed by the number of channels, and the
 * blocks are added in order. A single value has variance 0 and leaves the running variance alone:
 * whoever trains sees to it that a batch has more. */
#include <lido/layer.h>

#include "kernels/channel_sums.h"
#include "kernels/clones.h"
#include "layers/blocks.h"

#include <math.h>

typedef struct batch_norm {
    double eps, momentum;
    bool affine;
} batch_norm;

static const lido_option options[] = {
    {"eps", LIDO_OPTION_REAL, offsetof(batch_norm, eps), "1e-5", 0, INFINITY, NULL, NULL,
     "added to the variance before its root is taken"},
    {"momentum", LIDO_OPTION_REAL, offsetof(batch_norm, momentum), "0.1", 0, 1, NULL, NULL,
     "weight of the newest batch in the running statistics"},
    {"affine", LIDO_OPTION_BOOL, offsetof(batch_norm, affine), "true", 0, 0, NULL, NULL,
     "learn a scale and a shift for each channel"},
    {0},
};

/* ---- memory -------------------------------------------------------------------------------- */

/* Numbers of a channel repeat with a period: that of the channels or, where these are few, of
 * several rows, so that the loops over them are long enough to vectorise. */
enum { PERIOD = 64 };

static int64_t period_of(int64_t channels) {
    return channels < PERIOD ? PERIOD / channels * channels : channels;
}

enum { COEFFICIENTS = 4 };

/* The scratch of one call. */
typedef struct workspace {
    int64_t rows, channels, blocks, period;
    double *sum;                          /* (blocks, 2, C) */
    lido_real *coefficient[COEFFICIENTS]; /* (period) each */
} workspace;

static workspace workspace_of(const lido_call *call) {
    int64_t rows = lido_call_rows(call), channels = call->y_shape->channels;
    workspace w = {rows,          channels, lido_block_count(rows, channels), period_of(channels),
                   call->scratch, {0}};
    lido_real *next = (lido_real *)(w.sum + 2 * w.blocks * channels);
    for (int i = 0; i < COEFFICIENTS; i++, next += w.period) w.coefficient[i] = next;
    return w;
}

static size_t workspace_size(int64_t rows, int64_t channels) {
    return (size_t)(2 * lido_block_count(rows, channels) * channels) * sizeof(double) +
           (size_t)(COEFFICIENTS * period_of(channels)) * sizeof(lido_real);
}

/* The sums of the block that begins at row `first`. */
static double *block_sums(const lido_call *call, int64_t first) {
    int64_t channels = call->y_shape->channels;
    return (double *)call->scratch + first / lido_block_rows(channels) * 2 * channels;
}

/* Adds the blocks' sums to those of block 0, in order. */
static void add_blocks(const workspace *w) {
    for (int64_t block = 1; block < w->blocks; block++)
        for (int64_t i = 0; i < 2 * w->channels; i++)
            w->sum[i] += w->sum[block * 2 * w->channels + i];
}

static void repeat_coefficients(const workspace *w) {
    for (int i = 0; i < COEFFICIENTS; i++)
        for (int64_t l = w->channels; l < w->period; l++)
            w->coefficient[i][l] = w->coefficient[i][l - w->channels];
}

/* What a training forward leaves for its backward. */
static lido_real *saved_mean(const lido_call *call) {
    return call->saved;
}

static lido_real *saved_inverse(const lido_call *call) {
    return saved_mean(call) + call->y_shape->channels;
}

/* ---- infer --------------------------------------------------------------------------------- */

static lido_status infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    const batch_norm *config = site->config;
    const lido_shape *x = &site->x[0];
    int64_t channels = x->channels, elements;
    if (!lido_mul(site->batch, lido_shape_size(x), &elements) || elements > LIDO_MAX_ELEMENTS)
        return lido_fail(error, LIDO_TOO_LARGE, "a batch of %lld is too large to normalise",
                         (long long)site->batch);
    needs->y = *x;
    needs->params = config->affine ? 2 : 0;
    needs->param[0] = (lido_param){
        .name = "scale", .rank = 1, .dim = {channels}, .init = LIDO_INIT_CONSTANT, .value = 1};
    needs->param[1] =
        (lido_param){.name = "shift", .rank = 1, .dim = {channels}, .init = LIDO_INIT_ZEROS};
    needs->states = 2;
    needs->state[0] =
        (lido_param){.name = "mean", .rank = 1, .dim = {channels}, .init = LIDO_INIT_ZEROS};
    needs->state[1] = (lido_param){
        .name = "variance", .rank = 1, .dim = {channels}, .init = LIDO_INIT_CONSTANT, .value = 1};
    needs->saved = 2 * (size_t)channels * sizeof(lido_real);
    needs->scratch = workspace_size(elements / channels, channels);
    needs->backward_reads_x = true;
    return LIDO_OK;
}

/* ---- forward ------------------------------------------------------------------------------- */

static void sum_block(const lido_call *call, int64_t first, int64_t count) {
    int64_t channels = call->y_shape->channels;
    double *sum = block_sums(call, first);
    lido_channel_moments(call->x[0] + first * channels, call->x[0], count, channels, sum,
                         sum + channels);
}

static void update_running(const lido_call *call, int64_t c, double mean, double variance,
                           int64_t rows) {
    double new = ((const batch_norm *)call->config)->momentum, old = 1 - new;
    lido_real *running_mean = &call->state[0][c], *running_variance = &call->state[1][c];
    *running_mean = (lido_real)(old * (double)*running_mean + new *mean);
    if (rows == 1) return;
    double unbiased = variance * (double)rows / (double)(rows - 1);
    *running_variance = (lido_real)(old * (double)*running_variance + new *unbiased);
}

/* The statistics of the batch; its first row is the origin the sums were taken from. */
static void measure_batch(const lido_call *call, const workspace *w) {
    double eps = ((const batch_norm *)call->config)->eps, rows = (double)w->rows;
    lido_each_block(call, w->rows, w->channels, sum_block);
    add_blocks(w);
    for (int64_t c = 0; c < w->channels; c++) {
        double offset = w->sum[c] / rows, mean = (double)call->x[0][c] + offset;
        double variance = fmax(w->sum[w->channels + c] / rows - offset * offset, 0);
        saved_mean(call)[c] = (lido_real)mean;
        saved_inverse(call)[c] = (lido_real)(1 / sqrt(variance + eps));
        update_running(call, c, mean, variance, w->rows);
    }
}

enum { MEAN, SCALE, SHIFT }; /* coefficients of the forward pass */

static void set_forward(const lido_call *call, const workspace *w) {
    double eps = ((const batch_norm *)call->config)->eps;
    for (int64_t c = 0; c < w->channels; c++) {
        lido_real inverse = call->training ? saved_inverse(call)[c]
                                           : (lido_real)(1 / sqrt((double)call->state[1][c] + eps));
        w->coefficient[MEAN][c] = call->training ? saved_mean(call)[c] : call->state[0][c];
        w->coefficient[SCALE][c] = call->w[0] ? call->w[0][c] * inverse : inverse;
        w->coefficient[SHIFT][c] = call->w[1] ? call->w[1][c] : 0;
    }
    repeat_coefficients(w);
}

LIDO_CLONES
static void normalize(const lido_real *x, const lido_real *mean, const lido_real *scale,
                      const lido_real *shift, int64_t count, lido_real *y) {
    for (int64_t i = 0; i < count; i++) y[i] = (x[i] - mean[i]) * scale[i] + shift[i];
}

static void forward_block(const lido_call *call, int64_t first, int64_t count) {
    workspace w = workspace_of(call);
    int64_t end = (first + count) * w.channels;
    for (int64_t i = first * w.channels; i < end; i += w.period)
        normalize(call->x[0] + i, w.coefficient[MEAN], w.coefficient[SCALE], w.coefficient[SHIFT],
                  end - i < w.period ? end - i : w.period, call->y + i);
}

static void forward(const lido_call *call) {
    workspace w = workspace_of(call);
    if (call->training) measure_batch(call, &w);
    set_forward(call, &w);
    lido_each_block(call, w.rows, w.channels, forward_block);
}

/* ---- backward ------------------------------------------------------------------------------ */

static void sum_gradient_block(const lido_call *call, int64_t first, int64_t count) {
    int64_t channels = call->y_shape->channels;
    double *sum = block_sums(call, first);
    lido_channel_covariances(call->dy + first * channels, call->x[0] + first * channels,
                             saved_mean(call), count, channels, sum, sum + channels);
}

enum { CENTRE, GAIN, SLOPE, OFFSET }; /* coefficients of the backward pass */

/* With u = (x - mean) / deviation: dscale = sum dy u, dshift = sum dy, and
 * dx = scale / deviation (dy - dshift / rows - u dscale / rows). */
static void set_backward(const lido_call *call, const workspace *w) {
    double rows = (double)w->rows;
    for (int64_t c = 0; c < w->channels; c++) {
        double inverse = (double)saved_inverse(call)[c];
        double dshift = w->sum[c], dscale = w->sum[w->channels + c] * inverse;
        double gain = call->w[0] ? (double)call->w[0][c] * inverse : inverse;
        w->coefficient[CENTRE][c] = saved_mean(call)[c];
        w->coefficient[GAIN][c] = (lido_real)gain;
        w->coefficient[SLOPE][c] = (lido_real)(gain * inverse * dscale / rows);
        w->coefficient[OFFSET][c] = (lido_real)(gain * dshift / rows);
        if (call->dw[0]) call->dw[0][c] = (lido_real)dscale;
        if (call->dw[1]) call->dw[1][c] = (lido_real)dshift;
    }
    repeat_coefficients(w);
}

LIDO_CLONES
static void differentiate(const lido_real *x, const lido_real *dy, const workspace *w,
                          int64_t count, lido_real *dx) {
    const lido_real *centre = w->coefficient[CENTRE], *gain = w->coefficient[GAIN];
    const lido_real *slope = w->coefficient[SLOPE], *offset = w->coefficient[OFFSET];
    for (int64_t i = 0; i < count; i++)
        dx[i] = dy[i] * gain[i] - (x[i] - centre[i]) * slope[i] - offset[i];
}

static void backward_block(const lido_call *call, int64_t first, int64_t count) {
    workspace w = workspace_of(call);
    int64_t end = (first + count) * w.channels;
    for (int64_t i = first * w.channels; i < end; i += w.period)
        differentiate(call->x[0] + i, call->dy + i, &w, end - i < w.period ? end - i : w.period,
                      call->dx[0] + i);
}

static void backward(const lido_call *call) {
    workspace w = workspace_of(call);
    lido_each_block(call, w.rows, w.channels, sum_gradient_block);
    add_blocks(&w);
    set_backward(call, &w);
    if (call->dx[0]) lido_each_block(call, w.rows, w.channels, backward_block);
}

const lido_layer lido_layer_batch_norm = {
    .name = "batch_norm",
    .doc = "batch normalisation of each channel, with running statistics for evaluation",
    .options = options,
    .config_size = sizeof(batch_norm),
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
