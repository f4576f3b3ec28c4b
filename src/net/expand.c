/* expand.c - walking "layers" and "define": writes define/use, inner activations and blurs out into
 * a flat list of entries and gives each its name, which is also the key of its random numbers. */
#include "net/expand.h"

#include "base/options.h"
#include "net/antialias.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_DEPTH = 16,                 /* of uses inside definitions */
    MAX_NAME = LIDO_TEXT_SIZE - 32, /* leaves room for ".weight" behind it */
    EXCERPT_SIZE = 64,
    MESSAGE_SIZE = 512,
    PLACE_SIZE = 2 * LIDO_TEXT_SIZE,
    FULL_PLACE_SIZE = PLACE_SIZE + LIDO_TEXT_SIZE
};

static const lido_option no_options[] = {{0}};
static const char *const layer_keys[] = {"type", "name", "input", "activation", "antialias", NULL};
static const char *const use_keys[] = {"use", "name", "input", NULL};
const char *const lido_activation_names[] = {"relu", "leaky_relu", "sigmoid",
                                             "tanh", "softmax",    NULL};

/* One list of layers: the network's, or a definition's where it is used. */
typedef struct scope {
    const struct scope *outer; /* NULL at the top */
    const char *definition;    /* NULL at the top */
    int depth;
    const lido_json *list;       /* an array, or the one layer itself */
    char prefix[LIDO_TEXT_SIZE]; /* of its names: "" at the top, else "pool#2/" */
    char place[PLACE_SIZE];      /* "layers", "layers[1] > define.pool" */
    lido_wish wish;              /* of its first layer; input NULL: none */
} scope;

/* One element of a list. */
typedef struct item {
    const scope *scope;
    const lido_json *json;
    int index;
    char place[PLACE_SIZE]; /* "layers[1]" */
} item;

/* ---- messages ------------------------------------------------------------------------------ */

/* Prints what fits into text[size]; false when it is not all. */
LIDO_PRINTF(3, 4)
static bool print_into(char *text, size_t size, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(text, size, format, arguments);
    va_end(arguments);
    return written >= 0 && (size_t)written < size;
}

char *lido_excerpt(const lido_json *value, char *text, size_t size) {
    char *whole = lido_json_print(value, false);
    bool fits = print_into(text, size, "%s", whole ? whole : "...");
    free(whole);
    if (!fits) memcpy(text + size - 4, "...", 4);
    return text;
}

static lido_status fail_wrong(const lido_draft *draft, const item *at, const char *key,
                              const char *allowed, lido_error *error) {
    char found[EXCERPT_SIZE];
    return lido_fail(error, LIDO_SPEC, "%s: %s: \"%s\" is %s, allowed: %s", draft->spec->path,
                     at->place, key,
                     lido_excerpt(lido_json_get(at->json, key), found, sizeof found), allowed);
}

/* What is allowed in place of a word that is not. */
static const char *hint(const char *word, const char *const *names, char text[MESSAGE_SIZE]) {
    const char *nearest = lido_nearest(word, names);
    if (!nearest) return lido_text_list("allowed: ", names, text, MESSAGE_SIZE);
    print_into(text, MESSAGE_SIZE, "did you mean \"%s\"?", nearest);
    return text;
}

/* The keys of an object as a list ended by NULL, to be freed; NULL when memory ran out. */
static const char **keys_of(const lido_json *object) {
    const char **keys = calloc((size_t)lido_json_count(object) + 1, sizeof *keys);
    int count = 0;
    if (!keys) return NULL;
    for (const lido_json *m = lido_json_first(object); m; m = lido_json_next(m))
        keys[count++] = lido_json_key(m);
    return keys;
}

static lido_status fail_unknown_type(const lido_draft *draft, const item *at, lido_error *error) {
    size_t count;
    const lido_layer *const *layers = lido_layers(&count);
    const char **names = calloc(count + 1, sizeof *names);
    if (!names) return lido_fail(error, LIDO_MEMORY, "out of memory");
    for (size_t i = 0; i < count; i++) names[i] = layers[i]->name;
    char found[EXCERPT_SIZE], allowed[MESSAGE_SIZE];
    const lido_json *type = lido_json_get(at->json, "type");
    lido_fail(error, LIDO_SPEC, "%s: %s: unknown type %s; %s", draft->spec->path, at->place,
              lido_excerpt(type, found, sizeof found),
              hint(lido_json_string(type), names, allowed));
    free(names);
    return LIDO_SPEC;
}

