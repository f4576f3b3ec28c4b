/* steps.c - from the placement to calls with every pointer in place. */
#include "net/steps.h"

#include <stdlib.h>

typedef struct maker {
    const lido_graph *graph;
    const lido_placement *placement;
    const lido_memory *memory;
    uint64_t seed;
    lido_steps *out;
} maker;

void *lido_buffer_at(const lido_placement *placement, const lido_memory *memory, int buffer) {
    return buffer < 0 ? NULL : memory->arena + placement->request[buffer].offset;
}

static void *at(const maker *m, int buffer) {
    return lido_buffer_at(m->placement, m->memory, buffer);
}

/* Parameters, their gradients and running states of one layer. */
static void bind_segments(const maker *m, int node, lido_call *call) {
    for (int i = 0; i < m->graph->segments; i++) {
        const lido_segment *segment = &m->graph->segment[i];
        if (segment->layer != node) continue;
        if (segment->state) {
            call->state[segment->part] = m->memory->state + segment->offset;
            continue;
        }
        call->w[segment->part] = m->memory->params + segment->offset;
        if (m->memory->gradients) call->dw[segment->part] = m->memory->gradients + segment->offset;
    }
}

static void bind_inputs(const maker *m, int index, lido_step *step) {
    const lido_node *node = &m->graph->node[index];
    for (int k = 0; k < node->inputs; k++) {
        int home = lido_placement_home(m->placement, node->input[k]);
        step->x[k] = at(m, home);
        if (home == LIDO_IMAGE) m->out->image[m->out->images++] = &step->x[k];
        if (home == LIDO_BOXES) m->out->boxes[m->out->boxed++] = &step->x[k];
    }
}

/* The forward call of the node that this one names. */
static const lido_call *call_of(const maker *m, const lido_node *of) {
    for (int i = 0; of && i < m->out->forwards; i++)
        if (m->out->forward[i].node == of - m->graph->node) return &m->out->forward[i].call;
    return NULL;
}

/* What forward and backward have in common. */
static void bind(const maker *m, int index, int way, lido_step *step) {
    const lido_node *node = &m->graph->node[index];
    const lido_place *place = &m->placement->place[index];
    *step = (lido_step){
        .node = index,
        .key = {lido_key_make(m->seed, node->name, 1), lido_key_make(m->seed, node->name, 0)},
        .call = {.config = node->config,
                 .tables = m->memory->tables[index],
                 .inputs = node->inputs,
                 .x_shape = node->x_shape,
                 .y_shape = &node->needs.y,
                 .x = step->x,
                 .dx = step->dx,
                 .saved = at(m, place->saved),
                 .lends = node->lends,
                 .of = call_of(m, node->of),
                 .scratch = at(m, place->scratch[way]),
                 .worker_scratch = at(m, place->worker_scratch[way]),
                 .worker_stride = place->worker_stride},
    };
    bind_segments(m, index, &step->call);
}

/* The rectifier that is run on the output of layer `index`, or on its gradient. */
static void make_rectifier(const maker *m, int index, int way, lido_step *step) {
    const lido_place *place = &m->placement->place[index];
    const lido_shape *shape = &m->graph->node[index].needs.y;
    bind(m, place->rectifier, way, step);
    step->call.x_shape = step->call.y_shape = shape;
    step->call.y = at(m, place->y);
    step->x[0] = step->call.y;
    step->run = m->graph->node[place->rectifier].layer->forward;
    if (way == 0) return;
    step->call.dy = step->dx[0] = at(m, place->dy);
    step->run = m->graph->node[place->rectifier].layer->backward;
}

static void make_forward(const maker *m, int index) {
    const lido_place *place = &m->placement->place[index];
    if (place->needs.view) return;
    lido_step *step = &m->out->forward[m->out->forwards++];
    bind(m, index, 0, step);
    bind_inputs(m, index, step);
    step->call.y = at(m, place->y);
    step->run = m->graph->node[index].layer->forward;
    if (place->rectifier != LIDO_NOWHERE)
        make_rectifier(m, index, 0, &m->out->forward[m->out->forwards++]);
}

static void make_backward(const maker *m, int index) {
    const lido_node *node = &m->graph->node[index];
    const lido_place *place = &m->placement->place[index];
    if (place->dy == LIDO_NOWHERE || (place->needs.view && place->sum[0] == LIDO_NOWHERE)) return;
    if (place->rectifier != LIDO_NOWHERE)
        make_rectifier(m, index, 1, &m->out->backward[m->out->backwards++]);
    lido_step *step = &m->out->backward[m->out->backwards++];
    bind(m, index, 1, step);
    step->run = place->needs.view ? NULL : node->layer->backward;
    step->call.dy = at(m, place->dy);
    /* What was not asked for may be gone: it is not shown. */
    if (place->needs.backward_reads_x) bind_inputs(m, index, step);
    if (place->needs.backward_reads_y) step->call.y = at(m, place->y);
    for (int k = 0; k < node->inputs; k++) {
        step->dx[k] = at(m, place->dx[k]);
        step->sum[k] = at(m, place->sum[k]);
    }
}

lido_status lido_steps_make(const lido_graph *graph, const lido_placement *placement,
                            const lido_memory *memory, uint64_t seed, lido_steps *steps,
                            lido_error *error) {
    *steps = (lido_steps){0};
    size_t count = (size_t)graph->nodes, inputs = 0;
    for (int i = 0; i < graph->nodes; i++) inputs += (size_t)graph->node[i].inputs;
    steps->forward = calloc(count, sizeof *steps->forward);
    steps->backward = calloc(count, sizeof *steps->backward);
    steps->image = calloc(2 * inputs, sizeof *steps->image);
    steps->boxes = calloc(2 * inputs, sizeof *steps->boxes);
    if (!steps->forward || !steps->backward || !steps->image || !steps->boxes) {
        lido_steps_free(steps);
        return lido_fail(error, LIDO_MEMORY, "out of memory for %d layers", graph->nodes);
    }
    maker m = {
        .graph = graph, .placement = placement, .memory = memory, .seed = seed, .out = steps};
    for (int i = 0; i < graph->nodes; i++) make_forward(&m, i);
    for (int i = graph->nodes - 1; i >= 0; i--) make_backward(&m, i);
    return LIDO_OK;
}

void lido_steps_free(lido_steps *steps) {
    free(steps->forward);
    free(steps->backward);
    free(steps->image);
    free(steps->boxes);
    *steps = (lido_steps){0};
}
