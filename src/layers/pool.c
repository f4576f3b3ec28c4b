/* pool.c - the adapter between layers and reducers: fills the window tables, draws the random
 * numbers, cuts the batch into pieces that write disjoint memory, hands each to the reducer, and
 * adds up the gradients of its parameters. */
#include "layers/pool.h"

#include "base/team.h"
#include "kernels/pool_extremum.h"
#include "kernels/pool_mean.h"
#include "kernels/stream.h"
#include "layers/draws.h"
#include "layers/pool_grid.h"
#include "layers/switches.h"

#include <stdio.h>
#include <string.h>

enum {
    PIECE_ELEMENTS = 1 << 14,  /* of the input: worth a call, and within L2 with its output */
    MAPPED_ELEMENTS = 1 << 16, /* where cells at a piece's ends are taken twice */
    CHUNKS = 16                /* partial sums of the gradient of parameters, at most */
};

/* How the work on one sample is cut: blocks along one axis. */
typedef struct pool_cut {
    int axis;
    int64_t blocks;
    int64_t whole[LIDO_MAX_AXES];
} pool_cut;

/* The tables of a layer begin with this; the layout's tables follow. */
typedef struct pool_plan {
    const lido_reducer *reducer;
    lido_layout layout;
    lido_pool_demand demand;
    pool_cut forward[LIDO_MAX_LIST]; /* of each part of the layout */
    pool_cut backward;
    int64_t pieces;                 /* of one sample, forward: the blocks of all parts */
    int64_t count[LIDO_MAX_PARAMS]; /* elements of each parameter */
    int64_t params;                 /* their sum */
    int64_t row; /* random numbers of a sample: its grid's, its own, those of its outputs */
} pool_plan;

/* ---- planning ------------------------------------------------------------------------------ */

lido_status lido_pool_needs_nonnegative(const lido_site *site, const char *because,
                                        lido_error *error) {
    if (site->x_nonnegative[0]) return LIDO_OK;
    return lido_fail(error, LIDO_SPEC,
                     "the input of %s may be negative, allowed: what comes from relu, sigmoid, "
                     "softmax or pooling of such; %s",
                     site->layer->name, because);
}

static lido_status check_inputs(const lido_site *site, lido_error *error) {
    char x[64], map[64];
    if (site->inputs < 2 || lido_shape_equal(&site->x[0], &site->x[1])) return LIDO_OK;
    return lido_fail(error, LIDO_SHAPE, "the second input is %s, allowed: %s, as the first",
                     lido_shape_text(&site->x[1], map, sizeof map),
                     lido_shape_text(&site->x[0], x, sizeof x));
}

static lido_status count_params(pool_plan *plan, lido_error *error) {
    for (int j = 0; j < plan->demand.params; j++) {
        const lido_param *param = &plan->demand.param[j];
        plan->count[j] = 1;
        for (int i = 0; i < param->rank; i++)
            if (!lido_mul(plan->count[j], param->dim[i], &plan->count[j]) ||
                plan->count[j] > LIDO_MAX_ELEMENTS)
                return lido_fail(error, LIDO_TOO_LARGE, "\"%s\" has too many elements",
                                 param->name);
        plan->params += plan->count[j];
    }
    return LIDO_OK;
}

static lido_status count_draws(pool_plan *plan, const lido_shape *y, lido_error *error) {
    const int64_t drawn = lido_layout_draws(&plan->layout);
    if (!lido_mul(lido_shape_size(y), plan->demand.output_draws, &plan->row) ||
        plan->demand.draws > LIDO_MAX_DRAWS - drawn ||
        plan->row > LIDO_MAX_DRAWS - drawn - plan->demand.draws)
        return lido_fail(error, LIDO_TOO_LARGE, "a sample takes more than %lld random numbers",
                         (long long)LIDO_MAX_DRAWS);
    plan->row += drawn + plan->demand.draws;
    return LIDO_OK;
}

