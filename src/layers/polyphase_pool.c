/* polyphase_pool.c - adaptive polyphase sampling (Chaman & Dokmanic 2021). Stride s cuts a map into
 * polyphase components, the cells whose indices leave the same remainders modulo s; of each sample
 * the component of largest norm over its cells and channels is kept. A circular shift of the input
 * moves the same values to another component, so the output is the same but for a shift.
 *
 * Norms are compared as sums in double, of rows and then over rows in order. The first component of
 * largest norm is kept, as the maximum of a window is: one that is NaN wins. */
#include <lido/layer.h>

#include "kernels/clones.h"
#include "layers/blocks.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

typedef enum norm { NORM_L1, NORM_L2, NORM_MAX } norm;

#ifdef LIDO_DOUBLE
typedef int64_t number_bits;
#    define MAGNITUDE INT64_MAX
#else
typedef int32_t number_bits;
#    define MAGNITUDE INT32_MAX
#endif

static const char *const norm_names[] = {"l1", "l2", "linf", NULL};

typedef struct polyphase_config {
    lido_axes stride;
    int norm;
} polyphase_config;

static const lido_option options[] = {
    {"stride", LIDO_OPTION_AXES, offsetof(polyphase_config, stride), "2", 1, 1 << 20,
     .doc = "one cell in so many is kept; must divide the input"},
    {"norm", LIDO_OPTION_CHOICE, offsetof(polyphase_config, norm), "\"l2\"", .choices = norm_names,
     .doc = "what the component kept is largest in"},
    {0},
};

typedef struct polyphase_plan {
    int64_t stride[LIDO_MAX_AXES], input[LIDO_MAX_AXES], output[LIDO_MAX_AXES];
    int64_t components;
} polyphase_plan;

/* ---- planning ------------------------------------------------------------------------------ */

static lido_status make_plan(const lido_site *site, polyphase_plan *plan, lido_error *error) {
    const polyphase_config *config = site->config;
    const lido_shape *x = site->x;
    if (x->rank == 0)
        return lido_fail(error, LIDO_SHAPE, "sampling needs spatial axes, the input is a vector");
    lido_status status =
        lido_axes_expand(&config->stride, x->rank, 1, "stride", plan->stride, error);
    if (status) return status;
    plan->components = 1;
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        const int64_t length = x->axis[a], stride = plan->stride[a];
        if (length % stride != 0)
            return lido_fail(error, LIDO_SHAPE,
                             "an axis of %" PRId64 " is not a multiple of the stride %" PRId64
                             ": its polyphase components would differ in size, and a circular "
                             "shift would mix them",
                             length, stride);
        plan->input[a] = length;
        plan->output[a] = length / stride;
        plan->components *= stride;
    }
    return LIDO_OK;
}

/* Numbers of scratch for one sample: the norms of every row's parts, then those of the components.
 */
static int64_t row_norms(const polyphase_plan *plan) {
    return plan->input[0] * plan->input[1] * plan->stride[2];
}

static lido_status infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    polyphase_plan plan = {.components = 0};
    lido_status status = make_plan(site, &plan, error);
    if (status) return status;
    int64_t dims[LIDO_MAX_AXES + 1], numbers;
    int count = 0;
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        if (a >= LIDO_MAX_AXES - site->x->rank) dims[count++] = plan.output[a];
        needs->extent[a] = needs->stride[a] = plan.stride[a];
    }
    dims[count++] = site->x->channels;
    status = lido_shape_make(dims, count, &needs->y, error);
    if (status) return status;
    if (!lido_mul(row_norms(&plan) + plan.components + 1, site->batch, &numbers) ||
        !lido_mul(numbers, sizeof(double), &numbers))
        return lido_fail(error, LIDO_TOO_LARGE, "a batch of more than 2^63 bytes");
    needs->scratch = (size_t)numbers;
    needs->saved = (size_t)site->batch * sizeof(int64_t);
    needs->tables = sizeof plan;
    needs->nonnegative = site->x_nonnegative[0];
    return LIDO_OK;
}

