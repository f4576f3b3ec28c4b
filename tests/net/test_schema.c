/* test_schema.c - the JSON Schema of specs: every layer is in it, with its options and no more. */
#include "lido_check.h"

#include "base/json.h"
#include "net/antialias.h"

#include <lido/net.h>

static lido_json *schema(void) {
    lido_error error = {0};
    lido_json *json = NULL;
    char *text = lido_spec_schema();
    ck_assert_ptr_nonnull(text);
    assert_ok(lido_json_parse(text, strlen(text), "schema", &json, &error));
    free(text);
    return json;
}

static const char *string_at(const lido_json *object, const char *key) {
    const char *text = lido_json_string(lido_json_get(object, key));
    return text ? text : "";
}

static bool lists(const lido_json *array, const char *word) {
    for (const lido_json *e = lido_json_first(array); e; e = lido_json_next(e))
        if (strcmp(lido_json_string(e), word) == 0) return true;
    return false;
}

/* The schemas of all layer objects, the first being that of a use. */
static const lido_json *layers_of(const lido_json *json) {
    const lido_json *layer = lido_json_get(lido_json_get(json, "$defs"), "layer");
    return lido_json_first(lido_json_get(layer, "oneOf"));
}

START_TEST(describes_the_document) {
    lido_json *json = schema();
    ck_assert_str_eq(string_at(json, "$schema"), "https://json-schema.org/draft/2020-12/schema");
    ck_assert_str_eq(string_at(json, "type"), "object");
    const lido_json *properties = lido_json_get(json, "properties");
    static const char *const keys[] = {"name",   "input",  "inputs", "target",
                                       "define", "layers", "train"};
    for (int i = 0; i < 7; i++) ck_assert_ptr_nonnull(lido_json_get(properties, keys[i]));
    ck_assert_int_eq(lido_json_count(properties), 7);
    ck_assert(lists(lido_json_get(json, "required"), "layers"));
    ck_assert_int_eq(lido_json_count(lido_json_get(json, "required")), 1);
    const lido_json *either = lido_json_first(lido_json_get(json, "oneOf"));
    ck_assert(lists(lido_json_get(either, "required"), "input"));
    ck_assert(lists(lido_json_get(lido_json_next(either), "required"), "inputs"));
    const lido_json *closed = lido_json_get(json, "additionalProperties");
    ck_assert_int_eq(lido_json_kind_of(closed), LIDO_JSON_BOOL);
    ck_assert(!lido_json_bool(closed));
    lido_json_free(json);
}
END_TEST

START_TEST(has_every_layer_with_its_options) {
    lido_json *json = schema();
    size_t count;
    const lido_layer *const *layers = lido_layers(&count);
    const lido_json *each = lido_json_next(layers_of(json));
    for (size_t i = 0; i < count; i++, each = lido_json_next(each)) {
        const lido_layer *layer = layers[i];
        const lido_json *properties = lido_json_get(each, "properties");
        const lido_json *required = lido_json_get(each, "required");
        ck_assert_str_eq(string_at(lido_json_get(properties, "type"), "const"), layer->name);
        ck_assert_str_eq(string_at(each, "description"), layer->doc);
        ck_assert(lists(required, "type"));
        ck_assert(lists(required, "input") == (layer->min_inputs > 1));
        int options = 0;
        for (; layer->options && layer->options[options].name; options++) {
            const lido_option *option = &layer->options[options];
            ck_assert_ptr_nonnull(lido_json_get(properties, option->name));
            ck_assert(lists(required, option->name) == !option->fallback);
        }
        const bool blurs = lido_antialias_allowed(layer);
        ck_assert(blurs == (lido_json_get(properties, "antialias") != NULL));
        ck_assert_int_eq(lido_json_count(properties), options + 4 + blurs);
        const lido_json *closed = lido_json_get(each, "additionalProperties");
        ck_assert(closed && !lido_json_bool(closed));
    }
    ck_assert_ptr_null(each);
    lido_json_free(json);
}
END_TEST

START_TEST(has_uses) {
    lido_json *json = schema();
    const lido_json *use = layers_of(json), *properties = lido_json_get(use, "properties");
    static const char *const keys[] = {"use", "name", "input"};
    for (int i = 0; i < 3; i++) ck_assert_ptr_nonnull(lido_json_get(properties, keys[i]));
    ck_assert_int_eq(lido_json_count(properties), 3);
    ck_assert(lists(lido_json_get(use, "required"), "use"));
    lido_json_free(json);
}
END_TEST

/* The generic keys must not hide an option of a layer. */
START_TEST(no_layer_has_an_option_called_like_a_generic_key) {
    static const char *const generic[] = {"type",       "name",      "input",
                                          "activation", "antialias", "use"};
    size_t count;
    const lido_layer *const *layers = lido_layers(&count);
    for (size_t i = 0; i < count; i++)
        for (const lido_option *o = layers[i]->options; o && o->name; o++)
            for (int j = 0; j < 6; j++) ck_assert_str_ne(o->name, generic[j]);
}
END_TEST

LIDO_TEST_MAIN("schema", describes_the_document, has_every_layer_with_its_options, has_uses,
               no_layer_has_an_option_called_like_a_generic_key)
