/* report_answers.c - the test pictures on which the arms of a study disagree. */
#include "study/report_answers.h"

#include "base/quantity.h"
#include "study/data_uri.h"
#include "study/report_results.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 18 };

/* The answers of one arm's runs. */
typedef struct arm {
    const lido_json *cell;
    int runs;
    lido_npy *run; /* run[runs], of which each has a class for each picture */
} arm;

/* What an arm says of one picture. */
typedef struct answer {
    int32_t class;
    int votes; /* runs that say so */
    int right; /* runs that say what it is */
} answer;

typedef struct candidate {
    int64_t picture;
    double spread;
} candidate;

typedef struct answers {
    lido_report *report;
    const lido_dataset *test;
    int arms;
    arm *arm;
    answer *answer; /* answer[arms], of the picture at hand */
} answers;

/* ---- reading -------------------------------------------------------------------------------- */

static lido_status read_run(const answers *of, const lido_json *run, lido_npy *predictions,
                            lido_error *error) {
    char folder[LIDO_PATH_SIZE], path[LIDO_PATH_SIZE];
    const char *inner = lido_results_text(run, "folder");
    lido_status status = lido_path_join(of->report->folder, inner, folder, sizeof folder, error);
    if (!status) status = lido_path_join(folder, "predictions.npy", path, sizeof path, error);
    if (!status) status = lido_npy_read(path, predictions, error);
    if (status) return status;
    if (predictions->type == LIDO_NPY_I32 && predictions->count == of->test->count) return LIDO_OK;
    return lido_fail(error, LIDO_MISMATCH,
                     "%s: %" PRId64 " answers, allowed: one int32 for each of the %" PRId64
                     " test pictures",
                     path, predictions->count, of->test->count);
}

static lido_status read_arm(const answers *of, const lido_json *cell, arm *made,
                            lido_error *error) {
    const lido_json *runs = lido_json_get(cell, "runs"), *run = lido_json_first(runs);
    made->cell = cell;
    made->run = calloc((size_t)lido_json_count(runs) + 1, sizeof *made->run);
    if (!made->run) return lido_fail(error, LIDO_MEMORY, "out of memory for predictions");
    for (; run; run = lido_json_next(run)) {
        lido_status status = read_run(of, run, &made->run[made->runs++], error);
        if (status) return status;
    }
    return LIDO_OK;
}

static lido_status read_arms(answers *of, lido_error *error) {
    const lido_json *cells = lido_json_get(of->report->results, "cells");
    const size_t count = (size_t)lido_json_count(cells);
    of->arm = calloc(count, sizeof *of->arm);
    of->answer = calloc(count, sizeof *of->answer);
    if (!of->arm || !of->answer) return lido_fail(error, LIDO_MEMORY, "out of memory for arms");
    const lido_json *cell = lido_json_first(cells);
    for (; cell; cell = lido_json_next(cell)) {
        lido_status status = read_arm(of, cell, &of->arm[of->arms++], error);
        if (status) return status;
    }
    return LIDO_OK;
}

static void free_arms(answers *of) {
    for (int i = 0; i < of->arms; i++) {
        for (int r = 0; r < of->arm[i].runs; r++) lido_npy_free(&of->arm[i].run[r]);
        free(of->arm[i].run);
    }
    free(of->arm);
    free(of->answer);
}

/* ---- comparing ------------------------------------------------------------------------------ */

static int32_t said(const arm *of, int run, int64_t picture) {
    return ((const int32_t *)of->run[run].data)[picture];
}

static answer answer_of(const arm *of, int64_t picture, int32_t label) {
    answer best = {-1, 0, 0};
    for (int r = 0; r < of->runs; r++) {
        const int32_t class = said(of, r, picture);
        int votes = 0;
        for (int other = 0; other < of->runs; other++) votes += said(of, other, picture) == class;
        if (votes > best.votes || (votes == best.votes && class < best.class)) {
            best.class = class;
            best.votes = votes;
        }
        best.right += class == label;
    }
    return best;
}

/* Fills of->answer. True when the arms' answers differ. */
static bool compare(const answers *of, int64_t picture, double *spread) {
    bool differ = false;
    double least = 1, most = 0;
    for (int i = 0; i < of->arms; i++) {
        const answer a = answer_of(&of->arm[i], picture, of->test->labels[picture]);
        const double share = of->arm[i].runs ? (double)a.right / of->arm[i].runs : 0;
        if (share < least) least = share;
        if (share > most) most = share;
        of->answer[i] = a;
        differ = differ || a.class != of->answer[0].class;
    }
    *spread = most - least;
    return differ;
}

/* Larger spreads first, then earlier pictures. */
static int by_spread(const void *left, const void *right) {
    const candidate *a = left, *b = right;
    if (a->spread != b->spread) return a->spread < b->spread ? 1 : -1;
    return a->picture > b->picture ? 1 : -1;
}

/* ---- telling -------------------------------------------------------------------------------- */