static lido_status fail_unknown_use(const lido_draft *draft, const item *at,
                                    const lido_json *define, lido_error *error) {
    const char **names = keys_of(define);
    if (!names) return lido_fail(error, LIDO_MEMORY, "out of memory");
    char found[EXCERPT_SIZE], allowed[MESSAGE_SIZE];
    const lido_json *use = lido_json_get(at->json, "use");
    lido_fail(error, LIDO_SPEC, "%s: %s: \"define\" has no %s; %s", draft->spec->path, at->place,
              lido_excerpt(use, found, sizeof found),
              *names ? hint(lido_json_string(use), names, allowed) : "nothing is defined");
    free(names);
    return LIDO_SPEC;
}

/* Writes "a -> b -> " from the scope of `definition` inwards to `at`. */
static void chain_text(const scope *at, const char *definition, char *text, size_t size) {
    if (strcmp(at->definition, definition) != 0) chain_text(at->outer, definition, text, size);
    size_t used = strlen(text);
    print_into(text + used, size - used, "%s -> ", at->definition);
}

/* ---- names --------------------------------------------------------------------------------- */

/* A word of letters, digits, '_', '.' and '-'; `generated` also allows the names that are made here
 * and that a resolved spec writes out: "conv#1", "pool#2/conv#1", "conv#1/relu". */
