/* schema.c - the JSON Schema of model specs, made of the layers' option tables, for editors that
 * complete and check as one types. What needs shapes or other layers is checked by the reader. */
#include "base/options.h"
#include "net/antialias.h"
#include "net/expand.h"

#include <stdlib.h>
#include <string.h>

static const lido_option no_options[] = {{0}};

static lido_json *typed(const char *type, const char *doc) {
    lido_json *schema = lido_json_object();
    lido_json_add_string(schema, "type", type);
    if (doc) lido_json_add_string(schema, "description", doc);
    return schema;
}

static lido_json *reference(const char *name) {
    lido_json *schema = lido_json_object();
    lido_json_add_string(schema, "$ref", name);
    return schema;
}

static lido_json *array_of(lido_json *items, int least, int most, const char *doc) {
    lido_json *schema = typed("array", doc);
    lido_json_add(schema, "items", items);
    lido_json_add_number(schema, "minItems", least);
    if (most > 0) lido_json_add_number(schema, "maxItems", most);
    return schema;
}

static lido_json *constant(const char *value) {
    lido_json *schema = lido_json_object();
    lido_json_add_string(schema, "const", value);
    return schema;
}

/* {"anyOf": [...]} or {"oneOf": [...]} */
static lido_json *alternatives(const char *how, lido_json *list) {
    lido_json *schema = lido_json_object();
    lido_json_add(schema, how, list);
    return schema;
}

static lido_json *either(lido_json *a, lido_json *b) {
    lido_json *list = lido_json_array();
    lido_json_append(list, a);
    lido_json_append(list, b);
    return alternatives("anyOf", list);
}

/* ---- layers -------------------------------------------------------------------------------- */

static lido_json *name_schema(const char *doc) {
    lido_json *schema = typed("string", doc);
    lido_json_add_string(schema, "pattern", "^[A-Za-z0-9_.#/-]+$");
    return schema;
}

static lido_json *input_schema(int least, int most) {
    lido_json *list = array_of(typed("string", NULL), least, most, NULL);
    lido_json *schema = least > 1 ? list : either(typed("string", NULL), list);
    lido_json_add_string(schema, "description",
                         "names of earlier layers, or \"" LIDO_IMAGE_NAME
                         "\"; without it, the layer before");
    return schema;
}

static lido_json *word_schema(const char *const *words, const char *doc) {
    lido_json *schema = lido_json_object(), *names = lido_json_array();
    for (; *words; words++) lido_json_append(names, lido_json_from_string(*words));
    lido_json_add(schema, "enum", names);
    lido_json_add_string(schema, "description", doc);
    return schema;
}

static lido_json *activation_schema(void) {
    return word_schema(lido_activation_names, "a layer of this type behind this one");
}

static lido_json *antialias_schema(void) {
    lido_json *schema = lido_options_schema(lido_antialias_options);
    lido_json *copy =
        lido_json_copy(lido_json_get(lido_json_get(schema, "properties"), "antialias"));
    lido_json_free(schema);
    return copy;
}

static lido_json *layer_schema(const lido_layer *layer) {
    lido_json *schema = lido_options_schema(layer->options ? layer->options : no_options);
    lido_json *properties = lido_json_member(schema, "properties");
    lido_json *required = lido_json_member(schema, "required");
    lido_json_add_string(schema, "description", layer->doc);
    lido_json_add(properties, "type", constant(layer->name));
    lido_json_add(properties, "name", name_schema("what other layers call its output"));
    lido_json_add(properties, "input", input_schema(layer->min_inputs, layer->max_inputs));
    lido_json_add(properties, "activation", activation_schema());
    if (lido_antialias_allowed(layer)) lido_json_add(properties, "antialias", antialias_schema());
    lido_json_append(required, lido_json_from_string("type"));
    if (layer->min_inputs > 1) lido_json_append(required, lido_json_from_string("input"));
    return schema;
}

