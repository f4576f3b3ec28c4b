/* pool.c - the adapter between layers and reducers: resolves the grid, fills its tables, cuts the
 * batch into pieces that write disjoint memory, and hands each to the reducer. */
#include "layers/pool.h"

#include "base/parallel.h"

/* ---- grids --------------------------------------------------------------------------------- */

/* Elements of the input that make one piece: worth a call, and within L2 with its output. */
enum { PIECE_ELEMENTS = 1 << 14 };

typedef struct pool_plan pool_plan;

/* A way to lay windows. `resolve` sets plan->grid's sizes, the layer's output axes and its reach;
 * `fill` writes the windows of one axis. */
typedef struct grid_kind {
    const char *key; /* the option that asks for it */
    bool (*asked)(const lido_grid_config *config);
    lido_status (*resolve)(const lido_site *site, pool_plan *plan, lido_needs *needs,
                           lido_error *error);
    void (*fill)(const pool_plan *plan, int axis, lido_window *windows);
} grid_kind;

/* How the work on one sample is cut: blocks along one axis. */
typedef struct pool_cut {
    int axis;
    int64_t blocks;
    int64_t whole[LIDO_MAX_AXES];
} pool_cut;

/* The tables of a layer begin with this; windows and cell list follow. */
struct pool_plan {
    const lido_reducer *reducer;
    const grid_kind *kind;
    lido_geometry geometry; /* of a kernel grid */
    lido_grid grid;
    pool_cut forward, backward;
    size_t saved; /* bytes for each element of the output */
};

static const lido_grid_config *grid_config(const lido_site *site) {
    return site->config;
}

static bool asks_kernel(const lido_grid_config *config) {
    return config->kernel.count > 0;
}

static bool asks_global(const lido_grid_config *config) {
    return config->global;
}

static bool asks_output_size(const lido_grid_config *config) {
    return config->output_size.count > 0;
}

static lido_status resolve_kernel(const lido_site *site, pool_plan *plan, lido_needs *needs,
                                  lido_error *error) {
    const lido_grid_config *config = site->config;
    const lido_window_options options = {.kernel = config->kernel,
                                         .stride = config->stride,
                                         .dilation = config->dilation,
                                         .padding = config->padding,
                                         .ceil = config->ceil,
                                         .stride_is_kernel = true};
    const lido_geometry *geometry = &plan->geometry;
    lido_status status = lido_geometry_make(&options, site->x, &plan->geometry, error);
    if (status) return status;
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        plan->grid.axis[a] = (lido_windows){.length = geometry->input[a],
                                            .outputs = geometry->output[a],
                                            .kernel = geometry->kernel[a],
                                            .step = geometry->dilation[a]};
        needs->extent[a] = lido_geometry_extent(geometry, a);
        needs->stride[a] = geometry->stride[a];
    }
    return LIDO_OK;
}

static void fill_kernel(const pool_plan *plan, int axis, lido_window *windows) {
    lido_windows_slide(&plan->geometry, axis, windows);
}

static lido_status resolve_adaptive(const lido_shape *x, const int64_t outputs[LIDO_MAX_AXES],
                                    pool_plan *plan, lido_error *error) {
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        int64_t product, length = x->axis[a];
        if (!lido_mul(length, outputs[a] + 1, &product))
            return lido_fail(error, LIDO_TOO_LARGE, "the input is too long to be cut into windows");
        plan->grid.axis[a] = (lido_windows){.length = length,
                                            .outputs = outputs[a],
                                            .kernel = lido_adaptive_kernel(length, outputs[a]),
                                            .step = 1};
    }
    return LIDO_OK;
}

static lido_status resolve_global(const lido_site *site, pool_plan *plan, lido_needs *needs,
                                  lido_error *error) {
    static const int64_t one[LIDO_MAX_AXES] = {1, 1, 1};
    if (site->x->rank == 0)
        return lido_fail(error, LIDO_SHAPE, "pooling needs spatial axes, the input is a vector");
    needs->whole_map = true;
    return resolve_adaptive(site->x, one, plan, error);
}

static lido_status resolve_output_size(const lido_site *site, pool_plan *plan, lido_needs *needs,
                                       lido_error *error) {
    const lido_grid_config *config = site->config;
    int64_t outputs[LIDO_MAX_AXES];
    if (site->x->rank == 0)
        return lido_fail(error, LIDO_SHAPE, "pooling needs spatial axes, the input is a vector");
    lido_status status =
        lido_axes_expand(&config->output_size, site->x->rank, 1, "output_size", outputs, error);
    if (status) return status;
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        if (outputs[a] == 0) outputs[a] = site->x->axis[a];
    status = resolve_adaptive(site->x, outputs, plan, error);
    if (status) return status;
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        int64_t stride = site->x->axis[a] / outputs[a];
        needs->extent[a] = plan->grid.axis[a].kernel;
        needs->stride[a] = stride > 0 ? stride : 1;
    }
    return LIDO_OK;
}

