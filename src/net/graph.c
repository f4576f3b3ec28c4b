/* graph.c - from a spec to layers with shapes, parameters and needs. Nothing is allocated for the
 * weights, so that the largest published network can be described. */
#include "net/graph.h"

#include "net/init.h"
#include "net/spec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- inference ----------------------------------------------------------------------------- */

static lido_site own_site(const lido_node *node, int64_t batch) {
    return (lido_site){.layer = node->layer,
                       .config = node->config,
                       .given = node->given,
                       .inputs = node->inputs,
                       .x = node->x_shape,
                       .x_nonnegative = node->x_nonnegative,
                       .batch = batch};
}

lido_site lido_node_site(const lido_node *node, int64_t batch, lido_site *of) {
    lido_site site = own_site(node, batch);
    if (!node->of) return site;
    *of = own_site(node->of, batch);
    site.of = of;
    return site;
}

lido_status lido_node_needs(const lido_node *node, int64_t batch, lido_needs *needs,
                            lido_error *error) {
    lido_site of, site = lido_node_site(node, batch, &of);
    *needs = (lido_needs){0};
    return node->layer->infer(&site, needs, error);
}

static void read_inputs(lido_graph *graph, lido_node *node) {
    for (int i = 0; i < node->inputs; i++) {
        lido_node *source = node->input[i] < 0 ? NULL : &graph->node[node->input[i]];
        const lido_shape *given = node->input[i] == LIDO_FROM_BOXES ? &graph->boxes : &graph->input;
        node->x_shape[i] = source ? source->needs.y : *given;
        node->x_nonnegative[i] = source && source->needs.nonnegative;
        if (source) source->consumers++;
    }
}

/* ---- receptive fields ---------------------------------------------------------------------- */

static int64_t at_least_one(int64_t value) {
    return value > 1 ? value : 1;
}

/* The product, or LIDO_MAX_ELEMENTS when it is larger: beyond any image either way. */
static int64_t saturated(int64_t a, int64_t b) {
    int64_t product;
    bool fits = lido_mul(a, b, &product) && product < LIDO_MAX_ELEMENTS;
    return fits ? product : LIDO_MAX_ELEMENTS;
}

/* Along one axis: every input widens the field by its own steps, the widest counts. */
static void find_field(const lido_graph *graph, lido_node *node, int axis) {
    int64_t length = graph->input.axis[axis], field = 1, stride = 1;
    int64_t extent = at_least_one(node->needs.extent[axis]);
    for (int i = 0; i < node->inputs; i++) {
        const lido_node *source = node->input[i] < 0 ? NULL : &graph->node[node->input[i]];
        int64_t step = source ? source->field_stride[axis] : 1;
        int64_t wide = (source ? source->field[axis] : 1) + saturated(extent - 1, step);
        if (wide > field) field = wide;
        if (step > stride) stride = step;
    }
    node->field[axis] = field < length && !node->needs.whole_map ? field : length;
    node->field_stride[axis] = saturated(stride, at_least_one(node->needs.stride[axis]));
}

/* ---- segments ------------------------------------------------------------------------------ */

/* Adds one segment behind the others of its vector, whose length is *total. */
static lido_status add_segment(lido_graph *graph, int layer, int part, bool state, int64_t *total,
                               lido_error *error) {
    const lido_node *node = &graph->node[layer];
    const lido_param *param = state ? &node->needs.state[part] : &node->needs.param[part];
    lido_segment *segment = &graph->segment[graph->segments++];
    *segment = (lido_segment){.layer = layer,
                              .part = part,
                              .state = state,
                              .decay = param->decay,
                              .offset = *total,
                              .rank = param->rank};
    memcpy(segment->dim, param->dim, sizeof segment->dim);
    int written = snprintf(segment->name, sizeof segment->name, "%s.%s", node->name, param->name);
    if (written < 0 || written >= (int)sizeof segment->name)
        return lido_fail(error, LIDO_SPEC, "the name \"%s\" is too long", node->name);
    if (!lido_param_count(param, &segment->count) || segment->count > LIDO_MAX_ELEMENTS - *total)
        return lido_fail(error, LIDO_TOO_LARGE, "more than 2^40 parameters up to \"%s\"",
                         segment->name);
    *total += segment->count;
    return LIDO_OK;
}

static lido_status add_segments(lido_graph *graph, const lido_spec *spec, bool state,
                                int64_t *total, lido_error *error) {
    for (int i = 0; i < graph->nodes; i++) {
        const lido_needs *needs = &graph->node[i].needs;
        for (int part = 0; part < (state ? needs->states : needs->params); part++) {
            lido_status status = add_segment(graph, i, part, state, total, error);
            if (status)
                return lido_fail_in(error, status, "%s: %s", spec->path, spec->entry[i].where);
        }
    }
    return LIDO_OK;
}

static lido_status make_segments(lido_graph *graph, const lido_spec *spec, lido_error *error) {
    size_t count = 0;
    for (int i = 0; i < graph->nodes; i++)
        count += (size_t)(graph->node[i].needs.params + graph->node[i].needs.states);
    graph->segment = calloc(count ? count : 1, sizeof *graph->segment);
    if (!graph->segment) return lido_fail(error, LIDO_MEMORY, "out of memory");
    lido_status status = add_segments(graph, spec, false, &graph->params, error);
    return status ? status : add_segments(graph, spec, true, &graph->states, error);
}

/* ---- making -------------------------------------------------------------------------------- */

