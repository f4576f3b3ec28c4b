/* pool_statistics.c - what the pooling layers of a network do to the samples it is shown.
 *
 * No reducer is known here by name: a layer is run as in training on the input that evaluation
 * gives it, and its own backward is asked where gradients go. The outputs are taken in passes in
 * which no two windows share a cell, with dy = 1 at those of the pass and 0 at the others: dx in
 * the cells of a window is then that window's alone. A sample is looked at by one thread, in one
 * order, and the samples are added up in order: neither threads nor batches change a bit. */
#include "base/team.h"
#include "layers/pool.h"
#include "net/arena.h"
#include "net/graph.h"
#include "net/plan.h"

#include <lido/net.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is counted, of one sample or of all. */
typedef struct counts {
    double sum;                       /* of the input */
    int64_t elements, zeros, reached; /* of the input */
    int64_t windows, tied, empty;     /* in one channel each */
    bool uneven;                      /* the cells of some window receive different gradients */
} counts;

/* A pooling layer. */
typedef struct watched {
    int node;
    lido_needs needs;
    void *tables;
    int64_t cells; /* of each window; 0 where they differ */
    counts total;
    double
        *share; /* share[cells]: the parts of its gradient that windows send to each cell, added */
} watched;

/* Memory that the layers use one after another. */
enum {
    OUTPUT,          /* of the layer, (batch, y) */
    OUTPUT_GRADIENT, /* (batch, y) */
    INPUT_GRADIENT,  /* (batch, x) */
    SAVED,
    SCRATCH,
    WORKER_SCRATCH,
    REACHED,  /* bytes, (batch, x): an element has received a gradient */
    COUNTS,   /* counts[batch] */
    SHARES,   /* double[batch][cells] */
    CHANNELS, /* column[workers][C] */
    BUFFERS
};

struct lido_pool_statistics {
    const lido_graph *graph;
    int64_t batch;
    lido_team *team;
    int layers;
    watched *layer; /* layer[graph->nodes], of which layers are used */
    void *buffer[BUFFERS];
};

/* One window in one channel. */
typedef struct column {
    double sum, most, least; /* of |dx| */
    lido_real value;         /* of the cell that receives most; of several, the largest */
    int64_t holders;         /* cells of that value */
    bool filled;             /* a cell is not zero */
} column;

/* ---- making -------------------------------------------------------------------------------- */

static lido_status too_large(const lido_node *node, lido_error *error) {
    return lido_fail(error, LIDO_TOO_LARGE, "layer \"%s\": too large for pooling statistics",
                     node->name);
}

static int64_t stride_of(const lido_needs *needs) {
    return ((int64_t)needs->scratch_worker / LIDO_ALIGNMENT + 1) * LIDO_ALIGNMENT;
}

/* bytes[] = at least what the layer needs of each buffer. */
static bool book(const lido_pool_statistics *of, const watched *layer, int64_t bytes[BUFFERS]) {
    const int workers = lido_team_threads(of->team);
    const lido_shape *x = of->graph->node[layer->node].x_shape;
    const int64_t real = sizeof(lido_real), y_size = lido_shape_size(&layer->needs.y);
    const struct {
        int buffer;
        int64_t count, size;
    } asks[] = {
        {OUTPUT, of->batch, y_size * real},
        {OUTPUT_GRADIENT, of->batch, y_size * real},
        {INPUT_GRADIENT, of->batch, lido_shape_size(x) * real},
        {SAVED, 1, (int64_t)layer->needs.saved},
        {SCRATCH, 1, (int64_t)layer->needs.scratch},
        {WORKER_SCRATCH, workers, stride_of(&layer->needs)},
        {REACHED, of->batch, lido_shape_size(x)},
        {COUNTS, of->batch, sizeof(counts)},
        {SHARES, of->batch, layer->cells * (int64_t)sizeof(double)},
        {CHANNELS, workers, x->channels * (int64_t)sizeof(column)},
    };
    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
        int64_t needed, *booked = &bytes[asks[i].buffer];
        if (!lido_mul(asks[i].count, asks[i].size, &needed)) return false;
        if (needed > *booked) *booked = needed;
    }
    return true;
}