/* "1 along H, 1 along W, then 12: the cell of each output" */
static void describe_draws(const pool_plan *plan, char text[LIDO_TEXT_SIZE]) {
    const int64_t *drawn = plan->layout.draws, own = plan->row - lido_layout_draws(&plan->layout);
    size_t used = 0;
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        if (drawn[a] > 0)
            used += (size_t)snprintf(text + used, LIDO_TEXT_SIZE - used, "%s%lld along %c",
                                     used ? ", " : "", (long long)drawn[a], "DHW"[a]);
    if (own > 0)
        snprintf(text + used, LIDO_TEXT_SIZE - used, "%s%lld: %s", used ? ", then " : "",
                 (long long)own, plan->demand.decides);
}

static pool_cut cut(const int64_t whole[LIDO_MAX_AXES], int64_t elements, int64_t most) {
    pool_cut made = {.axis = 0, .blocks = (elements + most - 1) / most};
    while (made.axis < LIDO_MAX_AXES - 1 && whole[made.axis] == 1) made.axis++;
    if (made.blocks > whole[made.axis]) made.blocks = whole[made.axis];
    for (int a = 0; a < LIDO_MAX_AXES; a++) made.whole[a] = whole[a];
    return made;
}

/* Whether the windows hold each cell more than one and a half times. */
static bool overlaps(const lido_grid *grid) {
    double times = 1;
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        times *=
            (double)(grid->axis[a].outputs * grid->axis[a].kernel) / (double)grid->axis[a].length;
    return times > 1.5;
}

static bool is_mapped(const pool_plan *plan) {
    bool any = plan->layout.averaged;
    for (int p = 0; p < plan->layout.parts; p++) any |= overlaps(&plan->layout.part[p]);
    return any && plan->demand.maps > 0;
}

static void cut_plan(const lido_site *site, pool_plan *plan) {
    const int64_t elements = lido_shape_size(site->x);
    const int64_t most = is_mapped(plan) ? MAPPED_ELEMENTS : PIECE_ELEMENTS;
    for (int p = 0; p < plan->layout.parts; p++) {
        const lido_windows *axis = plan->layout.part[p].axis;
        const int64_t outputs[] = {axis[0].outputs, axis[1].outputs, axis[2].outputs};
        plan->forward[p] = cut(outputs, elements, most);
        plan->pieces += plan->forward[p].blocks;
    }
    plan->backward = cut(site->x->axis, elements, most);
}

static lido_status infer_reducer(const lido_site *site, pool_plan *plan, lido_error *error) {
    const lido_grid *largest = &plan->layout.part[plan->layout.largest];
    return plan->reducer->infer(site, largest, &plan->demand, error);
}

/* All of the plan but the tables' contents. */
static lido_status make_plan(const lido_site *site, pool_plan *plan, lido_needs *needs,
                             lido_error *error) {
    *plan = (pool_plan){.reducer = site->layer->family,
                        .demand = {.nonnegative = site->x_nonnegative[0]}};
    lido_status status = check_inputs(site, error);
    if (!status) status = lido_layout_make(site, &plan->layout, needs, error);
    if (!status) status = infer_reducer(site, plan, error);
    if (!status) status = count_params(plan, error);
    if (!status) status = count_draws(plan, &needs->y, error);
    if (!status) cut_plan(site, plan);
    return status;
}

/* Parts of a batch whose gradients of parameters are summed apart. */
static int64_t chunks(const pool_plan *plan, int64_t batch) {
    const int64_t pieces = batch * plan->pieces;
    return pieces < CHUNKS ? pieces : CHUNKS;
}

/* ---- memory -------------------------------------------------------------------------------- */

