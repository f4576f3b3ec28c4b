/* pool.c - the adapter between layers and reducers: fills the window tables, draws the random
 * numbers, cuts the batch into pieces that write disjoint memory, hands each to the reducer, and
 * adds up the gradients of its parameters. */
#include "layers/pool.h"

#include "base/parallel.h"
#include "layers/draws.h"
#include "layers/pool_grid.h"

#include <string.h>

enum {
    PIECE_ELEMENTS = 1 << 14, /* of the input: worth a call, and within L2 with its output */
    CHUNKS = 16               /* partial sums of the gradient of parameters, at most */
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
    pool_cut forward, backward;
    int64_t count[LIDO_MAX_PARAMS]; /* elements of each parameter */
    int64_t params;                 /* their sum */
    int64_t row;                    /* random numbers of a sample */
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
    if (!lido_mul(lido_shape_size(y), plan->demand.output_draws, &plan->row) ||
        plan->row > LIDO_MAX_DRAWS - plan->demand.draws)
        return lido_fail(error, LIDO_TOO_LARGE, "a sample takes more than %lld random numbers",
                         (long long)LIDO_MAX_DRAWS);
    plan->row += plan->demand.draws;
    return LIDO_OK;
}

static pool_cut cut(const int64_t whole[LIDO_MAX_AXES], int64_t elements) {
    pool_cut made = {.axis = 0, .blocks = (elements + PIECE_ELEMENTS - 1) / PIECE_ELEMENTS};
    while (made.axis < LIDO_MAX_AXES - 1 && whole[made.axis] == 1) made.axis++;
    if (made.blocks > whole[made.axis]) made.blocks = whole[made.axis];
    for (int a = 0; a < LIDO_MAX_AXES; a++) made.whole[a] = whole[a];
    return made;
}

static void cut_plan(const lido_site *site, pool_plan *plan) {
    const lido_windows *axis = plan->layout.grid.axis;
    const int64_t outputs[] = {axis[0].outputs, axis[1].outputs, axis[2].outputs};
    int64_t elements = lido_shape_size(site->x);
    plan->forward = cut(outputs, elements);
    plan->backward = cut(site->x->axis, elements);
}

/* All of the plan but the tables' contents. */
static lido_status make_plan(const lido_site *site, pool_plan *plan, lido_needs *needs,
                             lido_error *error) {
    *plan = (pool_plan){.reducer = site->layer->family,
                        .demand = {.nonnegative = site->x_nonnegative[0]}};
    lido_status status = check_inputs(site, error);
    if (!status) status = lido_layout_make(site, &plan->layout, needs, error);
    if (!status) status = plan->reducer->infer(site, &plan->layout.grid, &plan->demand, error);
    if (!status) status = count_params(plan, error);
    if (!status) status = count_draws(plan, &needs->y, error);
    if (!status) cut_plan(site, plan);
    return status;
}

/* Parts of a batch whose gradients of parameters are summed apart. */
static int64_t chunks(const pool_plan *plan, int64_t batch) {
    const int64_t pieces = batch * plan->forward.blocks;
    return pieces < CHUNKS ? pieces : CHUNKS;
}

/* The scratch of a call: a partial sum for each chunk, then a row of draws for each sample. */
static size_t partial_bytes(const pool_plan *plan, int64_t batch) {
    return (size_t)(chunks(plan, batch) * plan->params) * sizeof(double);
}

static lido_status book(const lido_site *site, const pool_plan *plan, lido_needs *needs,
                        lido_error *error) {
    int64_t saved, rows, params;
    if (!lido_mul(lido_shape_size(&needs->y), site->batch, &saved) ||
        !lido_mul(saved, (int64_t)plan->demand.saved, &saved) ||
        !lido_mul(plan->row, site->batch, &rows) ||
        !lido_mul(rows, (int64_t)sizeof(float), &rows) ||
        !lido_mul(plan->params, (int64_t)(CHUNKS * sizeof(double)), &params) ||
        params > INT64_MAX - rows)
        return lido_fail(error, LIDO_TOO_LARGE, "a batch of more than 2^63 bytes");
    needs->saved = (size_t)saved;
    needs->scratch = partial_bytes(plan, site->batch) + (size_t)rows;
    needs->scratch_worker = plan->demand.scratch;
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
    float *rows = (float *)((char *)call->scratch + partial_bytes(plan, call->batch));
    return rows + sample * plan->row;
}

static void draw_sample(void *context, int64_t sample, int worker) {
    (void)worker;
    const lido_call *call = context;
    const pool_plan *plan = call->tables;
    lido_draws(&call->draw, sample, plan->row, draws_of(call, sample));
}

static void draw_batch(lido_call *call) {
    const pool_plan *plan = call->tables;
    if (plan->row > 0) lido_parallel(call->threads, call->batch, draw_sample, call);
}