/* The layer's tables are its own, filled by itself. */
static lido_status watch(lido_pool_statistics *of, int index, int64_t bytes[BUFFERS],
                         lido_error *error) {
    const lido_node *node = &of->graph->node[index];
    watched *layer = &of->layer[of->layers];
    layer->node = index;
    lido_status status = lido_node_needs(node, of->batch, &layer->needs, error);
    if (status) return status;
    layer->tables = lido_arena_new((int64_t)layer->needs.tables);
    if (!layer->tables) return lido_fail(error, LIDO_MEMORY, "out of memory for tables");
    of->layers++;
    lido_site other, site = lido_node_site(node, of->batch, &other);
    node->layer->prepare(&site, &layer->needs, layer->tables);
    layer->cells = lido_pool_cells(layer->tables);
    if (layer->cells > LIDO_MAX_ELEMENTS || !book(of, layer, bytes)) return too_large(node, error);
    layer->share = calloc((size_t)layer->cells + 1, sizeof *layer->share);
    return layer->share ? LIDO_OK : lido_fail(error, LIDO_MEMORY, "out of memory for a window");
}

static lido_status allocate(lido_pool_statistics *of, const int64_t bytes[BUFFERS],
                            lido_error *error) {
    for (int i = 0; i < BUFFERS; i++) {
        of->buffer[i] = lido_arena_new(bytes[i]);
        if (!of->buffer[i])
            return lido_fail(error, LIDO_MEMORY,
                             "out of memory: pooling statistics ask for %lld bytes more",
                             (long long)bytes[i]);
    }
    return LIDO_OK;
}

lido_status lido_pool_statistics_make(const lido_graph *graph, int64_t batch, lido_team *team,
                                      lido_pool_statistics **out, lido_error *error) {
    int64_t bytes[BUFFERS] = {0};
    *out = NULL;
    if (batch < 1)
        return lido_fail(error, LIDO_USAGE, "a batch of at least 1, not %lld", (long long)batch);
    lido_pool_statistics *of = calloc(1, sizeof *of);
    if (!of) return lido_fail(error, LIDO_MEMORY, "out of memory");
    of->graph = graph;
    of->batch = batch;
    of->team = team;
    of->layer = calloc((size_t)graph->nodes, sizeof *of->layer);
    lido_status status = of->layer ? LIDO_OK : lido_fail(error, LIDO_MEMORY, "out of memory");
    for (int i = 0; i < graph->nodes && !status; i++)
        if (lido_layer_is_pool(graph->node[i].layer)) status = watch(of, i, bytes, error);
    if (!status) status = allocate(of, bytes, error);
    if (status)
        lido_pool_statistics_free(of);
    else
        *out = of;
    return status;
}

void lido_pool_statistics_free(lido_pool_statistics *of) {
    if (!of) return;
    for (int i = 0; i < of->layers; i++) {
        free(of->layer[i].tables);
        free(of->layer[i].share);
    }
    for (int i = 0; i < BUFFERS; i++) free(of->buffer[i]);
    free(of->layer);
    free(of);
}

/* ---- passes -------------------------------------------------------------------------------- */

/* A layer while it is looked at. */
typedef struct view {
    const lido_pool_statistics *of;
    watched *layer;
    lido_call call;
    lido_real *dy, *dx[LIDO_MAX_INPUTS];
    int part;
    int64_t pass;
} view;

/* The windows of a pass: of each axis window number `first`, and every apart-th from there on. */
typedef struct pass {
    const lido_grid *grid;
    int64_t at; /* where the grid's outputs begin in the sample's */
    int64_t first[LIDO_MAX_AXES], apart[LIDO_MAX_AXES];
    int64_t count; /* passes of the sample */
} pass;

/* The least n for which windows o and o + n never share a cell. */
static int64_t apart_along(const lido_windows *axis) {
    int64_t most = 1;
    for (int64_t o = 0, next = 0; o < axis->outputs; o++) {
        const int64_t end = axis->at[o].start + (axis->at[o].count - 1) * axis->step;
        if (next <= o) next = o + 1;
        while (next < axis->outputs && axis->at[next].start <= end) next++;
        if (next - o > most) most = next - o;
    }
    return most;
}

static pass pass_of(const view *v, int64_t sample) {
    int64_t left = v->pass;
    pass p = {.count = 1};
    p.grid = lido_pool_grid(&v->call, sample, v->part, &p.at);
    for (int a = LIDO_MAX_AXES - 1; a >= 0; a--) {
        p.apart[a] = apart_along(&p.grid->axis[a]);
        p.first[a] = left % p.apart[a];
        p.count *= p.apart[a];
        left /= p.apart[a];
    }
    return p;
}

/* Calls `visit` for each window of the pass; of samples with fewer passes, for none. */
static void each_window(const view *v, int64_t sample, int worker,
                        void (*visit)(const view *v, int64_t sample, int worker, const pass *p,
                                      const int64_t o[LIDO_MAX_AXES])) {
    const pass p = pass_of(v, sample);
    const lido_windows *axis = p.grid->axis;
    int64_t o[LIDO_MAX_AXES];
    if (v->pass >= p.count) return;
    for (o[0] = p.first[0]; o[0] < axis[0].outputs; o[0] += p.apart[0])
        for (o[1] = p.first[1]; o[1] < axis[1].outputs; o[1] += p.apart[1])
            for (o[2] = p.first[2]; o[2] < axis[2].outputs; o[2] += p.apart[2])
                visit(v, sample, worker, &p, o);
}

