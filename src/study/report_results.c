/* report_results.c - looking things up in the results of a study. */
#include "study/report_results.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- looking up ----------------------------------------------------------------------------- */

static const lido_json *element_at(const lido_json *array, long index) {
    const lido_json *element = lido_json_first(array);
    while (element && index-- > 0) element = lido_json_next(element);
    return element;
}

const lido_json *lido_results_at(const lido_json *from, const char *path) {
    while (from && *path) {
        char step[LIDO_TEXT_SIZE];
        const size_t length = strcspn(path, "/");
        if (length >= sizeof step) return NULL;
        memcpy(step, path, length);
        step[length] = '\0';
        const bool array = lido_json_kind_of(from) == LIDO_JSON_ARRAY;
        from = array ? element_at(from, strtol(step, NULL, 10)) : lido_json_get(from, step);
        path += length + (path[length] == '/');
    }
    return from;
}

const char *lido_results_text(const lido_json *from, const char *path) {
    const char *text = lido_json_string(lido_results_at(from, path));
    return text ? text : "";
}

const lido_json *lido_results_find(const lido_json *array, const char *key, const char *value) {
    const lido_json *element = lido_json_first(array);
    for (; element; element = lido_json_next(element))
        if (strcmp(lido_results_text(element, key), value) == 0) return element;
    return NULL;
}

const lido_json *lido_results_statistic(const lido_json *results, const char *measure,
                                        const char *part, const char *cell) {
    const lido_json *all = lido_results_at(results, "statistics/measures");
    const lido_json *found = lido_results_find(all, "name", measure);
    return lido_results_find(lido_json_get(found, part), "cell", cell);
}

char *lido_results_label(const lido_json *cell, char *text) {
    size_t used = 0;
    text[0] = '\0';
    const lido_json *level = lido_json_first(lido_json_get(cell, "levels"));
    for (; level && used < LIDO_LABEL_SIZE; level = lido_json_next(level))
        used += (size_t)snprintf(text + used, LIDO_LABEL_SIZE - used, "%s%s",
                                 used ? " \u00b7 " : "", lido_results_text(level, ""));
    return text;
}

lido_spread lido_results_spread(const lido_json *cell, const char *path) {
    lido_spread spread = {0, NAN, NAN, NAN};
    double sum = 0;
    const lido_json *run = lido_json_first(lido_json_get(cell, "runs"));
    for (; run; run = lido_json_next(run)) {
        const double value = lido_json_number(lido_results_at(run, path));
        if (isnan(value)) continue;
        sum += value;
        spread.least = fmin(spread.least, value);
        spread.most = fmax(spread.most, value);
        spread.mean = sum / ++spread.n;
    }
    return spread;
}

/* ---- checking ------------------------------------------------------------------------------- */

static lido_status expect(const lido_json *json, lido_json_kind kind, const char *where,
                          const char *allowed, lido_error *error) {
    if (lido_json_kind_of(json) == kind) return LIDO_OK;
    return lido_fail(error, LIDO_SPEC, "%s: %s, allowed: %s", where, lido_json_kind_text(json),
                     allowed);
}

static lido_status check_cell(const lido_json *cell, int index, int factors, lido_error *error) {
    char where[64];
    snprintf(where, sizeof where, "cells[%d].name", index);
    const lido_json *levels = lido_json_get(cell, "levels"), *level = lido_json_first(levels);
    lido_status status =
        expect(lido_json_get(cell, "name"), LIDO_JSON_STRING, where, "a string", error);
    snprintf(where, sizeof where, "cells[%d].runs", index);
    if (!status)
        status = expect(lido_json_get(cell, "runs"), LIDO_JSON_ARRAY, where, "an array", error);
    snprintf(where, sizeof where, "cells[%d].levels", index);
    if (!status) status = expect(levels, LIDO_JSON_ARRAY, where, "an array", error);
    for (; level && !status; level = lido_json_next(level))
        status = expect(level, LIDO_JSON_STRING, where, "strings", error);
    if (!status && lido_json_count(levels) != factors)
        status = lido_fail(error, LIDO_SPEC, "%s: %d, allowed: one for each of the %d factors",
                           where, lido_json_count(levels), factors);
    return status;
}

lido_status lido_results_check(const lido_json *results, lido_error *error) {
    static const struct {
        const char *path;
        lido_json_kind kind;
        const char *allowed;
    } parts[] = {
        {"study", LIDO_JSON_OBJECT, "an object"},
        {"study/name", LIDO_JSON_STRING, "a string"},
        {"baseline", LIDO_JSON_STRING, "the name of a cell"},
        {"factors", LIDO_JSON_ARRAY, "an array"},
        {"cells", LIDO_JSON_ARRAY, "an array"},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const lido_json *part = lido_results_at(results, parts[i].path);
        lido_status status = expect(part, parts[i].kind, parts[i].path, parts[i].allowed, error);
        if (status) return status;
    }
    const lido_json *factors = lido_json_get(results, "factors");
    for (const lido_json *f = lido_json_first(factors); f; f = lido_json_next(f)) {
        lido_status status =
            expect(lido_json_get(f, "name"), LIDO_JSON_STRING, "factors[].name", "a string", error);
        if (status) return status;
    }
    const lido_json *cell = lido_json_first(lido_json_get(results, "cells"));
    if (!cell) return lido_fail(error, LIDO_SPEC, "cells: none, allowed: one at least");
    for (int i = 0; cell; cell = lido_json_next(cell), i++) {
        lido_status status = check_cell(cell, i, lido_json_count(factors), error);
        if (status) return status;
    }
    return LIDO_OK;
}
