/* single.c - one layer run by itself. The object is read as the only layer of a spec, so that its
 * options, inner activation and messages are those of a network; each layer that comes of it is a
 * link of a chain. Unlike a network, every link has memory of its own. */
#include "net/single.h"

#include "base/machine.h"
#include "layers/draws.h"
#include "net/arena.h"
#include "net/init.h"
#include "net/plan.h"
#include "net/spec.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct link {
    const lido_entry *entry;
    lido_needs needs;
    int inputs;
    lido_shape x_shape[LIDO_MAX_INPUTS];
    bool x_nonnegative[LIDO_MAX_INPUTS];
    lido_call call;                      /* all but what changes from run to run */
    const lido_real *x[LIDO_MAX_INPUTS]; /* what the call points to */
    lido_real *dx[LIDO_MAX_INPUTS];
    lido_key key[2]; /* of draws in evaluation, training: as in steps.c */
    void *tables;
    lido_real *y, *dx_before; /* dx_before: the gradient passed to the link before */
} link;

/* What allocate_link and add_arrays ask for at most. */
enum { BUFFERS_OF_LINK = 6 + 2 * LIDO_MAX_PARAMS + LIDO_MAX_STATES };

struct lido_single {
    lido_spec *spec;
    int links;
    link *link;
    int arrays;
    lido_single_array *array;
    int64_t *sample;
    int buffers;
    void **buffer; /* everything allocated for the links */
};

/* ---- memory --------------------------------------------------------------------------------- */

/* Zeroed memory that lives as long as the single; NULL once *status tells a failure. */
static void *get_bytes(lido_single *single, int64_t count, int64_t size, lido_status *status,
                       lido_error *error) {
    int64_t bytes;
    if (*status) return NULL;
    if (!lido_mul(count, size, &bytes) || bytes > LIDO_MAX_ELEMENTS * (int64_t)sizeof(lido_real)) {
        *status = lido_fail(error, LIDO_TOO_LARGE,
                            "%" PRId64 " times %" PRId64 " bytes are too many", count, size);
        return NULL;
    }
    void *memory = lido_arena_new(bytes);
    if (!memory) {
        *status = lido_fail(error, LIDO_MEMORY, "no memory for %" PRId64 " bytes", bytes);
        return NULL;
    }
    single->buffer[single->buffers++] = memory;
    return memset(memory, 0, (size_t)bytes);
}

static lido_real *get_reals(lido_single *single, int64_t batch, const lido_shape *shape,
                            lido_status *status, lido_error *error) {
    int64_t size = lido_shape_size(shape) * (int64_t)sizeof(lido_real);
    return get_bytes(single, batch, size, status, error);
}

/* ---- reading -------------------------------------------------------------------------------- */

/* The written layer with its inputs replaced by x0, x1, ...; one input is the image itself. */
static lido_json *layer_document(const lido_json *layer, int inputs) {
    lido_json *copy = lido_json_object();
    const lido_json *member = lido_json_first(layer);
    for (; member; member = lido_json_next(member))
        if (strcmp(lido_json_key(member), "input") != 0)
            lido_json_add(copy, lido_json_key(member), lido_json_copy(member));
    if (inputs < 2) return copy;
    lido_json *names = lido_json_array();
    for (int i = 0; i < inputs; i++) {
        char name[LIDO_TEXT_SIZE];
        snprintf(name, sizeof name, "x%d", i);
        lido_json_append(names, lido_json_from_string(name));
    }
    lido_json_add(copy, "input", names);
    return copy;
}

/* Something for the name x<index> to stand for; it is never run. */
static lido_json *input_document(int index) {
    char name[LIDO_TEXT_SIZE];
    snprintf(name, sizeof name, "x%d", index);
    lido_json *json = lido_json_object();
    lido_json_add_string(json, "type", "flatten");
    lido_json_add_string(json, "name", name);
    lido_json_add_string(json, "input", "image");
    return json;
}

