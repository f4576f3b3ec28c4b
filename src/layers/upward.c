/* upward.c - the sizes of layers that go back up, and the window over their output. */
#include "layers/upward.h"

#include <inttypes.h>
#include <string.h>

/* What was written, spread over the axes. */
typedef struct numbers {
    int64_t added[LIDO_MAX_AXES], wish[LIDO_MAX_AXES];
} numbers;

static lido_status read_numbers(const lido_upward *options, int rank, lido_geometry *g, numbers *n,
                                lido_error *error) {
    static const lido_axes one = {.count = 1, .at = {1}}, zero = {.count = 1};
    const lido_window_options *window = &options->window;
    const lido_padding *padding = &window->padding;
    const lido_axes *no_stride = window->stride_is_kernel ? &window->kernel : &one;
    lido_axes before = zero, after = zero;
    if (padding->mode == LIDO_EXPLICIT) {
        before.count = after.count = padding->count;
        memcpy(before.at, padding->before, sizeof before.at);
        memcpy(after.at, padding->after, sizeof after.at);
    }
    const struct {
        const lido_axes *from, *otherwise;
        int64_t absent;
        const char *name;
        int64_t *to;
    } parts[] = {
        {&window->kernel, &one, 1, "kernel", g->kernel},
        {&window->stride, no_stride, 1, "stride", g->stride},
        {&window->dilation, &one, 1, "dilation", g->dilation},
        {&before, &zero, 0, "padding", g->before},
        {&after, &zero, 0, "padding", g->after},
        {&options->output_padding, &zero, 0, "output_padding", n->added},
        {&options->output_size, &zero, 0, "output_size", n->wish},
    };
    lido_status status = LIDO_OK;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !status; i++)
        status = lido_axes_expand(parts[i].from->count > 0 ? parts[i].from : parts[i].otherwise,
                                  rank, parts[i].absent, parts[i].name, parts[i].to, error);
    return status;
}

static lido_status check_axis(const lido_geometry *g, int a, const numbers *n, bool same,
                              lido_error *error) {
    const int64_t extent = lido_geometry_extent(g, a);
    if (same && (n->added[a] > 0 || n->wish[a] > 0))
        return lido_fail(error, LIDO_SPEC, "\"%s\" has no meaning with \"same\" padding",
                         n->wish[a] > 0 ? "output_size" : "output_padding");
    if (n->added[a] > 0 && n->added[a] >= g->stride[a] && n->added[a] >= g->dilation[a])
        return lido_fail(error, LIDO_SPEC,
                         "\"output_padding\" %" PRId64 ", allowed: less than the stride (%" PRId64
                         ") or the dilation (%" PRId64 ")",
                         n->added[a], g->stride[a], g->dilation[a]);
    if (g->before[a] >= extent || g->after[a] >= extent)
        return lido_fail(error, LIDO_SHAPE,
                         "padding [%" PRId64 ", %" PRId64
                         "] must be smaller than the window's extent of %" PRId64,
                         g->before[a], g->after[a], extent);
    return LIDO_OK;
}

static void pad_same(lido_geometry *g, int a) {
    const int64_t last = (g->output[a] - 1) * g->stride[a] + lido_geometry_extent(g, a);
    g->input[a] = g->output[a] * g->stride[a];
    const int64_t total = last > g->input[a] ? last - g->input[a] : 0;
    g->before[a] = total / 2;
    g->after[a] = total - total / 2;
}

lido_status lido_upward_length(int64_t rule, int64_t stride, int64_t wish, int64_t *length,
                               lido_error *error) {
    *length = wish > 0 ? wish : rule;
    if (*length > rule - stride && *length < rule + stride) return LIDO_OK;
    return lido_fail(error, LIDO_SHAPE,
                     "\"output_size\" %" PRId64 ", allowed: %" PRId64 " to %" PRId64, wish,
                     rule - stride >= 1 ? rule - stride + 1 : 1, rule + stride - 1);
}

static lido_status size_axis(lido_geometry *g, int a, const numbers *n, lido_error *error) {
    const int64_t start = (g->output[a] - 1) * g->stride[a] - g->before[a];
    const int64_t rule = start + lido_geometry_extent(g, a) - g->after[a] + n->added[a];
    lido_status status = lido_upward_length(rule, g->stride[a], n->wish[a], &g->input[a], error);
    if (status) return status;
    if (g->input[a] >= 1 && g->input[a] > start) return LIDO_OK;
    return lido_fail(error, LIDO_SHAPE,
                     "padding [%" PRId64 ", %" PRId64 "] or size leave nothing of the last window: "
                     "an output of %" PRId64 " cells, where it begins at %" PRId64,
                     g->before[a], g->after[a], g->input[a], start);
}

