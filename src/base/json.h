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

/* Parses size bytes of UTF-8 (a byte order mark is passed over). `name` (a path) opens every
 * message: "m.json:3:14: expected ',' or '}', found ']'". Refused with LIDO_SPEC: all that RFC 8259
 * does not allow (anything after the value, 01, control characters in strings, ...), nesting over
 * 64 levels, numbers of more than 63 characters, NUL characters in strings; and, with the place in
 * the document instead of the line ("m.json: layers[3].kernel: duplicate key"), duplicate keys and
 * numbers beyond a double. */
lido_status lido_json_parse(const char *text, size_t size, const char *name, lido_json **json,
                            lido_error *error);
/* Reads and parses a file of at most 16 MiB. */
lido_status lido_json_read(const char *path, lido_json **json, lido_error *error);
void lido_json_free(lido_json *json); /* NULL is allowed */

/* Looking at a value never fails: NULL is taken for null, and a value of another kind gives NULL
 * (string, key), NaN (number), false (bool, integer), no members (first, count, get). */
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
/* The same, of a document under construction: to add to a container inside it. */
lido_json *lido_json_member(lido_json *object, const char *key);

/* Building; a NULL result or argument means memory ran out and is carried through to
 * lido_json_print, which reports it. lido_json_add and lido_json_append take ownership of value.
 * No key may be added twice. */
lido_json *lido_json_object(void);
lido_json *lido_json_array(void);
void lido_json_add(lido_json *object, const char *key, lido_json *value);
void lido_json_append(lido_json *array, lido_json *value);
/* A number that is not finite becomes null. */
void lido_json_add_number(lido_json *object, const char *key, double value);
void lido_json_add_string(lido_json *object, const char *key, const char *value);
void lido_json_add_bool(lido_json *object, const char *key, bool value);
lido_json *lido_json_from_number(double value);
lido_json *lido_json_from_string(const char *value);
lido_json *lido_json_from_bool(bool value);
lido_json *lido_json_copy(const lido_json *json);
/* malloc'ed text, one line or indented, every number in the fewest digits that read back as the
 * same double; NULL when memory ran out (now or while building). The caller frees it. */
char *lido_json_print(const lido_json *json, bool indented);

#endif
