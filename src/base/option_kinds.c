/* option_kinds.c - one row for each kind of option: reading, writing, absence, its description for
 * messages and its JSON Schema. */
#include "base/option_kinds.h"

#include "base/options.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BOUNDS_SIZE = 64, NUMBER_SIZE = 96 };

/* ---- numbers and their bounds -------------------------------------------------------------- */

static bool has_minimum(const lido_option *option) {
    return (option->min != 0 || option->max != 0) && option->min >= -DBL_MAX;
}

static bool has_maximum(const lido_option *option) {
    return (option->min != 0 || option->max != 0) && option->max >= option->min &&
           option->max <= DBL_MAX;
}

static bool in_bounds(const lido_option *option, double value) {
    if (has_minimum(option) && value < option->min) return false;
    return !has_maximum(option) || value <= option->max;
}

/* " in 1..64", " >= 1", " <= 64" or nothing. */
static const char *bounds_text(const lido_option *option, char text[BOUNDS_SIZE]) {
    bool minimum = has_minimum(option), maximum = has_maximum(option);
    if (minimum && maximum)
        snprintf(text, BOUNDS_SIZE, " in %.16g..%.16g", option->min, option->max);
    else if (minimum)
        snprintf(text, BOUNDS_SIZE, " >= %.16g", option->min);
    else if (maximum)
        snprintf(text, BOUNDS_SIZE, " <= %.16g", option->max);
    else
        text[0] = '\0';
    return text;
}

static const char *integer_text(const lido_option *option, char text[NUMBER_SIZE]) {
    char bounds[BOUNDS_SIZE];
    snprintf(text, NUMBER_SIZE, "an integer%s", bounds_text(option, bounds));
    return text;
}

static bool read_bounded_integer(const lido_option *option, const lido_json *value, int64_t *out) {
    return lido_json_integer(value, out) && in_bounds(option, (double)*out);
}

/* SIZES are at least 1 and PADDING at least 0 whatever the table says. */
static lido_option with_least(const lido_option *option, double least) {
    lido_option bounded = *option;
    if (!has_minimum(option) || option->min < least) bounded.min = least;
    if (!has_maximum(option)) bounded.max = INFINITY;
    return bounded;
}

static lido_json *typed(const char *type) {
    lido_json *schema = lido_json_object();
    lido_json_add_string(schema, "type", type);
    return schema;
}

static lido_json *bounded(const lido_option *option, const char *type) {
    lido_json *schema = typed(type);
    if (has_minimum(option)) lido_json_add_number(schema, "minimum", option->min);
    if (has_maximum(option)) lido_json_add_number(schema, "maximum", option->max);
    return schema;
}

static lido_json *array_of(lido_json *items, int least, int most) {
    lido_json *schema = typed("array");
    lido_json_add(schema, "items", items);
    lido_json_add_number(schema, "minItems", least);
    lido_json_add_number(schema, "maxItems", most);
    return schema;
}

static lido_json *any_of(lido_json *const *alternatives, size_t count) {
    lido_json *list = lido_json_array(), *schema = lido_json_object();
    for (size_t i = 0; i < count; i++) lido_json_append(list, alternatives[i]);
    lido_json_add(schema, "anyOf", list);
    return schema;
}

/* ---- INT ----------------------------------------------------------------------------------- */

static bool int_read(const lido_option *option, const lido_json *value, void *field) {
    return read_bounded_integer(option, value, field);
}

static lido_json *int_write(const lido_option *option, const void *field) {
    (void)option;
    return lido_json_from_number((double)*(const int64_t *)field);
}

static bool int_is_absent(const void *field) {
    return *(const int64_t *)field == 0;
}

static void int_accepts(const lido_option *option, char *text, size_t size) {
    char number[NUMBER_SIZE];
    snprintf(text, size, "%s", integer_text(option, number));
}

static lido_json *int_schema(const lido_option *option) {
    return bounded(option, "integer");
}

/* ---- REAL ---------------------------------------------------------------------------------- */

static bool real_read(const lido_option *option, const lido_json *value, void *field) {
    double number = lido_json_number(value); /* NaN when it is not one */
    *(double *)field = number;
    return isfinite(number) && in_bounds(option, number);
}

static lido_json *real_write(const lido_option *option, const void *field) {
    (void)option;
    return lido_json_from_number(*(const double *)field);
}

static void real_clear(void *field) {
    *(double *)field = NAN;
}

static bool real_is_absent(const void *field) {
    return isnan(*(const double *)field);
}

static void real_accepts(const lido_option *option, char *text, size_t size) {
    char bounds[BOUNDS_SIZE];
    snprintf(text, size, "a number%s", bounds_text(option, bounds));
}