/* ---- one sample ---------------------------------------------------------------------------- */

static counts *counts_of(const view *v, int64_t sample) {
    return (counts *)v->of->buffer[COUNTS] + sample;
}

static double *shares_of(const view *v, int64_t sample) {
    return (double *)v->of->buffer[SHARES] + sample * v->layer->cells;
}

static uint8_t *reached_of(const view *v, int64_t sample) {
    return (uint8_t *)v->of->buffer[REACHED] + sample * lido_shape_size(v->call.x_shape);
}

static void begin_sample(void *context, int64_t sample, int worker) {
    (void)worker;
    const view *v = context;
    const int64_t elements = lido_shape_size(v->call.x_shape);
    const lido_real *x = v->call.x[0] + sample * elements;
    counts *c = counts_of(v, sample);
    *c = (counts){.elements = elements};
    for (int64_t i = 0; i < elements; i++) {
        c->sum += (double)x[i];
        c->zeros += x[i] == 0;
    }
    memset(reached_of(v, sample), 0, (size_t)elements);
    memset(shares_of(v, sample), 0, (size_t)v->layer->cells * sizeof(double));
}

static void end_sample(void *context, int64_t sample, int worker) {
    (void)worker;
    const view *v = context;
    counts *c = counts_of(v, sample);
    const uint8_t *reached = reached_of(v, sample);
    for (int64_t i = 0; i < c->elements; i++) c->reached += reached[i];
}

static void mark_window(const view *v, int64_t sample, int worker, const pass *p,
                        const int64_t o[LIDO_MAX_AXES]) {
    (void)worker;
    const lido_windows *axis = p->grid->axis;
    const int64_t channels = v->call.x_shape->channels;
    const int64_t output = (o[0] * axis[1].outputs + o[1]) * axis[2].outputs + o[2];
    lido_real *dy = v->dy + sample * lido_shape_size(v->call.y_shape) + p->at + output * channels;
    for (int64_t c = 0; c < channels; c++) dy[c] = 1;
}

static void mark_sample(void *context, int64_t sample, int worker) {
    const view *v = context;
    const int64_t elements = lido_shape_size(v->call.y_shape);
    memset(v->dy + sample * elements, 0, (size_t)elements * sizeof *v->dy);
    each_window(v, sample, worker, mark_window);
}

/* What one cell adds to what is known of its window. */
static void weigh(column *w, lido_real x, lido_real dx) {
    const double weight = fabs((double)dx);
    w->filled = w->filled || x != 0;
    w->sum += weight;
    if (weight > w->most || (weight == w->most && x > w->value)) w->value = x;
    if (weight > w->most) w->most = weight;
    if (weight < w->least) w->least = weight;
}

static void count_window(counts *c, const column *w) {
    c->windows++;
    c->tied += w->holders > 1;
    c->empty += !w->filled;
    c->uneven = c->uneven || w->most > w->least;
}

static void read_window(const view *v, int64_t sample, int worker, const pass *p,
                        const int64_t o[LIDO_MAX_AXES]) {
    const int64_t channels = v->call.x_shape->channels;
    const int64_t at = sample * lido_shape_size(v->call.x_shape);
    const lido_real *x = v->call.x[0] + at, *dx = v->dx[0] + at;
    column *window = (column *)v->of->buffer[CHANNELS] + worker * channels;
    double *share = shares_of(v, sample);
    uint8_t *reached = reached_of(v, sample);
    lido_cells cells;

    for (int64_t c = 0; c < channels; c++)
        window[c] = (column){.most = -1, .least = INFINITY, .value = (lido_real)NAN};
    lido_cells_begin(&cells, p->grid, o[0], o[1], o[2], NULL);
    while (lido_cells_next(&cells))
        for (int i = 0; i < cells.count; i++)
            for (int64_t c = 0, e = cells.position[i] * channels; c < channels; c++, e++) {
                weigh(&window[c], x[e], dx[e]);
                reached[e] |= dx[e] != 0;
            }
    lido_cells_begin(&cells, p->grid, o[0], o[1], o[2], NULL);
    while (lido_cells_next(&cells))
        for (int i = 0; i < cells.count; i++)
            for (int64_t c = 0, e = cells.position[i] * channels; c < channels; c++, e++) {
                window[c].holders += x[e] == window[c].value;
                if (v->layer->cells > 0 && window[c].sum > 0 && isfinite(window[c].sum))
                    share[cells.number[i]] += fabs((double)dx[e]) / window[c].sum;
            }
    for (int64_t c = 0; c < channels; c++) count_window(counts_of(v, sample), &window[c]);
}