/* ---- pieces -------------------------------------------------------------------------------- */

/* Elements of one sample. */
static int64_t sample_size(const pool_cut *cut, int64_t channels) {
    return cut->whole[0] * cut->whole[1] * cut->whole[2] * channels;
}

static lido_box make_box(const pool_cut *cut, int64_t block) {
    lido_box box = {{0}, {0}};
    int64_t length = cut->whole[cut->axis];
    for (int a = 0; a < LIDO_MAX_AXES; a++) box.last[a] = cut->whole[a];
    box.first[cut->axis] = length * block / cut->blocks;
    box.last[cut->axis] = length * (block + 1) / cut->blocks;
    return box;
}

/* What forward and backward have in common. */
static lido_pool_piece make_piece(const lido_call *call, const pool_cut *cut, int64_t index,
                                  int worker) {
    const pool_plan *plan = call->tables;
    const int64_t sample = index / cut->blocks, channels = call->x_shape->channels;
    lido_pool_piece piece = {.config = call->config,
                             .grid = &plan->layout.grid,
                             .channels = channels,
                             .training = call->training,
                             .box = make_box(cut, index % cut->blocks),
                             .scratch =
                                 call->worker_scratch + (size_t)worker * call->worker_stride};
    for (int j = 0; j < plan->demand.params; j++) piece.w[j] = call->w[j];
    if (!call->training && !call->lends) return piece;
    if (plan->demand.draws > 0) piece.draws = draws_of(call, sample);
    if (plan->demand.output_draws > 0)
        piece.output_draws = draws_of(call, sample) + plan->demand.draws;
    if (plan->demand.saved > 0) {
        int64_t elements = sample_size(&plan->forward, channels);
        piece.saved = (char *)call->saved + (size_t)(sample * elements) * plan->demand.saved;
    }
    return piece;
}

static void give_inputs(const lido_call *call, int64_t sample, lido_pool_piece *piece) {
    const pool_plan *plan = call->tables;
    int64_t at = sample * sample_size(&plan->backward, piece->channels);
    piece->x = call->x[0] + at;
    if (call->inputs > 1) piece->map = call->x[1] + at;
}

static void give_gradient(const lido_call *call, int64_t sample, lido_pool_piece *piece) {
    const pool_plan *plan = call->tables;
    int64_t at = sample * sample_size(&plan->forward, piece->channels);
    piece->dy = call->dy + at;
    if (plan->demand.reads_y) piece->y = call->y + at;
    if (plan->demand.reads_x) give_inputs(call, sample, piece);
    if (plan->demand.reads_draws) return;
    piece->draws = piece->output_draws = NULL;
}

/* ---- forward ------------------------------------------------------------------------------- */

static void forward_piece(void *context, int64_t index, int worker) {
    const lido_call *call = context;
    const pool_plan *plan = call->tables;
    const int64_t sample = index / plan->forward.blocks;
    lido_pool_piece piece = make_piece(call, &plan->forward, index, worker);
    give_inputs(call, sample, &piece);
    piece.y = call->y + sample * sample_size(&plan->forward, piece.channels);
    plan->reducer->forward(&piece);
}

void lido_pool_forward(const lido_call *call) {
    const pool_plan *plan = call->tables;
    lido_call copy = *call;
    if (call->training) draw_batch(&copy);
    lido_parallel(call->threads, call->batch * plan->forward.blocks, forward_piece, &copy);
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
    lido_pool_piece piece = make_piece(call, &plan->backward, index, worker);
    const int64_t at = sample * sample_size(&plan->backward, piece.channels);
    give_gradient(call, sample, &piece);
    piece.dx = cleared(call->dx[0], at, &piece);
    if (call->inputs > 1) piece.dmap = cleared(call->dx[1], at, &piece);
    plan->reducer->backward(&piece);
}

static void params_piece(const lido_call *call, int64_t index, int worker, double *partial) {
    const pool_plan *plan = call->tables;
    lido_pool_piece piece = make_piece(call, &plan->forward, index, worker);
    give_gradient(call, index / plan->forward.blocks, &piece);
    for (int j = 0; j < plan->demand.params; j++) {
        piece.dw[j] = partial;
        partial += plan->count[j];
    }
    plan->reducer->backward_params(&piece);
}

static void params_chunk(void *context, int64_t chunk, int worker) {
    const lido_call *call = context;
    const pool_plan *plan = call->tables;
    const int64_t pieces = call->batch * plan->forward.blocks, parts = chunks(plan, call->batch);
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
    lido_parallel(call->threads, chunks(plan, call->batch), params_chunk, call);
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
    if (plan->demand.reads_draws) draw_batch(&copy);
    if (wants_inputs(call))
        lido_parallel(call->threads, call->batch * plan->backward.blocks, backward_piece, &copy);
    if (plan->params > 0 && call->dw[0]) backward_params(&copy);
}
