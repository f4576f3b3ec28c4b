/* report_verdict.c - what a study has found, in plain words: from the paired differences of test
 * accuracy against the baseline. It says no more than the statistics do: a difference counts as
 * decided where they say so, and where they do not, how many seeds would be needed. */
#include "study/report_measures.h"
#include "study/report_parts.h"
#include "study/report_results.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char measure[] = "test_accuracy";

enum { LINE_SIZE = 2 * LIDO_LABEL_SIZE + 512 };

/* What there is to tell. */
typedef struct verdict {
    const lido_json *results;
    int arms, decided; /* without the baseline */
    int seeds;         /* pairs of the arm that has fewest */
    double least;      /* of the smallest p that the sign-flip test can attain, the largest */
    char baseline[LIDO_LABEL_SIZE];
} verdict;

static const lido_json *difference_of(const verdict *of, const lido_json *cell) {
    return lido_results_statistic(of->results, measure, "differences",
                                  lido_results_text(cell, "name"));
}

static bool is_baseline(const verdict *of, const lido_json *cell) {
    return strcmp(lido_results_text(cell, "name"), lido_results_text(of->results, "baseline")) == 0;
}

static double number_of(const lido_json *from, const char *key) {
    return lido_json_number(lido_json_get(from, key));
}

static verdict read_verdict(const lido_json *results) {
    verdict of = {.results = results, .least = NAN};
    const lido_json *cell = lido_json_first(lido_json_get(results, "cells"));
    snprintf(of.baseline, sizeof of.baseline, "%s", lido_results_text(results, "baseline"));
    for (; cell; cell = lido_json_next(cell)) {
        if (is_baseline(&of, cell)) {
            lido_results_label(cell, of.baseline);
            continue;
        }
        const lido_json *difference = difference_of(&of, cell);
        const int n = difference ? (int)number_of(difference, "n") : 0;
        if (of.arms == 0 || n < of.seeds) of.seeds = n;
        of.arms++;
        of.decided += lido_json_bool(lido_json_get(difference, "decided"));
        of.least = fmax(of.least, number_of(difference, "p_sign_flip_least"));
    }
    return of;
}

/* ---- sentences ------------------------------------------------------------------------------ */

static void headline(const verdict *of, char text[LINE_SIZE]) {
    const char *others = of->arms == 1 ? "arm" : "arms";
    if (of->arms == 0)
        snprintf(text, LINE_SIZE, "There is one arm only, and so nothing to compare it with.");
    else if (of->seeds < 2)
        snprintf(text, LINE_SIZE,
                 "Nothing can be decided: there are not two seeds of every arm, so it is not known "
                 "how much accuracy differs from seed to seed.");
    else if (of->decided == 0)
        snprintf(text, LINE_SIZE,
                 "No difference is decided: with %d seeds, no other arm's test accuracy differs "
                 "from the "
                 "baseline's (%s) by more than the seeds themselves do.",
                 of->seeds, of->baseline);
    else
        snprintf(text, LINE_SIZE,
                 "%d of the %d other %s %s from the baseline (%s) in test accuracy by more than "
                 "the seeds "
                 "explain.",
                 of->decided, of->arms, others, of->decided == 1 ? "differs" : "differ",
                 of->baseline);
}

/* "0.21 points more (95 % interval +0.10 to +0.32)" */
static void amount(const lido_json *difference, char *text, size_t size) {
    const lido_measure_kind *kind = lido_measure_kind_find(measure);
    char mean[LIDO_VALUE_SIZE], low[LIDO_VALUE_SIZE], high[LIDO_VALUE_SIZE];
    const double value = number_of(difference, "mean");
    lido_value_text(kind, fabs(value), mean);
    if (value == 0) snprintf(mean, sizeof mean, "no");
    snprintf(text, size, "%s points %s (95\u00a0%% interval %s to %s)", mean,
             value < 0   ? "less"
             : value > 0 ? "more"
                         : "of difference",
             lido_difference_text(kind, number_of(difference, "low"), low),
             lido_difference_text(kind, number_of(difference, "high"), high));
}

static lido_json *arm_line(const verdict *of, const lido_json *cell) {
    const lido_json *difference = difference_of(of, cell);
    const char *said = lido_results_text(difference, "verdict");
    const bool decided = lido_json_bool(lido_json_get(difference, "decided"));
    char found[256], label[LIDO_LABEL_SIZE], text[LINE_SIZE];
    amount(difference, found, sizeof found);
    snprintf(text, sizeof text, "%s: %s.", found,
             *said     ? said
             : decided ? "decided"
                       : "not decided");
    lido_json *line = lido_json_object();
    lido_json_add_string(line, "arm", lido_results_label(cell, label));
    lido_json_add_string(line, "text", text);
    lido_json_add_bool(line, "decided", decided);
    return line;
}

static void add_cautions(const verdict *of, lido_json *cautions) {
    char text[512], least[LIDO_VALUE_SIZE];
    if (strcmp(lido_results_text(of->results, "profile"), "quick") == 0)
        lido_json_append(cautions, lido_json_from_string(
                                       "This is the quick profile: a demonstration, whose small "
                                       "budget need not rank the arms as long training would."));
    if (of->arms == 0 || of->seeds < 2 || !(of->least > 0.05)) return;
    snprintf(
        text, sizeof text,
        "%d seeds are too few to decide anything: the sign-flip test, by which differences are "
        "decided, cannot give a p below %s with them, however large the difference. Intervals "
        "and t tests go further, at the price of taking differences between seeds to be "
        "normal.",
        of->seeds, lido_p_text(of->least, least));
    lido_json_append(cautions, lido_json_from_string(text));
}

void lido_report_verdict(lido_report *report) {
    const verdict of = read_verdict(report->results);
    char text[LINE_SIZE];
    lido_json *lines = lido_json_array(), *cautions = lido_json_array();
    headline(&of, text);
    const lido_json *cell = lido_json_first(lido_json_get(report->results, "cells"));
    for (; cell && of.seeds >= 2; cell = lido_json_next(cell))
        if (!is_baseline(&of, cell) && difference_of(&of, cell))
            lido_json_append(lines, arm_line(&of, cell));
    add_cautions(&of, cautions);
    lido_json_add_string(report->view, "headline", text);
    lido_json_add(report->view, "verdict", lines);
    lido_json_add(report->view, "cautions", cautions);
}
