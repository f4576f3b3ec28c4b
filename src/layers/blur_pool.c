/* blur_pool.c - anti-aliased subsampling (Zhang 2019): every channel convolved with the binomial
 * filter C(k-1, j) / 2^(k-1) along each axis, and every s-th result kept. The border is mirrored
 * unless another rule is asked for; O = ceil(L / s).
 *
 * Along an axis an output is a weighted sum of input cells, and the gradient of an input cell is a
 * weighted sum of outputs: a list of taps each. Forward and backward are one code on the two kinds
 * of list: rows are combined first (contiguous, whatever the channels), then cells along W. */
#include <lido/layer.h>

#include "base/team.h"
#include "kernels/clones.h"
#include "kernels/im2col.h"
#include "kernels/lanes.h"
#include "layers/blocks.h"

#include <inttypes.h>

enum { MAX_KERNEL = 7, MAX_ROWS = MAX_KERNEL * MAX_KERNEL };

typedef struct blur_config {
    lido_axes kernel, stride;
    int padding_mode; /* lido_border */
} blur_config;

static const lido_option options[] = {
    {"kernel", LIDO_OPTION_AXES, offsetof(blur_config, kernel), NULL, 1, MAX_KERNEL,
     .doc = "taps of the binomial filter; 1 is plain subsampling"},
    {"stride", LIDO_OPTION_AXES, offsetof(blur_config, stride), "2", 1, 1 << 20,
     .doc = "one result in so many is kept"},
    {"padding_mode", LIDO_OPTION_CHOICE, offsetof(blur_config, padding_mode), "\"reflect\"",
     .choices = lido_border_names, .doc = "what lies beyond the border"},
    {0},
};

/* What one number along an axis is made of; no cell is listed twice, so k taps are enough both
 * ways. */
typedef struct tap_list {
    int count;
    int64_t at[MAX_KERNEL];
    lido_real weight[MAX_KERNEL];
} tap_list;

typedef struct blur_axis {
    int64_t length, output, kernel, stride;
    tap_list *forward;  /* forward[output]: of input cells */
    tap_list *backward; /* backward[length]: of outputs */
} blur_axis;

/* The tables begin with this; the lists follow. */
typedef struct blur_plan {
    blur_axis axis[LIDO_MAX_AXES];
} blur_plan;

/* ---- planning ------------------------------------------------------------------------------ */

static lido_status check_border(const blur_axis *axis, lido_border border, lido_error *error) {
    const bool mirrored = border == LIDO_BORDER_REFLECT, around = border == LIDO_BORDER_CIRCULAR;
    const int64_t reach = axis->kernel / 2, allowed = mirrored ? axis->length - 1 : axis->length;
    if (!(mirrored || around) || reach <= allowed) return LIDO_OK;
    return lido_fail(error, LIDO_SHAPE,
                     "a blur of %" PRId64 " taps reaches %" PRId64
                     " cells beyond an axis of %" PRId64 ", \"%s\" allows at most %" PRId64,
                     axis->kernel, reach, axis->length, lido_border_names[border], allowed);
}

static lido_status make_plan(const lido_site *site, blur_plan *plan, lido_error *error) {
    const blur_config *config = site->config;
    const lido_shape *x = site->x;
    int64_t kernel[LIDO_MAX_AXES], stride[LIDO_MAX_AXES];
    if (x->rank == 0)
        return lido_fail(error, LIDO_SHAPE, "a blur needs spatial axes, the input is a vector");
    lido_status status = lido_axes_expand(&config->kernel, x->rank, 1, "kernel", kernel, error);
    if (!status) status = lido_axes_expand(&config->stride, x->rank, 1, "stride", stride, error);
    for (int a = 0; a < LIDO_MAX_AXES && !status; a++) {
        plan->axis[a] = (blur_axis){.length = x->axis[a],
                                    .output = (x->axis[a] - 1) / stride[a] + 1,
                                    .kernel = kernel[a],
                                    .stride = stride[a]};
        status = check_border(&plan->axis[a], (lido_border)config->padding_mode, error);
    }
    return status;
}

static lido_status infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    blur_plan plan = {0};
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
    needs->multiply_adds = lido_shape_size(&needs->y);
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        const blur_axis *axis = &plan.axis[a];
        needs->tables += (size_t)(axis->output + axis->length) * sizeof(tap_list);
        needs->multiply_adds *= axis->kernel;
        needs->extent[a] = axis->kernel;
        needs->stride[a] = axis->stride;
    }
    needs->scratch_worker =
        (size_t)(site->x->axis[LIDO_MAX_AXES - 1] * site->x->channels) * sizeof(lido_real);
    needs->nonnegative = site->x_nonnegative[0];
    return LIDO_OK;
}

static void add_tap(tap_list *list, int64_t at, lido_real weight) {
    int i = 0;
    while (i < list->count && list->at[i] != at) i++;
    if (i == list->count) {
        list->at[list->count++] = at;
        list->weight[i] = 0;
    }
    list->weight[i] += weight;
}

/* C(k-1, j) / 2^(k-1): exact in float. */
static lido_real binomial(int64_t kernel, int64_t j) {
    int64_t chosen = 1;
    for (int64_t i = 1; i <= j; i++) chosen = chosen * (kernel - i) / i;
    return (lido_real)chosen / (lido_real)((int64_t)1 << (kernel - 1));
}

