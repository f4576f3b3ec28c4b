/* placement.c - which tensors share a place and how long each is needed.
 *
 * Forward, a tensor is needed from the layer that makes it to the last that reads it, in training
 * also by the backward of those that ask for x or y. Backward, the first consumer to run writes a
 * tensor's gradient; a further one writes a buffer of its own that is added at once, so the sum has
 * one order. Views and layers that run in place hand on the buffer itself, as does a rectifier that
 * is run on the output of the layer behind it. What a layer saves is
 * needed until its backward; where another names it, evaluation too needs it until that one. */
#include "net/placement.h"
#include "net/loss.h"

#include <stdlib.h>

typedef struct placer {
    const lido_graph *graph;
    const lido_net_options *options;
    lido_placement *out;
    bool overflow;
} placer;

static int backward_step(const placer *p, int node) {
    return 2 * p->graph->nodes - 1 - node;
}

/* A new request for bytes = a * b, needed at one step so far; NOWHERE for none. */
static int ask(placer *p, int64_t a, int64_t b, int step) {
    int64_t bytes;
    if (!lido_mul(a, b, &bytes)) p->overflow = true;
    if (bytes == 0) return LIDO_NOWHERE;
    p->out->request[p->out->requests] = (lido_request){.bytes = bytes, .first = step, .last = step};
    return p->out->requests++;
}

static int ask_tensor(placer *p, const lido_shape *shape, int step) {
    return ask(p, lido_shape_size(shape) * (int64_t)sizeof(lido_real), p->options->batch, step);
}

static void keep(placer *p, int buffer, int step) {
    if (buffer < 0) return;
    lido_request *request = &p->out->request[buffer];
    if (step < request->first) request->first = step;
    if (step > request->last) request->last = step;
}

/* ---- which layers run backward -------------------------------------------------------------- */

static bool wants_gradient(const placer *p, int tensor) {
    if (tensor == LIDO_FROM_BOXES) return false;
    return tensor < 0 ? p->options->input_gradient : p->out->place[tensor].wanted;
}

static void mark_wanted(placer *p) {
    for (int i = 0; i < p->graph->nodes; i++) {
        const lido_node *node = &p->graph->node[i];
        bool wanted = node->needs.params > 0;
        for (int k = 0; k < node->inputs; k++) wanted |= wants_gradient(p, node->input[k]);
        p->out->place[i].wanted = wanted && p->options->training;
    }
}

/* ---- forward ------------------------------------------------------------------------------- */

int lido_placement_home(const lido_placement *placement, int tensor) {
    if (tensor == LIDO_FROM_BOXES) return LIDO_BOXES;
    return tensor == LIDO_FROM_IMAGE ? LIDO_IMAGE : placement->place[tensor].y;
}

static int home(const placer *p, int tensor) {
    return lido_placement_home(p->out, tensor);
}

/* True when a layer may write its output over its input: nobody reads the input afterwards. */
static bool runs_in_place(const placer *p, int index) {
    const lido_node *node = &p->graph->node[index];
    if (!node->needs.in_place || node->inputs != 1) return false;
    if (p->options->training && node->needs.backward_reads_x) return false;
    int source = node->input[0];
    for (; source >= 0; source = p->graph->node[source].input[0]) {
        const lido_needs *producer = &p->out->place[source].needs;
        if (p->graph->node[source].consumers != 1) return false;
        if (!producer->view) return !(p->options->training && producer->backward_reads_y);
    }
    return false; /* a view of what is given, which is only read */
}

static void place_scratch(placer *p, int index, int step, int way) {
    lido_place *place = &p->out->place[index];
    place->scratch[way] = ask(p, (int64_t)place->needs.scratch, 1, step);
    place->worker_scratch[way] =
        ask(p, (int64_t)place->worker_stride, lido_team_threads(p->options->team), step);
}

/* What the layer that this one names has saved is needed now too. */
static void keep_borrowed(placer *p, int index, int step) {
    const lido_node *of = p->graph->node[index].of;
    if (of) keep(p, p->out->place[of - p->graph->node].saved, step);
}

static void place_forward(placer *p, int index) {
    const lido_node *node = &p->graph->node[index];
    lido_place *place = &p->out->place[index];
    bool shares = place->needs.view || runs_in_place(p, index);
    place->y = shares ? home(p, node->input[0]) : ask_tensor(p, &place->needs.y, index);
    keep(p, place->y, index);
    for (int k = 0; k < node->inputs; k++) keep(p, home(p, node->input[k]), index);
    if (place->needs.view) return;
    keep_borrowed(p, index, index);
    if (p->options->training || node->lends)
        place->saved = ask(p, (int64_t)place->needs.saved, 1, index);
    place_scratch(p, index, index, 0);
}

/* ---- backward ------------------------------------------------------------------------------ */

static int *gradient_of(placer *p, int tensor) {
    return tensor < 0 ? &p->out->image_gradient : &p->out->place[tensor].dy;
}

static void place_gradient(placer *p, int index, int k, int step) {
    const lido_node *node = &p->graph->node[index];
    lido_place *place = &p->out->place[index];
    int *gradient = gradient_of(p, node->input[k]);
    bool shares = place->needs.view || (place->needs.in_place && node->inputs == 1);
    place->dx[k] = shares ? place->dy : ask_tensor(p, &node->x_shape[k], step);
    if (*gradient == LIDO_NOWHERE)
        *gradient = place->dx[k];
    else
        place->sum[k] = *gradient;
}

