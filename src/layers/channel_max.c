/* channel_max.c - maxout (Goodfellow et al. 2013): the largest of each group of neighbouring
 * channels. Groups follow one another in memory whatever the shape, so the loops know no axes. The
 * rule is max pooling's: the first maximum wins, NaN propagates. Keeps the chosen channel's number;
 * reads neither x nor y backward. */
#include <lido/layer.h>

#include "kernels/clones.h"
#include "layers/blocks.h"

#include <inttypes.h>

typedef struct channel_max {
    int64_t size;
} channel_max;

static const lido_option options[] = {
    {"size", LIDO_OPTION_INT, offsetof(channel_max, size), NULL, 1, 256,
     .doc = "so many neighbouring channels become one"},
    {0},
};

static lido_status infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    const int64_t size = ((const channel_max *)site->config)->size;
    if (site->x->channels % size)
        return lido_fail(error, LIDO_SHAPE,
                         "\"size\" %" PRId64 " must divide the input's %" PRId64 " channels", size,
                         site->x->channels);
    int64_t saved;
    needs->y = *site->x;
    needs->y.channels = site->x->channels / size;
    if (!lido_mul(lido_shape_size(&needs->y), site->batch, &saved))
        return lido_fail(error, LIDO_TOO_LARGE, "a batch of more than 2^63 bytes");
    needs->saved = (size_t)saved;
    needs->nonnegative = site->x_nonnegative[0];
    return LIDO_OK;
}

/* With a size the compiler knows, many groups are done at once. */
LIDO_INLINE void choose(const lido_real *restrict x, int64_t size, int64_t groups,
                        lido_real *restrict y, uint8_t *restrict chosen) {
    for (int64_t g = 0; g < groups; g++) {
        lido_real best = x[g * size];
        int32_t number = 0;
        for (int32_t i = 1; i < size; i++) {
            const lido_real value = x[g * size + i];
            const bool taken = (value > best) | (value != value);
            best = taken ? value : best;
            number = taken ? i : number;
        }
        y[g] = best;
        if (chosen) chosen[g] = (uint8_t)number;
    }
}

LIDO_INLINE void spread(const lido_real *restrict dy, int64_t size, int64_t groups,
                        const uint8_t *restrict chosen, lido_real *restrict dx) {
    for (int64_t g = 0; g < groups; g++)
        for (int32_t i = 0; i < size; i++) dx[g * size + i] = chosen[g] == i ? dy[g] : 0;
}

LIDO_CLONES
static void choose_groups(const lido_real *x, int64_t size, int64_t groups, lido_real *y,
                          uint8_t *chosen) {
    if (size == 2)
        choose(x, 2, groups, y, chosen);
    else if (size == 4)
        choose(x, 4, groups, y, chosen);
    else
        choose(x, size, groups, y, chosen);
}

LIDO_CLONES
static void spread_groups(const lido_real *dy, int64_t size, int64_t groups, const uint8_t *chosen,
                          lido_real *dx) {
    if (size == 2)
        spread(dy, 2, groups, chosen, dx);
    else if (size == 4)
        spread(dy, 4, groups, chosen, dx);
    else
        spread(dy, size, groups, chosen, dx);
}

static int64_t size_of(const lido_call *call) {
    return ((const channel_max *)call->config)->size;
}

static void forward_block(const lido_call *call, int64_t first, int64_t count) {
    uint8_t *chosen = call->training ? (uint8_t *)call->saved + first : NULL;
    choose_groups(call->x[0] + first * size_of(call), size_of(call), count, call->y + first,
                  chosen);
}

static void backward_block(const lido_call *call, int64_t first, int64_t count) {
    spread_groups(call->dy + first, size_of(call), count, (const uint8_t *)call->saved + first,
                  call->dx[0] + first * size_of(call));
}

static void forward(const lido_call *call) {
    lido_each_block(call, lido_call_elements(call), size_of(call), forward_block);
}

static void backward(const lido_call *call) {
    if (call->dx[0]) lido_each_block(call, lido_call_elements(call), size_of(call), backward_block);
}

const lido_layer lido_layer_channel_max = {
    .name = "channel_max",
    .doc = "maxout: the largest of each group of neighbouring channels",
    .options = options,
    .config_size = sizeof(channel_max),
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
