/* compare.c - one pooling layer under the window rules of every engine. */
#include "cli/compare.h"

#include "cli/spec_argument.h"
#include "net/single.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { ENGINES = 8, SHOWN = 4, TEXT = 256 };

/* What an engine makes of the ramp. */
typedef struct outcome {
    const char *engine;
    lido_error error; /* status LIDO_OK: it takes the layer */
    lido_shape shape;
    int64_t count;     /* positions of the output */
    lido_real *values; /* values[count]: of the first channel; the others are the same */
} outcome;

typedef struct comparison {
    lido_json *layer;
    const char *name; /* opens messages */
    lido_shape shape;
    lido_real *ramp;
    int engines;
    outcome of[ENGINES];
} comparison;

static void free_comparison(comparison *c) {
    for (int i = 0; i < c->engines; i++) free(c->of[i].values);
    free(c->ramp);
    lido_json_free(c->layer);
}

/* ---- running -------------------------------------------------------------------------------- */

static const lido_option *find_semantics(const lido_layer *layer) {
    for (const lido_option *o = layer->options; o && o->name; o++)
        if (strcmp(o->name, "semantics") == 0) return o;
    return NULL;
}

/* The engines the layer knows; LIDO_SPEC when it knows of none. */
static lido_status read_engines(comparison *c, lido_error *error) {
    const char *type = lido_json_string(lido_json_get(c->layer, "type"));
    const lido_layer *layer = type ? lido_layer_find(type) : NULL;
    const lido_option *semantics = layer ? find_semantics(layer) : NULL;
    if (!semantics)
        return lido_fail(error, LIDO_SPEC,
                         "%s: a layer of a type with \"semantics\" is needed (max_pool, avg_pool)",
                         c->name);
    for (; c->engines < ENGINES && semantics->choices[c->engines]; c->engines++)
        c->of[c->engines].engine = semantics->choices[c->engines];
    return LIDO_OK;
}

static lido_status make_ramp(comparison *c, const lido_list *dims, lido_error *error) {
    lido_status status = lido_shape_make(dims->at, dims->count, &c->shape, error);
    if (status) return lido_fail_in(error, status, "--shape");
    const int64_t size = lido_shape_size(&c->shape);
    c->ramp = calloc((size_t)size, sizeof *c->ramp);
    if (!c->ramp) return lido_fail(error, LIDO_MEMORY, "no memory for the input");
    for (int64_t i = 0; i < size; i++) c->ramp[i] = (lido_real)(i / c->shape.channels + 1);
    return LIDO_OK;
}

/* The layer with this "semantics"; the caller frees it. */
static lido_json *layer_of(const comparison *c, const char *engine) {
    lido_json *layer = lido_json_object();
    for (const lido_json *m = lido_json_first(c->layer); m; m = lido_json_next(m))
        if (strcmp(lido_json_key(m), "semantics") != 0)
            lido_json_add(layer, lido_json_key(m), lido_json_copy(m));
    lido_json_add_string(layer, "semantics", engine);
    return layer;
}

static lido_status keep_values(lido_single *single, const lido_real *ramp, outcome *made,
                               lido_error *error) {
    const lido_real *y = lido_single_forward(single, &ramp, false);
    made->shape = *lido_single_output(single);
    made->count = lido_shape_positions(&made->shape);
    made->values = calloc((size_t)made->count, sizeof *made->values);
    if (!made->values) return lido_fail(error, LIDO_MEMORY, "no memory for the output");
    for (int64_t i = 0; i < made->count; i++) made->values[i] = y[i * made->shape.channels];
    return LIDO_OK;
}

/* A layer that the engine does not take is an outcome too. */
static lido_status run_engine(const comparison *c, outcome *made, lido_error *error) {
    static const bool nonnegative = true;
    const lido_single_options options = {.batch = 1, .nonnegative = &nonnegative};
    lido_single *single;
    lido_json *layer = layer_of(c, made->engine);
    lido_status status =
        lido_single_make(layer, c->name, 1, &c->shape, &options, &single, &made->error);
    lido_json_free(layer);
    if (status == LIDO_MEMORY) return lido_fail(error, status, "%s", made->error.message);
    if (status) return LIDO_OK;
    made->error.status = LIDO_OK;
    status = keep_values(single, c->ramp, made, error);
    lido_single_free(single);
    return status;
}

static lido_status run_engines(comparison *c, lido_error *error) {
    lido_status status = LIDO_OK;
    bool any = false;
    for (int i = 0; i < c->engines && !status; i++) {
        status = run_engine(c, &c->of[i], error);
        any |= !status && !c->of[i].error.status;
    }
    if (status || any) return status;
    return lido_fail(error, c->of[0].error.status, "%s", c->of[0].error.message);
}

