/* net.c - a graph with all its memory in place, and how it is run: a loop over calls made
 * beforehand. Making a net does everything that can fail; a run only fills in the batch. */
#include "base/machine.h"
#include "base/team.h"
#include "net/arena.h"
#include "net/init.h"
#include "net/loss.h"
#include "net/steps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct lido_net {
    const lido_graph *graph;
    lido_net_options options;
    lido_placement placement;
    lido_memory memory;
    lido_net_memory bytes;
    char *table_block;
    lido_steps steps;
    int64_t *sample; /* 0, 1, 2, ...: for batches that do not say */
    lido_net_viewer watcher;
    void *watching; /* what the watcher is given */
};

static const lido_node *last_node(const lido_net *net) {
    return &net->graph->node[net->graph->nodes - 1];
}

/* ---- making -------------------------------------------------------------------------------- */

static lido_status check_options(const lido_graph *graph, const lido_net_options *options,
                                 lido_error *error) {
    if (options->batch < 1)
        return lido_fail(error, LIDO_USAGE, "a net takes a batch of at least 1, not %lld",
                         (long long)options->batch);
    if (options->input_gradient && !options->training)
        return lido_fail(error, LIDO_USAGE, "a gradient of the input needs a training net");
    if (options->input_gradient || options->loss != LIDO_LOSS_CROSS_ENTROPY) return LIDO_OK;
    const lido_node *last = &graph->node[graph->nodes - 1];
    if (strcmp(last->layer->name, "softmax") == 0) return LIDO_OK;
    return lido_fail(error, LIDO_SPEC,
                     "the loss \"%s\" needs a softmax as the last layer, not \"%s\" (%s)",
                     lido_loss_names[options->loss], last->name, last->layer->name);
}

static int64_t padded(int64_t bytes) {
    return (bytes + LIDO_ALIGNMENT - 1) / LIDO_ALIGNMENT * LIDO_ALIGNMENT;
}

static lido_status count_bytes(lido_net *net, lido_error *error) {
    lido_net_memory *bytes = &net->bytes;
    bytes->arena = net->placement.bytes;
    bytes->params = net->graph->params * (int64_t)sizeof(lido_real);
    bytes->gradients = net->options.training ? bytes->params : 0;
    bytes->state = net->graph->states * (int64_t)sizeof(lido_real);
    for (int i = 0; i < net->graph->nodes; i++) {
        size_t tables = net->placement.place[i].needs.tables;
        if (tables > SIZE_MAX / 4 || bytes->tables > INT64_MAX / 4)
            return lido_fail(error, LIDO_TOO_LARGE, "layer \"%s\" asks for too large tables",
                             net->graph->node[i].name);
        bytes->tables += padded((int64_t)tables);
    }
    return LIDO_OK;
}

static lido_status allocate_all(lido_net *net, lido_error *error) {
    lido_status status = count_bytes(net, error);
    if (status) return status;
    const lido_net_memory *bytes = &net->bytes;
    net->memory = (lido_memory){
        .arena = lido_arena_new(bytes->arena),
        .params = lido_arena_new(bytes->params),
        .gradients = net->options.training ? lido_arena_new(bytes->gradients) : NULL,
        .state = lido_arena_new(bytes->state),
        .tables = calloc((size_t)net->graph->nodes, sizeof(void *)),
    };
    net->table_block = lido_arena_new(bytes->tables);
    int64_t samples;
    if (lido_mul(net->options.batch, sizeof *net->sample, &samples))
        net->sample = malloc((size_t)samples);
    if (net->memory.arena && net->memory.params && net->memory.state && net->memory.tables &&
        net->table_block && net->sample && (net->memory.gradients || !net->options.training))
        return LIDO_OK;
    return lido_fail(error, LIDO_MEMORY,
                     "out of memory: the plan asks for %lld bytes of activations, %lld of "
                     "parameters and gradients, %lld of tables",
                     (long long)bytes->arena,
                     (long long)(bytes->params + bytes->gradients + bytes->state),
                     (long long)bytes->tables);
}