static size_t aligned(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

/* The scratch of a call: a partial sum for each chunk, a row of random numbers for each sample, a
 * grid for each sample. */
static size_t rows_at(const pool_plan *plan, int64_t batch) {
    return aligned((size_t)(chunks(plan, batch) * plan->params) * sizeof(double));
}

static size_t grids_at(const pool_plan *plan, int64_t batch) {
    return rows_at(plan, batch) + aligned((size_t)(batch * plan->row) * sizeof(float));
}

/* The scratch of a worker where outputs are averaged: the reducer's, the average's, all outputs. */
static size_t averaging_at(const pool_plan *plan) {
    return aligned(plan->demand.scratch);
}

static size_t every_at(const pool_plan *plan, int64_t channels) {
    return averaging_at(plan) + aligned(lido_mean_scratch(channels));
}

/* Behind all that, the reducer's maps. */
static size_t maps_at(const pool_plan *plan, const lido_shape *x) {
    if (!plan->layout.averaged) return aligned(plan->demand.scratch);
    return every_at(plan, x->channels) + aligned((size_t)lido_shape_size(x) * sizeof(lido_real));
}

/* a * b * size bytes, with room for others like it. */
static bool fits(int64_t a, int64_t b, size_t size) {
    int64_t product;
    return lido_mul(a, b, &product) && lido_mul(product, (int64_t)size, &product) &&
           product <= INT64_MAX / 8;
}

static lido_status book(const lido_site *site, const pool_plan *plan, lido_needs *needs,
                        lido_error *error) {
    const int64_t batch = site->batch, elements = lido_shape_size(&needs->y);
    const size_t grid = lido_layout_drawn_size(&plan->layout);
    if (!fits(elements, batch, plan->demand.saved) || !fits(plan->row, batch, sizeof(float)) ||
        !fits(plan->params, CHUNKS, sizeof(double)) || !fits(batch, 1, grid))
        return lido_fail(error, LIDO_TOO_LARGE, "a batch of more than 2^60 bytes");
    needs->saved = (size_t)(elements * batch) * plan->demand.saved;
    needs->scratch = grids_at(plan, batch) + (size_t)batch * grid;
    needs->scratch_worker = maps_at(plan, site->x);
    if (is_mapped(plan))
        needs->scratch_worker +=
            (size_t)(lido_shape_size(site->x) * plan->demand.maps) * sizeof(lido_real);
    needs->tables = sizeof *plan + lido_layout_tables(&plan->layout);
    return LIDO_OK;
}

lido_status lido_pool_infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    pool_plan plan;
    lido_status status = make_plan(site, &plan, needs, error);
    if (status) return status;
    const lido_pool_demand *demand = &plan.demand;
    needs->backward_reads_x = demand->reads_x;
    needs->backward_reads_y = demand->reads_y;
    needs->nonnegative = demand->nonnegative;
    needs->draws = plan.row;
    describe_draws(&plan, needs->draws_text);
    needs->draws_evaluating = lido_layout_is_drawn(&plan.layout, false);
    needs->selects = demand->selects && !plan.layout.averaged;
    needs->switches[1] = demand->switches != LIDO_SWITCHES_NONE;
    needs->switches[0] = needs->switches[1] && !demand->only_drawn && !plan.layout.averaged;
    needs->params = demand->params;
    memcpy(needs->param, demand->param, sizeof needs->param);
    return book(site, &plan, needs, error);
}

void lido_pool_prepare(const lido_site *site, const lido_needs *needs, void *tables) {
    pool_plan *plan = tables;
    lido_needs ignored = *needs;
    make_plan(site, plan, &ignored, NULL);
    lido_layout_fill(&plan->layout, plan + 1);
}

/* ---- random draws -------------------------------------------------------------------------- */

static float *draws_of(const lido_call *call, int64_t sample) {
    const pool_plan *plan = call->tables;
    float *rows = (float *)((char *)call->scratch + rows_at(plan, call->batch));
    return rows + sample * plan->row;
}

/* The grid of a sample, where each has its own. */
static void *drawn_grid(const lido_call *call, int64_t sample) {
    const pool_plan *plan = call->tables;
    char *grids = (char *)call->scratch + grids_at(plan, call->batch);
    return grids + (size_t)sample * lido_layout_drawn_size(&plan->layout);
}

static void draw_sample(void *context, int64_t sample, int worker) {
    (void)worker;
    const lido_call *call = context;
    const pool_plan *plan = call->tables;
    lido_draws(&call->draw, sample, plan->row, draws_of(call, sample));
    if (lido_layout_is_drawn(&plan->layout, call->training))
        lido_layout_draw(&plan->layout, draws_of(call, sample), drawn_grid(call, sample));
}

/* For one pass; `reducer`: whether the reducer reads its numbers in it. */
static void draw_batch(lido_call *call, bool reducer) {
    const pool_plan *plan = call->tables;
    if (plan->row > 0 && (reducer || lido_layout_is_drawn(&plan->layout, call->training)))
        lido_team_run(call->team, call->batch, draw_sample, call);
}

/* ---- pieces -------------------------------------------------------------------------------- */

