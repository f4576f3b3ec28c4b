/* report_view.c - results as texts ready to be read, for the templates: tables row by row. */
#include "study/report_measures.h"
#include "study/report_parts.h"
#include "study/report_results.h"

#include "base/quantity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CLASSES = 20, SHADES = 9, TEXT_SIZE = 256 };

/* ---- small things --------------------------------------------------------------------------- */

static const lido_json *first_cell(const lido_report *report) {
    return lido_json_first(lido_json_get(report->results, "cells"));
}

static double number_of(const lido_json *from, const char *key) {
    return lido_json_number(lido_json_get(from, key));
}

/* {"text": text} */
static lido_json *text_view(const char *text) {
    lido_json *view = lido_json_object();
    lido_json_add_string(view, "text", text);
    return view;
}

static void add_label(lido_json *view, const lido_report *report, const char *cell_name) {
    char label[LIDO_LABEL_SIZE];
    const lido_json *cells = lido_json_get(report->results, "cells");
    const lido_json *cell = lido_results_find(cells, "name", cell_name);
    lido_json_add_string(view, "arm", cell ? lido_results_label(cell, label) : cell_name);
}

static void add_interval(lido_json *view, const lido_json *from, const lido_measure_kind *kind,
                         char *(*write)(const lido_measure_kind *, double, char *)) {
    char low[LIDO_VALUE_SIZE], high[LIDO_VALUE_SIZE], text[2 * LIDO_VALUE_SIZE + 8];
    write(kind, number_of(from, "low"), low);
    write(kind, number_of(from, "high"), high);
    const bool known = isfinite(number_of(from, "low")) && isfinite(number_of(from, "high"));
    snprintf(text, sizeof text, known ? "%s to %s" : "\u2013", low, high);
    lido_json_add_string(view, "interval", text);
}

/* Half the width of an interval that lies evenly about its mean. */
static void add_half(lido_json *view, const lido_json *from, const lido_measure_kind *kind) {
    char text[LIDO_VALUE_SIZE];
    const double half = (number_of(from, "high") - number_of(from, "low")) / 2;
    lido_json_add_string(view, "half", isnan(half) ? "" : lido_value_text(kind, half, text));
}

static void add_p(lido_json *view, const char *name, double p) {
    char text[LIDO_VALUE_SIZE];
    lido_json_add_string(view, name, lido_p_text(p, text));
}

static void add_whole(lido_json *view, const char *name, double value) {
    char text[LIDO_VALUE_SIZE];
    lido_json_add_string(view, name, lido_whole_text(value, text));
}

static void add_value(lido_json *view, const char *name, const lido_measure_kind *kind,
                      double value) {
    char text[LIDO_VALUE_SIZE];
    lido_json_add_string(view, name, lido_value_text(kind, value, text));
}

/* The title of a measure, known or not, and its unit after a comma. */
static void add_title(lido_json *view, const char *measure, bool difference) {
    const lido_measure_kind *kind = lido_measure_kind_find(measure);
    const char *unit = !kind ? "" : difference ? kind->difference_unit : kind->unit;
    char text[TEXT_SIZE];
    snprintf(text, sizeof text, "%.128s%s%s", kind ? kind->title : measure, *unit ? ", " : "",
             unit);
    lido_json_add_string(view, "title", text);
}

/* ---- the head of the page ------------------------------------------------------------------- */

static void add_facts(lido_report *report) {
    int arms = 0, runs = 0, least = 0, most = 0;
    char text[TEXT_SIZE], seeds[64];
    for (const lido_json *cell = first_cell(report); cell; cell = lido_json_next(cell)) {
        const int count = lido_json_count(lido_json_get(cell, "runs"));
        if (arms == 0 || count < least) least = count;
        if (count > most) most = count;
        runs += count;
        arms++;
    }
    snprintf(seeds, sizeof seeds, least == most ? "%d" : "%d to %d", least, most);
    snprintf(text, sizeof text, "%d arm%s, %s seed%s each, %d runs", arms, arms == 1 ? "" : "s",
             seeds, most == 1 ? "" : "s", runs);
    lido_json_add_string(report->view, "facts", text);
    lido_json_add_string(report->view, "seeds", seeds);
}