static void prepare_tables(lido_net *net) {
    char *next = net->table_block;
    for (int i = 0; i < net->graph->nodes; i++) {
        const lido_node *node = &net->graph->node[i];
        const lido_needs *needs = &net->placement.place[i].needs;
        if (needs->tables == 0) continue;
        lido_site of, site = lido_node_site(node, net->options.batch, &of);
        node->layer->prepare(&site, needs, next);
        net->memory.tables[i] = next;
        next += padded((int64_t)needs->tables);
    }
}

static void fill_segments(lido_net *net) {
    for (int i = 0; i < net->graph->segments; i++) {
        const lido_segment *segment = &net->graph->segment[i];
        const lido_node *node = &net->graph->node[segment->layer];
        const lido_param *param =
            segment->state ? &node->needs.state[segment->part] : &node->needs.param[segment->part];
        lido_real *vector = segment->state ? net->memory.state : net->memory.params;
        lido_init_fill(param, net->options.seed, node->name, segment->part,
                       vector + segment->offset);
    }
}

static void clear_segments(lido_net *net) {
    memset(net->memory.params, 0, (size_t)net->bytes.params);
    memset(net->memory.state, 0, (size_t)net->bytes.state);
}

lido_status lido_net_make(const lido_graph *graph, const lido_net_options *options, lido_net **out,
                          lido_error *error) {
    *out = NULL;
    lido_status status = check_options(graph, options, error);
    if (status) return status;
    lido_net *net = calloc(1, sizeof *net);
    if (!net) return lido_fail(error, LIDO_MEMORY, "out of memory");
    net->graph = graph;
    net->options = *options;
    status = lido_placement_make(graph, &net->options, &net->placement, error);
    if (!status) status = allocate_all(net, error);
    if (!status) {
        prepare_tables(net);
        status = lido_steps_make(graph, &net->placement, &net->memory, options->seed, &net->steps,
                                 error);
    }
    if (status) {
        lido_net_free(net);
        return status;
    }
    if (options->undrawn)
        clear_segments(net);
    else
        fill_segments(net);
    for (int64_t i = 0; i < options->batch; i++) net->sample[i] = i;
    *out = net;
    return LIDO_OK;
}

void lido_net_free(lido_net *net) {
    if (!net) return;
    lido_steps_free(&net->steps);
    lido_placement_free(&net->placement);
    free(net->memory.arena);
    free(net->memory.params);
    free(net->memory.gradients);
    free(net->memory.state);
    free(net->memory.tables);
    free(net->table_block);
    free(net->sample);
    free(net);
}

/* ---- running ------------------------------------------------------------------------------- */

typedef struct run {
    lido_net *net;
    const lido_batch *batch;
    bool training;
    int blas_threads; /* before the run */
} run;

static run begin(lido_net *net, const lido_batch *batch, bool training) {
    for (int i = 0; i < net->steps.images; i++) *net->steps.image[i] = batch->x;
    for (int i = 0; i < net->steps.boxed; i++) *net->steps.boxes[i] = batch->boxes;
    return (run){
        .net = net, .batch = batch, .training = training, .blas_threads = lido_blas_threads_set(1)};
}

static void end(const run *r) {
    lido_blas_threads_set(r->blas_threads);
}

#if !defined(NDEBUG) || defined(LIDO_SANITIZED)
/* All bits set is a NaN: whoever reads what has not been written shows it. */
static void poison(const lido_call *call) {
    size_t bytes = (size_t)(lido_shape_size(call->y_shape) * call->batch) * sizeof(lido_real);
    if (!call->dy && call->y != call->x[0]) memset(call->y, 0xFF, bytes);
    for (int k = 0; call->dy && k < call->inputs; k++) {
        bytes = (size_t)(lido_shape_size(&call->x_shape[k]) * call->batch) * sizeof(lido_real);
        if (call->dx[k] && call->dx[k] != call->dy) memset(call->dx[k], 0xFF, bytes);
    }
}
#else
static void poison(const lido_call *call) {
    (void)call;
}
#endif

static lido_call complete(const run *r, const lido_step *step) {
    lido_call call = step->call;
    call.batch = r->batch->count;
    call.team = r->net->options.team;
    call.training = r->training;
    if (!r->training && !call.lends) call.saved = NULL;
    call.draw = (lido_draw){.key = step->key[r->training],
                            .step = r->batch->step,
                            .sample = r->batch->sample ? r->batch->sample : r->net->sample};
    return call;
}

