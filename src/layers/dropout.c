/* dropout.c - in training drops each element with probability `rate` and scales the others by
 * 1 / (1 - rate), so that nothing remains to be done in evaluation (Srivastava et al. 2014). What
 * is dropped depends on the step and the sample's index in the data set, not on its place in the
 * batch. */
#include <lido/layer.h>

#include "kernels/clones.h"
#include "layers/blocks.h"
#include "layers/draws.h"

#include <stdio.h>
#include <string.h>

enum { AT_ONCE = 256 /* numbers */ };

typedef struct dropout {
    double rate;
} dropout;

static const lido_option options[] = {
    {"rate", LIDO_OPTION_REAL, offsetof(dropout, rate), "0.5", 0, 1, NULL, NULL,
     "probability that an element is dropped, below 1"},
    {0},
};

static lido_status infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    const dropout *config = site->config;
    int64_t size = lido_shape_size(&site->x[0]), saved;
    if (config->rate >= 1)
        return lido_fail(error, LIDO_SPEC, "rate is 1: dropout would drop everything");
    if (size > LIDO_MAX_DRAWS || !lido_mul(site->batch, size, &saved))
        return lido_fail(error, LIDO_TOO_LARGE, "dropout takes at most %lld elements, not %lld",
                         (long long)LIDO_MAX_DRAWS, (long long)size);
    needs->y = site->x[0];
    needs->saved = (size_t)saved;
    needs->draws = size;
    snprintf(needs->draws_text, sizeof needs->draws_text, "an element is dropped below the rate");
    needs->in_place = true;
    needs->nonnegative = site->x_nonnegative[0];
    return LIDO_OK;
}

/* kept[i] is 1 with probability 1 - rate; number i of sample n decides. */
static void draw(const lido_draw *from, int64_t n, double rate, int64_t count, uint8_t *kept) {
    float number[AT_ONCE];
    for (int64_t first = 0; first < count; first += AT_ONCE) {
        int64_t some = count - first < AT_ONCE ? count - first : AT_ONCE;
        lido_draws_from(from, n, count, first, some, number);
        for (int64_t i = 0; i < some; i++) kept[first + i] = (double)number[i] >= rate;
    }
}

LIDO_CLONES
static void apply(const lido_real *x, const uint8_t *kept, int64_t count, lido_real scale,
                  lido_real *y) {
    for (int64_t i = 0; i < count; i++) y[i] = kept[i] ? x[i] * scale : 0;
}

static double rate_of(const lido_call *call) {
    return ((const dropout *)call->config)->rate;
}

static lido_real scale_of(const lido_call *call) {
    return (lido_real)(1 / (1 - rate_of(call)));
}

static void forward_samples(const lido_call *call, int64_t first, int64_t count) {
    int64_t size = lido_shape_size(call->y_shape);
    for (int64_t n = first; n < first + count; n++) {
        uint8_t *kept = (uint8_t *)call->saved + n * size;
        draw(&call->draw, n, rate_of(call), size, kept);
        apply(call->x[0] + n * size, kept, size, scale_of(call), call->y + n * size);
    }
}

static void copy_block(const lido_call *call, int64_t first, int64_t count) {
    memcpy(call->y + first, call->x[0] + first, (size_t)count * sizeof *call->y);
}

static void backward_block(const lido_call *call, int64_t first, int64_t count) {
    apply(call->dy + first, (const uint8_t *)call->saved + first, count, scale_of(call),
          call->dx[0] + first);
}

static void forward(const lido_call *call) {
    if (call->training)
        lido_each_block(call, call->batch, lido_shape_size(call->y_shape), forward_samples);
    else if (call->y != call->x[0])
        lido_each_block(call, lido_call_elements(call), 1, copy_block);
}

static void backward(const lido_call *call) {
    if (call->dx[0]) lido_each_block(call, lido_call_elements(call), 1, backward_block);
}

const lido_layer lido_layer_dropout = {
    .name = "dropout",
    .doc = "drops elements at random in training",
    .options = options,
    .config_size = sizeof(dropout),
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
