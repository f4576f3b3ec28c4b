/* measure_options.c - the "measures" object of a study. Single numbers are in option tables, lists
 * of numbers in a table of their own. */
#include "study/measure_options.h"

#include "base/options.h"

#include <math.h>
#include <string.h>

static const lido_option options_table[] = {
    {.name = "images",
     .kind = LIDO_OPTION_INT,
     .offset = offsetof(lido_measure_options, images),
     .fallback = "0",
     .min = 0,
     .max = 1e9,
     .doc = "pictures that are turned, scaled, made noisy and blurred, evenly spaced; 0: all"},
    {.name = "pooling",
     .kind = LIDO_OPTION_BOOL,
     .offset = offsetof(lido_measure_options, pooling),
     .fallback = "false",
     .doc = "what each pooling layer does to these pictures"},
    {0},
};

static const lido_option shift_table[] = {
    {.name = "pixels",
     .kind = LIDO_OPTION_INT,
     .offset = offsetof(lido_shift_options, pixels),
     .min = 1,
     .max = 64,
     .doc = "the largest shift"},
    {.name = "images",
     .kind = LIDO_OPTION_INT,
     .offset = offsetof(lido_shift_options, images),
     .fallback = "0",
     .min = 0,
     .max = 1e9,
     .doc = "pictures that are shifted, evenly spaced; 0: all"},
    {0},
};

/* A list of different numbers. */
typedef struct amounts_row {
    const char *name;
    size_t offset;
    double min, max;
    bool above, whole; /* min itself is not allowed; whole numbers only */
} amounts_row;

#define AMOUNTS(field) .name = #field, .offset = offsetof(lido_measure_options, field)

static const amounts_row amounts_table[] = {
    {AMOUNTS(rotation), .min = -180, .max = 180},
    {AMOUNTS(scale), .min = 0.1, .max = 10},
    {AMOUNTS(noise), .min = 0, .max = 10},
    {AMOUNTS(blur), .min = 0, .max = 64},
    {AMOUNTS(passes), .min = 1, .max = 1000, .whole = true},
    {AMOUNTS(accuracies), .min = 0, .max = 1, .above = true},
};

enum { AMOUNT_LISTS = sizeof amounts_table / sizeof *amounts_table };

/* ---- lists ---------------------------------------------------------------------------------- */

static bool accepted(const amounts_row *row, double value) {
    if (row->whole && value != floor(value)) return false;
    return value <= row->max && (row->above ? value > row->min : value >= row->min);
}

static bool contains(const lido_amounts *amounts, double value) {
    for (int i = 0; i < amounts->count; i++)
        if (amounts->at[i] == value) return true;
    return false;
}

static bool read_amounts(const amounts_row *row, const lido_json *list, lido_amounts *amounts) {
    if (lido_json_kind_of(list) != LIDO_JSON_ARRAY || lido_json_count(list) > LIDO_MAX_AMOUNTS)
        return false;
    for (const lido_json *v = lido_json_first(list); v; v = lido_json_next(v)) {
        const double value = lido_json_number(v);
        if (!accepted(row, value) || contains(amounts, value)) return false;
        amounts->at[amounts->count++] = value;
    }
    return amounts->count > 0;
}

static lido_status fail_amounts(const amounts_row *row, const char *where, lido_error *error) {
    return lido_fail(
        error, LIDO_SPEC,
        "%s: \"%s\" must be a list of 1 to %d different %snumbers %s %g and at most %g", where,
        row->name, LIDO_MAX_AMOUNTS, row->whole ? "whole " : "",
        row->above ? "above" : "of at least", row->min, row->max);
}

static lido_status read_lists(const lido_json *measures, const char *where,
                              lido_measure_options *options, lido_error *error) {
    for (int i = 0; i < AMOUNT_LISTS; i++) {
        const amounts_row *row = &amounts_table[i];
        const lido_json *list = lido_json_get(measures, row->name);
        void *amounts = (char *)options + row->offset;
        if (list && !read_amounts(row, list, amounts)) return fail_amounts(row, where, error);
    }
    return LIDO_OK;
}

/* ---- shift ---------------------------------------------------------------------------------- */

static bool read_fill(const lido_json *word, lido_shift_options *shift) {
    const char *text = lido_json_string(word);
    for (int f = 0; text && f < LIDO_FILLS; f++) {
        if (strcmp(text, lido_fill_names[f]) != 0) continue;
        for (int i = 0; i < shift->fills; i++)
            if ((int)shift->fill[i] == f) return false;
        shift->fill[shift->fills++] = (lido_fill)f;
        return true;
    }
    return false;
}

static bool read_fills(const lido_json *list, lido_shift_options *shift) {
    if (!list) {
        shift->fills = 1;
        shift->fill[0] = LIDO_FILL_ZERO;
        return true;
    }
    if (lido_json_kind_of(list) != LIDO_JSON_ARRAY) return false;
    for (const lido_json *word = lido_json_first(list); word; word = lido_json_next(word))
        if (!read_fill(word, shift)) return false;
    return shift->fills > 0;
}

static lido_status read_shift(const lido_json *object, lido_shift_options *shift,
                              lido_error *error) {
    static const char *const skip[] = {"fills", NULL};
    lido_given given;
    lido_status status =
        lido_options_read(shift_table, object, "\"shift\"", skip, shift, &given, error);
    if (status) return status;
    if (read_fills(lido_json_get(object, "fills"), shift)) return LIDO_OK;
    char allowed[LIDO_TEXT_SIZE];
    return lido_fail(error, LIDO_SPEC, "\"shift\": \"fills\" must be a list of different words%s",
                     lido_text_list(", of: ", lido_fill_names, allowed, sizeof allowed));
}

/* ---- the object ----------------------------------------------------------------------------- */

lido_status lido_measure_options_read(const lido_json *measures, const char *where,
                                      lido_measure_options *options, lido_error *error) {
    const char *skip[AMOUNT_LISTS + 2] = {"shift"};
    for (int i = 0; i < AMOUNT_LISTS; i++) skip[i + 1] = amounts_table[i].name;
    lido_given given;
    *options = (lido_measure_options){0};
    if (!measures) return LIDO_OK;
    lido_status status =
        lido_options_read(options_table, measures, where, skip, options, &given, error);
    const lido_json *shift = lido_json_get(measures, "shift");
    if (!status && shift) {
        status = read_shift(shift, &options->shift, error);
        if (status) lido_fail_in(error, status, "%s", where);
    }
    return status ? status : read_lists(measures, where, options, error);
}

static lido_json *shift_json(const lido_shift_options *shift) {
    lido_json *json = lido_json_object(), *fills = lido_json_array();
    lido_options_write(shift_table, shift, json);
    for (int i = 0; i < shift->fills; i++)
        lido_json_append(fills, lido_json_from_string(lido_fill_names[shift->fill[i]]));
    lido_json_add(json, "fills", fills);
    return json;
}

lido_json *lido_measure_options_json(const lido_measure_options *options) {
    lido_json *json = lido_json_object();
    if (options->shift.pixels > 0) lido_json_add(json, "shift", shift_json(&options->shift));
    lido_options_write(options_table, options, json);
    for (int i = 0; i < AMOUNT_LISTS; i++) {
        const amounts_row *row = &amounts_table[i];
        const lido_amounts *amounts = (const void *)((const char *)options + row->offset);
        if (amounts->count == 0) continue;
        lido_json *list = lido_json_array();
        for (int k = 0; k < amounts->count; k++)
            lido_json_append(list, lido_json_from_number(amounts->at[k]));
        lido_json_add(json, row->name, list);
    }
    return json;
}
