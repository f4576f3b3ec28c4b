/* report_tables.c - what every figure shows, as tables of plain numbers. */
#include "study/report_tables.h"

#include "study/escape.h"
#include "study/report_results.h"

#include <stdio.h>
#include <math.h>
#include <string.h>

enum { PATH_SIZE = 256 };

/* ---- rows ----------------------------------------------------------------------------------- */

static const lido_json *first_cell(const lido_json *results) {
    return lido_json_first(lido_json_get(results, "cells"));
}

static lido_json *row_of(const lido_json *cell) {
    lido_json *row = lido_json_object();
    lido_json_add_string(row, "arm", lido_results_text(cell, "name"));
    return row;
}

void lido_report_add_spread(lido_json *row, const lido_json *cell, const char *path) {
    const lido_spread spread = lido_results_spread(cell, path);
    lido_json_add_number(row, "n", spread.n);
    lido_json_add_number(row, "mean", spread.mean);
    lido_json_add_number(row, "least", spread.least);
    lido_json_add_number(row, "most", spread.most);
}

/* The longest array at `path` in any run of the cell: its length, and itself in *longest. */
static int longest_at(const lido_json *cell, const char *path, const lido_json **longest) {
    int most = 0;
    *longest = NULL;
    const lido_json *run = lido_json_first(lido_json_get(cell, "runs"));
    for (; run; run = lido_json_next(run)) {
        const lido_json *array = lido_results_at(run, path);
        if (lido_json_kind_of(array) != LIDO_JSON_ARRAY || lido_json_count(array) <= most) continue;
        most = lido_json_count(array);
        *longest = array;
    }
    return most;
}

/* ---- of the runs ---------------------------------------------------------------------------- */

/* Every single number that some run was measured to have, once each. */
static lido_json *measure_names(const lido_json *results) {
    lido_json *names = lido_json_object();
    for (const lido_json *cell = first_cell(results); cell; cell = lido_json_next(cell)) {
        const lido_json *run = lido_json_first(lido_json_get(cell, "runs"));
        for (; run; run = lido_json_next(run)) {
            const lido_json *m = lido_json_first(lido_json_get(run, "measures"));
            for (; m; m = lido_json_next(m))
                if (lido_json_kind_of(m) == LIDO_JSON_NUMBER &&
                    !lido_json_get(names, lido_json_key(m)))
                    lido_json_add_bool(names, lido_json_key(m), true);
        }
    }
    return names;
}

static lido_json *seed_row(const lido_json *results, const lido_json *cell, const lido_json *run,
                           const lido_json *names) {
    lido_json *row = row_of(cell);
    const lido_json *factor = lido_json_first(lido_json_get(results, "factors"));
    const lido_json *level = lido_json_first(lido_json_get(cell, "levels"));
    for (; factor && level; factor = lido_json_next(factor), level = lido_json_next(level)) {
        char key[LIDO_TEXT_SIZE + 8];
        snprintf(key, sizeof key, "factor.%.*s", LIDO_TEXT_SIZE, lido_results_text(factor, "name"));
        lido_json_add_string(row, key, lido_results_text(level, ""));
    }
    lido_json_add_number(row, "seed", lido_json_number(lido_json_get(run, "seed")));
    for (const lido_json *name = lido_json_first(names); name; name = lido_json_next(name)) {
        const lido_json *measures = lido_json_get(run, "measures");
        const char *key = lido_json_key(name);
        lido_json_add_number(row, key, lido_json_number(lido_json_get(measures, key)));
    }
    return row;
}

static void add_seeds(const lido_json *results, lido_json *table) {
    lido_json *names = measure_names(results);
    for (const lido_json *cell = first_cell(results); cell; cell = lido_json_next(cell)) {
        const lido_json *run = lido_json_first(lido_json_get(cell, "runs"));
        for (; run; run = lido_json_next(run))
            lido_json_append(table, seed_row(results, cell, run, names));
    }
    lido_json_free(names);
}

static void add_curves(const lido_json *results, lido_json *table) {
    static const char *const names[] = {"train_loss", "train_accuracy", "test_loss",
                                        "test_accuracy"};
    const lido_json *longest;
    for (const lido_json *cell = first_cell(results); cell; cell = lido_json_next(cell)) {
        const int epochs = longest_at(cell, "history", &longest);
        for (int i = 0; i < 4 * epochs; i++) {
            char path[PATH_SIZE];
            snprintf(path, sizeof path, "history/%d/%s", i % epochs, names[i / epochs]);
            if (lido_results_spread(cell, path).n == 0) continue;
            lido_json *row = row_of(cell);
            lido_json_add_string(row, "measure", names[i / epochs]);
            lido_json_add_number(row, "epoch", i % epochs + 1);
            lido_report_add_spread(row, cell, path);
            lido_json_append(table, row);
        }
    }
}

