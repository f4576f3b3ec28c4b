/* arm.c - the network of a cell, and whether cells differ. */
#include "study/arm.h"

#include "net/spec.h"
#include "study/document.h"

#include <stdlib.h>
#include <string.h>

/* ---- making -------------------------------------------------------------------------------- */

static lido_json *definitions(const lido_study *study, const lido_arm *arm, const lido_json *base) {
    lido_json *define = lido_json_copy(lido_json_get(base, "define"));
    for (int f = 0; f < study->factors; f++) {
        lido_json *with =
            lido_json_with(define, study->factor[f].name, lido_json_copy(arm->variant[f]));
        lido_json_free(define);
        define = with;
    }
    return define;
}

lido_json *lido_arm_document(const lido_study *study, const lido_arm *arm) {
    const lido_json *base = lido_json_get(study->document, "base");
    const lido_json *changes = lido_json_get(study->document, "train");
    lido_json *patch = lido_json_object();
    if (changes) lido_json_add(patch, "train", lido_json_copy(changes));
    lido_json_add_string(patch, "name", arm->name);
    lido_json *document = lido_json_merged(base, patch);
    lido_json *with = lido_json_with(document, "define", definitions(study, arm, base));
    lido_json_free(document);
    lido_json_free(patch);
    return with;
}

lido_status lido_arm_infer(const lido_study *study, const lido_arm *arm, const lido_json *document,
                           lido_spec **spec, lido_graph **graph, lido_error *error) {
    char *text = lido_json_print(document, false);
    *spec = NULL;
    *graph = NULL;
    if (!text) return lido_fail(error, LIDO_MEMORY, "out of memory for the spec of %s", arm->name);
    lido_status status = lido_spec_parse(text, strlen(text), arm->name, spec, error);
    if (!status) status = lido_graph_make(*spec, graph, error);
    free(text);
    if (!status) return LIDO_OK;
    lido_spec_free(*spec);
    *spec = NULL;
    return lido_fail_in(error, status, "%s", study->path);
}

static void add_up(lido_arm *arm) {
    arm->multiply_adds = arm->activation_bytes = 0;
    for (int i = 0; i < lido_graph_layers(arm->graph); i++) {
        lido_layer_info info;
        lido_graph_layer(arm->graph, i, &info);
        arm->multiply_adds += info.multiply_adds;
        arm->activation_bytes += info.activation_bytes;
    }
}

lido_status lido_arm_make(const lido_study *study, lido_arm *arm, const lido_json *document,
                          lido_error *error) {
    lido_arm_free(arm);
    lido_status status = lido_arm_infer(study, arm, document, &arm->spec, &arm->graph, error);
    if (status) return status;
    add_up(arm);
    status = lido_train_options_read(arm->spec, &arm->train, error);
    if (status) return lido_fail_in(error, status, "%s", study->path);
    if (arm->train.data[0]) return LIDO_OK;
    return lido_fail(error, LIDO_SPEC,
                     "%s: no data set: neither \"train\" nor the base's has \"data\"", study->path);
}

void lido_arm_free(lido_arm *arm) {
    lido_graph_free(arm->graph);
    lido_spec_free(arm->spec);
    arm->graph = NULL;
    arm->spec = NULL;
}

/* ---- definitions that no layer uses -------------------------------------------------------- */

/* Whether the list, or one layer, has {"use": name}, also within the definitions it uses. */
static bool uses(const lido_study *study, const lido_arm *arm, const lido_json *list,
                 const char *name);

/* What a definition is in this arm. */
static const lido_json *definition(const lido_study *study, const lido_arm *arm, const char *name) {
    for (int f = 0; f < study->factors; f++)
        if (strcmp(study->factor[f].name, name) == 0) return arm->variant[f];
    return lido_json_get(lido_json_get(lido_json_get(study->document, "base"), "define"), name);
}

static bool item_uses(const lido_study *study, const lido_arm *arm, const lido_json *item,
                      const char *name) {
    const char *use = lido_json_string(lido_json_get(item, "use"));
    if (!use) return false;
    return strcmp(use, name) == 0 || uses(study, arm, definition(study, arm, use), name);
}

static bool uses(const lido_study *study, const lido_arm *arm, const lido_json *list,
                 const char *name) {
    if (lido_json_kind_of(list) == LIDO_JSON_OBJECT) return item_uses(study, arm, list, name);
    for (const lido_json *m = lido_json_first(list); m; m = lido_json_next(m))
        if (item_uses(study, arm, m, name)) return true;
    return false;
}

static lido_status check_used(const lido_study *study, const lido_factor *factor,
                              lido_error *error) {
    const lido_json *layers = lido_json_get(lido_json_get(study->document, "base"), "layers");
    for (int i = 0; i < study->arms; i++)
        if (uses(study, &study->arm[i], layers, factor->name)) return LIDO_OK;
    return lido_fail(error, LIDO_SPEC,
                     "%s: factors.%s: no layer of the base uses the definition \"%s\", so its "
                     "variants would make no difference",
                     study->path, factor->name, factor->name);
}

