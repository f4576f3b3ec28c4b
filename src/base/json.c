/* json.c - the only user of cJSON: strict parsing, exact look-ups, and building documents.
 *
 * The text passes json_check.c first, so cJSON sees only well-formed JSON; what a grammar cannot
 * say (duplicate keys, numbers beyond a double) is checked on the finished document. */
#include "base/json.h"

#include "base/file.h"
#include "base/json_check.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_EXACT_INTEGER 0x1p53

enum { FILE_LIMIT = 16 << 20, PATH_TEXT_SIZE = 512 };

/* ---- checks on a parsed document ----------------------------------------------------------- */

/* Where in the document a value stands, as a list that grows with the recursion. */
typedef struct place {
    const struct place *parent; /* NULL at the top */
    const char *key;            /* of an object's member, NULL for an element */
    size_t index;
} place;

/* Writes "layers[3].kernel" and returns its length, at most size - 1. */
static size_t place_text(const place *at, char *text, size_t size) {
    text[0] = '\0';
    if (!at || !at->parent) return 0;
    size_t used = place_text(at->parent, text, size);
    int written = at->key ? snprintf(text + used, size - used, "%s%.60s", used ? "." : "", at->key)
                          : snprintf(text + used, size - used, "[%zu]", at->index);
    used += written < 0 ? 0 : (size_t)written;
    return used < size ? used : size - 1;
}

/* Keys come from the document and may hold line breaks or terminal codes. */
static lido_status fail_at(const place *at, const char *name, lido_error *error, const char *what) {
    char path[PATH_TEXT_SIZE];
    const char *colon = place_text(at, path, sizeof path) > 0 ? ": " : "";
    for (char *p = path; *p; p++) {
        if ((uint8_t)*p < 0x20 || *p == 0x7F) *p = '?';
    }
    return lido_fail(error, LIDO_SPEC, "%s: %s%s%s", name, path, colon, what);
}

