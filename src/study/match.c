/* match.c - networks of one size. Parameters do not grow evenly with the scale, since filters are
 * whole, and some scales may not fit at all (an addition of layers whose roundings differ): so a
 * range of scales is tried, first coarsely, then finely around the best. */
#include "study/match.h"

#include "study/arm.h"
#include "study/document.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_LAYERS = 1024, COARSE = 400, FINE = 40 };

static const double largest_scale = 16, tolerance = 0.05;

/* Looking for the scale of an arm. */
typedef struct search {
    const lido_study *study;
    const lido_arm *arm;
    lido_json *document; /* as it is */
    int64_t params;      /* wanted */
    bool fixed[MOST_LAYERS];
} search;

/* How a document is changed: its layers with filters are counted as they come. */
typedef struct scaling {
    double scale;
    const bool *fixed; /* fixed[layers with filters] keep theirs; NULL: none */
    int only;          /* instead, this one gets one more filter a group; -1: none */
    int count;         /* layers met so far */
} scaling;

static int64_t groups_of(const lido_json *layer) {
    int64_t groups;
    bool given = lido_json_integer(lido_json_get(layer, "groups"), &groups);
    return given && groups > 0 ? groups : 1;
}

static lido_json *scaled_filters(const lido_json *layer, const lido_json *filters, scaling *s) {
    int index = s->count++;
    double number = lido_json_number(filters), groups = (double)groups_of(layer);
    if (s->only >= 0) return lido_json_from_number(index == s->only ? number + groups : number);
    if (index < MOST_LAYERS && s->fixed && s->fixed[index]) return lido_json_from_number(number);
    return lido_json_from_number(fmax(1, round(number * s->scale / groups)) * groups);
}

/* A copy of a layer, a list of layers, or an object of such. */
static lido_json *scaled(const lido_json *json, scaling *s) {
    lido_json_kind kind = lido_json_kind_of(json);
    if (kind != LIDO_JSON_ARRAY && kind != LIDO_JSON_OBJECT) return lido_json_copy(json);
    lido_json *copy = kind == LIDO_JSON_ARRAY ? lido_json_array() : lido_json_object();
    for (const lido_json *m = lido_json_first(json); m; m = lido_json_next(m)) {
        const char *key = lido_json_key(m);
        if (kind == LIDO_JSON_ARRAY)
            lido_json_append(copy, scaled(m, s));
        else if (strcmp(key, "filters") == 0 && lido_json_kind_of(m) == LIDO_JSON_NUMBER)
            lido_json_add(copy, key, scaled_filters(json, m, s));
        else
            lido_json_add(copy, key, scaled(m, s));
    }
    return copy;
}

static lido_json *scaled_document(const lido_json *document, scaling *s) {
    s->count = 0;
    lido_json *layers =
        lido_json_with(document, "layers", scaled(lido_json_get(document, "layers"), s));
    lido_json *all = lido_json_with(layers, "define", scaled(lido_json_get(document, "define"), s));
    lido_json_free(layers);
    return all;
}

/* Parameters and output of the document so changed; *params is -1 when it is no network. */
static lido_status try(const search *of, scaling *s, int64_t *params, lido_shape *output,
                       lido_error *error) {
    lido_json *changed = scaled_document(of->document, s);
    lido_spec *spec;
    lido_graph *graph;
    lido_status status = lido_arm_infer(of->study, of->arm, changed, &spec, &graph, error);
    *params = status ? -1 : lido_graph_params(graph);
    if (!status) *output = *lido_graph_output(graph);
    lido_json_free(changed);
    lido_graph_free(graph);
    lido_spec_free(spec);
    return status == LIDO_MEMORY ? status : LIDO_OK;
}

/* Marks the layers whose filters are the channels of the output; *rest is how many are not. */
static lido_status find_fixed(search *of, int *rest, lido_error *error) {
    scaling s = {.scale = 1, .only = -1};
    lido_status status = LIDO_OK;
    lido_json_free(scaled_document(of->document, &s));
    const int count = s.count < MOST_LAYERS ? s.count : MOST_LAYERS;
    *rest = 0;
    for (int i = 0; i < count && !status; i++) {
        lido_shape output;
        int64_t params;
        s.only = i;
        status = try(of, &s, &params, &output, error);
        of->fixed[i] = params >= 0 && !lido_shape_equal(&output, lido_graph_output(of->arm->graph));
        *rest += !of->fixed[i];
    }
    return status;
}

/* *scale becomes the best of 2 * count + 1 scales around it, from 1 / width to width times it. */
static lido_status best_scale(const search *of, double width, int count, double *scale,
                              lido_error *error) {
    const double middle = *scale;
    int64_t nearest = INT64_MAX;
    lido_status status = LIDO_OK;
    for (int i = -count; i <= count && !status; i++) {
        scaling s = {
            .scale = middle * pow(width, (double)i / count), .fixed = of->fixed, .only = -1};
        lido_shape output;
        int64_t params;
        status = try(of, &s, &params, &output, error);
        const int64_t off = params < 0 ? INT64_MAX : llabs(params - of->params);
        if (off >= nearest) continue;
        nearest = off;
        *scale = s.scale;
    }
    return status;
}

static lido_status check_match(const lido_study *study, const lido_arm *arm, int64_t params,
                               lido_error *error) {
    int64_t has = lido_graph_params(arm->graph);
    if (fabs((double)(has - params)) <= tolerance * (double)params) return LIDO_OK;
    return lido_fail(error, LIDO_SPEC,
                     "%s: parameters: %s cannot be matched: the baseline has %lld parameters, the "
                     "nearest to be had by scaling its filters is %lld",
                     study->path, arm->name, (long long)params, (long long)has);
}

/* Finds the scale and gives the arm the network it makes. */
static lido_status scale_arm(search *of, lido_arm *arm, lido_error *error) {
    int rest;
    double scale = 1;
    lido_status status = find_fixed(of, &rest, error);
    if (status || rest == 0) return status;
    status = best_scale(of, largest_scale, COARSE, &scale, error);
    if (!status) status = best_scale(of, pow(largest_scale, 1.0 / COARSE), FINE, &scale, error);
    if (status) return status;
    scaling s = {.scale = scale, .fixed = of->fixed, .only = -1};
    lido_json *changed = scaled_document(of->document, &s);
    status = lido_arm_make(of->study, arm, changed, error);
    lido_json_free(changed);
    arm->scale = scale;
    return status;
}

lido_status lido_arm_match(const lido_study *study, lido_arm *arm, int64_t params,
                           lido_error *error) {
    if (lido_graph_params(arm->graph) == params) return LIDO_OK;
    search of = {.study = study, .arm = arm, .params = params};
    of.document = lido_arm_document(study, arm);
    lido_status status = scale_arm(&of, arm, error);
    lido_json_free(of.document);
    return status ? status : check_match(study, arm, params, error);
}