static lido_box make_box(const pool_cut *cut, int64_t block) {
    lido_box box = {{0}, {0}};
    int64_t length = cut->whole[cut->axis];
    for (int a = 0; a < LIDO_MAX_AXES; a++) box.last[a] = cut->whole[a];
    box.first[cut->axis] = length * block / cut->blocks;
    box.last[cut->axis] = length * (block + 1) / cut->blocks;
    return box;
}

static const lido_grid *grid_of(const lido_call *call, int64_t sample, int part) {
    const pool_plan *plan = call->tables;
    if (lido_layout_is_drawn(&plan->layout, call->training)) return drawn_grid(call, sample);
    return &plan->layout.part[part];
}

/* This worker's maps; NULL where the grid has no use for them. */
static lido_real *maps_of(const lido_call *call, const lido_grid *grid, int worker) {
    const pool_plan *plan = call->tables;
    if (plan->demand.maps == 0 || !overlaps(grid)) return NULL;
    return (lido_real *)(call->worker_scratch + (size_t)worker * call->worker_stride +
                         maps_at(plan, call->x_shape));
}

/* A sample's part of the layout. */
static lido_pool_piece make_piece(const lido_call *call, int64_t sample, int part, int worker) {
    const pool_plan *plan = call->tables;
    lido_pool_piece piece = {.config = call->config,
                             .grid = grid_of(call, sample, part),
                             .channels = call->x_shape->channels,
                             .training = call->training,
                             .scratch =
                                 call->worker_scratch + (size_t)worker * call->worker_stride};
    piece.maps = maps_of(call, piece.grid, worker);
    for (int j = 0; j < plan->demand.params; j++) piece.w[j] = call->w[j];
    return piece;
}

/* Where a part's outputs begin in a sample. */
static int64_t part_at(const pool_plan *plan, int part, int64_t channels) {
    int64_t outputs = 0;
    for (int p = 0; p < part; p++) outputs += lido_grid_outputs(&plan->layout.part[p]);
    return outputs * channels;
}

static void give_inputs(const lido_call *call, int64_t sample, lido_pool_piece *piece) {
    const int64_t at = sample * lido_shape_size(call->x_shape);
    piece->x = call->x[0] + at;
    if (call->inputs > 1) piece->map = call->x[1] + at;
}

static void give_draws(const lido_call *call, int64_t sample, int part, lido_pool_piece *piece) {
    const pool_plan *plan = call->tables;
    const lido_pool_demand *demand = &plan->demand;
    const float *draws = draws_of(call, sample) + lido_layout_draws(&plan->layout);
    if (demand->draws > 0) piece->draws = draws;
    if (demand->output_draws > 0)
        piece->output_draws =
            draws + demand->draws + part_at(plan, part, piece->channels) * demand->output_draws;
}

static void give_saved(const lido_call *call, int64_t sample, int part, lido_pool_piece *piece) {
    const pool_plan *plan = call->tables;
    const int64_t at =
        sample * lido_shape_size(call->y_shape) + part_at(plan, part, piece->channels);
    if (plan->demand.saved > 0)
        piece->saved = (char *)call->saved + (size_t)at * plan->demand.saved;
}

/* What is read after forward. */
static void give_gradient(const lido_call *call, int64_t sample, int part, lido_pool_piece *piece) {
    const pool_plan *plan = call->tables;
    const int64_t at =
        sample * lido_shape_size(call->y_shape) + part_at(plan, part, piece->channels);
    piece->dy = call->dy + at;
    give_saved(call, sample, part, piece);
    if (plan->demand.reads_y) piece->y = call->y + at;
    if (plan->demand.reads_x) give_inputs(call, sample, piece);
    if (plan->demand.reads_draws) give_draws(call, sample, part, piece);
}

/* The sample, the part and, returned, the block of it that piece `index` of a batch is. */
static int64_t locate(const pool_plan *plan, int64_t index, int64_t *sample, int *part) {
    int64_t block = index % plan->pieces;
    *sample = index / plan->pieces;
    for (*part = 0; block >= plan->forward[*part].blocks; ++*part)
        block -= plan->forward[*part].blocks;
    return block;
}

/* ---- forward ------------------------------------------------------------------------------- */

