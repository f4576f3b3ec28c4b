/* squeeze_excite.c - channel attention (Hu et al. 2018) as one layer: with m the mean of each
 * channel over the map and r the reduction,
 *   h = relu(m W1 + b1) of C / r numbers,   s = sigmoid(h W2 + b2) of C,   y = x s
 * It is the graph of avg_pool (global), dense, dense and multiply without their arrays. A sample's
 * products with the weights are small, so each is computed by itself and whatever its batch. */
#include <lido/layer.h>

#include "base/team.h"
#include "kernels/channel_sums.h"
#include "kernels/clones.h"

#include <inttypes.h>
#include <string.h>
#include <tgmath.h>

typedef struct excite_config {
    int64_t reduction;
    int init;
} excite_config;

static const lido_option options[] = {
    {"reduction", LIDO_OPTION_INT, offsetof(excite_config, reduction), "16", 1, 1 << 20,
     .doc = "the hidden vector is so many times shorter than the channels"},
    {"init", LIDO_OPTION_CHOICE, offsetof(excite_config, init), "\"he_normal\"",
     .choices = lido_init_names, .doc = "how the weights start"},
    {0},
};

/* The parameters in order. */
enum { W1, B1, W2, B2, PARAMS };

/* What is kept of a sample: its means, hidden vector and factors; and, during backward, of the
 * gradients of h before its relu and of s before its sigmoid. */
typedef struct vectors {
    lido_real *mean, *hidden, *factor;
    lido_real *d_hidden, *d_factor;
} vectors;

static int64_t hidden_of(const void *config, int64_t channels) {
    return channels / ((const excite_config *)config)->reduction;
}

static lido_status add_params(const lido_site *site, lido_needs *needs, lido_error *error) {
    const int64_t channels = site->x->channels, hidden = hidden_of(site->config, channels);
    const lido_init init = (lido_init)((const excite_config *)site->config)->init;
    int64_t weights;
    if (!lido_mul(channels, hidden, &weights) || weights > LIDO_MAX_ELEMENTS)
        return lido_fail(error, LIDO_TOO_LARGE, "%" PRId64 " x %" PRId64 " weights are too many",
                         channels, hidden);
    needs->param[W1] = (lido_param){.name = "squeeze_weight",
                                    .rank = 2,
                                    .dim = {channels, hidden},
                                    .init = init,
                                    .fan_in = channels,
                                    .fan_out = hidden,
                                    .decay = true};
    needs->param[B1] =
        (lido_param){.name = "squeeze_bias", .rank = 1, .dim = {hidden}, .init = LIDO_INIT_ZEROS};
    needs->param[W2] = (lido_param){.name = "excite_weight",
                                    .rank = 2,
                                    .dim = {hidden, channels},
                                    .init = init,
                                    .fan_in = hidden,
                                    .fan_out = channels,
                                    .decay = true};
    needs->param[B2] =
        (lido_param){.name = "excite_bias", .rank = 1, .dim = {channels}, .init = LIDO_INIT_ZEROS};
    needs->params = PARAMS;
    needs->multiply_adds = 2 * weights + lido_shape_size(site->x);
    return LIDO_OK;
}

static lido_status infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    const lido_shape *x = site->x;
    const int64_t reduction = ((const excite_config *)site->config)->reduction;
    if (x->rank == 0)
        return lido_fail(error, LIDO_SHAPE,
                         "squeeze_excite needs spatial axes, the input is a vector");
    if (x->channels % reduction)
        return lido_fail(error, LIDO_SHAPE,
                         "\"reduction\" %" PRId64 " must divide the input's %" PRId64 " channels",
                         reduction, x->channels);
    lido_status status = add_params(site, needs, error);
    if (status) return status;
    const int64_t hidden = hidden_of(site->config, x->channels);
    int64_t kept, worked;
    if (!lido_mul((2 * x->channels + hidden) * (int64_t)sizeof(lido_real), site->batch, &kept) ||
        !lido_mul((x->channels + hidden) * (int64_t)sizeof(lido_real), site->batch, &worked))
        return lido_fail(error, LIDO_TOO_LARGE, "a batch of more than 2^63 bytes");
    needs->y = *x;
    needs->saved = (size_t)kept;
    needs->scratch = (size_t)worked;
    needs->scratch_worker = (size_t)x->channels * sizeof(double) +
                            (size_t)(2 * x->channels + hidden) * sizeof(lido_real);
    needs->backward_reads_x = true;
    needs->nonnegative = site->x_nonnegative[0];
    needs->whole_map = true;
    return LIDO_OK;
}

