/* local_response_norm.c - normalisation across neighbouring channels (Krizhevsky et al. 2012):
 *   y[c] = x[c] s[c]^-beta,   s[c] = k + alpha / n * sum of x[j]^2,  c - n/2 <= j <= c + (n-1)/2,
 * channels that do not exist counting as zeros, as PyTorch has it. Backward computes s anew. */
#include <lido/layer.h>

#include "base/team.h"
#include "kernels/clones.h"
#include "layers/blocks.h"

#include <string.h>
#include <tgmath.h>

typedef struct norm_config {
    int64_t size;
    double alpha, beta, k;
} norm_config;

static const lido_option options[] = {
    {"size", LIDO_OPTION_INT, offsetof(norm_config, size), NULL, 1, 1 << 20,
     .doc = "n: channels that share a norm"},
    {"alpha", LIDO_OPTION_REAL, offsetof(norm_config, alpha), "1e-4", 0, 1e6,
     .doc = "weight of the mean square"},
    {"beta", LIDO_OPTION_REAL, offsetof(norm_config, beta), "0.75", 0, 100, .doc = "exponent"},
    {"k", LIDO_OPTION_REAL, offsetof(norm_config, k), "1", 1e-6, 1e6,
     .doc = "added to the mean square"},
    {0},
};

/* Neighbours below and above a channel; no more than exist. */
typedef struct reach {
    int64_t below, above;
} reach;

static reach reach_of(const norm_config *config, int64_t channels) {
    const int64_t below = config->size / 2, above = (config->size - 1) / 2, most = channels - 1;
    return (reach){below < most ? below : most, above < most ? above : most};
}

/* Worker scratch: three lines of channels, the first with room for neighbours on either side. */
static size_t line_elements(const norm_config *config, int64_t channels) {
    const reach at = reach_of(config, channels);
    return (size_t)(at.below + channels + at.above);
}

static lido_status infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    (void)error;
    const size_t channels = (size_t)site->x->channels;
    needs->y = *site->x;
    needs->scratch_worker =
        (line_elements(site->config, site->x->channels) + 2 * channels) * sizeof(lido_real);
    needs->backward_reads_x = true;
    needs->nonnegative = site->x_nonnegative[0];
    return LIDO_OK;
}

/* ---- one position ---------------------------------------------------------------------------- */

/* sum[c] = line[c] + ... + line[c + taps - 1] */
LIDO_INLINE void add_neighbours(const lido_real *restrict line, int64_t taps, int64_t channels,
                                lido_real *restrict sum) {
    memcpy(sum, line, (size_t)channels * sizeof *sum);
    for (int64_t t = 1; t < taps; t++)
        for (int64_t c = 0; c < channels; c++) sum[c] += line[c + t];
}

/* power[c] = scale[c]^-beta; the usual exponents by square roots, which vectorise. */
LIDO_INLINE void invert(const lido_real *restrict scale, lido_real beta, int64_t channels,
                        lido_real *restrict power) {
    if (beta == (lido_real)0.75)
        for (int64_t c = 0; c < channels; c++) {
            const lido_real root = sqrt(scale[c]);
            power[c] = 1 / (root * sqrt(root));
        }
    else if (beta == (lido_real)0.5)
        for (int64_t c = 0; c < channels; c++) power[c] = 1 / sqrt(scale[c]);
    else
        for (int64_t c = 0; c < channels; c++) power[c] = pow(scale[c], -beta);
}

/* scale[c] = s[c], by way of the line whose cells beyond the channels are zero. */
LIDO_INLINE void measure(const norm_config *config, reach at, const lido_real *restrict x,
                         int64_t channels, lido_real *restrict line, lido_real *restrict scale) {
    const lido_real k = (lido_real)config->k;
    const lido_real weight = (lido_real)(config->alpha / (double)config->size);
    for (int64_t c = 0; c < channels; c++) line[at.below + c] = x[c] * x[c];
    add_neighbours(line, at.below + 1 + at.above, channels, scale);
    for (int64_t c = 0; c < channels; c++) scale[c] = k + weight * scale[c];
}