static int compare_keys(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* By sorting, so that a hostile object of a million keys costs no more than it should. */
static lido_status check_duplicates(const lido_json *object, const place *at, const char *name,
                                    lido_error *error) {
    size_t count = (size_t)lido_json_count(object), filled = 0;
    if (count < 2) return LIDO_OK;
    const char **keys = calloc(count, sizeof *keys);
    if (!keys) return lido_fail(error, LIDO_MEMORY, "%s: out of memory", name);
    for (const lido_json *m = object->child; m; m = m->next) keys[filled++] = m->string;
    qsort(keys, count, sizeof *keys, compare_keys);
    lido_status status = LIDO_OK;
    for (size_t i = 1; i < count && !status; i++) {
        if (strcmp(keys[i - 1], keys[i]) != 0) continue;
        status = fail_at(&(place){.parent = at, .key = keys[i]}, name, error, "duplicate key");
    }
    free(keys);
    return status;
}

static lido_status check_document(const lido_json *json, const place *at, const char *name,
                                  lido_error *error) {
    if (cJSON_IsNumber(json) && !isfinite(json->valuedouble))
        return fail_at(at, name, error, "a number beyond the range of a double");
    if (cJSON_IsObject(json)) {
        lido_status status = check_duplicates(json, at, name, error);
        if (status) return status;
    }
    place inner = {.parent = at};
    for (const lido_json *m = json->child; m; m = m->next, inner.index++) {
        inner.key = m->string;
        lido_status status = check_document(m, &inner, name, error);
        if (status) return status;
    }
    return LIDO_OK;
}

/* ---- parsing ------------------------------------------------------------------------------- */

lido_status lido_json_parse(const char *text, size_t size, const char *name, lido_json **json,
                            lido_error *error) {
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    *json = NULL;
    if (size >= 3 && memcmp(text, byte_order_mark, 3) == 0) {
        text += 3;
        size -= 3;
    }
    lido_status status = lido_json_check(text, size, name, error);
    if (status) return status;
    lido_json *document = cJSON_ParseWithLengthOpts(text, size, NULL, false);
    if (!document) return lido_fail(error, LIDO_MEMORY, "%s: out of memory", name);
    status = check_document(document, &(place){0}, name, error);
    if (status)
        cJSON_Delete(document);
    else
        *json = document;
    return status;
}

lido_status lido_json_read(const char *path, lido_json **json, lido_error *error) {
    uint8_t *data;
    size_t size;
    *json = NULL;
    lido_status status = lido_file_read(path, FILE_LIMIT, &data, &size, error);
    if (status) return status;
    status = lido_json_parse((const char *)data, size, path, json, error);
    free(data);
    return status;
}

void lido_json_free(lido_json *json) {
    cJSON_Delete(json);
}

/* ---- looking ------------------------------------------------------------------------------- */

lido_json_kind lido_json_kind_of(const lido_json *json) {
    if (cJSON_IsBool(json)) return LIDO_JSON_BOOL;
    if (cJSON_IsNumber(json)) return LIDO_JSON_NUMBER;
    if (cJSON_IsString(json)) return LIDO_JSON_STRING;
    if (cJSON_IsArray(json)) return LIDO_JSON_ARRAY;
    if (cJSON_IsObject(json)) return LIDO_JSON_OBJECT;
    return LIDO_JSON_NULL;
}

const char *lido_json_kind_text(const lido_json *json) {
    static const char *const texts[] = {
        [LIDO_JSON_NULL] = "null",       [LIDO_JSON_BOOL] = "true or false",
        [LIDO_JSON_NUMBER] = "a number", [LIDO_JSON_STRING] = "a string",
        [LIDO_JSON_ARRAY] = "an array",  [LIDO_JSON_OBJECT] = "an object",
    };
    return texts[lido_json_kind_of(json)];
}

const char *lido_json_key(const lido_json *json) {
    return json ? json->string : NULL;
}

const char *lido_json_string(const lido_json *json) {
    return cJSON_GetStringValue(json);
}

double lido_json_number(const lido_json *json) {
    return cJSON_IsNumber(json) ? json->valuedouble : (double)NAN;
}

bool lido_json_bool(const lido_json *json) {
    return cJSON_IsTrue(json);
}

bool lido_json_integer(const lido_json *json, int64_t *value) {
    double number = lido_json_number(json);
    if (!(fabs(number) <= MAX_EXACT_INTEGER) || number != floor(number)) return false;
    *value = (int64_t)number;
    return true;
}

const lido_json *lido_json_first(const lido_json *container) {
    return container ? container->child : NULL;
}

const lido_json *lido_json_next(const lido_json *member) {
    return member ? member->next : NULL;
}

int lido_json_count(const lido_json *container) {
    return cJSON_GetArraySize(container);
}

const lido_json *lido_json_get(const lido_json *object, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

lido_json *lido_json_member(lido_json *object, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* ---- building ------------------------------------------------------------------------------ */

lido_json *lido_json_object(void) {
    return cJSON_CreateObject();
}

lido_json *lido_json_array(void) {
    return cJSON_CreateArray();
}

lido_json *lido_json_from_number(double value) {
    return isfinite(value) ? cJSON_CreateNumber(value) : cJSON_CreateNull();
}

lido_json *lido_json_from_string(const char *value) {
    return cJSON_CreateString(value);
}

lido_json *lido_json_from_bool(bool value) {
    return cJSON_CreateBool(value);
}

lido_json *lido_json_copy(const lido_json *json) {
    return cJSON_Duplicate(json, true);
}

/* A container that lost a member must not be printed as if it were whole: cJSON refuses to print
 * an item of no type. */
static void keep_or_spoil(lido_json *container, lido_json *value, bool kept) {
    if (kept) return;
    cJSON_Delete(value);
    if (container) container->type = cJSON_Invalid;
}

void lido_json_add(lido_json *object, const char *key, lido_json *value) {
    keep_or_spoil(object, value, cJSON_AddItemToObject(object, key, value));
}

void lido_json_append(lido_json *array, lido_json *value) {
    keep_or_spoil(array, value, cJSON_AddItemToArray(array, value));
}

void lido_json_add_number(lido_json *object, const char *key, double value) {
    lido_json_add(object, key, lido_json_from_number(value));
}

void lido_json_add_string(lido_json *object, const char *key, const char *value) {
    lido_json_add(object, key, lido_json_from_string(value));
}

void lido_json_add_bool(lido_json *object, const char *key, bool value) {
    lido_json_add(object, key, lido_json_from_bool(value));
}

/* ---- printing ------------------------------------------------------------------------------ */

/* The shortest text that reads back as the same double; malloc'ed. */
static char *number_text(double value) {
    char *text = cJSON_malloc(32);
    if (!text) return NULL;
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, 32, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    char *comma = strchr(text, ','); /* the decimal point of some locales */
    if (comma) *comma = '.';
    return text;
}

/* cJSON prints 15 digits when they come within one part in 2^52, which is not the same number: so
 * numbers are turned into ready-made text first. */
static bool write_out_numbers(lido_json *json) {
    if (cJSON_IsNumber(json)) {
        json->valuestring = number_text(json->valuedouble);
        json->type = cJSON_Raw;
        return json->valuestring != NULL;
    }
    for (lido_json *m = json->child; m; m = m->next) {
        if (!write_out_numbers(m)) return false;
    }
    return true;
}

char *lido_json_print(const lido_json *json, bool indented) {
    lido_json *copy = lido_json_copy(json);
    char *text = NULL;
    if (copy && write_out_numbers(copy))
        text = indented ? cJSON_Print(copy) : cJSON_PrintUnformatted(copy);
    cJSON_Delete(copy);
    return text;
}
