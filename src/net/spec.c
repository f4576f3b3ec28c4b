/* spec.c - a model spec as a document: its top-level keys, and writing it back with everything
 * filled in. The list of layers is expand.c's.
 *
 * A resolved spec names every layer, also those whose name was made ("conv#1", "pool#2/conv#1",
 * "conv#1/relu"): the reader takes such names as they stand. So reading it again gives every layer
 * the same name, and with it the same random numbers. */
#include "net/spec.h"

#include "base/options.h"
#include "net/expand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXCERPT_SIZE = 64, BOX_NUMBERS = 5 };

static const lido_option no_options[] = {{0}};
static const char *const document_keys[] = {"name",   "input",  "inputs", "target",
                                            "define", "layers", "train",  NULL};

const char *const lido_target_names[] = {"class", "label_map", NULL};

/* ---- reading ------------------------------------------------------------------------------- */

/* `where` is the value's place: a key, or "inputs.image". */
static lido_status fail_value(const lido_spec *spec, const char *where, const lido_json *value,
                              const char *allowed, lido_error *error) {
    char found[EXCERPT_SIZE];
    if (!value)
        return lido_fail(error, LIDO_SPEC, "%s: \"%s\" is missing, allowed: %s", spec->path, where,
                         allowed);
    return lido_fail(error, LIDO_SPEC, "%s: \"%s\" is %s, allowed: %s", spec->path, where,
                     lido_excerpt(value, found, sizeof found), allowed);
}

static lido_status fail_wrong(const lido_spec *spec, const char *key, const char *allowed,
                              lido_error *error) {
    return fail_value(spec, key, lido_json_get(spec->document, key), allowed, error);
}

/* The path, or its end when it is long. */
static void keep_path(lido_spec *spec, const char *path) {
    size_t length = strlen(path), room = sizeof spec->path - 1;
    if (length <= room)
        memcpy(spec->path, path, length + 1);
    else
        snprintf(spec->path, sizeof spec->path, "...%s", path + length - room + 3);
}

/* "models/lenet5.json" is called "lenet5" unless it says otherwise. */
static void name_after_file(lido_spec *spec) {
    const char *slash = strrchr(spec->path, '/'), *stem = slash ? slash + 1 : spec->path;
    const char *dot = strrchr(stem, '.');
    size_t length = dot && strcmp(dot, ".json") == 0 ? (size_t)(dot - stem) : strlen(stem);
    memcpy(spec->name, stem, length);
    spec->name[length] = '\0';
}

static bool is_printable(const char *text) {
    for (; *text; text++)
        if ((uint8_t)*text < 0x20 || *text == 0x7F) return false;
    return true;
}

static lido_status read_name(lido_spec *spec, lido_error *error) {
    const lido_json *written = lido_json_get(spec->document, "name");
    const char *name = lido_json_string(written);
    name_after_file(spec);
    if (!written) return LIDO_OK;
    if (!name || !*name || strlen(name) >= sizeof spec->name || !is_printable(name))
        return fail_wrong(spec, "name", "a line of 1 to 127 bytes", error);
    memcpy(spec->name, name, strlen(name) + 1);
    return LIDO_OK;
}

static lido_status read_shape(const lido_spec *spec, const char *where, const lido_json *list,
                              lido_shape *shape, lido_error *error) {
    static const char allowed[] =
        "a list of 1 to 4 integers >= 1, spatial sizes then channels, such as [28, 28, 1]";
    int64_t dims[LIDO_MAX_AXES + 1];
    int count = lido_json_count(list), filled = 0;
    if (lido_json_kind_of(list) != LIDO_JSON_ARRAY || count < 1 || count > LIDO_MAX_AXES + 1)
        return fail_value(spec, where, list, allowed, error);
    for (const lido_json *e = lido_json_first(list); e; e = lido_json_next(e))
        if (!lido_json_integer(e, &dims[filled]) || dims[filled++] < 1)
            return fail_value(spec, where, list, allowed, error);
    lido_status status = lido_shape_make(dims, count, shape, error);
    return status ? lido_fail_in(error, status, "%s: \"%s\"", spec->path, where) : LIDO_OK;
}

