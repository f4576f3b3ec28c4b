/* options.c - reading a JSON object into a configuration struct by its option table, writing it
 * back, and describing the table. What each kind of option means is in option_kinds.c. */
#include "base/options.h"

#include "base/option_kinds.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ACCEPTS_SIZE = 512,
    EXCERPT_SIZE = 64,
    MAX_SKIP = 32,
    MAX_NAMES = LIDO_MAX_OPTIONS + MAX_SKIP
};

/* ---- messages ------------------------------------------------------------------------------ */

/* The value as one line of JSON, cut to fit: escapes keep line breaks and terminal codes out. */
static const char *excerpt(const lido_json *value, char text[EXCERPT_SIZE]) {
    char *whole = lido_json_print(value, false);
    int written = snprintf(text, EXCERPT_SIZE, "%s", whole ? whole : "...");
    free(whole);
    if (written >= EXCERPT_SIZE) memcpy(text + EXCERPT_SIZE - 4, "...", 4);
    return text;
}

static lido_status fail_unknown(const lido_option *table, const char *key, const char *where,
                                const char *const *skip, lido_error *error) {
    const char *names[MAX_NAMES + 1] = {NULL};
    int count = 0;
    for (; table->name && count < MAX_NAMES; table++) names[count++] = table->name;
    for (; skip && *skip && count < MAX_NAMES; skip++) names[count++] = *skip;

    char found[EXCERPT_SIZE], allowed[ACCEPTS_SIZE];
    lido_json *quoted = lido_json_from_string(key);
    excerpt(quoted, found);
    lido_json_free(quoted);
    const char *nearest = lido_nearest(key, names);
    if (nearest)
        return lido_fail(error, LIDO_SPEC, "%s: unknown key %s; did you mean \"%s\"?", where, found,
                         nearest);
    const char *opening = count > 0 ? "allowed: " : "no key is allowed";
    return lido_fail(error, LIDO_SPEC, "%s: unknown key %s; %s", where, found,
                     lido_text_list(opening, names, allowed, sizeof allowed));
}

static lido_status fail_value(const lido_option *option, const lido_json *value, const char *where,
                              lido_error *error) {
    char found[EXCERPT_SIZE], allowed[ACCEPTS_SIZE], hint[EXCERPT_SIZE] = "";
    const char *word = lido_json_string(value);
    if (option->kind == LIDO_OPTION_CHOICE && word) {
        const char *nearest = lido_nearest(word, option->choices);
        if (nearest) snprintf(hint, sizeof hint, "; did you mean \"%.40s\"?", nearest);
    }
    return lido_fail(error, LIDO_SPEC, "%s: \"%s\" is %s, allowed: %s%s", where, option->name,
                     excerpt(value, found), lido_option_accepts(option, allowed, sizeof allowed),
                     hint);
}

static lido_status fail_missing(const lido_option *option, const char *where, lido_error *error) {
    char allowed[ACCEPTS_SIZE];
    return lido_fail(error, LIDO_SPEC, "%s: \"%s\" is missing, allowed: %s", where, option->name,
                     lido_option_accepts(option, allowed, sizeof allowed));
}

/* ---- reading ------------------------------------------------------------------------------- */

static bool contains(const char *const *names, const char *name) {
    for (; names && *names; names++) {
        if (strcmp(*names, name) == 0) return true;
    }
    return false;
}

/* The place of the named option in the table, -1 when it is not there. */
static int find_option(const lido_option *table, const char *name) {
    for (int i = 0; table[i].name; i++) {
        if (strcmp(table[i].name, name) == 0) return i;
    }
    return -1;
}

static bool may_be_absent(const lido_option *option) {
    return option->fallback && strcmp(option->fallback, "null") == 0;
}

static lido_status read_object(const lido_option *option, const lido_json *value, const char *where,
                               void *field, lido_error *error) {
    lido_given ignored;
    char name[EXCERPT_SIZE];
    snprintf(name, sizeof name, "\"%s\"", option->name);
    lido_status status =
        lido_options_read(option->table, value, name, NULL, field, &ignored, error);
    if (status) return lido_fail_in(error, status, "%s", where);
    *(bool *)field = true;
    return LIDO_OK;
}

static lido_status read_value(const lido_option *option, const lido_json *value, const char *where,
                              void *config, lido_error *error) {
    void *field = (char *)config + option->offset;
    const lido_kind *kind = lido_kind_of(option);
    if (!kind->read && lido_json_kind_of(value) == LIDO_JSON_OBJECT)
        return read_object(option, value, where, field, error);
    if (kind->read && kind->read(option, value, field)) return LIDO_OK;
    return fail_value(option, value, where, error);
}