static void add_head(lido_report *report) {
    lido_json *view = report->view;
    const lido_json *results = report->results;
    lido_json_add_string(view, "name", lido_results_text(results, "study/name"));
    lido_json_add_string(view, "claim", lido_results_text(results, "study/claim"));
    lido_json_add_string(view, "profile", lido_results_text(results, "profile"));
    lido_json_add_string(view, "lido", lido_results_text(results, "lido"));
    char day[sizeof "2026-01-31"];
    snprintf(day, sizeof day, "%.10s", lido_results_text(results, "environment/date"));
    lido_json_add_string(view, "date", day);
    lido_json *baseline = lido_json_object();
    add_label(baseline, report, lido_results_text(results, "baseline"));
    lido_json_add_string(view, "baseline_arm", lido_results_text(baseline, "arm"));
    lido_json_free(baseline);
    add_facts(report);
}

/* ---- the arms ------------------------------------------------------------------------------- */

/* Measures beside test accuracy of which there are statistics. */
static lido_json *column_names(const lido_report *report) {
    lido_json *columns = lido_json_array();
    const lido_json *m = lido_json_first(lido_results_at(report->results, "statistics/measures"));
    for (; m; m = lido_json_next(m)) {
        const char *name = lido_results_text(m, "name");
        if (strcmp(name, "test_accuracy") == 0) continue;
        lido_json *column = lido_json_object();
        lido_json_add_string(column, "name", name);
        add_title(column, name, false);
        lido_json_append(columns, column);
    }
    return columns;
}

static void add_cost(lido_json *row, const lido_json *cell) {
    char text[LIDO_VALUE_SIZE];
    const double bytes = lido_results_spread(cell, "measures/activation_bytes").mean;
    const double seconds = lido_results_spread(cell, "measures/seconds_per_epoch").mean;
    add_whole(row, "parameters", lido_results_spread(cell, "measures/parameters").mean);
    add_whole(row, "multiply_adds", lido_results_spread(cell, "measures/multiply_adds").mean);
    const bool known = isfinite(bytes) && fabs(bytes) < 0x1p53;
    lido_json_add_string(row, "memory", known ? lido_text_bytes(llround(bytes), text) : "\u2013");
    if (seconds < 0.1)
        snprintf(text, sizeof text, "%.2g ms", 1000 * seconds);
    else if (isfinite(seconds))
        lido_text_seconds(seconds, text);
    lido_json_add_string(row, "seconds", isfinite(seconds) ? text : "\u2013");
}

static lido_json *arm_row(const lido_report *report, const lido_json *cell,
                          const lido_json *columns) {
    const char *name = lido_results_text(cell, "name");
    const lido_measure_kind *kind = lido_measure_kind_find("test_accuracy");
    const lido_json *mean = lido_results_statistic(report->results, kind->name, "cells", name);
    const lido_spread seen = lido_results_spread(cell, "measures/test_accuracy");
    lido_json *row = lido_json_object(), *levels = lido_json_array(), *values = lido_json_array();
    const lido_json *level = lido_json_first(lido_json_get(cell, "levels"));
    for (; level; level = lido_json_next(level))
        lido_json_append(levels, text_view(lido_results_text(level, "")));
    const lido_json *column = lido_json_first(columns);
    for (; column; column = lido_json_next(column)) {
        const char *measure = lido_results_text(column, "name");
        const lido_measure_kind *shown = lido_measure_kind_find(measure);
        const lido_json *entry = lido_results_statistic(report->results, measure, "cells", name);
        lido_json *value = lido_json_object();
        add_value(value, "text", shown, number_of(entry, "mean"));
        add_half(value, entry, shown);
        lido_json_append(values, value);
    }
    add_label(row, report, name);
    lido_json_add(row, "levels", levels);
    lido_json_add_bool(row, "baseline",
                       strcmp(name, lido_results_text(report->results, "baseline")) == 0);
    add_whole(row, "n", seen.n);
    add_value(row, "mean", kind, seen.mean);
    add_interval(row, mean, kind, lido_value_text);
    lido_json_add(row, "values", values);
    add_cost(row, cell);
    return row;
}

static void add_arms(lido_report *report) {
    lido_json *factors = lido_json_array(), *rows = lido_json_array();
    lido_json *columns = column_names(report);
    const lido_json *factor = lido_json_first(lido_json_get(report->results, "factors"));
    for (; factor; factor = lido_json_next(factor))
        lido_json_append(factors, text_view(lido_results_text(factor, "name")));
    for (const lido_json *cell = first_cell(report); cell; cell = lido_json_next(cell))
        lido_json_append(rows, arm_row(report, cell, columns));
    lido_json_add(report->view, "factors", factors);
    lido_json_add(report->view, "columns", columns);
    lido_json_add(report->view, "arms", rows);
}