static lido_json *real_schema(const lido_option *option) {
    return bounded(option, "number");
}

/* ---- BOOL ---------------------------------------------------------------------------------- */

static bool bool_read(const lido_option *option, const lido_json *value, void *field) {
    (void)option;
    *(bool *)field = lido_json_bool(value);
    return lido_json_kind_of(value) == LIDO_JSON_BOOL;
}

static lido_json *bool_write(const lido_option *option, const void *field) {
    (void)option;
    return lido_json_from_bool(*(const bool *)field);
}

static bool bool_is_absent(const void *field) {
    return !*(const bool *)field;
}

static void bool_accepts(const lido_option *option, char *text, size_t size) {
    (void)option;
    snprintf(text, size, "true or false");
}

static lido_json *bool_schema(const lido_option *option) {
    (void)option;
    return typed("boolean");
}

/* ---- FLAG ---------------------------------------------------------------------------------- */

static bool flag_read(const lido_option *option, const lido_json *value, void *field) {
    (void)option;
    *(int *)field = lido_json_bool(value);
    return lido_json_kind_of(value) == LIDO_JSON_BOOL;
}

static lido_json *flag_write(const lido_option *option, const void *field) {
    (void)option;
    return lido_json_from_bool(*(const int *)field == 1);
}

/* ---- CHOICE -------------------------------------------------------------------------------- */

static bool choice_read(const lido_option *option, const lido_json *value, void *field) {
    const char *word = lido_json_string(value);
    for (int i = 0; word && option->choices[i]; i++) {
        if (strcmp(word, option->choices[i]) != 0) continue;
        *(int *)field = i;
        return true;
    }
    return false;
}

static lido_json *choice_write(const lido_option *option, const void *field) {
    return lido_json_from_string(option->choices[*(const int *)field]);
}

static void choice_clear(void *field) {
    *(int *)field = -1;
}

static bool choice_is_absent(const void *field) {
    return *(const int *)field < 0;
}

static void choice_accepts(const lido_option *option, char *text, size_t size) {
    lido_text_list("one of ", option->choices, text, size);
}

static lido_json *choice_schema(const lido_option *option) {
    lido_json *schema = lido_json_object(), *names = lido_json_array();
    for (int i = 0; option->choices[i]; i++)
        lido_json_append(names, lido_json_from_string(option->choices[i]));
    lido_json_add(schema, "enum", names);
    return schema;
}

/* ---- AXES ---------------------------------------------------------------------------------- */

static lido_json *numbers_write(const int64_t *numbers, int count) {
    lido_json *list = lido_json_array();
    for (int i = 0; i < count; i++)
        lido_json_append(list, lido_json_from_number((double)numbers[i]));
    return list;
}

/* [n, ...] of 1 to `most` numbers. */
static bool read_numbers(const lido_option *option, const lido_json *value, int64_t *numbers,
                         int most, int *count) {
    int found = lido_json_count(value), filled = 0;
    if (lido_json_kind_of(value) != LIDO_JSON_ARRAY || found < 1 || found > most) return false;
    for (const lido_json *e = lido_json_first(value); e; e = lido_json_next(e)) {
        if (!read_bounded_integer(option, e, &numbers[filled++])) return false;
    }
    *count = found;
    return true;
}

static bool axes_read(const lido_option *option, const lido_json *value, void *field) {
    lido_axes *axes = field;
    axes->count = 1;
    return read_bounded_integer(option, value, &axes->at[0]) ||
           read_numbers(option, value, axes->at, LIDO_MAX_AXES, &axes->count);
}

static lido_json *axes_write(const lido_option *option, const void *field) {
    (void)option;
    const lido_axes *axes = field;
    return axes->count == 1 ? lido_json_from_number((double)axes->at[0])
                            : numbers_write(axes->at, axes->count);
}

static bool axes_is_absent(const void *field) {
    return ((const lido_axes *)field)->count == 0;
}

static void axes_accepts(const lido_option *option, char *text, size_t size) {
    char number[NUMBER_SIZE];
    snprintf(text, size, "%s or [one per axis]", integer_text(option, number));
}

static lido_json *axes_schema(const lido_option *option) {
    lido_json *one = bounded(option, "integer");
    lido_json *each = array_of(bounded(option, "integer"), 1, LIDO_MAX_AXES);
    return any_of((lido_json *[]){one, each}, 2);
}

/* ---- SIZES --------------------------------------------------------------------------------- */