LIDO_CLONES
static void normalize(const norm_config *config, const lido_real *restrict x, int64_t rows,
                      int64_t channels, lido_real *restrict line, lido_real *restrict y) {
    const reach at = reach_of(config, channels);
    lido_real *scale = line + line_elements(config, channels), *power = scale + channels;
    memset(line, 0, line_elements(config, channels) * sizeof *line);
    for (int64_t r = 0; r < rows; r++, x += channels, y += channels) {
        measure(config, at, x, channels, line, scale);
        invert(scale, (lido_real)config->beta, channels, power);
        for (int64_t c = 0; c < channels; c++) y[c] = x[c] * power[c];
    }
}

/* dx[i] = dy[i] s[i]^-beta - 2 alpha beta / n x[i] * sum of dy[j] x[j] s[j]^(-beta - 1), over the j
 * that have i for a neighbour: i - (n-1)/2 <= j <= i + n/2, the window turned round. */
LIDO_CLONES
static void differentiate(const norm_config *config, const lido_real *restrict x,
                          const lido_real *restrict dy, int64_t rows, int64_t channels,
                          lido_real *restrict line, lido_real *restrict dx) {
    const reach at = reach_of(config, channels);
    const lido_real weight = (lido_real)(2 * config->alpha * config->beta / (double)config->size);
    const size_t line_bytes = line_elements(config, channels) * sizeof *line;
    lido_real *scale = line + line_elements(config, channels), *power = scale + channels;
    for (int64_t r = 0; r < rows; r++, x += channels, dy += channels, dx += channels) {
        memset(line, 0, line_bytes);
        measure(config, at, x, channels, line, scale);
        invert(scale, (lido_real)config->beta, channels, power);
        memset(line, 0, line_bytes);
        for (int64_t c = 0; c < channels; c++)
            line[at.above + c] = dy[c] * x[c] * power[c] / scale[c];
        add_neighbours(line, at.below + 1 + at.above, channels, scale);
        for (int64_t c = 0; c < channels; c++) dx[c] = dy[c] * power[c] - weight * x[c] * scale[c];
    }
}

/* ---- the layer ------------------------------------------------------------------------------- */

typedef struct rows {
    int64_t count, channels, offset;
    lido_real *scratch;
} rows;

static rows rows_of(const lido_call *call, int64_t index, int worker) {
    const int64_t channels = call->x_shape->channels, each = lido_block_rows(channels);
    const int64_t first = index * each, left = lido_call_rows(call) - first;
    return (rows){.count = left < each ? left : each,
                  .channels = channels,
                  .offset = first * channels,
                  .scratch = (lido_real *)(void *)(call->worker_scratch +
                                                   (size_t)worker * call->worker_stride)};
}

static void forward_block(void *context, int64_t index, int worker) {
    const lido_call *call = context;
    const rows at = rows_of(call, index, worker);
    normalize(call->config, call->x[0] + at.offset, at.count, at.channels, at.scratch,
              call->y + at.offset);
}

static void backward_block(void *context, int64_t index, int worker) {
    const lido_call *call = context;
    const rows at = rows_of(call, index, worker);
    differentiate(call->config, call->x[0] + at.offset, call->dy + at.offset, at.count, at.channels,
                  at.scratch, call->dx[0] + at.offset);
}

static void run(const lido_call *call, lido_piece block) {
    lido_call copy = *call;
    lido_team_run(call->team, lido_block_count(lido_call_rows(call), call->x_shape->channels),
                  block, &copy);
}

static void forward(const lido_call *call) {
    run(call, forward_block);
}

static void backward(const lido_call *call) {
    if (call->dx[0]) run(call, backward_block);
}

const lido_layer lido_layer_local_response_norm = {
    .name = "local_response_norm",
    .doc = "each channel divided by a power of its neighbours' mean square",
    .options = options,
    .config_size = sizeof(norm_config),
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
