/* json.h - the only user of cJSON: strict parsing with line and column, case-sensitive look-ups,
 * exact integers, and building documents to write. */
#ifndef LIDO_BASE_JSON_H
#define LIDO_BASE_JSON_H

#include <lido/base.h>

typedef struct cJSON lido_json;

typedef enum lido_json_kind {
    LIDO_JSON_NULL,
    LIDO_JSON_BOOL,
    LIDO_JSON_NUMBER,
    LIDO_JSON_STRING,
    LIDO_JSON_ARRAY,
    LIDO_JSON_OBJECT
} lido_json_kind;

/* Parses size bytes of UTF-8. `name` (a path) opens every message: "m.json:3:14: expected ...".
 * Refused: anything after the value, duplicate keys (says which, where in the document), nesting
 * over 64 levels, numbers that are not finite, NUL characters in strings. */
lido_status lido_json_parse(const char *text, size_t size, const char *name, lido_json **json,
                            lido_error *error);
/* Reads and parses a file of at most 16 MiB. */
lido_status lido_json_read(const char *path, lido_json **json, lido_error *error);
void lido_json_free(lido_json *json); /* NULL is allowed */

lido_json_kind lido_json_kind_of(const lido_json *json);
const char *lido_json_kind_text(const lido_json *json); /* "a string", "an object", ... */
const char *lido_json_key(const lido_json *json);       /* of a member of an object */
const char *lido_json_string(const lido_json *json);
double lido_json_number(const lido_json *json);
bool lido_json_bool(const lido_json *json);
/* True when the number is integral and within +-2^53; stores it. */
bool lido_json_integer(const lido_json *json, int64_t *value);

/* Members and elements in order: for (m = lido_json_first(o); m; m = lido_json_next(m)). */
const lido_json *lido_json_first(const lido_json *container);
const lido_json *lido_json_next(const lido_json *member);
int lido_json_count(const lido_json *container);
/* Exact, case-sensitive; NULL when absent. */
const lido_json *lido_json_get(const lido_json *object, const char *key);

/* Building; a NULL result or argument means memory ran out and is carried through to
 * lido_json_print, which reports it. lido_json_add takes ownership of value. */
lido_json *lido_json_object(void);
lido_json *lido_json_array(void);
void lido_json_add(lido_json *object, const char *key, lido_json *value);
void lido_json_append(lido_json *array, lido_json *value);
void lido_json_add_number(lido_json *object, const char *key,
                          double value); /* null when not finite */
void lido_json_add_string(lido_json *object, const char *key, const char *value);
void lido_json_add_bool(lido_json *object, const char *key, bool value);
lido_json *lido_json_from_number(double value);
lido_json *lido_json_from_string(const char *value);
lido_json *lido_json_copy(const lido_json *json);
/* malloc'ed text, one line or indented; NULL when memory ran out. The caller frees it. */
char *lido_json_print(const lido_json *json, bool indented);

#endif
