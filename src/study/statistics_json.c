/* statistics_json.c - the "statistics" of a study's results. A further measure that is compared is
 * a name in the table below. */
#include "study/statistics_json.h"

#include "study/comparison.h"
#include "study/factorial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const compared[] = {"test_accuracy", "test_loss", "train_accuracy",
                                       "calibration_error", "shift_consistency"};

enum { COMPARED = sizeof compared / sizeof *compared, VERDICT_SIZE = 256 };

/* One measure of all runs, and room to work on it. */
typedef struct sheet {
    const lido_results_table *results;
    double *values;              /* (cells, seeds); NaN: none */
    double *row;                 /* row[seeds] */
    double *ordered;             /* (cells, seeds), cells in the order of their levels */
    int *cell_at;                /* cell_at[cells]: as lido_results_table_factorial */
    lido_comparison *comparison; /* comparison[cells] */
    lido_effect *effect;         /* effect[cells] */
    double *p;                   /* p[2 * cells] */
} sheet;

static lido_status open_sheet(const lido_results_table *r, sheet *s, lido_error *error) {
    const size_t cells = (size_t)r->cells + 1, seeds = (size_t)r->seeds + 1;
    *s = (sheet){.results = r};
    s->values = calloc(cells, seeds * sizeof *s->values);
    s->ordered = calloc(cells, seeds * sizeof *s->ordered);
    s->row = calloc(seeds, sizeof *s->row);
    s->cell_at = calloc(cells, sizeof *s->cell_at);
    s->comparison = calloc(cells, sizeof *s->comparison);
    s->effect = calloc(cells, sizeof *s->effect);
    s->p = calloc(cells, 2 * sizeof *s->p);
    if (s->values && s->ordered && s->row && s->cell_at && s->comparison && s->effect && s->p)
        return LIDO_OK;
    return lido_fail(error, LIDO_MEMORY, "out of memory for statistics");
}

static void close_sheet(sheet *s) {
    free(s->values);
    free(s->ordered);
    free(s->row);
    free(s->cell_at);
    free(s->comparison);
    free(s->effect);
    free(s->p);
}

/* False when no run has it. */
static bool fill_sheet(sheet *s, const char *name) {
    const lido_results_table *r = s->results;
    bool any = false;
    for (int c = 0; c < r->cells; c++)
        for (int i = 0; i < r->seeds; i++) {
            const double value = lido_results_table_measure(r, c, i, name);
            s->values[c * r->seeds + i] = value;
            any = any || isfinite(value);
        }
    return any;
}

/* ---- cells
 * --------------------------------------------------------------------------------------- */

static void add_interval(lido_json *json, const lido_summary *summary) {
    lido_json_add_number(json, "n", summary->n);
    lido_json_add_number(json, "mean", summary->mean);
    lido_json_add_number(json, "sd", summary->sd);
    lido_json_add_number(json, "low", summary->low);
    lido_json_add_number(json, "high", summary->high);
}

static lido_json *cell_json(const sheet *s, int cell) {
    const lido_results_table *r = s->results;
    int n = 0;
    for (int i = 0; i < r->seeds; i++)
        if (isfinite(s->values[cell * r->seeds + i])) s->row[n++] = s->values[cell * r->seeds + i];
    const lido_summary summary = lido_summarise(s->row, n);
    lido_json *json = lido_json_object();
    lido_json_add_string(json, "cell", r->cell[cell]);
    add_interval(json, &summary);
    return json;
}

/* ---- differences
 * --------------------------------------------------------------------------------- */

static lido_comparison compare_cell(const sheet *s, int cell) {
    const lido_results_table *r = s->results;
    int n = 0;
    for (int i = 0; i < r->seeds; i++) {
        const double difference =
            s->values[cell * r->seeds + i] - s->values[r->baseline * r->seeds + i];
        if (isfinite(difference)) s->row[n++] = difference;
    }
    return lido_compare(s->row, n, 0);
}

static lido_json *difference_json(const lido_comparison *c, const char *cell) {
    char verdict[VERDICT_SIZE];
    lido_json *json = lido_json_object();
    lido_json_add_string(json, "cell", cell);
    add_interval(json, &c->difference);
    lido_json_add_number(json, "t", c->t.t);
    lido_json_add_number(json, "p_t", c->t.p);
    lido_json_add_number(json, "p_t_holm", c->t_holm);
    lido_json_add_number(json, "p_sign_flip", c->sign_flip.p);
    lido_json_add_number(json, "p_sign_flip_least", c->sign_flip.least);
    lido_json_add_number(json, "p_sign_flip_holm", c->sign_flip_holm);
    lido_json_add_number(json, "effect_size", c->effect_size);
    lido_json_add_bool(json, "decided", c->decided);
    lido_json_add_number(json, "seeds_needed", c->seeds_needed > 0 ? (double)c->seeds_needed : NAN);
    lido_json_add_string(json, "verdict", lido_comparison_text(c, verdict, sizeof verdict));
    return json;
}