static bool is_name(const char *text, bool generated) {
    static const char word[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    for (;; text++) {
        size_t length = strspn(text, word);
        if (length == 0) return false;
        text += length;
        if (generated && *text == '#') {
            size_t digits = strspn(text + 1, "0123456789");
            if (digits == 0) return false;
            text += 1 + digits;
        }
        if (*text == '\0') return true;
        if (!generated || *text != '/') return false;
    }
}

/* *name = the written name, or NULL when there is none. */
static lido_status read_name(const lido_draft *draft, const item *at, const char **name,
                             lido_error *error) {
    const lido_json *written = lido_json_get(at->json, "name");
    *name = lido_json_string(written);
    if (!written) return LIDO_OK;
    bool boxes = lido_spec_boxes(draft->spec) && *name && strcmp(*name, LIDO_BOXES_NAME) == 0;
    if (boxes || (*name && strcmp(*name, LIDO_IMAGE_NAME) == 0))
        return lido_fail(error, LIDO_SPEC, "%s: %s: the name \"%s\" is that of the network's input",
                         draft->spec->path, at->place, *name);
    if (*name && is_name(*name, true)) return LIDO_OK;
    return fail_wrong(draft, at, "name", "a word of letters, digits, _ . and -", error);
}

/* Which one the item is among those of its list with the same word at `key`: 1, 2, ... Layers that
 * have a name are not counted. */
static int ordinal(const item *at, const char *key, bool count_named) {
    const char *word = lido_json_string(lido_json_get(at->json, key));
    int count = 1;
    if (at->index == 0) return count;
    for (const lido_json *m = lido_json_first(at->scope->list); m != at->json;
         m = lido_json_next(m)) {
        const char *other = lido_json_string(lido_json_get(m, key));
        bool counts = count_named || !lido_json_get(m, "name");
        if (counts && other && strcmp(word, other) == 0) count++;
    }
    return count;
}

static lido_status fail_long_name(const lido_draft *draft, const item *at, const char *name,
                                  lido_error *error) {
    return lido_fail(error, LIDO_SPEC, "%s: %s: the name \"%.40s...\" has more than %d letters",
                     draft->spec->path, at->place, name, MAX_NAME);
}

/* full = prefix of the scope + the name. */
static lido_status make_name(const lido_draft *draft, const item *at, const char *name,
                             char full[LIDO_TEXT_SIZE], lido_error *error) {
    if (!print_into(full, MAX_NAME + 1, "%s%s", at->scope->prefix, name))
        return fail_long_name(draft, at, full, error);
    return LIDO_OK;
}

/* The same of a name that is made: "conv#1". */
static lido_status make_numbered(const lido_draft *draft, const item *at, const char *key,
                                 bool count_named, char full[LIDO_TEXT_SIZE], lido_error *error) {
    const char *word = lido_json_string(lido_json_get(at->json, key));
    if (!print_into(full, MAX_NAME + 1, "%s%s#%d", at->scope->prefix, word,
                    ordinal(at, key, count_named)))
        return fail_long_name(draft, at, full, error);
    return LIDO_OK;
}

/* The entry that has the name already, -1 when it is free. */
static int find_taken(const lido_draft *draft, const char *name) {
    for (int i = 0; i < draft->spec->entries; i++)
        if (strcmp(draft->spec->entry[i].name, name) == 0) return i;
    for (int i = 0; i < draft->labels; i++)
        if (strcmp(draft->label[i].name, name) == 0) return draft->label[i].entry;
    return -1;
}

static lido_status check_free(const lido_draft *draft, const char *where, const char *name,
                              lido_error *error) {
    int taken = find_taken(draft, name);
    if (taken < 0) return LIDO_OK;
    return lido_fail(error, LIDO_SPEC, "%s: %s: the name \"%s\" is already that of %s",
                     draft->spec->path, where, name, draft->spec->entry[taken].where);
}

/* ---- the growing lists --------------------------------------------------------------------- */

/* Makes room for one more element in an array; false when memory ran out. */
static bool grow(void **array, size_t element, int count, int *capacity) {
    if (count < *capacity) return true;
    int wanted = *capacity ? 2 * *capacity : 16;
    void *grown = realloc(*array, (size_t)wanted * element);
    if (!grown) return false;
    *array = grown;
    *capacity = wanted;
    return true;
}

static bool grow_entries(lido_draft *draft) {
    int wishes = draft->capacity, entries = draft->capacity, count = draft->spec->entries;
    void *wish = draft->wish, *entry = draft->spec->entry;
    bool grown = grow(&wish, sizeof *draft->wish, count, &wishes);
    draft->wish = wish;
    grown = grown && grow(&entry, sizeof *draft->spec->entry, count, &entries);
    draft->spec->entry = entry;
    if (grown) draft->capacity = entries;
    return grown;
}

/* Adds a layer with zeroed configuration. */
static lido_status add_entry(lido_draft *draft, const lido_layer *layer, const char *name,
                             const char *where, const lido_wish *wish, lido_error *error) {
    lido_spec *spec = draft->spec;
    if (spec->entries == LIDO_MAX_LAYERS)
        return lido_fail(error, LIDO_SPEC, "%s: %s: more than %d layers", spec->path, where,
                         LIDO_MAX_LAYERS);
    lido_status status = check_free(draft, where, name, error);
    if (status) return status;
    void *config = calloc(1, layer->config_size ? layer->config_size : 1);
    if (!config || !grow_entries(draft)) {
        free(config);
        return lido_fail(error, LIDO_MEMORY, "out of memory");
    }
    lido_entry *entry = &spec->entry[spec->entries];
    *entry = (lido_entry){.layer = layer, .config = config, .of = -1};
    print_into(entry->name, sizeof entry->name, "%s", name);
    print_into(entry->where, sizeof entry->where, "%s", where);
    draft->wish[spec->entries++] = *wish;
    return LIDO_OK;
}

static lido_entry *last_entry(const lido_draft *draft) {
    return &draft->spec->entry[draft->spec->entries - 1];
}

/* The name stands for the output of the last entry. */
static lido_status add_label(lido_draft *draft, const char *name, lido_error *error) {
    void *label = draft->label;
    bool grown = grow(&label, sizeof *draft->label, draft->labels, &draft->label_capacity);
    draft->label = label;
    if (!grown) return lido_fail(error, LIDO_MEMORY, "out of memory");
    lido_label *added = &draft->label[draft->labels++];
    added->entry = draft->spec->entries - 1;
    print_into(added->name, sizeof added->name, "%s", name);
    return LIDO_OK;
}

/* ---- one layer ----------------------------------------------------------------------------- */

static bool is_input(const lido_json *input) {
    if (lido_json_kind_of(input) == LIDO_JSON_STRING) return true;
    int count = lido_json_count(input);
    if (lido_json_kind_of(input) != LIDO_JSON_ARRAY || count < 1 || count > LIDO_MAX_INPUTS)
        return false;
    for (const lido_json *e = lido_json_first(input); e; e = lido_json_next(e))
        if (lido_json_kind_of(e) != LIDO_JSON_STRING) return false;
    return true;
}

/* What the item's input is: as written there, or for the first of a definition what its use says.
 */
static lido_status read_wish(const lido_draft *draft, const item *at, lido_wish *wish,
                             lido_error *error) {
    const lido_json *input = lido_json_get(at->json, "input");
    bool inherits = at->index == 0 && at->scope->wish.input;
    *wish = inherits ? at->scope->wish : (lido_wish){0};
    if (!input) return LIDO_OK;
    if (inherits)
        return lido_fail(error, LIDO_SPEC,
                         "%s: %s: \"input\" is written both here and beside \"use\"",
                         draft->spec->path, at->place);
    if (!is_input(input))
        return fail_wrong(draft, at, "input", "the name of a layer or a list of 1 to 16 names",
                          error);
    wish->input = input;
    print_into(wish->scope, sizeof wish->scope, "%s", at->scope->prefix);
    return LIDO_OK;
}

static lido_status add_activation(lido_draft *draft, const item *at, const char *name,
                                  lido_error *error) {
    const lido_json *written = lido_json_get(at->json, "activation");
    const char *word = lido_json_string(written);
    char full[LIDO_TEXT_SIZE], where[PLACE_SIZE], allowed[MESSAGE_SIZE];
    const char *const *known = lido_activation_names;
    while (word && *known && strcmp(*known, word) != 0) known++;
    if (!word || !*known)
        return fail_wrong(draft, at, "activation",
                          lido_text_list("one of ", lido_activation_names, allowed, sizeof allowed),
                          error);

    if (!print_into(full, MAX_NAME + 1, "%s/%s", name, word))
        return fail_long_name(draft, at, full, error);
    print_into(where, sizeof where, "%s.activation (%s)", at->place, word);
    const lido_layer *layer = lido_layer_find(word);
    lido_status status = add_entry(draft, layer, full, where, &(lido_wish){0}, error);
    if (status || !layer->options) return status;
    return lido_options_default(layer->options, last_entry(draft)->config, error);
}

static lido_status read_options(const lido_draft *draft, const item *at, lido_error *error) {
    lido_entry *entry = last_entry(draft);
    char place[FULL_PLACE_SIZE];
    print_into(place, sizeof place, "%s: %s", draft->spec->path, entry->where);
    return lido_options_read(entry->layer->options ? entry->layer->options : no_options, at->json,
                             place, layer_keys, entry->config, &entry->given, error);
}

/* The layer's part of "antialias": its stride goes to the blur, which may take its place. */
static lido_status begin_blur(const lido_draft *draft, const item *at, lido_antialias *blur,
                              lido_error *error) {
    lido_entry *entry = last_entry(draft);
    char place[FULL_PLACE_SIZE];
    print_into(place, sizeof place, "%s: %s", draft->spec->path, entry->where);
    lido_status status = lido_antialias_read(entry, at->json, place, blur, error);
    return status || !blur->instead ? status : lido_antialias_apply(blur, entry, error);
}

/* The blur's own entry, behind the layer and its activation. */
static lido_status add_blur(lido_draft *draft, const item *at, const char *name,
                            const lido_antialias *blur, lido_error *error) {
    const lido_layer *layer = lido_layer_find("blur_pool");
    char full[LIDO_TEXT_SIZE], where[PLACE_SIZE];
    if (!print_into(full, MAX_NAME + 1, "%s/blur", name))
        return fail_long_name(draft, at, full, error);
    print_into(where, sizeof where, "%s.antialias (%s)", at->place, layer->name);
    lido_status status = add_entry(draft, layer, full, where, &(lido_wish){0}, error);
    return status ? status : lido_antialias_apply(blur, last_entry(draft), error);
}

/* What a layer's own keys make of the entry just added, and put behind it. */
static lido_status add_inner(lido_draft *draft, const item *at, const char *name,
                             lido_error *error) {
    bool antialias = lido_json_get(at->json, "antialias");
    lido_antialias blur = {.instead = false};
    lido_status status = LIDO_OK;
    if (antialias) status = begin_blur(draft, at, &blur, error);
    if (!status && lido_json_get(at->json, "activation"))
        status = add_activation(draft, at, name, error);
    if (!status && antialias && !blur.instead) status = add_blur(draft, at, name, &blur, error);
    return status;
}

static lido_status expand_layer(lido_draft *draft, const item *at, lido_error *error) {
    const char *type = lido_json_string(lido_json_get(at->json, "type")), *name;
    char full[LIDO_TEXT_SIZE], where[PLACE_SIZE];
    lido_wish wish;
    if (!type) return fail_wrong(draft, at, "type", "the name of a layer type", error);
    const lido_layer *layer = lido_layer_find(type);
    if (!layer) return fail_unknown_type(draft, at, error);
    lido_status status = read_name(draft, at, &name, error);
    if (!status) status = read_wish(draft, at, &wish, error);
    if (!status)
        status = name ? make_name(draft, at, name, full, error)
                      : make_numbered(draft, at, "type", false, full, error);
    if (status) return status;

    if (name)
        print_into(where, sizeof where, "%s \"%s\" (%s)", at->place, name, type);
    else
        print_into(where, sizeof where, "%s (%s)", at->place, type);
    status = add_entry(draft, layer, full, where, &wish, error);
    if (!status) status = read_options(draft, at, error);
    if (!status) status = add_inner(draft, at, full, error);
    if (!status && name) status = add_label(draft, full, error);
    return status;
}

/* ---- lists and uses ------------------------------------------------------------------------ */

static lido_status expand_list(lido_draft *draft, const scope *at, lido_error *error);

/* The scope of a definition: its list is checked here. `used` is the place of the use, NULL when
 * the definition is looked at on its own. */
static lido_status open_definition(const lido_draft *draft, const char *name, const char *used,
                                   scope *inner, lido_error *error) {
    inner->definition = name;
    inner->list = lido_json_get(lido_json_get(draft->spec->document, "define"), name);
    print_into(inner->place, sizeof inner->place, "%s%sdefine.%s", used ? used : "",
               used ? " > " : "", name);
    lido_json_kind kind = lido_json_kind_of(inner->list);
    if (kind != LIDO_JSON_OBJECT && kind != LIDO_JSON_ARRAY)
        return lido_fail(error, LIDO_SPEC, "%s: %s: expected a layer or a list of layers, found %s",
                         draft->spec->path, inner->place, lido_json_kind_text(inner->list));
    return LIDO_OK;
}

static lido_status check_nesting(const lido_draft *draft, const item *at, const char *use,
                                 lido_error *error) {
    char chain[MESSAGE_SIZE] = "";
    for (const scope *s = at->scope; s->definition; s = s->outer) {
        if (strcmp(s->definition, use) != 0) continue;
        chain_text(at->scope, use, chain, sizeof chain);
        return lido_fail(error, LIDO_SPEC, "%s: %s: a definition that uses itself: %s%s",
                         draft->spec->path, at->place, chain, use);
    }
    if (at->scope->depth < MAX_DEPTH) return LIDO_OK;
    return lido_fail(error, LIDO_SPEC, "%s: %s: definitions nested more than %d deep",
                     draft->spec->path, at->place, MAX_DEPTH);
}

/* What stands beside "use" itself. */
static lido_status read_use(const lido_draft *draft, const item *at, const char **name,
                            lido_wish *wish, lido_error *error) {
    const lido_json *define = lido_json_get(draft->spec->document, "define");
    const char *use = lido_json_string(lido_json_get(at->json, "use"));
    char place[FULL_PLACE_SIZE];
    lido_given ignored;
    print_into(place, sizeof place, "%s: %s", draft->spec->path, at->place);
    if (!use) return fail_wrong(draft, at, "use", "the name of a definition", error);
    lido_status status =
        lido_options_read(no_options, at->json, place, use_keys, NULL, &ignored, error);
    if (status) return status;
    if (!lido_json_get(define, use)) return fail_unknown_use(draft, at, define, error);
    status = check_nesting(draft, at, use, error);
    if (!status) status = read_name(draft, at, name, error);
    if (!status) status = read_wish(draft, at, wish, error);
    return status;
}

static lido_status expand_use(lido_draft *draft, const item *at, lido_error *error) {
    scope inner = {.outer = at->scope, .depth = at->scope->depth + 1};
    const char *use = lido_json_string(lido_json_get(at->json, "use")), *name;
    char full[LIDO_TEXT_SIZE];
    lido_status status = read_use(draft, at, &name, &inner.wish, error);
    if (!status) status = open_definition(draft, use, at->place, &inner, error);
    if (!status) status = make_numbered(draft, at, "use", true, full, error);
    if (status) return status;
    print_into(inner.prefix, sizeof inner.prefix, "%s/", full);
    status = expand_list(draft, &inner, error);
    if (status || !name) return status;

    status = make_name(draft, at, name, full, error);
    if (!status) status = check_free(draft, at->place, full, error);
    if (!status) status = add_label(draft, full, error);
    return status;
}

static lido_status expand_item(lido_draft *draft, const item *at, lido_error *error) {
    const char *path = draft->spec->path;
    if (lido_json_kind_of(at->json) != LIDO_JSON_OBJECT)
        return lido_fail(error, LIDO_SPEC, "%s: %s: expected an object, found %s", path, at->place,
                         lido_json_kind_text(at->json));
    bool type = lido_json_get(at->json, "type"), use = lido_json_get(at->json, "use");
    if (type && use)
        return lido_fail(error, LIDO_SPEC, "%s: %s: both \"type\" and \"use\"", path, at->place);
    if (!type && !use)
        return lido_fail(error, LIDO_SPEC, "%s: %s: neither \"type\" nor \"use\"", path, at->place);
    return use ? expand_use(draft, at, error) : expand_layer(draft, at, error);
}

static lido_status expand_list(lido_draft *draft, const scope *at, lido_error *error) {
    bool single = lido_json_kind_of(at->list) == LIDO_JSON_OBJECT;
    int count = single ? 1 : lido_json_count(at->list);
    if (count == 0)
        return lido_fail(error, LIDO_SPEC, "%s: %s: an empty list, expected at least one layer",
                         draft->spec->path, at->place);
    item each = {.scope = at, .json = single ? at->list : lido_json_first(at->list)};
    for (; each.index < count; each.index++, each.json = lido_json_next(each.json)) {
        print_into(each.place, sizeof each.place, single ? "%s" : "%s[%d]", at->place, each.index);
        lido_status status = expand_item(draft, &each, error);
        if (status) return status;
    }
    return LIDO_OK;
}

/* ---- the document -------------------------------------------------------------------------- */

/* Everything a draft and, with `all`, its spec hold. */
static void release(lido_draft *draft, bool all) {
    free(draft->wish);
    free(draft->label);
    for (int i = 0; all && i < draft->spec->entries; i++) free(draft->spec->entry[i].config);
    if (all) free(draft->spec->entry);
}

/* Every definition once on its own, so that mistakes in one that is not used are found too. */
static lido_status check_definitions(const lido_spec *spec, lido_error *error) {
    lido_spec scratch = *spec;
    lido_draft draft = {.spec = &scratch};
    const scope top = {0};
    lido_status status = LIDO_OK;
    const lido_json *define = lido_json_get(spec->document, "define");
    for (const lido_json *m = lido_json_first(define); m && !status; m = lido_json_next(m)) {
        scope inner = {.outer = &top};
        char name[EXCERPT_SIZE];
        print_into(name, sizeof name, "%s", lido_json_key(m));
        if (strlen(lido_json_key(m)) >= sizeof name || !is_name(name, false)) {
            lido_json *key = lido_json_from_string(lido_json_key(m));
            status = lido_fail(error, LIDO_SPEC,
                               "%s: define: the name %s is not a word of letters, digits, _ . and "
                               "- (at most %d)",
                               spec->path, lido_excerpt(key, name, sizeof name), EXCERPT_SIZE - 1);
            lido_json_free(key);
            break;
        }
        print_into(inner.prefix, sizeof inner.prefix, "%s#0/", name);
        status = open_definition(&draft, lido_json_key(m), NULL, &inner, error);
        if (!status) status = expand_list(&draft, &inner, error);
    }
    release(&draft, true);
    return status;
}

lido_status lido_expand(lido_spec *spec, lido_error *error) {
    lido_draft draft = {.spec = spec};
    scope top = {.list = lido_json_get(spec->document, "layers"), .place = "layers"};
    lido_status status = check_definitions(spec, error);
    if (!status) status = expand_list(&draft, &top, error);
    if (!status) status = lido_link(&draft, error);
    release(&draft, false);
    return status;
}