static void read_sample(void *context, int64_t sample, int worker) {
    each_window(context, sample, worker, read_window);
}

/* ---- one batch ----------------------------------------------------------------------------- */

/* The layer run as in training, in memory of its own. */
static view open_view(lido_pool_statistics *of, watched *layer, const lido_call *shown) {
    void *const *buffer = of->buffer;
    view v = {.of = of,
              .layer = layer,
              .call = *shown,
              .dy = buffer[OUTPUT_GRADIENT],
              .dx = {buffer[INPUT_GRADIENT]}};
    lido_call *call = &v.call;
    call->training = true;
    call->tables = layer->tables;
    call->y = buffer[OUTPUT];
    call->dy = v.dy;
    call->saved = buffer[SAVED];
    call->scratch = buffer[SCRATCH];
    call->worker_scratch = buffer[WORKER_SCRATCH];
    call->worker_stride = (size_t)stride_of(&layer->needs);
    memset(call->dw, 0, sizeof call->dw);
    call->team = of->team;
    return v;
}

static int64_t passes_of(const view *v) {
    int64_t most = 0;
    for (int64_t n = 0; n < v->call.batch; n++) {
        const int64_t count = pass_of(v, n).count;
        if (count > most) most = count;
    }
    return most;
}

static void look_at_part(view *v) {
    const lido_layer *layer = v->of->graph->node[v->layer->node].layer;
    const lido_call *call = &v->call;
    v->pass = 0;
    for (const int64_t passes = passes_of(v); v->pass < passes; v->pass++) {
        lido_team_run(call->team, call->batch, mark_sample, v);
        layer->backward(call);
        lido_team_run(call->team, call->batch, read_sample, v);
    }
}

static void add_sample(const view *v, int64_t sample) {
    const counts *c = counts_of(v, sample);
    const double *share = shares_of(v, sample);
    counts *total = &v->layer->total;
    total->sum += c->sum;
    total->elements += c->elements;
    total->zeros += c->zeros;
    total->reached += c->reached;
    total->windows += c->windows;
    total->tied += c->tied;
    total->empty += c->empty;
    total->uneven = total->uneven || c->uneven;
    for (int64_t i = 0; i < v->layer->cells; i++) v->layer->share[i] += share[i];
}

static void look(void *context, int node, const lido_call *shown) {
    lido_pool_statistics *of = context;
    for (int i = 0; i < of->layers; i++) {
        if (of->layer[i].node != node) continue;
        view v = open_view(of, &of->layer[i], shown);
        v.call.dx = v.dx;
        of->graph->node[node].layer->forward(&v.call);
        lido_team_run(v.call.team, v.call.batch, begin_sample, &v);
        for (; v.part < lido_pool_parts(&v.call); v.part++) look_at_part(&v);
        lido_team_run(v.call.team, v.call.batch, end_sample, &v);
        for (int64_t n = 0; n < v.call.batch; n++) add_sample(&v, n);
    }
}

void lido_pool_statistics_add(lido_pool_statistics *of, lido_net *net, const lido_batch *batch) {
    lido_batch unlabelled = *batch;
    unlabelled.labels = NULL;
    lido_net_forward_shown(net, &unlabelled, look, of);
}

/* ---- results ------------------------------------------------------------------------------- */

static double entropy_of(const watched *layer) {
    double sum = 0, bits = 0;
    for (int64_t i = 0; i < layer->cells; i++) sum += layer->share[i];
    for (int64_t i = 0; i < layer->cells; i++) {
        const double p = layer->share[i] / sum;
        if (p > 0) bits -= p * log2(p);
    }
    return layer->total.uneven && layer->cells > 1 && sum > 0 ? bits : NAN;
}

int lido_pool_statistics_layers(const lido_pool_statistics *of) {
    return of->layers;
}

void lido_pool_statistics_get(const lido_pool_statistics *of, int index,
                              lido_pool_summary *summary) {
    const watched *layer = &of->layer[index];
    const counts *c = &layer->total;
    const double elements = (double)c->elements, windows = (double)c->windows;
    *summary = (lido_pool_summary){.layer = layer->node,
                                   .mean = c->sum / elements,
                                   .zeros = (double)c->zeros / elements,
                                   .reached = (double)c->reached / elements,
                                   .tied = (double)c->tied / windows,
                                   .empty = (double)c->empty / windows,
                                   .entropy = entropy_of(layer)};
    summary->evenness = summary->entropy / log2((double)layer->cells);
}