static lido_json *spec_document(const lido_json *layer, int inputs, const lido_shape *x) {
    lido_json *document = lido_json_object(), *shape = lido_json_array();
    for (int i = LIDO_MAX_AXES - x->rank; i < LIDO_MAX_AXES; i++)
        lido_json_append(shape, lido_json_from_number((double)x->axis[i]));
    lido_json_append(shape, lido_json_from_number((double)x->channels));
    lido_json_add(document, "input", shape);
    lido_json *layers = lido_json_array();
    for (int i = 0; inputs > 1 && i < inputs; i++) lido_json_append(layers, input_document(i));
    lido_json_append(layers, layer_document(layer, inputs));
    lido_json_add(document, "layers", layers);
    return document;
}

static lido_status read_spec(lido_single *single, const lido_json *layer, const char *name,
                             int inputs, const lido_shape *x, lido_error *error) {
    lido_json *document = spec_document(layer, inputs, x);
    char *text = lido_json_print(document, false);
    lido_json_free(document);
    if (!text) return lido_fail(error, LIDO_MEMORY, "%s: out of memory", name);
    lido_status status = lido_spec_parse(text, strlen(text), name, &single->spec, error);
    free(text);
    return status;
}

/* ---- one link ------------------------------------------------------------------------------- */

/* Where link i stands: the first reads the caller's arrays, every other the link before. */
static void place_link(lido_single *single, int index, int inputs, const lido_shape *x,
                       const bool *nonnegative) {
    link *made = &single->link[index], *before = index > 0 ? made - 1 : NULL;
    made->inputs = before ? 1 : inputs;
    for (int i = 0; i < made->inputs; i++) {
        made->x_shape[i] = before ? before->needs.y : x[i];
        made->x_nonnegative[i] = before ? before->needs.nonnegative : nonnegative && nonnegative[i];
    }
}

static lido_status infer_link(link *made, const lido_site *site, const char *name,
                              lido_error *error) {
    lido_status status = site->layer->infer(site, &made->needs, error);
    return status ? lido_fail_in(error, status, "%s: %s", name, made->entry->where) : LIDO_OK;
}

static lido_status allocate_link(lido_single *single, link *made,
                                 const lido_single_options *options, lido_error *error) {
    const lido_needs *needs = &made->needs;
    lido_call *call = &made->call;
    lido_status status = LIDO_OK;
    call->worker_stride = (needs->scratch_worker / LIDO_ALIGNMENT + 1) * LIDO_ALIGNMENT;
    made->y = get_reals(single, options->batch, &needs->y, &status, error);
    if (made > single->link)
        made->dx_before = get_reals(single, options->batch, made->x_shape, &status, error);
    made->tables = get_bytes(single, 1, needs->tables, &status, error);
    call->saved = get_bytes(single, 1, needs->saved, &status, error);
    call->scratch = get_bytes(single, 1, needs->scratch, &status, error);
    call->worker_scratch =
        get_bytes(single, lido_team_threads(options->team), call->worker_stride, &status, error);
    return status;
}

/* A parameter or state of the link; its value starts as in a network. */
static lido_status add_array(lido_single *single, const link *made, const lido_param *param,
                             int part, uint64_t seed, lido_error *error) {
    lido_single_array *array = &single->array[single->arrays++];
    bool first = made == single->link;
    snprintf(array->name, sizeof array->name, "%s%s%s", first ? "" : made->entry->layer->name,
             first ? "" : ".", param->name);
    array->rank = param->rank;
    memcpy(array->dim, param->dim, sizeof array->dim);
    if (!lido_param_count(param, &array->count))
        return lido_fail(error, LIDO_TOO_LARGE, "%s is too large", array->name);
    lido_status status = LIDO_OK;
    array->value = get_bytes(single, array->count, sizeof(lido_real), &status, error);
    if (!status) lido_init_fill(param, seed, made->entry->name, part, array->value);
    return status;
}

static lido_status add_arrays(lido_single *single, link *made, uint64_t seed, lido_error *error) {
    const lido_needs *needs = &made->needs;
    lido_status status = LIDO_OK;
    for (int i = 0; !status && i < needs->params; i++) {
        lido_single_array *array = &single->array[single->arrays];
        status = add_array(single, made, &needs->param[i], i, seed, error);
        array->gradient = get_bytes(single, array->count, sizeof(lido_real), &status, error);
        made->call.w[i] = array->value;
        made->call.dw[i] = array->gradient;
    }
    for (int i = 0; !status && i < needs->states; i++) {
        lido_single_array *array = &single->array[single->arrays];
        status = add_array(single, made, &needs->state[i], i, seed, error);
        made->call.state[i] = array->value;
    }
    return status;
}