/* One fill: accuracy and consistency by the number of pixels. */
static void add_fill(const lido_json *cell, int index, const lido_json *fill, lido_json *table) {
    static const char *const names[] = {"accuracy", "consistency"};
    for (int m = 0; m < 2; m++) {
        const int shifts = lido_json_count(lido_json_get(fill, names[m]));
        for (int d = 0; d < shifts; d++) {
            char path[PATH_SIZE];
            snprintf(path, sizeof path, "measures/shift/%d/%s/%d", index, names[m], d);
            lido_json *row = row_of(cell);
            lido_json_add_string(row, "fill", lido_results_text(fill, "fill"));
            lido_json_add_string(row, "measure", names[m]);
            lido_json_add_number(row, "pixels", d);
            lido_report_add_spread(row, cell, path);
            lido_json_append(table, row);
        }
    }
}

static void add_shift(const lido_json *results, lido_json *table) {
    const lido_json *fills;
    for (const lido_json *cell = first_cell(results); cell; cell = lido_json_next(cell)) {
        const int count = longest_at(cell, "measures/shift", &fills);
        for (int i = 0; i < count; i++) {
            char index[16];
            snprintf(index, sizeof index, "%d", i);
            add_fill(cell, i, lido_results_at(fills, index), table);
        }
    }
}

static void add_robustness(const lido_json *results, lido_json *table) {
    static const char *const kinds[] = {"rotation", "scale", "noise", "blur", NULL};
    const lido_json *amounts;
    for (const lido_json *cell = first_cell(results); cell; cell = lido_json_next(cell))
        for (const char *const *kind = kinds; *kind; kind++) {
            char path[PATH_SIZE];
            snprintf(path, sizeof path, "measures/%s", *kind);
            longest_at(cell, path, &amounts);
            const lido_json *amount = lido_json_first(amounts);
            for (int i = 0; amount; amount = lido_json_next(amount), i++) {
                snprintf(path, sizeof path, "measures/%s/%d/accuracy", *kind, i);
                lido_json *row = row_of(cell);
                lido_json_add_string(row, "kind", *kind);
                lido_json_add_number(row, "amount",
                                     lido_json_number(lido_json_get(amount, "amount")));
                lido_report_add_spread(row, cell, path);
                lido_json_append(table, row);
            }
        }
}

static void add_cost(const lido_json *results, lido_json *table) {
    static const char *const names[] = {"parameters", "multiply_adds", "activation_bytes",
                                        "seconds_per_epoch"};
    for (const lido_json *cell = first_cell(results); cell; cell = lido_json_next(cell)) {
        lido_json *row = row_of(cell);
        for (int i = 0; i < 4; i++) {
            char path[PATH_SIZE];
            snprintf(path, sizeof path, "measures/%s", names[i]);
            lido_json_add_number(row, names[i], lido_results_spread(cell, path).mean);
        }
        lido_json_append(table, row);
    }
}

static void add_epochs_to(const lido_json *results, lido_json *table) {
    const lido_json *goals;
    for (const lido_json *cell = first_cell(results); cell; cell = lido_json_next(cell)) {
        longest_at(cell, "measures/epochs_to", &goals);
        const lido_json *goal = lido_json_first(goals);
        for (int i = 0; goal; goal = lido_json_next(goal), i++) {
            char path[PATH_SIZE];
            snprintf(path, sizeof path, "measures/epochs_to/%d/epochs", i);
            lido_json *row = row_of(cell);
            lido_json_add_number(row, "accuracy",
                                 lido_json_number(lido_json_get(goal, "accuracy")));
            lido_json_add_number(row, "runs", lido_json_count(lido_json_get(cell, "runs")));
            lido_report_add_spread(row, cell, path);
            lido_json_append(table, row);
        }
    }
}