/* ---- differences and tests ------------------------------------------------------------------ */

static lido_json *difference_row(const lido_report *report, const lido_json *entry,
                                 const lido_measure_kind *kind) {
    char text[LIDO_VALUE_SIZE];
    const bool decided = lido_json_bool(lido_json_get(entry, "decided"));
    const double needed = number_of(entry, "seeds_needed");
    lido_json *row = lido_json_object();
    add_label(row, report, lido_results_text(entry, "cell"));
    add_whole(row, "n", number_of(entry, "n"));
    lido_json_add_string(row, "mean", lido_difference_text(kind, number_of(entry, "mean"), text));
    add_interval(row, entry, kind, lido_difference_text);
    add_p(row, "p", number_of(entry, "p_t"));
    add_p(row, "holm", number_of(entry, "p_t_holm"));
    add_p(row, "sign_flip", number_of(entry, "p_sign_flip"));
    add_p(row, "sign_flip_holm", number_of(entry, "p_sign_flip_holm"));
    add_p(row, "least", number_of(entry, "p_sign_flip_least"));
    const double effect = number_of(entry, "effect_size");
    lido_value_text(NULL, round(effect * 100) / 100, text);
    lido_json_add_string(row, "effect", text);
    lido_json_add_bool(row, "decided", decided);
    add_whole(row, "needed", decided ? NAN : needed);
    return row;
}

static void add_differences(lido_report *report) {
    lido_json *groups = lido_json_array();
    const lido_json *m = lido_json_first(lido_results_at(report->results, "statistics/measures"));
    for (; m; m = lido_json_next(m)) {
        const char *name = lido_results_text(m, "name");
        const lido_json *entry = lido_json_first(lido_json_get(m, "differences"));
        if (!entry) continue;
        lido_json *group = lido_json_object(), *rows = lido_json_array();
        add_title(group, name, true);
        lido_json_add_bool(group, "open", lido_json_first(groups) == NULL);
        for (; entry; entry = lido_json_next(entry))
            lido_json_append(rows, difference_row(report, entry, lido_measure_kind_find(name)));
        lido_json_add(group, "rows", rows);
        lido_json_append(groups, group);
    }
    lido_json_add(report->view, "differences", groups);
}

static lido_json *effect_row(const lido_json *from) {
    char text[LIDO_VALUE_SIZE];
    lido_json *row = lido_json_object();
    lido_json_add_string(row, "factors", lido_results_text(from, "factors"));
    lido_json_add_string(row, "f", lido_value_text(NULL, number_of(from, "f"), text));
    snprintf(text, sizeof text, "%.4g, %.4g", number_of(from, "df"), number_of(from, "df_error"));
    lido_json_add_string(row, "df", text);
    add_p(row, "p", number_of(from, "p"));
    add_p(row, "holm", number_of(from, "p_holm"));
    lido_value_text(NULL, round(number_of(from, "eta_squared") * 1000) / 1000, text);
    lido_json_add_string(row, "eta", text);
    return row;
}

/* By measure, in the order of the table. */
static void add_effects(lido_report *report) {
    lido_json *groups = lido_json_array(), *rows = NULL;
    const char *measure = "";
    const lido_json *first = lido_results_at(report->results, "statistics/measures/0");
    const lido_json *from = lido_json_first(lido_json_get(report->tables, "effects"));
    for (; from; from = lido_json_next(from)) {
        if (strcmp(measure, lido_results_text(from, "measure")) != 0) {
            measure = lido_results_text(from, "measure");
            lido_json *group = lido_json_object();
            rows = lido_json_array();
            add_title(group, measure, false);
            lido_json_add_bool(group, "open", lido_json_first(groups) == NULL);
            lido_json_add(group, "rows", rows);
            lido_json_append(groups, group);
        }
        lido_json_append(rows, effect_row(from));
    }
    lido_json_add(report->view, "effects", groups);
    lido_json_add_string(report->view, "effects_left_out",
                         lido_results_text(first, "effects_left_out"));
}