static bool sizes_read(const lido_option *option, const lido_json *value, void *field) {
    lido_option positive = with_least(option, 1);
    lido_axes *sizes = field;
    sizes->count = 1;
    if (read_bounded_integer(&positive, value, &sizes->at[0])) return true;
    int found = lido_json_count(value), filled = 0;
    if (lido_json_kind_of(value) != LIDO_JSON_ARRAY || found < 1 || found > LIDO_MAX_AXES)
        return false;
    for (const lido_json *e = lido_json_first(value); e; e = lido_json_next(e)) {
        int64_t *at = &sizes->at[filled++];
        if (lido_json_kind_of(e) == LIDO_JSON_NULL)
            *at = 0;
        else if (!read_bounded_integer(&positive, e, at))
            return false;
    }
    sizes->count = found;
    return true;
}

static lido_json *sizes_write(const lido_option *option, const void *field) {
    (void)option;
    const lido_axes *sizes = field;
    if (sizes->count == 1 && sizes->at[0] > 0) return lido_json_from_number((double)sizes->at[0]);
    lido_json *list = lido_json_array();
    for (int i = 0; i < sizes->count; i++)
        lido_json_append(list, lido_json_from_number(sizes->at[i] ? (double)sizes->at[i] : NAN));
    return list;
}

static void sizes_accepts(const lido_option *option, char *text, size_t size) {
    lido_option positive = with_least(option, 1);
    char number[NUMBER_SIZE];
    snprintf(text, size, "%s or [one or null per axis]", integer_text(&positive, number));
}

static lido_json *sizes_schema(const lido_option *option) {
    lido_option positive = with_least(option, 1);
    lido_json *one = bounded(&positive, "integer"), *size = bounded(&positive, "integer");
    lido_json *element = any_of((lido_json *[]){size, typed("null")}, 2);
    return any_of((lido_json *[]){one, array_of(element, 1, LIDO_MAX_AXES)}, 2);
}

/* ---- PADDING ------------------------------------------------------------------------------- */

static const char *const padding_words[] = {[LIDO_VALID] = "valid", [LIDO_SAME] = "same"};

static bool padding_read_word(const char *word, lido_padding *padding) {
    for (int i = 0; i <= LIDO_SAME; i++) {
        if (strcmp(word, padding_words[i]) != 0) continue;
        *padding = (lido_padding){.mode = (lido_padding_mode)i};
        return true;
    }
    return false;
}

static bool padding_read_pairs(const lido_option *option, const lido_json *value,
                               lido_padding *padding) {
    int found = lido_json_count(value), filled = 0;
    if (lido_json_kind_of(value) != LIDO_JSON_ARRAY || found < 1 || found > LIDO_MAX_AXES)
        return false;
    for (const lido_json *e = lido_json_first(value); e; e = lido_json_next(e)) {
        int64_t pair[2];
        int count = 0;
        if (!read_numbers(option, e, pair, 2, &count) || count != 2) return false;
        padding->before[filled] = pair[0];
        padding->after[filled++] = pair[1];
    }
    padding->count = found;
    return true;
}

static bool padding_read(const lido_option *option, const lido_json *value, void *field) {
    lido_option natural = with_least(option, 0);
    lido_padding *padding = field;
    if (lido_json_string(value)) return padding_read_word(lido_json_string(value), padding);
    lido_axes same = {0};
    padding->mode = LIDO_EXPLICIT;
    if (!axes_read(&natural, value, &same)) return padding_read_pairs(&natural, value, padding);
    padding->count = same.count;
    memcpy(padding->before, same.at, sizeof same.at);
    memcpy(padding->after, same.at, sizeof same.at);
    return true;
}

static lido_json *padding_write(const lido_option *option, const void *field) {
    (void)option;
    const lido_padding *padding = field;
    if (padding->mode != LIDO_EXPLICIT) return lido_json_from_string(padding_words[padding->mode]);
    if (padding->count == 1 && padding->before[0] == padding->after[0])
        return lido_json_from_number((double)padding->before[0]);
    lido_json *list = lido_json_array();
    for (int i = 0; i < padding->count; i++)
        lido_json_append(list,
                         numbers_write((int64_t[]){padding->before[i], padding->after[i]}, 2));
    return list;
}

static bool padding_is_absent(const void *field) {
    return ((const lido_padding *)field)->mode == LIDO_VALID;
}

static void padding_accepts(const lido_option *option, char *text, size_t size) {
    lido_option natural = with_least(option, 0);
    char number[NUMBER_SIZE];
    snprintf(text, size, "\"valid\", \"same\", %s, [one per axis] or [[before, after] per axis]",
             integer_text(&natural, number));
}

static lido_json *padding_schema(const lido_option *option) {
    lido_option natural = with_least(option, 0);
    lido_json *words = lido_json_object(), *names = lido_json_array();
    for (int i = 0; i <= LIDO_SAME; i++)
        lido_json_append(names, lido_json_from_string(padding_words[i]));
    lido_json_add(words, "enum", names);
    lido_json *one = bounded(&natural, "integer");
    lido_json *each = array_of(bounded(&natural, "integer"), 1, LIDO_MAX_AXES);
    lido_json *pair = array_of(bounded(&natural, "integer"), 2, 2);
    return any_of((lido_json *[]){words, one, each, array_of(pair, 1, LIDO_MAX_AXES)}, 4);
}