static lido_status add_differences(const sheet *s, lido_json *measure, lido_error *error) {
    const lido_results_table *r = s->results;
    lido_json *list = lido_json_array();
    const bool has_baseline = r->baseline >= 0;
    int count = 0;
    for (int c = 0; c < r->cells && has_baseline; c++)
        if (c != r->baseline) s->comparison[count++] = compare_cell(s, c);
    lido_status status = lido_compare_family(s->comparison, count, error);
    for (int c = 0, i = 0; c < r->cells && has_baseline && !status; c++)
        if (c != r->baseline)
            lido_json_append(list, difference_json(&s->comparison[i++], r->cell[c]));
    lido_json_add(measure, "differences", list);
    return status;
}

/* ---- effects
 * ------------------------------------------------------------------------------------- */

static lido_json *names_json(const lido_results_table *r, unsigned set) {
    lido_json *names = lido_json_array();
    const lido_json *factor = lido_json_first(r->factors);
    for (; factor; factor = lido_json_next(factor), set >>= 1)
        if (set & 1)
            lido_json_append(
                names, lido_json_from_string(lido_json_string(lido_json_get(factor, "name"))));
    return names;
}

static lido_json *effect_json(const lido_results_table *r, const lido_effect *effect,
                              double p_holm) {
    lido_json *json = lido_json_object();
    lido_json_add(json, "factors", names_json(r, effect->factors));
    lido_json_add_number(json, "f", effect->f);
    lido_json_add_number(json, "df", effect->df);
    lido_json_add_number(json, "df_error", effect->df_error);
    lido_json_add_number(json, "p", effect->p);
    lido_json_add_number(json, "p_holm", p_holm);
    lido_json_add_number(json, "eta_squared", effect->eta_squared);
    return json;
}

/* The factorial of the sheet's values; otherwise why there is none. */
static const char *find_factorial(const sheet *s, lido_factorial *factorial) {
    const lido_results_table *r = s->results;
    *factorial = (lido_factorial){
        .factors = lido_json_count(r->factors), .blocks = r->seeds, .values = s->ordered};
    const char *why_not = lido_results_table_factorial(r, factorial->levels, s->cell_at);
    if (why_not) return why_not;
    if (r->seeds < 2) return "there is one seed";
    for (int c = 0; c < r->cells; c++)
        memcpy(s->ordered + c * r->seeds, s->values + s->cell_at[c] * r->seeds,
               (size_t)r->seeds * sizeof *s->ordered);
    for (int i = 0; i < r->cells * r->seeds; i++)
        if (!isfinite(s->ordered[i])) return "not every cell has every seed";
    return NULL;
}

static lido_status list_effects(const sheet *s, const lido_factorial *factorial, lido_json *list,
                                lido_error *error) {
    const int count = (1 << factorial->factors) - 1; /* fewer than cells */
    double *p = s->p, *p_holm = s->p + count;
    lido_status status = lido_factorial_effects(factorial, s->effect, error);
    if (status) return status;
    for (int i = 0; i < count; i++) p[i] = s->effect[i].p;
    lido_holm(p, count, p_holm);
    for (int i = 0; i < count; i++)
        lido_json_append(list, effect_json(s->results, &s->effect[i], p_holm[i]));
    return LIDO_OK;
}

static lido_status add_effects(const sheet *s, lido_json *measure, lido_error *error) {
    lido_json *list = lido_json_array();
    lido_factorial factorial;
    const char *why_not = find_factorial(s, &factorial);
    lido_status status = why_not ? LIDO_OK : list_effects(s, &factorial, list, error);
    lido_json_add(measure, "effects", list);
    if (why_not) lido_json_add_string(measure, "effects_left_out", why_not);
    return status;
}

/* ---- all of it
 * ------------------------------------------------------------------------------------ */

static lido_status add_measure(const sheet *s, const char *name, lido_json *list,
                               lido_error *error) {
    lido_json *measure = lido_json_object(), *cells = lido_json_array();
    lido_json_add_string(measure, "name", name);
    for (int c = 0; c < s->results->cells; c++) lido_json_append(cells, cell_json(s, c));
    lido_json_add(measure, "cells", cells);
    lido_status status = add_differences(s, measure, error);
    if (!status) status = add_effects(s, measure, error);
    lido_json_append(list, measure);
    return status;
}

static lido_status add_measures(const lido_results_table *results, lido_json *list,
                                lido_error *error) {
    sheet s;
    lido_status status = open_sheet(results, &s, error);
    for (int i = 0; i < COMPARED && !status; i++)
        if (fill_sheet(&s, compared[i])) status = add_measure(&s, compared[i], list, error);
    close_sheet(&s);
    return status;
}

lido_status lido_statistics_json(const lido_json *document, const lido_truth *truth,
                                 lido_json **statistics, lido_error *error) {
    lido_results_table results;
    lido_json *json = lido_json_object(), *measures = lido_json_array(), *mcnemar = NULL;
    *statistics = NULL;
    lido_status status = lido_results_table_read(document, &results, error);
    if (!status) status = add_measures(&results, measures, error);
    if (!status && truth) status = lido_mcnemar_json(&results, truth, &mcnemar, error);
    lido_json_add(json, "measures", measures);
    if (mcnemar) lido_json_add(json, "mcnemar", mcnemar);
    lido_results_table_free(&results);
    if (!status && !json) status = lido_fail(error, LIDO_MEMORY, "out of memory for statistics");
    if (status) lido_json_free(json);
    *statistics = status ? NULL : json;
    return status;
}