static void add_mcnemar(lido_report *report) {
    lido_json *rows = lido_json_array();
    const lido_json *from = lido_json_first(lido_json_get(report->tables, "mcnemar"));
    for (; from; from = lido_json_next(from)) {
        lido_json *row = lido_json_object();
        add_label(row, report, lido_results_text(from, "arm"));
        add_whole(row, "seed", number_of(from, "seed"));
        add_whole(row, "baseline_right", number_of(from, "only_baseline_right"));
        add_whole(row, "arm_right", number_of(from, "only_cell_right"));
        add_p(row, "p", number_of(from, "p"));
        lido_json_append(rows, row);
    }
    lido_json_add(report->view, "mcnemar", rows);
}

static void add_epochs_to(lido_report *report) {
    lido_json *rows = lido_json_array();
    const lido_measure_kind *kind = lido_measure_kind_find("test_accuracy");
    const lido_json *from = lido_json_first(lido_json_get(report->tables, "epochs_to"));
    for (; from; from = lido_json_next(from)) {
        char text[LIDO_VALUE_SIZE];
        const double n = number_of(from, "n"), runs = number_of(from, "runs");
        lido_json *row = lido_json_object();
        add_label(row, report, lido_results_text(from, "arm"));
        add_value(row, "accuracy", kind, number_of(from, "accuracy"));
        lido_value_text(NULL, number_of(from, "mean"), text);
        lido_json_add_string(row, "epochs", text);
        snprintf(text, sizeof text, "%.0f of %.0f", n, runs);
        lido_json_add_string(row, "reached", text);
        lido_json_append(rows, row);
    }
    lido_json_add(report->view, "epochs_to", rows);
}

/* ---- what pooling does ---------------------------------------------------------------------- */

static const struct {
    const char *name, *title;
    lido_measure_kind kind; /* its factor and decimals alone are looked at */
} quantities[] = {
    {"input_mean", "mean of input", {.factor = 1, .decimals = 3}},
    {"input_zeros", "zeros, %", {.factor = 100, .decimals = 1}},
    {"reached", "reached, %", {.factor = 100, .decimals = 1}},
    {"tied", "tied, %", {.factor = 100, .decimals = 1}},
    {"empty", "empty, %", {.factor = 100, .decimals = 1}},
    {"entropy_bits", "entropy, bits", {.factor = 1, .decimals = 3}},
    {"evenness", "evenness", {.factor = 1, .decimals = 3}},
};

enum { QUANTITIES = sizeof quantities / sizeof *quantities };

/* The row of the table for this arm, layer and quantity; NULL. */
static const lido_json *find_quantity(const lido_json *table, const char *arm, const char *layer,
                                      const char *quantity) {
    const lido_json *row = lido_json_first(table);
    for (; row; row = lido_json_next(row))
        if (strcmp(lido_results_text(row, "arm"), arm) == 0 &&
            strcmp(lido_results_text(row, "layer"), layer) == 0 &&
            strcmp(lido_results_text(row, "quantity"), quantity) == 0)
            break;
    return row;
}

static lido_json *layer_row(const lido_report *report, const char *arm, const char *layer) {
    const lido_json *table = lido_json_get(report->tables, "pooling");
    lido_json *row = lido_json_object(), *values = lido_json_array();
    for (int q = 0; q < QUANTITIES; q++) {
        char text[LIDO_VALUE_SIZE];
        const lido_json *found = find_quantity(table, arm, layer, quantities[q].name);
        lido_value_text(&quantities[q].kind, number_of(found, "mean"), text);
        lido_json_append(values, text_view(text));
    }
    add_label(row, report, arm);
    lido_json_add_string(row, "layer", layer);
    lido_json_add(row, "values", values);
    return row;
}

static void add_pooling(lido_report *report) {
    lido_json *columns = lido_json_array(), *rows = lido_json_array();
    const char *arm = "", *layer = "";
    for (int q = 0; q < QUANTITIES; q++) lido_json_append(columns, text_view(quantities[q].title));
    const lido_json *from = lido_json_first(lido_json_get(report->tables, "pooling"));
    for (; from; from = lido_json_next(from)) {
        const bool same = strcmp(arm, lido_results_text(from, "arm")) == 0 &&
                          strcmp(layer, lido_results_text(from, "layer")) == 0;
        arm = lido_results_text(from, "arm");
        layer = lido_results_text(from, "layer");
        if (!same) lido_json_append(rows, layer_row(report, arm, layer));
    }
    lido_json_add(report->view, "pooling_columns", columns);
    lido_json_add(report->view, "pooling", rows);
}

