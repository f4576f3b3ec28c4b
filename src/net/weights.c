/* weights.c - which arrays of a file are a network's: its segments by name, and an optimiser's
 * vectors cut the same way. */
#include "net/weights.h"
#include "net/graph.h"

#include <stdio.h>
#include <string.h>

#define SLOT_FOLDER "optimizer/"

enum { PREFIX_SIZE = 32, SHAPE_SIZE = 128 };

/* The segments of one vector under one prefix. */
typedef struct section {
    const lido_graph *graph;
    bool state;
    char prefix[PREFIX_SIZE];
} section;

static section slot_section(const lido_graph *graph, int slot) {
    section s = {.graph = graph};
    snprintf(s.prefix, sizeof s.prefix, SLOT_FOLDER "%d/", slot);
    return s;
}

static lido_tensor tensor_of(const section *s, const lido_segment *segment) {
    lido_tensor tensor = {.dtype = LIDO_REAL_DTYPE, .rank = segment->rank};
    snprintf(tensor.name, sizeof tensor.name, "%s%s", s->prefix, segment->name);
    memcpy(tensor.dim, segment->dim, sizeof segment->dim);
    return tensor;
}

static int section_tensors(const section *s, const lido_real *vector, lido_tensor *tensor) {
    int count = 0;
    for (int i = 0; i < s->graph->segments; i++) {
        const lido_segment *segment = &s->graph->segment[i];
        if (segment->state != s->state) continue;
        tensor[count] = tensor_of(s, segment);
        tensor[count++].data = vector + segment->offset;
    }
    return count;
}

int lido_weights_tensors(const lido_graph *graph, const lido_real *params, const lido_real *state,
                         lido_tensor *tensor) {
    section trained = {.graph = graph}, running = {.graph = graph, .state = true};
    int count = section_tensors(&trained, params, tensor);
    return count + section_tensors(&running, state, tensor + count);
}

int lido_slot_tensors(const lido_graph *graph, int slot, const lido_real *values,
                      lido_tensor *tensor) {
    section s = slot_section(graph, slot);
    return section_tensors(&s, values, tensor);
}

/* ---- loading ------------------------------------------------------------------------------- */

static char *shape_text(const lido_tensor *tensor, char *text, size_t size) {
    size_t used = (size_t)snprintf(text, size, "[");
    for (int i = 0; i < tensor->rank && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%lld", i ? "," : "",
                                 (long long)tensor->dim[i]);
    if (used < size) snprintf(text + used, size - used, "]");
    return text;
}

static bool same_shape(const lido_tensor *a, const lido_tensor *b) {
    return a->rank == b->rank && memcmp(a->dim, b->dim, (size_t)a->rank * sizeof *a->dim) == 0;
}

static lido_status check_tensor(const lido_tensor_file *file, const lido_tensor *wanted,
                                lido_error *error) {
    char found_text[SHAPE_SIZE], wanted_text[SHAPE_SIZE];
    const lido_tensor *found = lido_tensor_find(file, wanted->name);
    shape_text(wanted, wanted_text, sizeof wanted_text);
    if (!found)
        return lido_fail(error, LIDO_MISMATCH, "%s: has no tensor \"%s\" of shape %s", file->path,
                         wanted->name, wanted_text);
    if (!same_shape(found, wanted))
        return lido_fail(error, LIDO_MISMATCH,
                         "%s: tensor \"%s\" is of shape %s, the network's of %s", file->path,
                         wanted->name, shape_text(found, found_text, sizeof found_text),
                         wanted_text);
    if (found->dtype != LIDO_F32 && found->dtype != LIDO_F64)
        return lido_fail(error, LIDO_MISMATCH, "%s: tensor \"%s\" must be F32 or F64", file->path,
                         wanted->name);
    return LIDO_OK;
}

static lido_status check_section(const lido_tensor_file *file, const section *s,
                                 lido_error *error) {
    lido_status status = LIDO_OK;
    for (int i = 0; !status && i < s->graph->segments; i++) {
        if (s->graph->segment[i].state != s->state) continue;
        lido_tensor wanted = tensor_of(s, &s->graph->segment[i]);
        status = check_tensor(file, &wanted, error);
    }
    return status;
}

static void load_section(const lido_tensor_file *file, const section *s, lido_real *vector) {
    for (int i = 0; i < s->graph->segments; i++) {
        const lido_segment *segment = &s->graph->segment[i];
        if (segment->state != s->state) continue;
        lido_tensor wanted = tensor_of(s, segment);
        lido_tensor_reals(lido_tensor_find(file, wanted.name), vector + segment->offset);
    }
}

static bool has_segment(const lido_graph *graph, const char *name) {
    for (int i = 0; i < graph->segments; i++)
        if (strcmp(graph->segment[i].name, name) == 0) return true;
    return false;
}

/* A layer the network does not have would otherwise be lost in silence. */
static lido_status check_extra(const lido_tensor_file *file, const lido_graph *graph,
                               lido_error *error) {
    for (int i = 0; i < file->tensors; i++) {
        const char *name = file->tensor[i].name;
        if (strncmp(name, SLOT_FOLDER, strlen(SLOT_FOLDER)) == 0) continue;
        if (!has_segment(graph, name))
            return lido_fail(error, LIDO_MISMATCH,
                             "%s: tensor \"%s\" is of no layer of the network", file->path, name);
    }
    return LIDO_OK;
}

lido_status lido_weights_load(const lido_tensor_file *file, const lido_graph *graph,
                              lido_real *params, lido_real *state, lido_error *error) {
    section trained = {.graph = graph}, running = {.graph = graph, .state = true};
    lido_status status = check_section(file, &trained, error);
    if (!status) status = check_section(file, &running, error);
    if (!status) status = check_extra(file, graph, error);
    if (status) return status;
    load_section(file, &trained, params);
    load_section(file, &running, state);
    return LIDO_OK;
}

lido_status lido_slot_load(const lido_tensor_file *file, const lido_graph *graph, int slot,
                           lido_real *values, lido_error *error) {
    section s = slot_section(graph, slot);
    lido_status status = check_section(file, &s, error);
    if (!status) load_section(file, &s, values);
    return status;
}