/* ---- cells that do not differ -------------------------------------------------------------- */

/* The place of the layer of that name among the layers, -1 when there is none. */
static int find_layer(const lido_json *layers, const char *name) {
    int index = 0;
    for (const lido_json *l = lido_json_first(layers); l; l = lido_json_next(l), index++)
        if (strcmp(lido_json_string(lido_json_get(l, "name")), name) == 0) return index;
    return -1;
}

/* A copy in which layers are named by their place. */
static lido_json *numbered(const lido_json *value, const lido_json *layers) {
    const char *text = lido_json_string(value);
    int layer = text ? find_layer(layers, text) : -1;
    if (layer >= 0) return lido_json_from_number(layer);
    if (lido_json_kind_of(value) != LIDO_JSON_ARRAY) return lido_json_copy(value);
    lido_json *list = lido_json_array();
    for (const lido_json *m = lido_json_first(value); m; m = lido_json_next(m))
        lido_json_append(list, numbered(m, layers));
    return list;
}

/* 2 for [2, 2] and for [[2, 2], [2, 2]]: what an option says that goes by axes. NULL: they differ.
 */
static const lido_json *common_value(const lido_json *value) {
    if (lido_json_kind_of(value) != LIDO_JSON_ARRAY) return value;
    const lido_json *common = common_value(lido_json_first(value));
    for (const lido_json *m = lido_json_first(value); m && common; m = lido_json_next(m)) {
        const lido_json *other = common_value(m);
        bool same = other && lido_json_number(other) == lido_json_number(common);
        if (!same) return NULL;
    }
    return common;
}

static bool goes_by_axes(const lido_layer *layer, const char *key) {
    const lido_option *option = layer->options;
    while (option && option->name && strcmp(option->name, key) != 0) option++;
    if (!option || !option->name) return false;
    return option->kind == LIDO_OPTION_AXES || option->kind == LIDO_OPTION_SIZES ||
           option->kind == LIDO_OPTION_PADDING;
}

/* A layer of a resolved spec without its name, and with one spelling for what is the same. */
static lido_json *plain_layer(const lido_json *layer, const lido_json *layers) {
    const lido_layer *type = lido_layer_find(lido_json_string(lido_json_get(layer, "type")));
    lido_json *plain = lido_json_object();
    for (const lido_json *m = lido_json_first(layer); m; m = lido_json_next(m)) {
        const char *key = lido_json_key(m);
        const lido_json *common = goes_by_axes(type, key) ? common_value(m) : NULL;
        if (strcmp(key, "name") == 0) continue;
        if (common)
            lido_json_add(plain, key, lido_json_copy(common));
        else if (strcmp(key, "type") == 0)
            lido_json_add(plain, key, lido_json_copy(m));
        else
            lido_json_add(plain, key, numbered(m, layers));
    }
    return plain;
}

/* True unless memory ran out while the document was made. */
static bool is_whole(const lido_json *document) {
    char *text = lido_json_print(document, false);
    free(text);
    return text != NULL;
}

/* The network without its names, as one line of JSON to be freed; NULL when memory ran out. */
static char *network_text(const lido_spec *spec) {
    lido_json *resolved = lido_spec_resolved(spec), *list = lido_json_array();
    const lido_json *layers = lido_json_get(resolved, "layers");
    bool whole = is_whole(resolved);
    for (const lido_json *l = lido_json_first(layers); l && whole; l = lido_json_next(l))
        lido_json_append(list, plain_layer(l, layers));
    char *text = whole ? lido_json_print(list, false) : NULL;
    lido_json_free(list);
    lido_json_free(resolved);
    return text;
}

static lido_status compare(const lido_study *study, char *const *text, lido_error *error) {
    for (int i = 1; i < study->arms; i++)
        for (int j = 0; j < i; j++)
            if (strcmp(text[i], text[j]) == 0)
                return lido_fail(error, LIDO_SPEC, "%s: the cells %s and %s are the same network",
                                 study->path, study->arm[j].name, study->arm[i].name);
    return LIDO_OK;
}

static lido_status check_different(const lido_study *study, lido_error *error) {
    char **text = calloc((size_t)study->arms, sizeof *text);
    bool whole = text != NULL;
    for (int i = 0; i < study->arms && whole; i++)
        whole = (text[i] = network_text(study->arm[i].spec)) != NULL;
    lido_status status = whole ? compare(study, text, error)
                               : lido_fail(error, LIDO_MEMORY, "out of memory for the study");
    for (int i = 0; text && i < study->arms; i++) free(text[i]);
    free(text);
    return status;
}

lido_status lido_arms_check(const lido_study *study, lido_error *error) {
    for (int f = 0; f < study->factors; f++) {
        lido_status status = check_used(study, &study->factor[f], error);
        if (status) return status;
    }
    return check_different(study, error);
}