static void fill_adaptive(const pool_plan *plan, int axis, lido_window *windows) {
    const lido_windows *of = &plan->grid.axis[axis];
    lido_windows_adapt(of->length, of->outputs, windows);
}

static const grid_kind kinds[] = {
    {"kernel", asks_kernel, resolve_kernel, fill_kernel},
    {"global", asks_global, resolve_global, fill_adaptive},
    {"output_size", asks_output_size, resolve_output_size, fill_adaptive},
};

/* ---- checking ------------------------------------------------------------------------------ */

static lido_status choose_kind(const lido_site *site, const grid_kind **kind, lido_error *error) {
    *kind = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!kinds[i].asked(grid_config(site))) continue;
        if (*kind)
            return lido_fail(error, LIDO_SPEC,
                             "\"%s\" and \"%s\" conflict, allowed: one of kernel, global, "
                             "output_size",
                             (*kind)->key, kinds[i].key);
        *kind = &kinds[i];
    }
    if (!*kind)
        return lido_fail(error, LIDO_SPEC,
                         "the windows are missing, allowed: one of kernel, global, output_size");
    return LIDO_OK;
}

/* Refuses a written option that means something with `key` only. */
static lido_status check_belongs(const lido_site *site, const char *option, const char *key,
                                 lido_error *error) {
    const grid_kind *kind;
    lido_status status = choose_kind(site, &kind, error);
    if (status || kind->key == key) return status;
    if (!lido_is_given(site->layer->options, site->given, option)) return LIDO_OK;
    return lido_fail(error, LIDO_SPEC, "\"%s\" has no meaning with \"%s\", only with \"%s\"",
                     option, kind->key, key);
}

lido_status lido_pool_needs_kernel(const lido_site *site, const char *option, lido_error *error) {
    return check_belongs(site, option, kinds[0].key, error);
}

static lido_status check_options(const lido_site *site, lido_error *error) {
    static const char *const of_kernel[] = {"stride", "padding", "dilation", "ceil"};
    lido_status status = LIDO_OK;
    for (size_t i = 0; i < sizeof of_kernel / sizeof *of_kernel && !status; i++)
        status = check_belongs(site, of_kernel[i], kinds[0].key, error);
    return status ? status : check_belongs(site, "keepdims", kinds[1].key, error);
}

/* ---- planning ------------------------------------------------------------------------------ */

static lido_status count_cells(lido_grid *grid, lido_error *error) {
    grid->cells = 1;
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        if (!lido_mul(grid->cells, grid->axis[a].kernel, &grid->cells))
            return lido_fail(error, LIDO_TOO_LARGE, "a window has too many cells");
    return LIDO_OK;
}

static lido_status shape_output(const lido_site *site, const pool_plan *plan, lido_needs *needs,
                                lido_error *error) {
    int64_t dims[LIDO_MAX_AXES + 1];
    int count = 0;
    bool vector = plan->kind->asked == asks_global && !grid_config(site)->keepdims;
    for (int a = LIDO_MAX_AXES - site->x->rank; a < LIDO_MAX_AXES && !vector; a++)
        dims[count++] = plan->grid.axis[a].outputs;
    dims[count++] = site->x->channels;
    return lido_shape_make(dims, count, &needs->y, error);
}

static pool_cut cut(const int64_t whole[LIDO_MAX_AXES], int64_t elements) {
    pool_cut made = {.axis = 0, .blocks = (elements + PIECE_ELEMENTS - 1) / PIECE_ELEMENTS};
    while (made.axis < LIDO_MAX_AXES - 1 && whole[made.axis] == 1) made.axis++;
    if (made.blocks > whole[made.axis]) made.blocks = whole[made.axis];
    for (int a = 0; a < LIDO_MAX_AXES; a++) made.whole[a] = whole[a];
    return made;
}

/* All of the plan but the tables' contents. */
static lido_status make_plan(const lido_site *site, pool_plan *plan, lido_needs *needs,
                             lido_error *error) {
    *plan = (pool_plan){.reducer = site->layer->family};
    lido_status status = choose_kind(site, &plan->kind, error);
    if (!status) status = check_options(site, error);
    if (!status) status = plan->kind->resolve(site, plan, needs, error);
    if (!status) status = count_cells(&plan->grid, error);
    if (!status) status = shape_output(site, plan, needs, error);
    return status;
}

static void cut_plan(const lido_site *site, pool_plan *plan) {
    const lido_windows *axis = plan->grid.axis;
    const int64_t outputs[] = {axis[0].outputs, axis[1].outputs, axis[2].outputs};
    int64_t elements = lido_shape_size(site->x);
    plan->forward = cut(outputs, elements);
    plan->backward = cut(site->x->axis, elements);
}