static void fill_lists(blur_axis *axis, lido_border border) {
    const int64_t before = (axis->kernel - 1) / 2;
    for (int64_t o = 0; o < axis->output; o++) axis->forward[o].count = 0;
    for (int64_t i = 0; i < axis->length; i++) axis->backward[i].count = 0;
    for (int64_t o = 0; o < axis->output; o++)
        for (int64_t j = 0; j < axis->kernel; j++) {
            int64_t from = lido_border_index(border, o * axis->stride - before + j, axis->length);
            if (from < 0) continue;
            add_tap(&axis->forward[o], from, binomial(axis->kernel, j));
            add_tap(&axis->backward[from], o, binomial(axis->kernel, j));
        }
}

static void prepare(const lido_site *site, const lido_needs *needs, void *tables) {
    (void)needs;
    blur_plan *plan = tables;
    const blur_config *config = site->config;
    make_plan(site, plan, NULL);
    tap_list *lists = (tap_list *)(plan + 1);
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        blur_axis *axis = &plan->axis[a];
        axis->forward = lists;
        axis->backward = lists + axis->output;
        lists += axis->output + axis->length;
        fill_lists(axis, (lido_border)config->padding_mode);
    }
}

/* ---- running ------------------------------------------------------------------------------- */

/* One way through the layer: `to` is made of `from` by the lists. */
typedef struct pass {
    const lido_call *call;
    const lido_real *from;
    lido_real *to;
    const tap_list *list[LIDO_MAX_AXES];
    int64_t from_size[LIDO_MAX_AXES], to_size[LIDO_MAX_AXES], rows, block_rows;
} pass;

/* y[n] = sum over j of weight[j] row[j][n] */
LIDO_INLINE void combine(int count, const lido_real *const *row, const lido_real *weight, int64_t n,
                         lido_real *restrict y) {
    int64_t i = 0;
    for (; i + LIDO_LANES <= n; i += LIDO_LANES) {
        lido_lanes sum = {0}, value;
        for (int j = 0; j < count; j++) {
            lido_lanes_load(&value, row[j] + i, LIDO_LANES);
            sum += weight[j] * value;
        }
        lido_lanes_store(&sum, y + i, LIDO_LANES);
    }
    for (; i < n; i++) {
        lido_real sum = 0;
        for (int j = 0; j < count; j++) sum += weight[j] * row[j][i];
        y[i] = sum;
    }
}

LIDO_CLONES static void combine_rows(int count, const lido_real *const *row,
                                     const lido_real *weight, int64_t n, lido_real *y) {
    combine(count, row, weight, n, y);
}

LIDO_CLONES static void combine_cells(const tap_list *list, int64_t cells, const lido_real *x,
                                      int64_t channels, lido_real *y) {
    for (int64_t o = 0; o < cells; o++) {
        const lido_real *cell[MAX_KERNEL];
        for (int j = 0; j < list[o].count; j++) cell[j] = x + list[o].at[j] * channels;
        combine(list[o].count, cell, list[o].weight, channels, y + o * channels);
    }
}

static void make_row(const pass *p, int64_t row, lido_real *between) {
    const int64_t channels = p->call->x_shape->channels, width = p->from_size[2] * channels;
    const int64_t h = row % p->to_size[1], d = row / p->to_size[1] % p->to_size[0];
    const int64_t n = row / p->to_size[1] / p->to_size[0];
    const tap_list *deep = &p->list[0][d], *high = &p->list[1][h];
    const lido_real *from[MAX_ROWS], *combined = between;
    lido_real weight[MAX_ROWS];
    int count = 0;
    for (int i = 0; i < deep->count; i++)
        for (int j = 0; j < high->count; j++) {
            int64_t plane = n * p->from_size[0] + deep->at[i];
            from[count] = p->from + (plane * p->from_size[1] + high->at[j]) * width;
            weight[count++] = deep->weight[i] * high->weight[j];
        }
    if (count == 1 && weight[0] == 1)
        combined = from[0];
    else
        combine_rows(count, from, weight, width, between);
    combine_cells(p->list[2], p->to_size[2], combined, channels,
                  p->to + row * p->to_size[2] * channels);
}

static void make_rows(void *context, int64_t index, int worker) {
    const pass *p = context;
    char *scratch = p->call->worker_scratch + (size_t)worker * p->call->worker_stride;
    int64_t first = index * p->block_rows, last = first + p->block_rows;
    if (last > p->rows) last = p->rows;
    for (int64_t row = first; row < last; row++) make_row(p, row, (lido_real *)scratch);
}

static void run(pass *p) {
    const int64_t width = p->to_size[2] * p->call->x_shape->channels;
    p->rows = p->call->batch * p->to_size[0] * p->to_size[1];
    p->block_rows = lido_block_rows(width);
    lido_team_run(p->call->team, lido_block_count(p->rows, width), make_rows, p);
}

static void forward(const lido_call *call) {
    const blur_axis *axis = ((const blur_plan *)call->tables)->axis;
    pass p = {.call = call, .from = call->x[0], .to = call->y};
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        p.list[a] = axis[a].forward;
        p.from_size[a] = axis[a].length;
        p.to_size[a] = axis[a].output;
    }
    run(&p);
}

static void backward(const lido_call *call) {
    const blur_axis *axis = ((const blur_plan *)call->tables)->axis;
    if (!call->dx[0]) return;
    pass p = {.call = call, .from = call->dy, .to = call->dx[0]};
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        p.list[a] = axis[a].backward;
        p.from_size[a] = axis[a].output;
        p.to_size[a] = axis[a].length;
    }
    run(&p);
}

const lido_layer lido_layer_blur_pool = {
    .name = "blur_pool",
    .doc = "a binomial blur, then every s-th cell: subsampling without aliases",
    .options = options,
    .config_size = sizeof(blur_config),
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = infer,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
};