static void forward_piece(void *context, int64_t index, int worker) {
    const lido_call *call = context;
    const pool_plan *plan = call->tables;
    int64_t sample;
    int part;
    const int64_t block = locate(plan, index, &sample, &part);
    lido_pool_piece piece = make_piece(call, sample, part, worker);
    piece.box = make_box(&plan->forward[part], block);
    piece.y =
        call->y + sample * lido_shape_size(call->y_shape) + part_at(plan, part, piece.channels);
    piece.streams = lido_is_streamed(call->batch * lido_shape_size(call->y_shape));
    give_inputs(call, sample, &piece);
    if (call->training || call->lends) give_saved(call, sample, part, &piece);
    if (call->training) give_draws(call, sample, part, &piece);
    plan->reducer->forward(&piece);
}

static lido_box whole_box(const lido_grid *grid) {
    lido_box box = {{0}, {0}};
    for (int a = 0; a < LIDO_MAX_AXES; a++) box.last[a] = grid->axis[a].outputs;
    return box;
}

/* A sample in evaluation, where the outputs of windows at every cell are averaged. */
static void average_sample(void *context, int64_t sample, int worker) {
    static const lido_mean mean = {.divisor = LIDO_BY_CELLS};
    const lido_call *call = context;
    const pool_plan *plan = call->tables;
    const lido_grid *means = &plan->layout.means;
    const lido_box whole = whole_box(means);
    lido_pool_piece piece = make_piece(call, sample, 0, worker);
    char *scratch = piece.scratch;
    piece.grid = &plan->layout.every;
    piece.maps = maps_of(call, piece.grid, worker);
    piece.box = whole_box(piece.grid);
    piece.y = (lido_real *)(scratch + every_at(plan, piece.channels));
    give_inputs(call, sample, &piece);
    plan->reducer->forward(&piece);
    lido_mean_forward(&mean, piece.y, means, piece.channels, &whole, scratch + averaging_at(plan),
                      call->y + sample * lido_shape_size(call->y_shape));
}

void lido_pool_forward(const lido_call *call) {
    const pool_plan *plan = call->tables;
    lido_call copy = *call;
    draw_batch(&copy, call->training);
    if (plan->layout.averaged && !call->training)
        lido_team_run(call->team, call->batch, average_sample, &copy);
    else
        lido_team_run(call->team, call->batch * plan->pieces, forward_piece, &copy);
}

/* ---- backward ------------------------------------------------------------------------------ */

/* The sample's gradient of one input, its box cleared; NULL when it is not wanted. */
static lido_real *cleared(lido_real *dx, int64_t at, const lido_pool_piece *piece) {
    int64_t low, high;
    if (!dx) return NULL;
    lido_box_run(piece->grid, &piece->box, &low, &high);
    memset(dx + at + low * piece->channels, 0,
           (size_t)((high - low) * piece->channels) * sizeof *dx);
    return dx + at;
}

static void backward_piece(void *context, int64_t index, int worker) {
    const lido_call *call = context;
    const pool_plan *plan = call->tables;
    const int64_t sample = index / plan->backward.blocks;
    const int64_t at = sample * lido_shape_size(call->x_shape);
    lido_real *dx = NULL, *dmap = NULL;
    for (int part = 0; part < plan->layout.parts; part++) {
        lido_pool_piece piece = make_piece(call, sample, part, worker);
        piece.box = make_box(&plan->backward, index % plan->backward.blocks);
        if (part == 0) dx = cleared(call->dx[0], at, &piece);
        if (part == 0 && call->inputs > 1) dmap = cleared(call->dx[1], at, &piece);
        piece.dx = dx;
        piece.dmap = dmap;
        give_gradient(call, sample, part, &piece);
        plan->reducer->backward(&piece);
    }
}

static void params_piece(const lido_call *call, int64_t index, int worker, double *partial) {
    const pool_plan *plan = call->tables;
    int64_t sample;
    int part;
    const int64_t block = locate(plan, index, &sample, &part);
    lido_pool_piece piece = make_piece(call, sample, part, worker);
    piece.box = make_box(&plan->forward[part], block);
    give_gradient(call, sample, part, &piece);
    for (int j = 0; j < plan->demand.params; j++) {
        piece.dw[j] = partial;
        partial += plan->count[j];
    }
    plan->reducer->backward_params(&piece);
}