/* ---- LIST ---------------------------------------------------------------------------------- */

static bool list_read(const lido_option *option, const lido_json *value, void *field) {
    lido_list *list = field;
    return read_numbers(option, value, list->at, LIDO_MAX_LIST, &list->count);
}

static lido_json *list_write(const lido_option *option, const void *field) {
    (void)option;
    const lido_list *list = field;
    return numbers_write(list->at, list->count);
}

static bool list_is_absent(const void *field) {
    return ((const lido_list *)field)->count == 0;
}

static void list_accepts(const lido_option *option, char *text, size_t size) {
    char number[NUMBER_SIZE];
    snprintf(text, size, "a list of 1 to %d, each %s", LIDO_MAX_LIST, integer_text(option, number));
}

static lido_json *list_schema(const lido_option *option) {
    return array_of(bounded(option, "integer"), 1, LIDO_MAX_LIST);
}

/* ---- TEXT ---------------------------------------------------------------------------------- */

static bool text_read(const lido_option *option, const lido_json *value, void *field) {
    (void)option;
    const char *text = lido_json_string(value);
    size_t length = text ? strlen(text) : LIDO_TEXT_SIZE;
    if (length >= LIDO_TEXT_SIZE) return false;
    memcpy(field, text, length + 1);
    return true;
}

static lido_json *text_write(const lido_option *option, const void *field) {
    (void)option;
    return lido_json_from_string(field);
}

static bool text_is_absent(const void *field) {
    return *(const char *)field == '\0';
}

static void text_accepts(const lido_option *option, char *text, size_t size) {
    (void)option;
    snprintf(text, size, "a string of at most %d bytes", LIDO_TEXT_SIZE - 1);
}

static lido_json *text_schema(const lido_option *option) {
    (void)option;
    lido_json *schema = typed("string");
    lido_json_add_number(schema, "maxLength", LIDO_TEXT_SIZE - 1);
    return schema;
}

/* ---- OBJECT -------------------------------------------------------------------------------- */

static lido_json *object_write(const lido_option *option, const void *field) {
    lido_json *object = lido_json_object();
    lido_options_write(option->table, field, object);
    return object;
}

static bool object_is_absent(const void *field) {
    return !*(const bool *)field;
}

static void object_accepts(const lido_option *option, char *text, size_t size) {
    const char *names[LIDO_MAX_OPTIONS + 1] = {NULL};
    for (int i = 0; i < LIDO_MAX_OPTIONS && option->table[i].name; i++)
        names[i] = option->table[i].name;
    lido_text_list("an object of ", names, text, size);
}

static lido_json *object_schema(const lido_option *option) {
    return lido_options_schema(option->table);
}

/* ---- the table ----------------------------------------------------------------------------- */

static const lido_kind kinds[] = {
    [LIDO_OPTION_INT] = {int_read, int_write, NULL, int_is_absent, int_accepts, int_schema},
    [LIDO_OPTION_REAL] = {real_read, real_write, real_clear, real_is_absent, real_accepts,
                          real_schema},
    [LIDO_OPTION_BOOL] = {bool_read, bool_write, NULL, bool_is_absent, bool_accepts, bool_schema},
    [LIDO_OPTION_FLAG] = {flag_read, flag_write, choice_clear, choice_is_absent, bool_accepts,
                          bool_schema},
    [LIDO_OPTION_CHOICE] = {choice_read, choice_write, choice_clear, choice_is_absent,
                            choice_accepts, choice_schema},
    [LIDO_OPTION_AXES] = {axes_read, axes_write, NULL, axes_is_absent, axes_accepts, axes_schema},
    [LIDO_OPTION_SIZES] = {sizes_read, sizes_write, NULL, axes_is_absent, sizes_accepts,
                           sizes_schema},
    [LIDO_OPTION_PADDING] = {padding_read, padding_write, NULL, padding_is_absent, padding_accepts,
                             padding_schema},
    [LIDO_OPTION_LIST] = {list_read, list_write, NULL, list_is_absent, list_accepts, list_schema},
    [LIDO_OPTION_TEXT] = {text_read, text_write, NULL, text_is_absent, text_accepts, text_schema},
    [LIDO_OPTION_OBJECT] = {NULL, object_write, NULL, object_is_absent, object_accepts,
                            object_schema},
};

const lido_kind *lido_kind_of(const lido_option *option) {
    return &kinds[option->kind];
}