static size_t listed_cells(const lido_grid *grid) {
    return grid->cells <= LIDO_LISTED_CELLS ? (size_t)grid->cells : 0;
}

lido_status lido_pool_infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    pool_plan plan;
    lido_pool_demand demand = {0};
    lido_status status = make_plan(site, &plan, needs, error);
    if (!status) status = plan.reducer->infer(site, &plan.grid, &demand, error);
    if (status) return status;
    int64_t saved;
    if (!lido_mul(lido_shape_size(&needs->y), site->batch, &saved) ||
        !lido_mul(saved, (int64_t)demand.saved, &saved))
        return lido_fail(error, LIDO_TOO_LARGE, "a batch of more than 2^63 bytes");
    needs->saved = (size_t)saved;
    needs->scratch_worker = demand.scratch;
    needs->tables = sizeof plan + listed_cells(&plan.grid) * sizeof *plan.grid.cell;
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        needs->tables += (size_t)plan.grid.axis[a].outputs * sizeof(lido_window);
    needs->nonnegative = site->x_nonnegative[0];
    return LIDO_OK;
}

void lido_pool_prepare(const lido_site *site, const lido_needs *needs, void *tables) {
    pool_plan *plan = tables;
    lido_needs ignored = *needs;
    lido_pool_demand demand = {0};
    make_plan(site, plan, &ignored, NULL);
    plan->reducer->infer(site, &plan->grid, &demand, NULL);
    plan->saved = demand.saved;
    cut_plan(site, plan);
    lido_window *windows = (lido_window *)(plan + 1);
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        plan->kind->fill(plan, a, windows);
        plan->grid.axis[a].at = windows;
        windows += plan->grid.axis[a].outputs;
    }
    lido_grid_finish(&plan->grid, (int64_t *)windows);
}

/* ---- running ------------------------------------------------------------------------------- */

/* Elements of one sample. */
static int64_t sample_size(const pool_cut *cut, int64_t channels) {
    return cut->whole[0] * cut->whole[1] * cut->whole[2] * channels;
}

/* Piece `index` of the batch: which sample, and which part of it. */
static lido_pool_piece make_piece(const lido_call *call, const pool_cut *cut, int64_t index,
                                  int worker, int64_t *sample) {
    const pool_plan *plan = call->tables;
    int64_t block = index % cut->blocks, length = cut->whole[cut->axis];
    lido_pool_piece piece = {.config = call->config,
                             .grid = &plan->grid,
                             .channels = call->x_shape->channels,
                             .scratch =
                                 call->worker_scratch + (size_t)worker * call->worker_stride};
    for (int a = 0; a < LIDO_MAX_AXES; a++) piece.box.last[a] = cut->whole[a];
    piece.box.first[cut->axis] = length * block / cut->blocks;
    piece.box.last[cut->axis] = length * (block + 1) / cut->blocks;
    *sample = index / cut->blocks;
    if (plan->saved > 0 && call->saved) {
        int64_t elements = sample_size(&plan->forward, piece.channels);
        piece.saved = (char *)call->saved + (size_t)(*sample * elements) * plan->saved;
    }
    return piece;
}

static void forward_piece(void *context, int64_t index, int worker) {
    const lido_call *call = context;
    const pool_plan *plan = call->tables;
    int64_t sample;
    lido_pool_piece piece = make_piece(call, &plan->forward, index, worker, &sample);
    piece.x = call->x[0] + sample * sample_size(&plan->backward, piece.channels);
    piece.y = call->y + sample * sample_size(&plan->forward, piece.channels);
    if (!call->training) piece.saved = NULL;
    plan->reducer->forward(&piece);
}

static void backward_piece(void *context, int64_t index, int worker) {
    const lido_call *call = context;
    const pool_plan *plan = call->tables;
    int64_t sample;
    lido_pool_piece piece = make_piece(call, &plan->backward, index, worker, &sample);
    piece.dy = call->dy + sample * sample_size(&plan->forward, piece.channels);
    piece.dx = call->dx[0] + sample * sample_size(&plan->backward, piece.channels);
    plan->reducer->backward(&piece);
}

void lido_pool_forward(const lido_call *call) {
    const pool_plan *plan = call->tables;
    lido_call copy = *call;
    lido_parallel(call->threads, call->batch * plan->forward.blocks, forward_piece, &copy);
}

void lido_pool_backward(const lido_call *call) {
    const pool_plan *plan = call->tables;
    lido_call copy = *call;
    if (!call->dx[0]) return;
    lido_parallel(call->threads, call->batch * plan->backward.blocks, backward_piece, &copy);
}