static void params_chunk(void *context, int64_t chunk, int worker) {
    const lido_call *call = context;
    const pool_plan *plan = call->tables;
    const int64_t pieces = call->batch * plan->pieces, parts = chunks(plan, call->batch);
    double *partial = (double *)call->scratch + chunk * plan->params;
    memset(partial, 0, (size_t)plan->params * sizeof *partial);
    for (int64_t i = pieces * chunk / parts; i < pieces * (chunk + 1) / parts; i++)
        params_piece(call, i, worker, partial);
}

/* dw[i] = the sum of all chunks' parts, in order. */
static void sum_params(const lido_call *call, const double *partial, int64_t count, lido_real *dw) {
    const pool_plan *plan = call->tables;
    const int64_t parts = chunks(plan, call->batch);
    for (int64_t i = 0; i < count; i++) {
        double sum = 0;
        for (int64_t k = 0; k < parts; k++) sum += partial[k * plan->params + i];
        dw[i] = (lido_real)sum;
    }
}

static void backward_params(lido_call *call) {
    const pool_plan *plan = call->tables;
    const double *partial = call->scratch;
    lido_team_run(call->team, chunks(plan, call->batch), params_chunk, call);
    for (int j = 0; j < plan->demand.params; j++) {
        sum_params(call, partial, plan->count[j], call->dw[j]);
        partial += plan->count[j];
    }
}

static bool wants_inputs(const lido_call *call) {
    return call->dx[0] || (call->inputs > 1 && call->dx[1]);
}

void lido_pool_backward(const lido_call *call) {
    const pool_plan *plan = call->tables;
    lido_call copy = *call;
    draw_batch(&copy, plan->demand.reads_draws);
    if (wants_inputs(call))
        lido_team_run(call->team, call->batch * plan->backward.blocks, backward_piece, &copy);
    if (plan->params > 0 && call->dw[0]) backward_params(&copy);
}

/* ---- switches ------------------------------------------------------------------------------ */

typedef struct switches_job {
    const lido_call *call;
    int64_t *position;
} switches_job;

/* Of all windows of a piece's grid. */
static void read_switches(const lido_pool_piece *piece, bool wide, int64_t *position) {
    const lido_windows *axis = piece->grid->axis;
    const size_t size = wide ? sizeof(uint32_t) : lido_switch_size(piece->grid->cells);
    int64_t o[LIDO_MAX_AXES];
    for (o[0] = 0; o[0] < axis[0].outputs; o[0]++)
        for (o[1] = 0; o[1] < axis[1].outputs; o[1]++)
            for (o[2] = 0; o[2] < axis[2].outputs; o[2]++, position += piece->channels)
                lido_switch_positions(piece->grid, piece->saved, size, o, piece->channels,
                                      position);
}

static void switches_sample(void *context, int64_t sample, int worker) {
    const switches_job *job = context;
    const lido_call *call = job->call;
    const pool_plan *plan = call->tables;
    int64_t *position = job->position + sample * lido_shape_size(call->y_shape);
    for (int part = 0; part < plan->layout.parts; part++) {
        lido_pool_piece piece = make_piece(call, sample, part, worker);
        give_saved(call, sample, part, &piece);
        read_switches(&piece, plan->demand.switches == LIDO_SWITCHES_WIDE,
                      position + part_at(plan, part, piece.channels));
    }
}

void lido_pool_switches(const lido_call *call, int64_t *position) {
    lido_call copy = *call;
    switches_job job = {&copy, position};
    draw_batch(&copy, false);
    lido_team_run(call->team, call->batch, switches_sample, &job);
}

/* ---- looking at a layer --------------------------------------------------------------------- */

bool lido_layer_is_pool(const lido_layer *layer) {
    return layer->forward == lido_pool_forward;
}

int64_t lido_pool_cells(const void *tables) {
    const pool_plan *plan = tables;
    return plan->layout.kind->lacks[LIDO_GRID_ONE_KERNEL] ? 0 : plan->layout.part[0].cells;
}

int lido_pool_parts(const lido_call *call) {
    return ((const pool_plan *)call->tables)->layout.parts;
}

const lido_grid *lido_pool_grid(const lido_call *call, int64_t sample, int part, int64_t *at) {
    *at = part_at(call->tables, part, call->x_shape->channels);
    return grid_of(call, sample, part);
}