static lido_status read_boxes(lido_spec *spec, const lido_json *list, lido_error *error) {
    static const char where[] = "inputs." LIDO_BOXES_NAME,
                      allowed[] = "[n, 5] with n >= 1 boxes a picture, such as [4, 5]";
    int64_t boxes, numbers;
    const lido_json *first = lido_json_first(list);
    if (lido_json_kind_of(list) != LIDO_JSON_ARRAY || lido_json_count(list) != 2 ||
        !lido_json_integer(first, &boxes) || boxes < 1 ||
        !lido_json_integer(lido_json_next(first), &numbers) || numbers != BOX_NUMBERS)
        return fail_value(spec, where, list, allowed, error);
    return read_shape(spec, where, list, &spec->boxes, error);
}

/* "input", or "inputs" where there is more than the picture. */
static lido_status read_inputs(lido_spec *spec, lido_error *error) {
    static const char *const keys[] = {LIDO_IMAGE_NAME, LIDO_BOXES_NAME, NULL};
    static const char allowed[] =
        "an object of \"" LIDO_IMAGE_NAME "\" and \"" LIDO_BOXES_NAME "\"";
    const lido_json *input = lido_json_get(spec->document, "input");
    const lido_json *inputs = lido_json_get(spec->document, "inputs");
    if (!inputs) return read_shape(spec, "input", input, &spec->input, error);
    if (input) return lido_fail(error, LIDO_SPEC, "%s: both \"input\" and \"inputs\"", spec->path);
    if (lido_json_kind_of(inputs) != LIDO_JSON_OBJECT)
        return fail_wrong(spec, "inputs", allowed, error);
    char place[LIDO_TEXT_SIZE + 16];
    lido_given ignored;
    snprintf(place, sizeof place, "%s: inputs", spec->path);
    lido_status status = lido_options_read(no_options, inputs, place, keys, NULL, &ignored, error);
    if (!status)
        status = read_shape(spec, "inputs." LIDO_IMAGE_NAME, lido_json_get(inputs, LIDO_IMAGE_NAME),
                            &spec->input, error);
    const lido_json *boxes = lido_json_get(inputs, LIDO_BOXES_NAME);
    if (status || !boxes) return status;
    return read_boxes(spec, boxes, error);
}

static lido_status read_target(lido_spec *spec, lido_error *error) {
    const lido_json *written = lido_json_get(spec->document, "target");
    const char *word = lido_json_string(written);
    if (!written) return LIDO_OK;
    for (int i = 0; word && lido_target_names[i]; i++) {
        if (strcmp(word, lido_target_names[i]) != 0) continue;
        spec->target = (lido_target)i;
        return LIDO_OK;
    }
    return fail_wrong(spec, "target", "\"class\", \"label_map\"", error);
}

static lido_status check_kind(const lido_spec *spec, const char *key, lido_json_kind kind,
                              bool required, const char *allowed, lido_error *error) {
    const lido_json *value = lido_json_get(spec->document, key);
    if (value ? lido_json_kind_of(value) == kind : !required) return LIDO_OK;
    return fail_wrong(spec, key, allowed, error);
}

static lido_status read_document(lido_spec *spec, lido_error *error) {
    lido_given ignored;
    lido_status status = lido_options_read(no_options, spec->document, spec->path, document_keys,
                                           NULL, &ignored, error);
    if (!status) status = read_name(spec, error);
    if (!status) status = read_inputs(spec, error);
    if (!status) status = read_target(spec, error);
    if (!status)
        status = check_kind(spec, "define", LIDO_JSON_OBJECT, false,
                            "an object of layers and lists of layers", error);
    if (!status)
        status = check_kind(spec, "layers", LIDO_JSON_ARRAY, true, "a list of layers", error);
    if (!status) status = check_kind(spec, "train", LIDO_JSON_OBJECT, false, "an object", error);
    return status ? status : lido_expand(spec, error);
}

/* Takes the document. */
static lido_status make(lido_json *document, const char *path, lido_spec **spec,
                        lido_error *error) {
    lido_spec *made = calloc(1, sizeof *made);
    if (!made) {
        lido_json_free(document);
        return lido_fail(error, LIDO_MEMORY, "out of memory");
    }
    made->document = document;
    keep_path(made, path);
    lido_status status = read_document(made, error);
    if (status)
        lido_spec_free(made);
    else
        *spec = made;
    return status;
}

lido_status lido_spec_read(const char *path, lido_spec **spec, lido_error *error) {
    lido_json *document;
    *spec = NULL;
    lido_status status = lido_json_read(path, &document, error);
    return status ? status : make(document, path, spec, error);
}

lido_status lido_spec_parse(const char *text, size_t size, const char *name, lido_spec **spec,
                            lido_error *error) {
    lido_json *document;
    *spec = NULL;
    lido_status status = lido_json_parse(text, size, name, &document, error);
    return status ? status : make(document, name, spec, error);
}