/* ---- differences ---------------------------------------------------------------------------- */

typedef struct difference {
    bool shapes;          /* the shapes differ; nothing else is compared */
    int64_t values;       /* so many of the values */
    int64_t first[SHOWN]; /* the first of them */
} difference;

static difference compare(const outcome *a, const outcome *b) {
    difference found = {.shapes = !lido_shape_equal(&a->shape, &b->shape)};
    for (int64_t i = 0; !found.shapes && i < a->count; i++) {
        if (a->values[i] == b->values[i]) continue;
        if (found.values < SHOWN) found.first[found.values] = i;
        found.values++;
    }
    return found;
}

static bool are_compared(const outcome *a, const outcome *b) {
    return !a->error.status && !b->error.status;
}

static bool agree(const outcome *a, const outcome *b) {
    if (!are_compared(a, b)) return false;
    difference found = compare(a, b);
    return !found.shapes && found.values == 0;
}

/* Another engine before this one says the same. */
static bool is_repeated(const comparison *c, int engine) {
    for (int i = 0; i < engine; i++)
        if (agree(&c->of[i], &c->of[engine])) return true;
    return false;
}

/* ---- for people ----------------------------------------------------------------------------- */

/* The index of output `position` along each axis that exists. */
static int indices(const lido_shape *shape, int64_t position, int64_t index[LIDO_MAX_AXES]) {
    for (int a = LIDO_MAX_AXES - 1; a >= 0; a--) {
        int i = a - (LIDO_MAX_AXES - shape->rank);
        if (i >= 0) index[i] = position % shape->axis[a];
        position /= shape->axis[a];
    }
    return shape->rank;
}

static char *place_text(const lido_shape *shape, int64_t position, char text[TEXT]) {
    int64_t index[LIDO_MAX_AXES];
    int rank = indices(shape, position, index);
    size_t used = 0;
    for (int i = 0; i < rank; i++)
        used += (size_t)snprintf(text + used, TEXT - used, "%s%" PRId64, i ? "," : "[", index[i]);
    snprintf(text + used, TEXT - used, "]");
    return text;
}

/* The engines that say what this one says: "torch, keras". */
static char *group_text(const comparison *c, int engine, char text[TEXT]) {
    size_t used = (size_t)snprintf(text, TEXT, "%s", c->of[engine].engine);
    for (int i = engine + 1; i < c->engines; i++)
        if (agree(&c->of[engine], &c->of[i]))
            used += (size_t)snprintf(text + used, TEXT - used, ", %s", c->of[i].engine);
    return text;
}

static lido_status print_table(const comparison *c, const lido_output *output, lido_error *error) {
    static const char *const titles[] = {"<semantics", "<output", "first", "last"};
    lido_table *table = lido_table_new(titles, 4);
    char text[64];
    for (int i = 0; i < c->engines; i++) {
        const outcome *of = &c->of[i];
        lido_table_add(table, "%s", of->engine);
        if (of->error.status) {
            for (int cell = 0; cell < 3; cell++) lido_table_add(table, "-");
            continue;
        }
        lido_table_add(table, "%s", lido_shape_text(&of->shape, text, sizeof text));
        lido_table_add(table, "%g", (double)of->values[0]);
        lido_table_add(table, "%g", (double)of->values[of->count - 1]);
    }
    return lido_table_print(table, output, error);
}

static void say_difference(const comparison *c, int a, int b, const lido_output *output) {
    const outcome *left = &c->of[a], *right = &c->of[b];
    const difference found = compare(left, right);
    char first[TEXT], second[TEXT];
    lido_say(output, "%s | %s: ", group_text(c, a, first), group_text(c, b, second));
    if (found.shapes) {
        lido_say(output, "%s | %s\n", lido_shape_text(&left->shape, first, sizeof first),
                 lido_shape_text(&right->shape, second, sizeof second));
        return;
    }
    lido_say(output, "%" PRId64 " of %" PRId64 " values differ:", found.values, left->count);
    for (int i = 0; i < found.values && i < SHOWN; i++)
        lido_say(output, "%s %s %g | %g", i ? "," : "",
                 place_text(&left->shape, found.first[i], first),
                 (double)left->values[found.first[i]], (double)right->values[found.first[i]]);
    lido_say(output, "%s\n", found.values > SHOWN ? ", ..." : "");
}