static void set_call(const lido_single *single, link *made, const lido_single_options *options) {
    lido_call *call = &made->call;
    call->config = made->entry->config;
    call->inputs = made->inputs;
    call->batch = options->batch;
    call->x_shape = made->x_shape;
    call->y_shape = &made->needs.y;
    call->x = made->x;
    call->y = made->y;
    call->dx = made->dx;
    call->tables = made->tables;
    call->team = options->team;
    call->lends = options->switches && made->needs.switches[0];
    call->draw.sample = single->sample;
    for (int i = 0; i < 2; i++) made->key[i] = lido_key_make(options->seed, made->entry->name, !i);
}

static lido_status make_link(lido_single *single, int index, const char *name,
                             const lido_single_options *options, lido_error *error) {
    link *made = &single->link[index];
    lido_site site = {.layer = made->entry->layer,
                      .config = made->entry->config,
                      .given = made->entry->given,
                      .inputs = made->inputs,
                      .x = made->x_shape,
                      .x_nonnegative = made->x_nonnegative,
                      .batch = options->batch};
    lido_status status = infer_link(made, &site, name, error);
    if (!status) status = allocate_link(single, made, options, error);
    if (!status) status = add_arrays(single, made, options->seed, error);
    if (status) return status;
    set_call(single, made, options);
    if (site.layer->prepare) site.layer->prepare(&site, &made->needs, made->tables);
    return LIDO_OK;
}

/* ---- making --------------------------------------------------------------------------------- */

static lido_status make_lists(lido_single *single, int first, int64_t batch, lido_error *error) {
    size_t links = (size_t)single->links;
    single->link = calloc(links, sizeof *single->link);
    single->array = calloc(links * (LIDO_MAX_PARAMS + LIDO_MAX_STATES), sizeof *single->array);
    single->buffer = calloc(links * BUFFERS_OF_LINK + 1, sizeof *single->buffer);
    if (!single->link || !single->array || !single->buffer)
        return lido_fail(error, LIDO_MEMORY, "out of memory");
    for (int i = 0; i < single->links; i++) single->link[i].entry = &single->spec->entry[first + i];
    lido_status status = LIDO_OK;
    single->sample = get_bytes(single, batch, sizeof(int64_t), &status, error);
    for (int64_t n = 0; !status && n < batch; n++) single->sample[n] = n;
    return status;
}

lido_status lido_single_make(const lido_json *layer, const char *name, int inputs,
                             const lido_shape *x, const lido_single_options *options,
                             lido_single **result, lido_error *error) {
    *result = NULL;
    if (lido_json_kind_of(layer) != LIDO_JSON_OBJECT)
        return lido_fail(error, LIDO_SPEC, "%s: must be a layer object, is %s", name,
                         lido_json_kind_text(layer));
    lido_single *single = calloc(1, sizeof *single);
    if (!single) return lido_fail(error, LIDO_MEMORY, "%s: out of memory", name);
    int first = inputs > 1 ? inputs : 0; /* after the entries that stand for the inputs */

    lido_status status = read_spec(single, layer, name, inputs, x, error);
    if (!status) {
        single->links = single->spec->entries - first;
        status = make_lists(single, first, options->batch, error);
    }
    for (int i = 0; !status && i < single->links; i++) {
        place_link(single, i, inputs, x, options->nonnegative);
        status = make_link(single, i, name, options, error);
    }
    if (status)
        lido_single_free(single);
    else
        *result = single;
    return status;
}

void lido_single_free(lido_single *single) {
    if (!single) return;
    for (int i = 0; i < single->buffers; i++) free(single->buffer[i]);
    free(single->buffer);
    free(single->array);
    free(single->link);
    lido_spec_free(single->spec);
    free(single);
}

const lido_shape *lido_single_output(const lido_single *single) {
    return &single->link[single->links - 1].needs.y;
}

lido_single_array *lido_single_arrays(lido_single *single, int *count) {
    *count = single->arrays;
    return single->array;
}

/* ---- running -------------------------------------------------------------------------------- */

static size_t bytes_of(const link *ran) {
    return (size_t)(ran->call.batch * lido_shape_size(ran->x_shape)) * sizeof(lido_real);
}

