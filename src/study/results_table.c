/* results_table.c - the "cells" of a study's results.json as a table. */
#include "study/results_table.h"

#include "study/factorial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading
 * --------------------------------------------------------------------------------------- */

static int cell_named(const lido_results_table *r, int count, const char *name) {
    for (int i = 0; i < count; i++)
        if (strcmp(r->cell[i], name) == 0) return i;
    return -1;
}

static lido_status read_cell(lido_results_table *r, int index, const lido_json *cell,
                             lido_error *error) {
    const char *name = lido_json_string(lido_json_get(cell, "name"));
    if (!name || cell_named(r, index, name) >= 0)
        return lido_fail(error, LIDO_SPEC, "cells[%d]: \"name\" must be a text of its own", index);
    if (lido_json_kind_of(lido_json_get(cell, "runs")) != LIDO_JSON_ARRAY)
        return lido_fail(error, LIDO_SPEC, "cells[%d]: \"runs\" must be a list", index);
    r->cell[index] = name;
    r->level[index] = lido_json_get(cell, "levels");
    return LIDO_OK;
}

static int seed_index(const lido_results_table *r, int64_t seed) {
    int i = 0;
    while (i < r->seeds && r->seed[i] < seed) i++;
    return i;
}

/* Keeps them in order. */
static void add_seed(lido_results_table *r, int64_t seed) {
    const int at = seed_index(r, seed);
    if (at < r->seeds && r->seed[at] == seed) return;
    memmove(r->seed + at + 1, r->seed + at, (size_t)(r->seeds - at) * sizeof *r->seed);
    r->seed[at] = seed;
    r->seeds++;
}

static lido_status read_seeds(lido_results_table *r, int index, const lido_json *cell,
                              lido_error *error) {
    int number = 0;
    for (const lido_json *run = lido_json_first(lido_json_get(cell, "runs")); run;
         run = lido_json_next(run), number++) {
        int64_t seed;
        if (!lido_json_integer(lido_json_get(run, "seed"), &seed))
            return lido_fail(error, LIDO_SPEC,
                             "cells[%d].runs[%d]: \"seed\" must be a whole number", index, number);
        add_seed(r, seed);
    }
    return LIDO_OK;
}

static lido_status place_runs(lido_results_table *r, int index, const lido_json *cell,
                              lido_error *error) {
    for (const lido_json *run = lido_json_first(lido_json_get(cell, "runs")); run;
         run = lido_json_next(run)) {
        int64_t seed = 0;
        lido_json_integer(lido_json_get(run, "seed"), &seed);
        const lido_json **place = &r->run[index * r->seeds + seed_index(r, seed)];
        if (*place)
            return lido_fail(error, LIDO_SPEC, "cells[%d]: two runs of seed %lld", index,
                             (long long)seed);
        *place = run;
    }
    return LIDO_OK;
}

/* Calls `each` for all cells in order. */
static lido_status for_cells(lido_results_table *r, const lido_json *cells,
                             lido_status (*each)(lido_results_table *r, int index,
                                                 const lido_json *cell, lido_error *error),
                             lido_error *error) {
    int index = 0;
    lido_status status = LIDO_OK;
    for (const lido_json *cell = lido_json_first(cells); cell && !status;
         cell = lido_json_next(cell))
        status = each(r, index++, cell, error);
    return status;
}

static size_t count_runs(const lido_json *cells) {
    size_t runs = 0;
    for (const lido_json *cell = lido_json_first(cells); cell; cell = lido_json_next(cell))
        runs += (size_t)lido_json_count(lido_json_get(cell, "runs"));
    return runs;
}

static lido_status allocate(lido_results_table *r, size_t runs, lido_error *error) {
    r->cell = calloc((size_t)r->cells + 1, sizeof *r->cell);
    r->level = calloc((size_t)r->cells + 1, sizeof *r->level);
    r->seed = calloc(runs + 1, sizeof *r->seed);
    if (r->cell && r->level && r->seed) return LIDO_OK;
    return lido_fail(error, LIDO_MEMORY, "out of memory for the results");
}