/* call: NULL after the loss. */
static void tell(const run *r, int layer, const lido_call *call) {
    if (r->net->watcher) r->net->watcher(r->net->watching, layer, call);
}

static void run_step(const run *r, const lido_step *step) {
    const lido_call call = complete(r, step);
    poison(&call);
    step->run(&call);
    tell(r, step->node, &call);
}

typedef struct addition {
    lido_real *into;
    const lido_real *from;
    int64_t count;
} addition;

enum { ADDITION_PIECE = 16384 };

static void add_piece(void *context, int64_t index, int worker) {
    (void)worker;
    const addition *a = context;
    int64_t first = index * ADDITION_PIECE, last = first + ADDITION_PIECE;
    if (last > a->count) last = a->count;
    for (int64_t i = first; i < last; i++) a->into[i] += a->from[i];
}

static void run_additions(const lido_step *step, const lido_call *call) {
    for (int k = 0; k < call->inputs; k++) {
        if (!step->sum[k]) continue;
        addition a = {.into = step->sum[k],
                      .from = step->dx[k],
                      .count = call->batch * lido_shape_size(&call->x_shape[k])};
        lido_team_run(call->team, (a.count + ADDITION_PIECE - 1) / ADDITION_PIECE, add_piece, &a);
    }
}

static void run_backward(const run *r) {
    const lido_steps *steps = &r->net->steps;
    for (int i = 0; i < steps->backwards; i++) {
        const lido_step *step = &steps->backward[i];
        const lido_call call = complete(r, step);
        if (step->run) {
            poison(&call);
            step->run(&call);
        }
        run_additions(step, &call);
        tell(r, step->node, &call);
    }
}

static void run_forward(const run *r, int first, int last) {
    for (int i = first; i < last; i++) run_step(r, &r->net->steps.forward[i]);
}

static void *buffer_at(const lido_net *net, int buffer) {
    return lido_buffer_at(&net->placement, &net->memory, buffer);
}

static const lido_place *last_place(const lido_net *net) {
    return &net->placement.place[net->graph->nodes - 1];
}

static const lido_real *output(const run *r) {
    int buffer = last_place(r->net)->y;
    if (buffer == LIDO_BOXES) return r->batch->boxes;
    return buffer == LIDO_IMAGE ? r->batch->x : buffer_at(r->net, buffer);
}

static lido_loss_call loss_call(const run *r, const lido_real *z, lido_real *dz) {
    const lido_shape *y = &last_node(r->net)->needs.y;
    return (lido_loss_call){.z = z,
                            .labels = r->batch->labels,
                            .rows = r->batch->count * lido_shape_positions(y),
                            .classes = y->channels,
                            .dz = r->training ? dz : NULL,
                            .part = buffer_at(r->net, r->net->placement.loss_parts),
                            .team = r->net->options.team};
}

/* Cross-entropy is taken between the layers before the softmax and the softmax itself, which may
 * overwrite its input and which training does not run at all. */
static void run_cross_entropy(const run *r, lido_result *result) {
    int softmax = r->net->steps.forwards - 1;
    run_forward(r, 0, softmax);
    if (r->batch->labels) {
        const lido_real *logits = r->net->steps.forward[softmax].x[0];
        lido_loss_call call = loss_call(r, logits, buffer_at(r->net, last_place(r->net)->dx[0]));
        lido_loss_cross_entropy(&call, result);
        tell(r, r->net->graph->nodes - 1, NULL);
    }
    if (!r->training) run_forward(r, softmax, softmax + 1);
}

static void run_squared(const run *r, lido_result *result) {
    run_forward(r, 0, r->net->steps.forwards);
    if (!r->batch->labels) return;
    lido_loss_call call = loss_call(r, output(r), buffer_at(r->net, last_place(r->net)->dy));
    lido_loss_squared(&call, result);
    tell(r, r->net->graph->nodes - 1, NULL);
}

static void run_loss(const run *r, lido_result *result) {
    static void (*const losses[])(const run *, lido_result *) = {
        [LIDO_LOSS_CROSS_ENTROPY] = run_cross_entropy, [LIDO_LOSS_SQUARED] = run_squared};
    losses[r->net->options.loss](r, result);
}

