/* max_unpool.c - max pooling backwards: each input value goes to the cell that an earlier max_pool,
 * named by "of", chose in that window: y[switch] = x, all other cells zero. The switches are those
 * that layer saves; nothing is chosen anew. Where windows overlap two may have chosen one cell:
 * then the values are added (the transpose of the pooling's gradient) or the last one counts.
 * Forward is the pooling's backward; backward gathers at the switches. */
#include "kernels/pool_extremum.h"
#include "layers/pool.h"
#include "layers/pool_grid.h"
#include "layers/switches.h"
#include "layers/upward.h"

#include <inttypes.h>

typedef enum duplicates { SUM, LAST, REFUSE } duplicates;

static const char *const duplicate_names[] = {"sum", "last", "error", NULL};

typedef struct unpool_config {
    char of[LIDO_TEXT_SIZE];
    lido_axes output_size;
    int on_duplicate; /* duplicates */
} unpool_config;

static const lido_option options[] = {
    {"of", LIDO_OPTION_TEXT, offsetof(unpool_config, of), NULL,
     .doc = "name of the max_pool whose switches say where to"},
    {"output_size", LIDO_OPTION_SIZES, offsetof(unpool_config, output_size), "null", 1, 1 << 30,
     .doc = "less than a stride from what the windows come to (null: that)"},
    {"on_duplicate", LIDO_OPTION_CHOICE, offsetof(unpool_config, on_duplicate), "\"sum\"",
     .choices = duplicate_names, .doc = "what becomes of a cell chosen twice"},
    {0},
};

/* The tables begin with this; windows and cell list follow. */
typedef struct unpool_plan {
    lido_upward_plan up;
    size_t switch_size;
    bool last; /* cells may be chosen twice, and the last value counts */
} unpool_plan;

/* ---- sizes ---------------------------------------------------------------------------------- */

static lido_status check_pooling(const lido_site *site, const lido_shape *pooled,
                                 lido_error *error) {
    char found[64], wanted[64];
    if (((const lido_grid_config *)site->of->config)->kernel.count == 0)
        return lido_fail(error, LIDO_SPEC,
                         "\"of\" names a max_pool without \"kernel\": its windows do not say how "
                         "large the output is");
    if (lido_shape_equal(site->x, pooled)) return LIDO_OK;
    return lido_fail(
        error, LIDO_SHAPE,
        "the input is %s, but the max_pool named by \"of\" has a switch for each of %s",
        lido_shape_text(site->x, found, sizeof found),
        lido_shape_text(pooled, wanted, sizeof wanted));
}

/* The output holds every cell that can have been chosen. */
static lido_status size_axis(lido_geometry *g, int a, int64_t wish, lido_error *error) {
    const int64_t start = (g->output[a] - 1) * g->stride[a] - g->before[a];
    const int64_t end = start + lido_geometry_extent(g, a), pooled = g->input[a];
    if (start >= pooled)
        return lido_fail(error, LIDO_SHAPE, "the last window has no cell to put a value in");
    lido_status status =
        lido_upward_length(end - g->after[a], g->stride[a], wish, &g->input[a], error);
    const int64_t reached = end < pooled ? end : pooled;
    if (status || g->input[a] >= reached) return status;
    return lido_fail(error, LIDO_SHAPE,
                     "an output of %" PRId64 " cells has no place for all that the windows may "
                     "choose, allowed: an \"output_size\" of at least %" PRId64,
                     g->input[a], reached);
}

static lido_status check_duplicates(const lido_geometry *g, const unpool_config *config, bool *last,
                                    lido_error *error) {
    *last = false;
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        const int64_t extent = lido_geometry_extent(g, a);
        if (g->output[a] == 1 || g->stride[a] >= extent) continue;
        if (config->on_duplicate == REFUSE)
            return lido_fail(error, LIDO_SPEC,
                             "\"on_duplicate\" is \"error\", but windows of %" PRId64
                             " cells overlap at a stride of %" PRId64
                             ": which cells are chosen twice is not known beforehand; allowed: "
                             "\"sum\", \"last\"",
                             extent, g->stride[a]);
        *last = config->on_duplicate == LAST;
    }
    return LIDO_OK;
}