static void add_confusion(const lido_json *results, lido_json *table) {
    const lido_json *matrix;
    for (const lido_json *cell = first_cell(results); cell; cell = lido_json_next(cell)) {
        const int classes = longest_at(cell, "measures/confusion", &matrix);
        const int columns = lido_json_count(lido_json_first(matrix));
        for (int i = 0; i < classes; i++)
            for (int j = 0; j < columns; j++) {
                char path[PATH_SIZE];
                snprintf(path, sizeof path, "measures/confusion/%d/%d", i, j);
                const lido_spread spread = lido_results_spread(cell, path);
                lido_json *row = row_of(cell);
                lido_json_add_number(row, "class", i);
                lido_json_add_number(row, "taken_for", j);
                lido_json_add_number(row, "rows", spread.n ? spread.mean * spread.n : 0);
                lido_json_append(table, row);
            }
    }
}

/* Every number that `lido eval --pooling` tells of each pooling layer. */
static void add_pooling(const lido_json *results, lido_json *table) {
    const lido_json *layers;
    for (const lido_json *cell = first_cell(results); cell; cell = lido_json_next(cell)) {
        longest_at(cell, "measures/pooling", &layers);
        const lido_json *layer = lido_json_first(layers);
        for (int i = 0; layer; layer = lido_json_next(layer), i++) {
            const char *name = lido_results_text(layer, "name");
            for (const lido_json *m = lido_json_first(layer); m; m = lido_json_next(m)) {
                char path[PATH_SIZE];
                snprintf(path, sizeof path, "measures/pooling/%d/%s", i, lido_json_key(m));
                if (lido_results_spread(cell, path).n == 0) continue;
                lido_json *row = row_of(cell);
                lido_json_add_string(row, "layer",
                                     *name ? name : lido_results_text(layer, "layer"));
                lido_json_add_string(row, "quantity", lido_json_key(m));
                lido_report_add_spread(row, cell, path);
                lido_json_append(table, row);
            }
        }
    }
}

/* ---- of the factors ------------------------------------------------------------------------- */

/* A cell's levels but for one factor's: "gap · small". */
static void other_levels(const lido_json *cell, int factor, char text[LIDO_LABEL_SIZE]) {
    size_t used = 0;
    text[0] = '\0';
    const lido_json *level = lido_json_first(lido_json_get(cell, "levels"));
    for (int i = 0; level && used < LIDO_LABEL_SIZE; level = lido_json_next(level), i++)
        if (i != factor)
            used += (size_t)snprintf(text + used, LIDO_LABEL_SIZE - used, "%s%s",
                                     used ? " \u00b7 " : "", lido_results_text(level, ""));
}

static void add_levels(const lido_json *results, lido_json *table) {
    const lido_json *factor = lido_json_first(lido_json_get(results, "factors"));
    for (int f = 0; factor; factor = lido_json_next(factor), f++)
        for (const lido_json *cell = first_cell(results); cell; cell = lido_json_next(cell)) {
            char index[32], other[LIDO_LABEL_SIZE];
            snprintf(index, sizeof index, "levels/%d", f);
            other_levels(cell, f, other);
            lido_json *row = lido_json_object();
            lido_json_add_string(row, "factor", lido_results_text(factor, "name"));
            lido_json_add_string(row, "level", lido_results_text(cell, index));
            lido_json_add_string(row, "other", other);
            lido_report_add_spread(row, cell, "measures/test_accuracy");
            lido_json_append(table, row);
        }
}

/* ---- of the statistics ---------------------------------------------------------------------- */

/* row += members of `from` by name; one that is not there is null. */
static void add_members(lido_json *row, const lido_json *from, const char *const *names) {
    for (; *names; names++) {
        const lido_json *found = lido_json_get(from, *names);
        lido_json_add(row, *names, found ? lido_json_copy(found) : lido_json_from_number(NAN));
    }
}

static void add_statistics(const lido_json *results, const char *part, const char *const *names,
                           lido_json *table) {
    const lido_json *measure = lido_json_first(lido_results_at(results, "statistics/measures"));
    for (; measure; measure = lido_json_next(measure)) {
        const lido_json *entry = lido_json_first(lido_json_get(measure, part));
        for (; entry; entry = lido_json_next(entry)) {
            lido_json *row = lido_json_object();
            lido_json_add_string(row, "measure", lido_results_text(measure, "name"));
            lido_json_add_string(row, "arm", lido_results_text(entry, "cell"));
            add_members(row, entry, names);
            lido_json_append(table, row);
        }
    }
}