const lido_real *lido_net_forward(lido_net *net, const lido_batch *batch, lido_result *result) {
    run r = begin(net, batch, false);
    if (batch->labels && !net->options.input_gradient)
        run_loss(&r, result);
    else
        run_forward(&r, 0, net->steps.forwards);
    end(&r);
    return output(&r);
}

/* The loss of outputs that are not the net's own; z: room for as many. */
static void loss_of(const run *r, const lido_real *y, int64_t count, lido_real *z,
                    lido_result *result) {
    if (r->net->options.loss == LIDO_LOSS_SQUARED) {
        lido_loss_call call = loss_call(r, y, NULL);
        lido_loss_squared(&call, result);
        return;
    }
    for (int64_t i = 0; i < count; i++) z[i] = (lido_real)log((double)y[i]);
    lido_loss_call call = loss_call(r, z, NULL);
    lido_loss_cross_entropy(&call, result);
}

void lido_net_forward_mean(lido_net *net, const lido_batch *batch, int passes, lido_real *mean,
                           lido_result *result) {
    lido_batch pass = *batch;
    run r = begin(net, &pass, false);
    const int64_t count = batch->count * lido_shape_size(&last_node(net)->needs.y);
    for (int p = 0; p < passes; p++, pass.step++) {
        run_forward(&r, 0, net->steps.forwards);
        const lido_real *y = output(&r);
        for (int64_t i = 0; i < count; i++) mean[i] = p == 0 ? y[i] : mean[i] + y[i];
    }
    for (int64_t i = 0; i < count; i++) mean[i] /= (lido_real)passes;
    if (batch->labels) loss_of(&r, mean, count, buffer_at(net, last_place(net)->y), result);
    end(&r);
}

const lido_real *lido_net_forward_shown(lido_net *net, const lido_batch *batch,
                                        lido_net_viewer viewer, void *context) {
    run r = begin(net, batch, false);
    for (int i = 0; i < net->steps.forwards; i++) {
        const lido_step *step = &net->steps.forward[i];
        const lido_call call = complete(&r, step);
        viewer(context, step->node, &call);
        run_step(&r, step);
    }
    end(&r);
    return output(&r);
}

void lido_net_gradients(lido_net *net, const lido_batch *batch, lido_result *result) {
    run r = begin(net, batch, true);
    run_loss(&r, result);
    run_backward(&r);
    end(&r);
}

const lido_real *lido_net_forward_training(lido_net *net, const lido_batch *batch) {
    run r = begin(net, batch, true);
    run_forward(&r, 0, net->steps.forwards);
    end(&r);
    return output(&r);
}

const lido_real *lido_net_backward_from(lido_net *net, const lido_batch *batch,
                                        const lido_real *dy) {
    run r = begin(net, batch, true);
    run_forward(&r, 0, net->steps.forwards);
    size_t count = (size_t)(batch->count * lido_shape_size(&last_node(net)->needs.y));
    memcpy(buffer_at(net, last_place(net)->dy), dy, count * sizeof *dy);
    run_backward(&r);
    end(&r);
    return buffer_at(net, net->placement.image_gradient);
}

/* ---- looking at a net ---------------------------------------------------------------------- */

void lido_net_watch(lido_net *net, lido_net_viewer watcher, void *context) {
    net->watcher = watcher;
    net->watching = context;
}

lido_real *lido_net_params(lido_net *net) {
    return net->memory.params;
}

const lido_real *lido_net_gradient(const lido_net *net) {
    return net->memory.gradients;
}

lido_real *lido_net_state(lido_net *net) {
    return net->memory.state;
}

static bool all_finite(const lido_real *values, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(values[i])) return false;
    return true;
}

int lido_net_find_not_finite(lido_net *net, const lido_batch *batch) {
    run r = begin(net, batch, net->options.training);
    int found = -1;
    for (int i = 0; found < 0 && i < net->steps.forwards; i++) {
        const lido_step *step = &net->steps.forward[i];
        run_step(&r, step);
        int64_t count = batch->count * lido_shape_size(step->call.y_shape);
        if (!all_finite(step->call.y, count)) found = step->node;
    }
    end(&r);
    return found;
}

void lido_net_memory_get(const lido_net *net, lido_net_memory *memory) {
    *memory = net->bytes;
}