lido_status lido_upward_make(const lido_upward *options, const lido_shape *x,
                             lido_geometry *geometry, lido_error *error) {
    const bool same = options->window.padding.mode == LIDO_SAME;
    numbers n;
    *geometry = (lido_geometry){.rank = x->rank};
    if (x->rank == 0)
        return lido_fail(error, LIDO_SHAPE, "a window needs spatial axes, the input is a vector");
    memcpy(geometry->output, x->axis, sizeof geometry->output);
    lido_status status = read_numbers(options, x->rank, geometry, &n, error);
    for (int a = 0; a < LIDO_MAX_AXES && !status; a++) {
        status = check_axis(geometry, a, &n, same, error);
        if (status) break;
        if (same)
            pad_same(geometry, a);
        else
            status = size_axis(geometry, a, &n, error);
    }
    return status;
}

lido_status lido_upward_shape(const lido_geometry *geometry, int64_t channels, lido_shape *y,
                              lido_error *error) {
    int64_t dims[LIDO_MAX_AXES + 1];
    int count = 0;
    for (int a = LIDO_MAX_AXES - geometry->rank; a < LIDO_MAX_AXES; a++)
        dims[count++] = geometry->input[a];
    dims[count++] = channels;
    return lido_shape_make(dims, count, y, error);
}

/* ---- unpooling ------------------------------------------------------------------------------- */

enum { PIECE_ELEMENTS = 1 << 14 };

static lido_upward_cut make_cut(const int64_t whole[LIDO_MAX_AXES], int64_t elements) {
    lido_upward_cut made = {.blocks = (elements + PIECE_ELEMENTS - 1) / PIECE_ELEMENTS};
    while (made.axis < LIDO_MAX_AXES - 1 && whole[made.axis] == 1) made.axis++;
    if (made.blocks > whole[made.axis]) made.blocks = whole[made.axis];
    memcpy(made.whole, whole, sizeof made.whole);
    return made;
}

lido_status lido_upward_plan_make(lido_upward_plan *plan, const lido_shape *y, lido_error *error) {
    const lido_geometry *g = &plan->geometry;
    plan->grid = (lido_grid){.cells = 1};
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        plan->grid.axis[a] = (lido_windows){.length = g->input[a],
                                            .outputs = g->output[a],
                                            .kernel = g->kernel[a],
                                            .step = g->dilation[a]};
        if (!lido_mul(plan->grid.cells, g->kernel[a], &plan->grid.cells))
            return lido_fail(error, LIDO_TOO_LARGE, "a window has too many cells");
    }
    plan->x = make_cut(g->output, lido_shape_size(y));
    plan->y = make_cut(g->input, lido_shape_size(y));
    return LIDO_OK;
}

size_t lido_upward_tables(const lido_upward_plan *plan) {
    const int64_t listed = plan->grid.cells <= LIDO_LISTED_CELLS ? plan->grid.cells : 0;
    size_t bytes = (size_t)listed * sizeof *plan->grid.cell;
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        bytes += (size_t)plan->grid.axis[a].outputs * sizeof(lido_window);
    return bytes;
}

void lido_upward_fill(lido_upward_plan *plan, void *tables) {
    lido_window *windows = tables;
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        lido_windows_slide(&plan->geometry, a, windows);
        plan->grid.axis[a].at = windows;
        windows += plan->grid.axis[a].outputs;
    }
    lido_grid_finish(&plan->grid, (int64_t *)windows);
}

lido_upward_piece lido_upward_piece_of(const lido_upward_cut *cut, int64_t index) {
    const int64_t block = index % cut->blocks, length = cut->whole[cut->axis];
    lido_upward_piece piece = {.sample = index / cut->blocks};
    memcpy(piece.box.last, cut->whole, sizeof piece.box.last);
    piece.box.first[cut->axis] = length * block / cut->blocks;
    piece.box.last[cut->axis] = length * (block + 1) / cut->blocks;
    return piece;
}

lido_real *lido_upward_clear(const lido_upward_plan *plan, const lido_call *call,
                             const lido_upward_piece *piece) {
    const int64_t channels = call->y_shape->channels;
    lido_real *y = call->y + piece->sample * lido_shape_size(call->y_shape);
    int64_t low, high;
    lido_box_run(&plan->grid, &piece->box, &low, &high);
    memset(y + low * channels, 0, (size_t)((high - low) * channels) * sizeof *y);
    return y;
}

void lido_upward_run(const lido_call *call, const lido_upward_cut *cut, lido_piece piece) {
    lido_call copy = *call;
    lido_team_run(call->team, call->batch * cut->blocks, piece, &copy);
}

void *lido_upward_scratch(const lido_call *call, int worker) {
    return call->worker_scratch + (size_t)worker * call->worker_stride;
}