/* ---- vectors --------------------------------------------------------------------------------- */

/* In evaluation nothing is kept beyond the sample: its vectors lie in the worker's scratch. */
static vectors vectors_of(const lido_call *call, int64_t n, int worker) {
    const int64_t channels = call->x_shape->channels, hidden = hidden_of(call->config, channels);
    char *scratch = call->worker_scratch + (size_t)worker * call->worker_stride;
    lido_real *kept = (lido_real *)(void *)(scratch + (size_t)channels * sizeof(double));
    if (call->training) kept = (lido_real *)call->saved + n * (2 * channels + hidden);
    lido_real *worked = (lido_real *)call->scratch + n * (channels + hidden);
    return (vectors){.mean = kept,
                     .hidden = kept + channels,
                     .factor = kept + channels + hidden,
                     .d_hidden = worked,
                     .d_factor = worked + hidden};
}

static double *sums_of(const lido_call *call, int worker) {
    return (double *)(void *)(call->worker_scratch + (size_t)worker * call->worker_stride);
}

/* to[columns] = bias + from[rows] w[rows][columns] */
LIDO_CLONES
static void multiply(const lido_real *restrict from, const lido_real *restrict w,
                     const lido_real *restrict bias, int64_t rows, int64_t columns,
                     lido_real *restrict to) {
    memcpy(to, bias, (size_t)columns * sizeof *to);
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < columns; c++) to[c] += from[r] * w[r * columns + c];
}

/* to[rows] = w[rows][columns] from[columns] */
static void multiply_back(const lido_real *restrict from, const lido_real *restrict w, int64_t rows,
                          int64_t columns, lido_real *restrict to) {
    for (int64_t r = 0; r < rows; r++) {
        lido_real sum = 0;
        for (int64_t c = 0; c < columns; c++) sum += w[r * columns + c] * from[c];
        to[r] = sum;
    }
}

/* y[p][c] = x[p][c] factor[c] + shift[c]; no shift when NULL. */
LIDO_CLONES
static void scale(const lido_real *restrict x, const lido_real *restrict factor,
                  const lido_real *restrict shift, int64_t rows, int64_t channels,
                  lido_real *restrict y) {
    for (int64_t r = 0; r < rows; r++, x += channels, y += channels)
        if (shift)
            for (int64_t c = 0; c < channels; c++) y[c] = x[c] * factor[c] + shift[c];
        else
            for (int64_t c = 0; c < channels; c++) y[c] = x[c] * factor[c];
}

/* ---- forward --------------------------------------------------------------------------------- */

static void excite(const lido_call *call, const vectors *v) {
    const int64_t channels = call->x_shape->channels, hidden = hidden_of(call->config, channels);
    multiply(v->mean, call->w[W1], call->w[B1], channels, hidden, v->hidden);
    for (int64_t j = 0; j < hidden; j++) v->hidden[j] = v->hidden[j] < 0 ? 0 : v->hidden[j];
    multiply(v->hidden, call->w[W2], call->w[B2], hidden, channels, v->factor);
    for (int64_t c = 0; c < channels; c++) v->factor[c] = 1 / (1 + exp(-v->factor[c]));
}

static void forward_sample(void *context, int64_t n, int worker) {
    const lido_call *call = context;
    const int64_t channels = call->x_shape->channels, rows = lido_shape_positions(call->x_shape);
    const lido_real *x = call->x[0] + n * rows * channels;
    const vectors v = vectors_of(call, n, worker);
    double *sum = sums_of(call, worker);
    lido_channel_sums(x, rows, channels, sum);
    for (int64_t c = 0; c < channels; c++) v.mean[c] = (lido_real)(sum[c] / (double)rows);
    excite(call, &v);
    scale(x, v.factor, NULL, rows, channels, call->y + n * rows * channels);
}

static void forward(const lido_call *call) {
    lido_call copy = *call;
    lido_team_run(call->team, call->batch, forward_sample, &copy);
}

/* ---- backward -------------------------------------------------------------------------------- */