static lido_status make_node(lido_graph *graph, const lido_entry *entry, lido_error *error) {
    lido_node *node = &graph->node[graph->nodes];
    size_t size = entry->layer->config_size ? entry->layer->config_size : 1;
    *node = (lido_node){.layer = entry->layer,
                        .config = malloc(size),
                        .given = entry->given,
                        .inputs = entry->inputs};
    if (!node->config) return lido_fail(error, LIDO_MEMORY, "out of memory");
    memcpy(node->config, entry->config, size);
    memcpy(node->name, entry->name, sizeof node->name);
    memcpy(node->input, entry->input, sizeof node->input);
    graph->nodes++;
    if (entry->of >= 0) {
        graph->node[entry->of].lends = true;
        node->of = &graph->node[entry->of];
    }
    read_inputs(graph, node);
    lido_status status = lido_node_needs(node, 1, &node->needs, error);
    if (status) return status;
    for (int axis = 0; axis < LIDO_MAX_AXES; axis++) find_field(graph, node, axis);
    return LIDO_OK;
}

static lido_status make_nodes(lido_graph *graph, const lido_spec *spec, lido_error *error) {
    graph->node = calloc((size_t)spec->entries, sizeof *graph->node);
    if (!graph->node) return lido_fail(error, LIDO_MEMORY, "out of memory");
    for (int i = 0; i < spec->entries; i++) {
        lido_status status = make_node(graph, &spec->entry[i], error);
        if (status) return lido_fail_in(error, status, "%s: %s", spec->path, spec->entry[i].where);
    }
    return make_segments(graph, spec, error);
}

static lido_status check_target(const lido_graph *graph, const lido_spec *spec, lido_error *error) {
    const lido_shape *output = lido_graph_output(graph);
    if (graph->target != LIDO_TARGET_LABEL_MAP || output->rank > 0) return LIDO_OK;
    char found[64];
    return lido_fail(error, LIDO_SHAPE,
                     "%s: \"target\" is \"label_map\", but the last layer's output is %s: a label "
                     "map needs positions",
                     spec->path, lido_shape_text(output, found, sizeof found));
}

static lido_status check_input(const lido_spec *spec, const lido_shape *input, lido_error *error) {
    if (input->rank == spec->input.rank && input->channels == spec->input.channels) return LIDO_OK;
    char found[64], wanted[64];
    return lido_fail(error, LIDO_SHAPE,
                     "%s: an input of %s, but the network is for %s: the number of axes and the "
                     "channels must agree",
                     spec->path, lido_shape_text(input, found, sizeof found),
                     lido_shape_text(&spec->input, wanted, sizeof wanted));
}

lido_status lido_graph_make_for(const lido_spec *spec, const lido_shape *input, lido_graph **graph,
                                lido_error *error) {
    *graph = NULL;
    if (!input) input = &spec->input;
    lido_status status = check_input(spec, input, error);
    if (status) return status;
    lido_graph *made = calloc(1, sizeof *made);
    if (!made) return lido_fail(error, LIDO_MEMORY, "out of memory");
    memcpy(made->name, spec->name, sizeof made->name);
    made->input = *input;
    made->boxes = spec->boxes;
    made->target = spec->target;
    status = make_nodes(made, spec, error);
    if (!status) status = check_target(made, spec, error);
    if (status)
        lido_graph_free(made);
    else
        *graph = made;
    return status;
}

lido_status lido_graph_make(const lido_spec *spec, lido_graph **graph, lido_error *error) {
    return lido_graph_make_for(spec, NULL, graph, error);
}

void lido_graph_free(lido_graph *graph) {
    if (!graph) return;
    for (int i = 0; i < graph->nodes; i++) free(graph->node[i].config);
    free(graph->node);
    free(graph->segment);
    free(graph);
}

/* ---- looking ------------------------------------------------------------------------------- */

int lido_graph_layers(const lido_graph *graph) {
    return graph->nodes;
}

static int64_t trainable(const lido_node *node) {
    int64_t total = 0, count;
    for (int i = 0; i < node->needs.params; i++) {
        lido_param_count(&node->needs.param[i], &count);
        total += count;
    }
    return total;
}

void lido_graph_layer(const lido_graph *graph, int index, lido_layer_info *info) {
    const lido_node *node = &graph->node[index];
    *info = (lido_layer_info){
        .name = node->name,
        .type = node->layer->name,
        .algorithm = node->needs.algorithm,
        .y = node->needs.y,
        .params = trainable(node),
        .multiply_adds = node->needs.multiply_adds,
        .activation_bytes = lido_shape_size(&node->needs.y) * (int64_t)sizeof(lido_real),
        .inputs = node->inputs,
    };
    memcpy(info->field, node->field, sizeof info->field);
    memcpy(info->field_stride, node->field_stride, sizeof info->field_stride);
    memcpy(info->input, node->input, sizeof info->input);
}

int64_t lido_graph_params(const lido_graph *graph) {
    return graph->params;
}

const lido_shape *lido_graph_input(const lido_graph *graph) {
    return &graph->input;
}

const lido_shape *lido_graph_boxes(const lido_graph *graph) {
    return graph->boxes.channels > 0 ? &graph->boxes : NULL;
}

const lido_shape *lido_graph_output(const lido_graph *graph) {
    return &graph->node[graph->nodes - 1].needs.y;
}

lido_target lido_graph_target(const lido_graph *graph) {
    return graph->target;
}

const lido_segment *lido_graph_segments(const lido_graph *graph, int *count) {
    *count = graph->segments;
    return graph->segment;
}