static void say_refusals(const comparison *c, const lido_output *output) {
    for (int i = 0; i < c->engines; i++)
        if (c->of[i].error.status)
            lido_say(output, "%s does not take it: %s\n", c->of[i].engine, c->of[i].error.message);
}

static void say_differences(const comparison *c, const lido_output *output) {
    bool any = false;
    lido_say(output, "\n");
    for (int a = 0; a < c->engines; a++)
        for (int b = a + 1; b < c->engines; b++) {
            if (!are_compared(&c->of[a], &c->of[b])) continue;
            if (is_repeated(c, a) || is_repeated(c, b)) continue;
            say_difference(c, a, b, output);
            any = true;
        }
    if (!any) lido_say(output, "no two engines that take the layer differ\n");
    say_refusals(c, output);
}

/* ---- for programs --------------------------------------------------------------------------- */

static lido_json *place_json(const lido_shape *shape, int64_t position) {
    lido_json *list = lido_json_array();
    int64_t index[LIDO_MAX_AXES];
    int rank = indices(shape, position, index);
    for (int i = 0; i < rank; i++) lido_json_append(list, lido_json_from_number((double)index[i]));
    return list;
}

static lido_json *shape_json(const lido_shape *shape) {
    lido_json *list = lido_json_array();
    for (int a = LIDO_MAX_AXES - shape->rank; a < LIDO_MAX_AXES; a++)
        lido_json_append(list, lido_json_from_number((double)shape->axis[a]));
    lido_json_append(list, lido_json_from_number((double)shape->channels));
    return list;
}

static bool is_border(const lido_shape *shape, int64_t position) {
    for (int a = LIDO_MAX_AXES - 1; a >= LIDO_MAX_AXES - shape->rank; a--) {
        int64_t index = position % shape->axis[a];
        if (index == 0 || index == shape->axis[a] - 1) return true;
        position /= shape->axis[a];
    }
    return false;
}

static lido_json *border_json(const outcome *of) {
    lido_json *list = lido_json_array();
    for (int64_t i = 0; i < of->count; i++) {
        if (!is_border(&of->shape, i)) continue;
        lido_json *cell = lido_json_object();
        lido_json_add(cell, "at", place_json(&of->shape, i));
        lido_json_add_number(cell, "value", (double)of->values[i]);
        lido_json_append(list, cell);
    }
    return list;
}

static lido_json *outcome_json(const outcome *of) {
    lido_json *json = lido_json_object();
    lido_json_add_string(json, "semantics", of->engine);
    if (of->error.status) {
        lido_json_add_string(json, "error", of->error.message);
        return json;
    }
    lido_json_add(json, "output", shape_json(&of->shape));
    lido_json_add(json, "border", border_json(of));
    return json;
}

static lido_json *difference_json(const outcome *a, const outcome *b) {
    const difference found = compare(a, b);
    lido_json *json = lido_json_object(), *between = lido_json_array();
    lido_json_append(between, lido_json_from_string(a->engine));
    lido_json_append(between, lido_json_from_string(b->engine));
    lido_json_add(json, "between", between);
    lido_json_add_bool(json, "shapes", found.shapes);
    if (found.shapes) return json;
    lido_json_add_number(json, "values", (double)found.values);
    lido_json_add(json, "first", place_json(&a->shape, found.first[0]));
    return json;
}

static lido_json *comparison_json(const comparison *c) {
    lido_json *json = lido_json_object(), *engines = lido_json_array();
    lido_json *differences = lido_json_array();
    for (int a = 0; a < c->engines; a++) {
        lido_json_append(engines, outcome_json(&c->of[a]));
        for (int b = a + 1; b < c->engines; b++)
            if (are_compared(&c->of[a], &c->of[b]) && !agree(&c->of[a], &c->of[b]))
                lido_json_append(differences, difference_json(&c->of[a], &c->of[b]));
    }
    lido_json_add(json, "input", shape_json(&c->shape));
    lido_json_add(json, "engines", engines);
    lido_json_add(json, "differences", differences);
    return json;
}

/* ---- all ------------------------------------------------------------------------------------ */

lido_status lido_compare_semantics(const char *layer, const lido_list *shape,
                                   const lido_output *output, lido_error *error) {
    comparison c = {.engines = 0};
    lido_status status = lido_document_argument(layer, &c.layer, &c.name, error);
    if (!status) status = read_engines(&c, error);
    if (!status) status = make_ramp(&c, shape, error);
    if (!status) status = run_engines(&c, error);
    if (!status) status = print_table(&c, output, error);
    if (!status) {
        say_differences(&c, output);
        status = lido_output_json(output, comparison_json(&c), error);
    }
    free_comparison(&c);
    return status;
}