static void prepare(const lido_site *site, const lido_needs *needs, void *tables) {
    (void)needs;
    make_plan(site, tables, NULL);
}

/* ---- norms --------------------------------------------------------------------------------- */

/* A larger one or NaN wins, as in max pooling. */
static double larger(double a, double b) {
    return b > a || isnan(b) ? b : a;
}

static double join(norm kind, double a, double b) {
    return kind == NORM_MAX ? larger(a, b) : a + b;
}

/* The largest magnitude. Without their sign numbers are ordered as their bits are, and NaN comes
 * after infinity: so the loop compares integers, which vectors can. */
LIDO_INLINE double largest(const lido_real *x, int64_t count) {
    number_bits most = 0;
    lido_real value;
    for (int64_t i = 0; i < count; i++) {
        number_bits bits;
        memcpy(&bits, &x[i], sizeof bits);
        bits &= MAGNITUDE;
        most = bits > most ? bits : most;
    }
    memcpy(&value, &most, sizeof value);
    return (double)value;
}

LIDO_INLINE double power(norm kind, double x) {
    return kind == NORM_L1 ? fabs(x) : x * x;
}

/* The sum of powers; eight sums side by side, for vectors. */
LIDO_INLINE double sum_powers(norm kind, const lido_real *x, int64_t count) {
    enum { SIDE = 8 };
    double side[SIDE] = {0}, sum = 0;
    int64_t i = 0;
    for (; i + SIDE <= count; i += SIDE)
        for (int j = 0; j < SIDE; j++) side[j] += power(kind, (double)x[i + j]);
    for (int j = 0; j < SIDE; j++) sum += side[j];
    for (; i < count; i++) sum += power(kind, (double)x[i]);
    return sum;
}

/* part[w % stride] takes in the cells of a row. */
LIDO_CLONES static void measure_row(norm kind, const lido_real *x, int64_t cells, int64_t channels,
                                    int64_t stride, double *part) {
    for (int64_t w = 0; w < cells; w++, x += channels) {
        double *to = &part[w % stride];
        if (kind == NORM_MAX)
            *to = larger(*to, largest(x, channels));
        else if (kind == NORM_L1)
            *to += sum_powers(NORM_L1, x, channels);
        else
            *to += sum_powers(NORM_L2, x, channels);
    }
}

static void measure_block(const lido_call *call, int64_t first, int64_t count) {
    const polyphase_plan *plan = call->tables;
    const norm kind = (norm)((const polyphase_config *)call->config)->norm;
    const int64_t channels = call->x_shape->channels, stride = plan->stride[2];
    for (int64_t row = first; row < first + count; row++) {
        double *part = (double *)call->scratch + row * stride;
        for (int64_t i = 0; i < stride; i++) part[i] = 0;
        measure_row(kind, call->x[0] + row * plan->input[2] * channels, plan->input[2], channels,
                    stride, part);
    }
}

/* ---- the choice ---------------------------------------------------------------------------- */

/* The component of largest norm of a sample whose rows are measured; `total` is for its norms. */
static int64_t choose(const polyphase_plan *plan, norm kind, const double *part, double *total) {
    for (int64_t i = 0; i < plan->components; i++) total[i] = 0;
    for (int64_t d = 0; d < plan->input[0]; d++)
        for (int64_t h = 0; h < plan->input[1]; h++) {
            int64_t high = d % plan->stride[0] * plan->stride[1] + h % plan->stride[1];
            double *row = total + high * plan->stride[2];
            for (int64_t i = 0; i < plan->stride[2]; i++, part++)
                row[i] = join(kind, row[i], *part);
        }
    int64_t best = 0;
    for (int64_t i = 1; i < plan->components; i++)
        if (total[i] > total[best] || isnan(total[i])) best = i;
    return best;
}