static void place_backward(placer *p, int index) {
    const lido_node *node = &p->graph->node[index];
    lido_place *place = &p->out->place[index];
    int step = backward_step(p, index);
    keep(p, place->dy, step);
    for (int k = 0; k < node->inputs; k++)
        if (wants_gradient(p, node->input[k])) place_gradient(p, index, k, step);
    if (place->needs.view) return;
    keep(p, place->saved, step);
    keep_borrowed(p, index, step);
    if (place->needs.backward_reads_y) keep(p, place->y, step);
    for (int k = 0; place->needs.backward_reads_x && k < node->inputs; k++)
        keep(p, home(p, node->input[k]), step);
    place_scratch(p, index, step, 1);
}

/* Where the gradient comes from: the caller, the squared error at the last layer's output, or the
 * cross-entropy at its input, so that the softmax itself is not run backward. */
static void place_loss(placer *p) {
    int last = p->graph->nodes - 1;
    const lido_node *node = &p->graph->node[last];
    lido_place *place = &p->out->place[last];
    p->out->loss_parts =
        ask(p, lido_loss_parts(p->options->batch, lido_shape_positions(&node->needs.y)),
            sizeof(lido_loss_part), last);
    keep(p, p->out->loss_parts, last + 1);
    if (!p->options->training || !place->wanted) return;
    if (p->options->input_gradient || p->options->loss != LIDO_LOSS_CROSS_ENTROPY) {
        place->dy = ask_tensor(p, &node->needs.y, last + 1);
        keep(p, place->y, p->options->input_gradient ? 2 * p->graph->nodes : last + 1);
    } else if (wants_gradient(p, node->input[0])) {
        place->dx[0] = ask_tensor(p, &node->x_shape[0], last);
        *gradient_of(p, node->input[0]) = place->dx[0];
    }
}

/* max(relu(x)) = relu(max(x)), and so are their gradients, as equals below zero have none. Where
 * the largest of windows is all that is read of a rectifier, it is run on those: they are fewer,
 * and x need not be kept. Not in inference, where inputs of pooling may be looked at. */
static void postpone_rectifier(placer *p, int index) {
    const lido_node *node = &p->graph->node[index];
    lido_place *place = &p->out->place[index];
    if (!p->options->training || !place->needs.selects || node->lends || node->input[0] < 0) return;
    lido_needs *before = &p->out->place[node->input[0]].needs;
    if (!before->rectifies || p->graph->node[node->input[0]].consumers != 1) return;
    place->rectifier = node->input[0];
    place->needs.backward_reads_y = true;
    before->view = true;
    before->backward_reads_y = false;
}

static void place_all(placer *p) {
    mark_wanted(p);
    for (int i = 0; i < p->graph->nodes; i++) postpone_rectifier(p, i);
    for (int i = 0; i < p->graph->nodes; i++) place_forward(p, i);
    place_loss(p);
    for (int i = p->graph->nodes - 1; i >= 0; i--)
        if (p->out->place[i].dy != LIDO_NOWHERE) place_backward(p, i);
    keep(p, p->out->image_gradient, 2 * p->graph->nodes);
}

/* ---- making -------------------------------------------------------------------------------- */

static lido_status find_needs(placer *p, int index, lido_error *error) {
    lido_place *place = &p->out->place[index];
    const lido_node *node = &p->graph->node[index];
    lido_status status = lido_node_needs(node, p->options->batch, &place->needs, error);
    if (status) return lido_fail_in(error, status, "layer \"%s\"", node->name);
    if (place->needs.saved > SIZE_MAX / 4 || place->needs.scratch > SIZE_MAX / 4 ||
        place->needs.scratch_worker > SIZE_MAX / 4)
        return lido_fail(error, LIDO_TOO_LARGE, "layer \"%s\" asks for too much memory",
                         node->name);
    place->worker_stride =
        (place->needs.scratch_worker + LIDO_ALIGNMENT - 1) / LIDO_ALIGNMENT * LIDO_ALIGNMENT;
    place->y = place->dy = place->saved = place->rectifier = LIDO_NOWHERE;
    for (int k = 0; k < LIDO_MAX_INPUTS; k++) place->dx[k] = place->sum[k] = LIDO_NOWHERE;
    for (int way = 0; way < 2; way++)
        place->scratch[way] = place->worker_scratch[way] = LIDO_NOWHERE;
    return LIDO_OK;
}

/* Output, saved, gradient and four scratches of each layer, a gradient for each input, and those of
 * the loss. */
static size_t most_requests(const lido_graph *graph) {
    size_t most = 2;
    for (int i = 0; i < graph->nodes; i++) most += 7 + (size_t)graph->node[i].inputs;
    return most;
}

lido_status lido_placement_make(const lido_graph *graph, const lido_net_options *options,
                                lido_placement *placement, lido_error *error) {
    *placement = (lido_placement){.image_gradient = LIDO_NOWHERE};
    placer p = {.graph = graph, .options = options, .out = placement};
    placement->place = calloc((size_t)graph->nodes, sizeof *placement->place);
    placement->request = calloc(most_requests(graph), sizeof *placement->request);
    lido_status status = LIDO_OK;
    if (!placement->place || !placement->request)
        status = lido_fail(error, LIDO_MEMORY, "out of memory while planning");
    for (int i = 0; !status && i < graph->nodes; i++) status = find_needs(&p, i, error);
    if (!status) {
        place_all(&p);
        status = p.overflow
                     ? lido_fail(error, LIDO_TOO_LARGE,
                                 "a batch of %lld samples takes more than 2^63 bytes",
                                 (long long)options->batch)
                     : lido_plan(placement->request, placement->requests, &placement->bytes, error);
    }
    if (status) lido_placement_free(placement);
    return status;
}

void lido_placement_free(lido_placement *placement) {
    free(placement->place);
    free(placement->request);
    *placement = (lido_placement){.image_gradient = LIDO_NOWHERE};
}