static lido_status size_output(const lido_site *site, lido_geometry *g, lido_error *error) {
    const unpool_config *config = site->config;
    int64_t wish[LIDO_MAX_AXES] = {0};
    lido_status status = LIDO_OK;
    if (config->output_size.count > 0)
        status =
            lido_axes_expand(&config->output_size, site->x->rank, 0, "output_size", wish, error);
    for (int a = 0; a < LIDO_MAX_AXES && !status; a++) status = size_axis(g, a, wish[a], error);
    return status;
}

static lido_status make_plan(const lido_site *site, unpool_plan *plan, lido_needs *needs,
                             lido_error *error) {
    lido_layout layout;
    lido_needs pool = {0};
    lido_geometry *g = &plan->up.geometry;
    lido_status status = lido_layout_make(site->of, &layout, &pool, error);
    if (!status) status = check_pooling(site, &pool.y, error);
    if (status) return status;
    *g = layout.geometry;
    status = size_output(site, g, error);
    if (!status) status = check_duplicates(g, site->config, &plan->last, error);
    if (!status) status = lido_upward_shape(g, site->x->channels, &needs->y, error);
    if (!status) status = lido_upward_plan_make(&plan->up, &needs->y, error);
    if (status) return status;
    plan->switch_size = lido_switch_size(plan->up.grid.cells);
    if (plan->last)
        plan->up.x.blocks = plan->up.y.blocks = 1; /* what is last is known of a whole */
    return LIDO_OK;
}

/* ---- needs ---------------------------------------------------------------------------------- */

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

static lido_status infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    unpool_plan plan;
    lido_status status = make_plan(site, &plan, needs, error);
    if (status) return status;
    const lido_geometry *g = &plan.up.geometry;
    const size_t channels = (size_t)site->x->channels;
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        needs->extent[a] = (g->kernel[a] - 1) / g->stride[a] + 1;
    needs->tables = sizeof plan + lido_upward_tables(&plan.up);
    needs->scratch_worker =
        larger(lido_extremum_scratch(site->x->channels), channels * sizeof(int64_t));
    if (plan.last) needs->scratch_worker += (size_t)lido_shape_size(&needs->y) * sizeof(int64_t);
    needs->nonnegative = site->x_nonnegative[0];
    return LIDO_OK;
}

static void prepare(const lido_site *site, const lido_needs *needs, void *tables) {
    unpool_plan *plan = tables;
    lido_needs ignored = *needs;
    make_plan(site, plan, &ignored, NULL);
    lido_upward_fill(&plan->up, plan + 1);
}

/* ---- switches ------------------------------------------------------------------------------- */

/* element[c] = where in the sample's y channel c of window `o` (od, oh, ow) has its value;
 * switches are those of the sample. */
static void find_elements(const unpool_plan *plan, const void *switches, const int64_t o[],
                          int64_t channels, int64_t *element) {
    lido_switch_positions(&plan->up.grid, switches, plan->switch_size, o, channels, element);
    for (int64_t c = 0; c < channels; c++) element[c] = element[c] * channels + c;
}

static const void *switches_of(const lido_call *call, int64_t sample) {
    const unpool_plan *plan = call->tables;
    return (const char *)call->of->saved +
           (size_t)(sample * lido_shape_size(call->x_shape)) * plan->switch_size;
}

/* What is done with the elements of one window; i is its first element of x. */
typedef void (*visit_window)(const int64_t *element, int64_t i, int64_t channels, void *context);