static void add_means(const lido_json *results, lido_json *table) {
    static const char *const names[] = {"n", "mean", "sd", "low", "high", NULL};
    add_statistics(results, "cells", names, table);
}

static void add_differences(const lido_json *results, lido_json *table) {
    static const char *const names[] = {"n",
                                        "mean",
                                        "low",
                                        "high",
                                        "t",
                                        "p_t",
                                        "p_t_holm",
                                        "p_sign_flip",
                                        "p_sign_flip_least",
                                        "p_sign_flip_holm",
                                        "effect_size",
                                        "decided",
                                        "seeds_needed",
                                        NULL};
    add_statistics(results, "differences", names, table);
}

static void add_effects(const lido_json *results, lido_json *table) {
    static const char *const names[] = {"f", "df", "df_error", "p", "p_holm", "eta_squared", NULL};
    const lido_json *measure = lido_json_first(lido_results_at(results, "statistics/measures"));
    for (; measure; measure = lido_json_next(measure)) {
        const lido_json *effect = lido_json_first(lido_json_get(measure, "effects"));
        for (; effect; effect = lido_json_next(effect)) {
            char text[LIDO_LABEL_SIZE] = "";
            size_t used = 0;
            const lido_json *factor = lido_json_first(lido_json_get(effect, "factors"));
            for (; factor && used < sizeof text; factor = lido_json_next(factor))
                used += (size_t)snprintf(text + used, sizeof text - used, "%s%s",
                                         used ? " \u00d7 " : "", lido_results_text(factor, ""));
            lido_json *row = lido_json_object();
            lido_json_add_string(row, "measure", lido_results_text(measure, "name"));
            lido_json_add_string(row, "factors", text);
            add_members(row, effect, names);
            lido_json_append(table, row);
        }
    }
}

static void add_mcnemar(const lido_json *results, lido_json *table) {
    static const char *const names[] = {"seed", "only_baseline_right", "only_cell_right", "p",
                                        NULL};
    const lido_json *test = lido_json_first(lido_results_at(results, "statistics/mcnemar"));
    for (; test; test = lido_json_next(test)) {
        lido_json *row = lido_json_object();
        lido_json_add_string(row, "arm", lido_results_text(test, "cell"));
        add_members(row, test, names);
        lido_json_append(table, row);
    }
}

/* ---- all ------------------------------------------------------------------------------------ */

lido_json *lido_report_tables(const lido_json *results) {
    static const struct {
        const char *name;
        void (*fill)(const lido_json *results, lido_json *table);
    } makers[] = {
        {"seeds", add_seeds},     {"means", add_means},         {"differences", add_differences},
        {"effects", add_effects}, {"mcnemar", add_mcnemar},     {"levels", add_levels},
        {"curves", add_curves},   {"shift", add_shift},         {"robustness", add_robustness},
        {"cost", add_cost},       {"epochs_to", add_epochs_to}, {"confusion", add_confusion},
        {"pooling", add_pooling},
    };
    lido_json *tables = lido_json_object();
    for (size_t i = 0; i < sizeof makers / sizeof *makers; i++) {
        lido_json *table = lido_json_array();
        makers[i].fill(results, table);
        if (lido_json_first(table))
            lido_json_add(tables, makers[i].name, table);
        else
            lido_json_free(table);
    }
    return tables;
}

/* ---- CSV ------------------------------------------------------------------------------------ */

static void write_field(const lido_json *value, FILE *out) {
    const lido_json_kind kind = lido_json_kind_of(value);
    if (kind == LIDO_JSON_STRING)
        lido_escape_csv(lido_json_string(value), out);
    else if (kind == LIDO_JSON_BOOL)
        fputs(lido_json_bool(value) ? "true" : "false", out);
    else if (kind == LIDO_JSON_NUMBER)
        fprintf(out, "%.15g", lido_json_number(value));
}

void lido_report_csv(const lido_json *table, FILE *out) {
    for (const lido_json *m = lido_json_first(lido_json_first(table)); m; m = lido_json_next(m)) {
        lido_escape_csv(lido_json_key(m), out);
        fputc(lido_json_next(m) ? ',' : '\n', out);
    }
    for (const lido_json *row = lido_json_first(table); row; row = lido_json_next(row))
        for (const lido_json *m = lido_json_first(row); m; m = lido_json_next(m)) {
            write_field(m, out);
            fputc(lido_json_next(m) ? ',' : '\n', out);
        }
}