static void add_rows(const answers *of, int64_t picture, lido_json *table) {
    for (int i = 0; i < of->arms; i++) {
        lido_json *row = lido_json_object();
        lido_json_add_number(row, "picture", (double)picture);
        lido_json_add_number(row, "class", of->test->labels[picture]);
        lido_json_add_string(row, "arm", lido_results_text(of->arm[i].cell, "name"));
        lido_json_add_number(row, "answer", of->answer[i].class);
        lido_json_add_number(row, "votes", of->answer[i].votes);
        lido_json_add_number(row, "right", of->answer[i].right);
        lido_json_add_number(row, "runs", of->arm[i].runs);
        lido_json_append(table, row);
    }
}

/* "max · fc (2 of 3)": how many of its runs say so, unless all do. */
static lido_json *arm_text(const arm *of, const answer *a) {
    char label[LIDO_LABEL_SIZE], text[LIDO_LABEL_SIZE + 32];
    lido_results_label(of->cell, label);
    if (a->votes == of->runs)
        snprintf(text, sizeof text, "%s", label);
    else
        snprintf(text, sizeof text, "%s (%d of %d)", label, a->votes, of->runs);
    return lido_json_from_string(text);
}

/* The arms that give one answer. */
static lido_json *group_view(const answers *of, int first, int32_t label) {
    char text[32];
    lido_json *group = lido_json_object(), *arms = lido_json_array();
    snprintf(text, sizeof text, "%" PRId32, of->answer[first].class);
    lido_json_add_string(group, "class", text);
    lido_json_add_bool(group, "right", of->answer[first].class == label);
    for (int i = first; i < of->arms; i++)
        if (of->answer[i].class == of->answer[first].class)
            lido_json_append(arms, arm_text(&of->arm[i], &of->answer[i]));
    lido_json_add(group, "arms", arms);
    return group;
}

static lido_json *groups_view(const answers *of, int32_t label) {
    lido_json *groups = lido_json_array();
    for (int i = 0; i < of->arms; i++) {
        int before = 0;
        while (of->answer[before].class != of->answer[i].class) before++;
        if (before == i) lido_json_append(groups, group_view(of, i, label));
    }
    return groups;
}

static lido_status add_picture(const answers *of, int64_t picture, lido_json *shown,
                               lido_error *error) {
    double spread;
    char number[32], label[32], *uri;
    const int64_t size = lido_shape_size(&of->test->shape);
    lido_status status =
        lido_data_uri(&of->test->shape, of->test->pixels + picture * size, &uri, error);
    if (status) return status;
    compare(of, picture, &spread);
    snprintf(number, sizeof number, "%" PRId64, picture);
    snprintf(label, sizeof label, "%" PRId32, of->test->labels[picture]);
    lido_json *view = lido_json_object();
    lido_json_add_string(view, "number", number);
    lido_json_add_string(view, "label", label);
    lido_json_add_string(view, "image", uri);
    lido_json_add(view, "groups", groups_view(of, of->test->labels[picture]));
    lido_json_append(shown, view);
    free(uri);
    return LIDO_OK;
}

static lido_status show(const answers *of, candidate *found, int64_t differing, lido_error *error) {
    lido_json *shown = lido_json_array();
    lido_status status = LIDO_OK;
    for (int64_t i = 0; i < differing && i < SHOWN && !status; i++)
        status = add_picture(of, found[i].picture, shown, error);
    char text[160], some[LIDO_NUMBER_SIZE], all[LIDO_NUMBER_SIZE];
    snprintf(text, sizeof text, "On %s of %s test pictures the arms' answers differ.",
             lido_text_count(differing, some), lido_text_count(of->test->count, all));
    lido_json *view = lido_json_object();
    lido_json_add_string(view, "summary", text);
    lido_json_add_bool(view, "differ", differing > 0);
    lido_json_add(view, "pictures", shown);
    lido_json_add(of->report->view, "disagreements", view);
    return status;
}

static lido_status compare_all(const answers *of, int64_t *picture, lido_error *error) {
    candidate *found = calloc((size_t)of->test->count, sizeof *found);
    if (!found) return lido_fail(error, LIDO_MEMORY, "out of memory to compare answers");
    int64_t differing = 0;
    lido_json *table = lido_json_array();
    for (int64_t i = 0; i < of->test->count; i++) {
        double spread;
        if (!compare(of, i, &spread)) continue;
        add_rows(of, i, table);
        found[differing++] = (candidate){i, spread};
    }
    lido_json_add(of->report->numbers, "disagreements", table);
    qsort(found, (size_t)differing, sizeof *found, by_spread);
    *picture = differing ? found[0].picture : 0;
    lido_status status = show(of, found, differing, error);
    free(found);
    return status;
}

lido_status lido_report_answers(lido_report *report, const lido_dataset *test, int64_t *picture,
                                lido_error *error) {
    answers of = {.report = report, .test = test};
    *picture = 0;
    if (test->labels_each != 1)
        return lido_fail(error, LIDO_UNSUPPORTED, "pictures of several labels are not compared");
    lido_status status = read_arms(&of, error);
    if (!status) status = compare_all(&of, picture, error);
    free_arms(&of);
    return status;
}