static void each_window(const lido_call *call, const lido_upward_piece *piece, int64_t *element,
                        visit_window visit, void *context) {
    const unpool_plan *plan = call->tables;
    const lido_box *box = &piece->box;
    const int64_t *outputs = call->x_shape->axis, channels = call->x_shape->channels;
    const void *switches = switches_of(call, piece->sample);
    int64_t o[LIDO_MAX_AXES];
    for (o[0] = box->first[0]; o[0] < box->last[0]; o[0]++)
        for (o[1] = box->first[1]; o[1] < box->last[1]; o[1]++)
            for (o[2] = box->first[2]; o[2] < box->last[2]; o[2]++) {
                find_elements(plan, switches, o, channels, element);
                visit(element, ((o[0] * outputs[1] + o[1]) * outputs[2] + o[2]) * channels,
                      channels, context);
            }
}

/* ---- running -------------------------------------------------------------------------------- */

/* One sample's arrays. */
typedef struct arrays {
    const lido_real *from;
    lido_real *to;
    int64_t *owner; /* owner[element of y]: the last element of x that goes there */
} arrays;

static void put(const int64_t *element, int64_t i, int64_t channels, void *context) {
    const arrays *a = context;
    for (int64_t c = 0; c < channels; c++) a->to[element[c]] = a->from[i + c];
}

static void take(const int64_t *element, int64_t i, int64_t channels, void *context) {
    const arrays *a = context;
    for (int64_t c = 0; c < channels; c++) a->to[i + c] = a->from[element[c]];
}

static void own(const int64_t *element, int64_t i, int64_t channels, void *context) {
    const arrays *a = context;
    for (int64_t c = 0; c < channels; c++) a->owner[element[c]] = i + c;
}

static void take_owned(const int64_t *element, int64_t i, int64_t channels, void *context) {
    const arrays *a = context;
    for (int64_t c = 0; c < channels; c++)
        a->to[i + c] = a->owner[element[c]] == i + c ? a->from[element[c]] : 0;
}

static void forward_piece(void *context, int64_t index, int worker) {
    const lido_call *call = context;
    const unpool_plan *plan = call->tables;
    lido_upward_piece piece = lido_upward_piece_of(&plan->up.y, index);
    lido_real *y = lido_upward_clear(&plan->up, call, &piece);
    const lido_real *x = call->x[0] + piece.sample * lido_shape_size(call->x_shape);
    void *scratch = lido_upward_scratch(call, worker);
    if (!plan->last) {
        lido_extremum_backward(x, switches_of(call, piece.sample), &plan->up.grid,
                               call->x_shape->channels, &piece.box, scratch, y);
        return;
    }
    arrays a = {.from = x, .to = y};
    piece = lido_upward_piece_of(&plan->up.x, piece.sample);
    each_window(call, &piece, scratch, put, &a);
}

static void backward_piece(void *context, int64_t index, int worker) {
    const lido_call *call = context;
    const unpool_plan *plan = call->tables;
    const lido_upward_piece piece = lido_upward_piece_of(&plan->up.x, index);
    int64_t *element = lido_upward_scratch(call, worker);
    arrays a = {.from = call->dy + piece.sample * lido_shape_size(call->y_shape),
                .to = call->dx[0] + piece.sample * lido_shape_size(call->x_shape),
                .owner = element + call->x_shape->channels};
    if (plan->last) each_window(call, &piece, element, own, &a);
    each_window(call, &piece, element, plan->last ? take_owned : take, &a);
}

static void forward(const lido_call *call) {
    lido_upward_run(call, &((const unpool_plan *)call->tables)->up.y, forward_piece);
}

static void backward(const lido_call *call) {
    if (call->dx[0])
        lido_upward_run(call, &((const unpool_plan *)call->tables)->up.x, backward_piece);
}

const lido_layer lido_layer_max_unpool = {
    .name = "max_unpool",
    .doc = "max pooling backwards: each value to the cell its window chose",
    .options = options,
    .config_size = sizeof(unpool_config),
    .min_inputs = 1,
    .max_inputs = 1,
    .borrows = "max_pool",
    .infer = infer,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
};