lido_status lido_results_table_read(const lido_json *document, lido_results_table *r,
                                    lido_error *error) {
    const lido_json *cells = lido_json_get(document, "cells");
    const char *baseline = lido_json_string(lido_json_get(document, "baseline"));
    *r = (lido_results_table){.factors = lido_json_get(document, "factors"), .baseline = -1};
    if (lido_json_kind_of(cells) != LIDO_JSON_ARRAY)
        return lido_fail(error, LIDO_SPEC, "\"cells\" must be a list");
    r->cells = lido_json_count(cells);
    lido_status status = allocate(r, count_runs(cells), error);
    if (!status) status = for_cells(r, cells, read_cell, error);
    if (!status) status = for_cells(r, cells, read_seeds, error);
    if (!status) r->run = calloc((size_t)r->cells * (size_t)r->seeds + 1, sizeof *r->run);
    if (!status && !r->run) status = lido_fail(error, LIDO_MEMORY, "out of memory for the results");
    if (!status) status = for_cells(r, cells, place_runs, error);
    if (!status && baseline) r->baseline = cell_named(r, r->cells, baseline);
    if (status) lido_results_table_free(r);
    return status;
}

void lido_results_table_free(lido_results_table *r) {
    free(r->cell);
    free(r->level);
    free(r->seed);
    free(r->run);
    *r = (lido_results_table){0};
}

/* ---- measures
 * --------------------------------------------------------------------------------------- */

static const lido_json *curve_of(const lido_json *measures, const char *fill, const char *name) {
    const lido_json *entry = lido_json_first(lido_json_get(measures, "shift"));
    for (; entry; entry = lido_json_next(entry)) {
        const char *of = lido_json_string(lido_json_get(entry, "fill"));
        if (of && strcmp(of, fill) == 0) return lido_json_get(entry, name);
    }
    return NULL;
}

/* Without the first, which is that of no shift. */
static double mean_consistency(const lido_json *measures) {
    const lido_json *curve = curve_of(measures, "zero", "consistency");
    const int shifts = lido_json_count(curve) - 1;
    double sum = 0;
    if (shifts < 1) return NAN;
    for (const lido_json *v = lido_json_next(lido_json_first(curve)); v; v = lido_json_next(v))
        sum += lido_json_number(v);
    return sum / shifts;
}

double lido_results_table_measure(const lido_results_table *r, int cell, int seed,
                                  const char *name) {
    const lido_json *measures = lido_json_get(r->run[cell * r->seeds + seed], "measures");
    if (strcmp(name, "shift_consistency") == 0) return mean_consistency(measures);
    return lido_json_number(lido_json_get(measures, name));
}

/* ---- the design
 * ------------------------------------------------------------------------------------- */

static int variant_index(const lido_json *factor, const lido_json *level) {
    const char *name = lido_json_string(level);
    int index = 0;
    for (const lido_json *v = lido_json_first(lido_json_get(factor, "variants")); v && name;
         v = lido_json_next(v), index++) {
        const char *variant = lido_json_string(v);
        if (variant && strcmp(variant, name) == 0) return index;
    }
    return -1;
}

/* The cell's place among all combinations; -1: a level that is no variant. */
static int place_of(const lido_results_table *r, int cell, const int levels[]) {
    const lido_json *factor = lido_json_first(r->factors), *level = lido_json_first(r->level[cell]);
    int place = 0;
    for (int f = 0; factor; f++, factor = lido_json_next(factor), level = lido_json_next(level)) {
        const int index = level ? variant_index(factor, level) : -1;
        if (index < 0) return -1;
        place = place * levels[f] + index;
    }
    return place;
}

const char *lido_results_table_factorial(const lido_results_table *r, int levels[], int cell_at[]) {
    static const char not_full[] = "the cells are not all combinations of the factors' variants";
    const int factors = lido_json_count(r->factors);
    const lido_json *factor = lido_json_first(r->factors);
    int64_t combinations = 1;
    if (factors < 1 || factors > LIDO_FACTORIAL_FACTORS) return "there are no factors, or too many";
    for (int f = 0; f < factors; f++, factor = lido_json_next(factor)) {
        levels[f] = lido_json_count(lido_json_get(factor, "variants"));
        if (!lido_json_string(lido_json_get(factor, "name"))) return "a factor has no name";
        if (levels[f] < 2) return "a factor has one variant";
        combinations *= levels[f];
        if (combinations > r->cells) return not_full;
    }
    if (combinations != r->cells) return not_full;
    for (int c = 0; c < r->cells; c++) cell_at[c] = -1;
    for (int c = 0; c < r->cells; c++) {
        const int place = place_of(r, c, levels);
        if (place < 0 || cell_at[place] >= 0) return not_full;
        cell_at[place] = c;
    }
    return NULL;
}