static lido_status use_fallback(const lido_option *option, const char *where, void *config,
                                lido_error *error) {
    if (!option->fallback) return fail_missing(option, where, error);
    if (may_be_absent(option)) {
        const lido_kind *kind = lido_kind_of(option);
        if (kind->clear) kind->clear((char *)config + option->offset);
        return LIDO_OK;
    }
    lido_json *value;
    lido_status status =
        lido_json_parse(option->fallback, strlen(option->fallback), option->name, &value, error);
    if (status) return lido_fail_in(error, status, "%s: the default of the table", where);
    status = read_value(option, value, where, config, error);
    lido_json_free(value);
    return status;
}

/* Every option from its member of `object`, or from its default; object NULL: all defaults. */
static lido_status read_table(const lido_option *table, const lido_json *object, const char *where,
                              void *config, lido_given *given, lido_error *error) {
    *given = 0;
    for (int i = 0; table[i].name; i++) {
        const lido_json *value = lido_json_get(object, table[i].name);
        lido_status status = value ? read_value(&table[i], value, where, config, error)
                                   : use_fallback(&table[i], where, config, error);
        if (status) return status;
        if (value) *given |= (lido_given)1 << i;
    }
    return LIDO_OK;
}

lido_status lido_options_read(const lido_option *table, const lido_json *object, const char *where,
                              const char *const *skip, void *config, lido_given *given,
                              lido_error *error) {
    *given = 0;
    if (lido_json_kind_of(object) != LIDO_JSON_OBJECT)
        return lido_fail(error, LIDO_SPEC, "%s: expected an object, found %s", where,
                         lido_json_kind_text(object));
    for (const lido_json *m = lido_json_first(object); m; m = lido_json_next(m)) {
        const char *key = lido_json_key(m);
        if (find_option(table, key) < 0 && !contains(skip, key))
            return fail_unknown(table, key, where, skip, error);
    }
    return read_table(table, object, where, config, given, error);
}

lido_status lido_options_default(const lido_option *table, void *config, lido_error *error) {
    lido_given none;
    return read_table(table, NULL, "defaults", config, &none, error);
}

/* ---- writing and describing ---------------------------------------------------------------- */

void lido_options_write(const lido_option *table, const void *config, lido_json *object) {
    for (; table->name; table++) {
        const void *field = (const char *)config + table->offset;
        const lido_kind *kind = lido_kind_of(table);
        if (may_be_absent(table) && kind->is_absent(field)) continue;
        lido_json_add(object, table->name, kind->write(table, field));
    }
}

static lido_json *option_schema(const lido_option *option) {
    lido_json *schema = lido_kind_of(option)->schema(option), *fallback = NULL;
    if (option->doc) lido_json_add_string(schema, "description", option->doc);
    if (!option->fallback || may_be_absent(option)) return schema;
    if (lido_json_parse(option->fallback, strlen(option->fallback), "", &fallback, NULL) == LIDO_OK)
        lido_json_add(schema, "default", fallback);
    return schema;
}

lido_json *lido_options_schema(const lido_option *table) {
    lido_json *schema = lido_json_object();
    lido_json *properties = lido_json_object(), *required = lido_json_array();
    for (; table->name; table++) {
        lido_json_add(properties, table->name, option_schema(table));
        if (!table->fallback) lido_json_append(required, lido_json_from_string(table->name));
    }
    lido_json_add_string(schema, "type", "object");
    lido_json_add(schema, "properties", properties);
    lido_json_add(schema, "required", required);
    lido_json_add_bool(schema, "additionalProperties", false);
    return schema;
}

char *lido_option_accepts(const lido_option *option, char *text, size_t size) {
    lido_kind_of(option)->accepts(option, text, size);
    return text;
}

/* ---- using --------------------------------------------------------------------------------- */

bool lido_is_given(const lido_option *table, lido_given given, const char *name) {
    int i = find_option(table, name);
    return i >= 0 && (given >> i & 1) != 0;
}

lido_status lido_axes_expand(const lido_axes *axes, int rank, int64_t absent, const char *name,
                             int64_t out[LIDO_MAX_AXES], lido_error *error) {
    if (axes->count != 1 && axes->count != rank)
        return lido_fail(error, LIDO_SPEC,
                         "\"%s\" has %d numbers, but the input has %d spatial %s, allowed: one "
                         "number or one per axis",
                         name, axes->count, rank, rank == 1 ? "axis" : "axes");
    int first = LIDO_MAX_AXES - rank;
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        out[a] = a < first ? absent : axes->at[axes->count == 1 ? 0 : a - first];
    return LIDO_OK;
}