/* Fills choice[batch] once the rows are measured. */
static void choose_all(const lido_call *call, int64_t *choice) {
    const polyphase_plan *plan = call->tables;
    const norm kind = (norm)((const polyphase_config *)call->config)->norm;
    const double *part = call->scratch;
    double *total = (double *)call->scratch + call->batch * row_norms(plan);
    for (int64_t n = 0; n < call->batch; n++)
        choice[n] = choose(plan, kind, part + n * row_norms(plan), total + n * plan->components);
}

/* The remainders of a component along (D, H, W). */
static void offsets(const polyphase_plan *plan, int64_t component, int64_t offset[LIDO_MAX_AXES]) {
    for (int a = LIDO_MAX_AXES - 1; a >= 0; a--) {
        offset[a] = component % plan->stride[a];
        component /= plan->stride[a];
    }
}

/* ---- running ------------------------------------------------------------------------------- */

static int64_t *choices(const lido_call *call) {
    const polyphase_plan *plan = call->tables;
    if (call->training) return call->saved;
    double *numbers = call->scratch;
    return (int64_t *)(void *)(numbers + call->batch * (row_norms(plan) + plan->components));
}

static void forward_block(const lido_call *call, int64_t first, int64_t count) {
    const polyphase_plan *plan = call->tables;
    const int64_t channels = call->x_shape->channels;
    const int64_t *out = plan->output, *in = plan->input, *stride = plan->stride;
    for (int64_t row = first; row < first + count; row++) {
        int64_t h = row % out[1], d = row / out[1] % out[0], n = row / out[1] / out[0];
        int64_t offset[LIDO_MAX_AXES];
        offsets(plan, choices(call)[n], offset);
        int64_t from = (n * in[0] + d * stride[0] + offset[0]) * in[1] + h * stride[1] + offset[1];
        const lido_real *x = call->x[0] + (from * in[2] + offset[2]) * channels;
        lido_real *y = call->y + row * out[2] * channels;
        for (int64_t w = 0; w < out[2]; w++)
            memcpy(y + w * channels, x + w * stride[2] * channels, (size_t)channels * sizeof *y);
    }
}

static void forward(const lido_call *call) {
    const polyphase_plan *plan = call->tables;
    const int64_t channels = call->x_shape->channels;
    lido_each_block(call, call->batch * plan->input[0] * plan->input[1], plan->input[2] * channels,
                    measure_block);
    choose_all(call, choices(call));
    lido_each_block(call, call->batch * plan->output[0] * plan->output[1],
                    plan->output[2] * channels, forward_block);
}

static void backward_block(const lido_call *call, int64_t first, int64_t count) {
    const polyphase_plan *plan = call->tables;
    const int64_t channels = call->x_shape->channels;
    const int64_t *out = plan->output, *in = plan->input, *stride = plan->stride;
    const int64_t *choice = call->saved;
    for (int64_t row = first; row < first + count; row++) {
        int64_t h = row % in[1], d = row / in[1] % in[0], n = row / in[1] / in[0];
        int64_t offset[LIDO_MAX_AXES];
        lido_real *dx = call->dx[0] + row * in[2] * channels;
        memset(dx, 0, (size_t)(in[2] * channels) * sizeof *dx);
        offsets(plan, choice[n], offset);
        if (d % stride[0] != offset[0] || h % stride[1] != offset[1]) continue;
        int64_t from = (n * out[0] + d / stride[0]) * out[1] + h / stride[1];
        const lido_real *dy = call->dy + from * out[2] * channels;
        dx += offset[2] * channels;
        for (int64_t w = 0; w < out[2]; w++)
            memcpy(dx + w * stride[2] * channels, dy + w * channels, (size_t)channels * sizeof *dx);
    }
}

static void backward(const lido_call *call) {
    const polyphase_plan *plan = call->tables;
    if (!call->dx[0]) return;
    lido_each_block(call, call->batch * plan->input[0] * plan->input[1],
                    plan->input[2] * call->x_shape->channels, backward_block);
}

const lido_layer lido_layer_polyphase_pool = {
    .name = "polyphase_pool",
    .doc = "the polyphase component of largest norm: subsampling that shifts cannot change",
    .options = options,
    .config_size = sizeof(polyphase_config),
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = infer,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
};