static lido_json *use_schema(void) {
    lido_json *schema = lido_options_schema(no_options);
    lido_json *properties = lido_json_member(schema, "properties");
    lido_json_add_string(schema, "description", "the layers of a definition");
    lido_json_add(properties, "use", typed("string", "a name in \"define\""));
    lido_json_add(properties, "name", name_schema("what other layers call its last output"));
    lido_json_add(properties, "input", input_schema(1, LIDO_MAX_INPUTS));
    lido_json_append(lido_json_member(schema, "required"), lido_json_from_string("use"));
    return schema;
}

/* {"layer": one of all layers and "use"} */
static lido_json *definitions(void) {
    size_t count;
    const lido_layer *const *layers = lido_layers(&count);
    lido_json *all = lido_json_array(), *schema = lido_json_object();
    lido_json_append(all, use_schema());
    for (size_t i = 0; i < count; i++) lido_json_append(all, layer_schema(layers[i]));
    lido_json_add(schema, "layer", alternatives("oneOf", all));
    return schema;
}

/* ---- the document -------------------------------------------------------------------------- */

static lido_json *size_list(void) {
    lido_json *size = typed("integer", NULL);
    lido_json_add_number(size, "minimum", 1);
    return array_of(size, 1, LIDO_MAX_AXES + 1, "shape of a picture: spatial sizes, then channels");
}

static lido_json *inputs_schema(void) {
    lido_json *schema = lido_options_schema(no_options);
    lido_json *properties = lido_json_member(schema, "properties");
    lido_json *number = typed("integer", NULL);
    lido_json_add_number(number, "minimum", 1);
    lido_json_add_string(schema, "description", "instead of \"input\", where there are boxes");
    lido_json_add(properties, LIDO_IMAGE_NAME, size_list());
    lido_json_add(properties, LIDO_BOXES_NAME,
                  array_of(number, 2, 2, "[n, 5]: n boxes (0, x1, y1, x2, y2) a picture"));
    lido_json_append(lido_json_member(schema, "required"), lido_json_from_string(LIDO_IMAGE_NAME));
    return schema;
}

/* {"required": [key]} */
static lido_json *requiring(const char *key) {
    lido_json *schema = lido_json_object(), *keys = lido_json_array();
    lido_json_append(keys, lido_json_from_string(key));
    lido_json_add(schema, "required", keys);
    return schema;
}

static lido_json *layer_list(const char *doc) {
    return array_of(reference("#/$defs/layer"), 1, 0, doc);
}

static lido_json *define_schema(void) {
    lido_json *schema = typed("object", "layers and lists of layers by name, for \"use\"");
    lido_json *names = lido_json_object();
    lido_json_add_string(names, "pattern", "^[A-Za-z0-9_.-]+$");
    lido_json_add(schema, "propertyNames", names);
    lido_json_add(schema, "additionalProperties",
                  either(reference("#/$defs/layer"), layer_list(NULL)));
    return schema;
}

char *lido_spec_schema(void) {
    lido_json *schema = lido_options_schema(no_options);
    lido_json *properties = lido_json_member(schema, "properties");
    lido_json *required = lido_json_member(schema, "required");
    lido_json_add_string(schema, "$schema", "https://json-schema.org/draft/2020-12/schema");
    lido_json_add_string(schema, "title", "Lido model spec");
    lido_json_add(properties, "name", typed("string", "of the network; by default the file's"));
    lido_json_add(properties, "input", size_list());
    lido_json_add(properties, "inputs", inputs_schema());
    lido_json_add(properties, "target",
                  word_schema(lido_target_names, "what is learnt of a picture: one class (default) "
                                                 "or a class for each position of the output"));
    lido_json_add(properties, "define", define_schema());
    lido_json_add(properties, "layers", layer_list("in running order"));
    lido_json_add(properties, "train", typed("object", "how to train"));
    lido_json *input = lido_json_array();
    lido_json_append(input, requiring("input"));
    lido_json_append(input, requiring("inputs"));
    lido_json_add(schema, "oneOf", input);
    lido_json_append(required, lido_json_from_string("layers"));
    lido_json_add(schema, "$defs", definitions());
    char *text = lido_json_print(schema, true);
    lido_json_free(schema);
    return text;
}