static void find_gradients(const lido_call *call, int64_t n, int worker, const vectors *v) {
    const int64_t channels = call->x_shape->channels, hidden = hidden_of(call->config, channels);
    const int64_t rows = lido_shape_positions(call->x_shape), sample = n * rows * channels;
    double *sum = sums_of(call, worker);
    lido_channel_products(call->dy + sample, call->x[0] + sample, rows, channels, sum);
    for (int64_t c = 0; c < channels; c++)
        v->d_factor[c] = (lido_real)sum[c] * v->factor[c] * (1 - v->factor[c]);
    multiply_back(v->d_factor, call->w[W2], hidden, channels, v->d_hidden);
    for (int64_t j = 0; j < hidden; j++)
        if (v->hidden[j] == 0) v->d_hidden[j] = 0;
}

/* dx = dy s + the mean's gradient, shared by all positions. */
static void backward_sample(void *context, int64_t n, int worker) {
    const lido_call *call = context;
    const int64_t channels = call->x_shape->channels, hidden = hidden_of(call->config, channels);
    const int64_t rows = lido_shape_positions(call->x_shape), sample = n * rows * channels;
    const vectors v = vectors_of(call, n, worker);
    find_gradients(call, n, worker, &v);
    if (!call->dx[0]) return;
    lido_real *shift = (lido_real *)(void *)(sums_of(call, worker) + channels);
    multiply_back(v.d_hidden, call->w[W1], channels, hidden, shift);
    for (int64_t c = 0; c < channels; c++) shift[c] /= (lido_real)rows;
    scale(call->dy + sample, v.factor, shift, rows, channels, call->dx[0] + sample);
}

/* The samples' left (NULL: 1) and right vectors, `stride` numbers from one to the next. */
typedef struct outer {
    const lido_real *left, *right;
    int64_t left_stride, right_stride, batch;
} outer;

/* dw[columns] = the sum over samples, in order, of left[row] right[columns]. */
LIDO_CLONES
static void sum_outer(const outer *o, int64_t row, int64_t columns, lido_real *restrict dw) {
    memset(dw, 0, (size_t)columns * sizeof *dw);
    for (int64_t n = 0; n < o->batch; n++) {
        const lido_real left = o->left ? o->left[n * o->left_stride + row] : 1;
        const lido_real *right = o->right + n * o->right_stride;
        for (int64_t c = 0; c < columns; c++) dw[c] += left * right[c];
    }
}

/* Pieces are the rows of W1, those of W2, then the two biases. */
static void weights_piece(void *context, int64_t index, int worker) {
    (void)worker;
    const lido_call *call = context;
    const int64_t channels = call->x_shape->channels, hidden = hidden_of(call->config, channels);
    const vectors v = vectors_of(call, 0, 0);
    const int64_t kept = 2 * channels + hidden, worked = channels + hidden;
    const outer squeeze = {v.mean, v.d_hidden, kept, worked, call->batch};
    const outer excitation = {v.hidden, v.d_factor, kept, worked, call->batch};
    const outer bias1 = {NULL, v.d_hidden, 0, worked, call->batch};
    const outer bias2 = {NULL, v.d_factor, 0, worked, call->batch};
    if (index < channels)
        sum_outer(&squeeze, index, hidden, call->dw[W1] + index * hidden);
    else if (index < channels + hidden)
        sum_outer(&excitation, index - channels, channels,
                  call->dw[W2] + (index - channels) * channels);
    else if (index == channels + hidden)
        sum_outer(&bias1, 0, hidden, call->dw[B1]);
    else
        sum_outer(&bias2, 0, channels, call->dw[B2]);
}

static void backward(const lido_call *call) {
    lido_call copy = *call;
    const int64_t channels = call->x_shape->channels, hidden = hidden_of(call->config, channels);
    if (!call->dx[0] && !call->dw[0]) return;
    lido_team_run(call->team, call->batch, backward_sample, &copy);
    if (call->dw[0]) lido_team_run(call->team, channels + hidden + 2, weights_piece, &copy);
}

const lido_layer lido_layer_squeeze_excite = {
    .name = "squeeze_excite",
    .doc = "each channel scaled by a factor that depends on the means of all",
    .options = options,
    .config_size = sizeof(excite_config),
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