void lido_spec_free(lido_spec *spec) {
    if (!spec) return;
    for (int i = 0; i < spec->entries; i++) free(spec->entry[i].config);
    free(spec->entry);
    lido_json_free(spec->document);
    free(spec);
}

const char *lido_spec_name(const lido_spec *spec) {
    return spec->name;
}

const lido_shape *lido_spec_input(const lido_spec *spec) {
    return &spec->input;
}

const lido_shape *lido_spec_boxes(const lido_spec *spec) {
    return spec->boxes.channels > 0 ? &spec->boxes : NULL;
}

/* The option that says how a convolution is computed, of the layers that have it. */
static const lido_option *algorithm_option(const lido_layer *layer) {
    const lido_option *option = layer->options;
    while (option && option->name && option->choices != lido_conv_algorithm_names) option++;
    return option && option->name ? option : NULL;
}

void lido_spec_use_conv_algorithm(lido_spec *spec, int algorithm) {
    for (int i = 0; i < spec->entries; i++) {
        lido_entry *entry = &spec->entry[i];
        const lido_option *option = algorithm_option(entry->layer);
        if (option) memcpy((char *)entry->config + option->offset, &algorithm, sizeof algorithm);
    }
}

const lido_json *lido_spec_train(const lido_spec *spec) {
    return lido_json_get(spec->document, "train");
}

/* ---- writing ------------------------------------------------------------------------------- */

static lido_json *shape_json(const lido_shape *shape) {
    lido_json *list = lido_json_array();
    for (int a = LIDO_MAX_AXES - shape->rank; a < LIDO_MAX_AXES; a++)
        lido_json_append(list, lido_json_from_number((double)shape->axis[a]));
    lido_json_append(list, lido_json_from_number((double)shape->channels));
    return list;
}

static lido_json *input_name(const lido_spec *spec, int index) {
    if (index == LIDO_FROM_IMAGE) return lido_json_from_string(LIDO_IMAGE_NAME);
    if (index == LIDO_FROM_BOXES) return lido_json_from_string(LIDO_BOXES_NAME);
    return lido_json_from_string(spec->entry[index].name);
}

static void write_input(const lido_spec *spec, int index, lido_json *object) {
    const lido_entry *entry = &spec->entry[index];
    if (entry->inputs == 1) {
        if (entry->input[0] != index - 1)
            lido_json_add(object, "input", input_name(spec, entry->input[0]));
        return;
    }
    lido_json *list = lido_json_array();
    for (int i = 0; i < entry->inputs; i++)
        lido_json_append(list, input_name(spec, entry->input[i]));
    lido_json_add(object, "input", list);
}

/* An option that was written is written, even with the value that means absent: `false` where the
 * default depends on other options is not nothing. */
static void write_options(const lido_entry *entry, lido_json *object) {
    const lido_option *table = entry->layer->options;
    for (int i = 0; table && table[i].name; i++) {
        lido_option row[2] = {table[i]};
        if (entry->given >> i & 1) row[0].fallback = "";
        lido_options_write(row, entry->config, object);
    }
}

static lido_json *entry_json(const lido_spec *spec, int index) {
    const lido_entry *entry = &spec->entry[index];
    lido_json *object = lido_json_object();
    lido_json_add_string(object, "type", entry->layer->name);
    lido_json_add_string(object, "name", entry->name);
    write_input(spec, index, object);
    write_options(entry, object);
    return object;
}

static void write_inputs(const lido_spec *spec, lido_json *document) {
    if (!lido_spec_boxes(spec)) {
        lido_json_add(document, "input", shape_json(&spec->input));
        return;
    }
    lido_json *inputs = lido_json_object();
    lido_json_add(inputs, LIDO_IMAGE_NAME, shape_json(&spec->input));
    lido_json_add(inputs, LIDO_BOXES_NAME, shape_json(&spec->boxes));
    lido_json_add(document, "inputs", inputs);
}

lido_json *lido_spec_resolved(const lido_spec *spec) {
    lido_json *document = lido_json_object(), *layers = lido_json_array();
    for (int i = 0; i < spec->entries; i++) lido_json_append(layers, entry_json(spec, i));
    lido_json_add_string(document, "name", spec->name);
    write_inputs(spec, document);
    lido_json_add_string(document, "target", lido_target_names[spec->target]);
    lido_json_add(document, "layers", layers);
    return document;
}