const lido_real *lido_single_forward(lido_single *single, const lido_real *const *x,
                                     bool training) {
    int before = lido_blas_threads_set(1);
    for (int i = 0; i < single->links; i++) {
        link *run = &single->link[i];
        for (int n = 0; n < run->inputs; n++) run->x[n] = i > 0 ? single->link[i - 1].y : x[n];
        run->call.training = training;
        run->call.draw.key = run->key[training];
        if (run->needs.view)
            memcpy(run->y, run->x[0], bytes_of(run));
        else
            run->entry->layer->forward(&run->call);
    }
    lido_blas_threads_set(before);
    return single->link[single->links - 1].y;
}

void lido_single_backward(lido_single *single, const lido_real *dy, lido_real *const *dx) {
    int before = lido_blas_threads_set(1);
    for (int i = single->links - 1; i >= 0; i--) {
        link *run = &single->link[i];
        for (int n = 0; n < run->inputs; n++) run->dx[n] = i > 0 ? run->dx_before : dx[n];
        run->call.dy = i == single->links - 1 ? dy : single->link[i + 1].dx_before;
        if (!run->needs.view)
            run->entry->layer->backward(&run->call);
        else if (run->dx[0])
            memcpy(run->dx[0], run->call.dy, bytes_of(run));
    }
    lido_blas_threads_set(before);
}

lido_work lido_single_work(const lido_single *single, bool backward) {
    lido_work sum = {0};
    for (int i = 0; i < single->links; i++) {
        lido_call call = single->link[i].call;
        if (!backward) call.dy = NULL;
        const lido_work work = lido_work_of(&single->link[i].needs, &call);
        sum.multiply_adds += work.multiply_adds;
        sum.bytes += work.bytes;
    }
    return sum;
}

/* ---- random numbers -------------------------------------------------------------------------- */

/* The link that draws (no layer brings a second one); NULL: none does. */
static link *drawing_link(const lido_single *single) {
    for (int i = 0; i < single->links; i++)
        if (single->link[i].needs.draws > 0) return &single->link[i];
    return NULL;
}

lido_status lido_single_draws(const lido_single *single, bool training, int64_t *count,
                              const char **decide, lido_error *error) {
    const link *drawing = drawing_link(single);
    if (!drawing)
        return lido_fail(error, LIDO_SPEC, "%s takes no random draws, with these options",
                         single->link->entry->layer->name);
    if (!training && !drawing->needs.draws_evaluating)
        return lido_fail(error, LIDO_SPEC, "%s takes random draws in training only",
                         drawing->entry->layer->name);
    *count = drawing->needs.draws;
    *decide = drawing->needs.draws_text;
    return LIDO_OK;
}

void lido_single_give_draws(lido_single *single, const float *draws) {
    link *drawing = drawing_link(single);
    if (drawing) drawing->call.draw.given = draws;
}

void lido_single_take_draws(const lido_single *single, bool training, float *draws) {
    const link *drawing = drawing_link(single);
    const int64_t count = drawing->needs.draws;
    lido_draw draw = drawing->call.draw;
    draw.key = drawing->key[training];
    for (int64_t n = 0; n < drawing->call.batch; n++)
        lido_draws(&draw, n, count, draws + n * count);
}

/* ---- switches -------------------------------------------------------------------------------- */

lido_status lido_single_check_switches(const lido_single *single, bool training,
                                       lido_error *error) {
    const link *only = single->link;
    const char *name = only->entry->layer->name;
    if (single->links > 1)
        return lido_fail(error, LIDO_SPEC,
                         "the layer becomes %d layers, allowed: one, without \"activation\" and "
                         "\"antialias\"; the last one's outputs are not the cells that were chosen",
                         single->links);
    if (!only->needs.switches[0] && !only->needs.switches[1])
        return lido_fail(error, LIDO_SPEC,
                         "%s has no switches, with these options: its outputs are not each taken "
                         "from one cell",
                         name);
    if (only->needs.switches[training]) return LIDO_OK;
    return lido_fail(error, LIDO_SPEC,
                     "%s has switches in training only: in evaluation its outputs are not each "
                     "taken from one cell",
                     name);
}

void lido_single_switches(const lido_single *single, int64_t *switches) {
    single->link->entry->layer->switches(&single->link->call, switches);
}