/* ---- confusion ------------------------------------------------------------------------------ */

/* One place: how many, and how strongly it is shaded, by its share of the row's mistakes. */
static lido_json *place_view(double rows, double mistakes, bool right) {
    char text[LIDO_VALUE_SIZE];
    lido_json *view = lido_json_object();
    const double share = mistakes > 0 ? sqrt(rows / mistakes) : 0;
    lido_json_add_string(view, "text", rows > 0 ? lido_whole_text(rows, text) : "\u00b7");
    snprintf(text, sizeof text, right ? "right" : "s%d", (int)ceil(share * SHADES));
    lido_json_add_string(view, "shade", text);
    return view;
}

/* The most that any class of any arm is taken for another one. */
static double most_mistakes(const lido_json *table) {
    double most = 0;
    for (const lido_json *row = lido_json_first(table); row; row = lido_json_next(row))
        if (number_of(row, "class") != number_of(row, "taken_for"))
            most = fmax(most, number_of(row, "rows"));
    return most;
}

static lido_json *matrix_view(const lido_report *report, const lido_json **row, double most) {
    const char *arm = lido_results_text(*row, "arm");
    lido_json *view = lido_json_object(), *lines = lido_json_array(), *titles = lido_json_array();
    add_label(view, report, arm);
    while (*row && strcmp(lido_results_text(*row, "arm"), arm) == 0) {
        char text[LIDO_VALUE_SIZE];
        const double class = number_of(*row, "class");
        lido_json *line = lido_json_object(), *places = lido_json_array();
        add_whole(line, "class", class);
        lido_json_append(titles, text_view(lido_whole_text(class, text)));
        for (; *row && number_of(*row, "class") == class; *row = lido_json_next(*row)) {
            if (strcmp(lido_results_text(*row, "arm"), arm) != 0) break;
            const bool right = number_of(*row, "taken_for") == class;
            lido_json_append(places, place_view(number_of(*row, "rows"), most, right));
        }
        lido_json_add(line, "places", places);
        lido_json_append(lines, line);
    }
    lido_json_add(view, "titles", titles);
    lido_json_add(view, "lines", lines);
    return view;
}

static void add_confusion(lido_report *report) {
    const lido_json *table = lido_json_get(report->tables, "confusion");
    const double most = most_mistakes(table);
    double classes = 0;
    lido_json *matrices = lido_json_array();
    for (const lido_json *row = lido_json_first(table); row; row = lido_json_next(row))
        classes = fmax(classes, number_of(row, "taken_for") + 1);
    const lido_json *row = classes <= MOST_CLASSES ? lido_json_first(table) : NULL;
    while (row) lido_json_append(matrices, matrix_view(report, &row, most));
    if (classes > MOST_CLASSES)
        lido_report_note(report, "Confusion matrices of %.0f classes are in confusion.csv only.",
                         classes);
    lido_json_add(report->view, "confusion", matrices);
}

/* ---- the end of the page -------------------------------------------------------------------- */

static void add_environment(lido_report *report) {
    lido_json *rows = lido_json_array();
    const lido_json *m = lido_json_first(lido_json_get(report->results, "environment"));
    for (; m; m = lido_json_next(m)) {
        const char *string = lido_json_string(m);
        const double number = lido_json_number(m);
        char text[LIDO_VALUE_SIZE];
        if (!string && isnan(number)) continue;
        snprintf(text, sizeof text, "%.15g", number);
        lido_json *row = lido_json_object();
        lido_json_add_string(row, "key", lido_json_key(m));
        lido_json_add_string(row, "value", string ? string : text);
        lido_json_append(rows, row);
    }
    lido_json_add(report->view, "environment", rows);
}

static void add_study(lido_report *report) {
    char *text = lido_json_print(lido_json_get(report->results, "study"), true);
    lido_json_add(report->view, "study", text ? lido_json_from_string(text) : NULL);
    free(text);
}

void lido_report_view(lido_report *report) {
    add_head(report);
    add_arms(report);
    add_differences(report);
    add_effects(report);
    add_mcnemar(report);
    add_epochs_to(report);
    add_pooling(report);
    add_confusion(report);
    add_environment(report);
    add_study(report);
}
