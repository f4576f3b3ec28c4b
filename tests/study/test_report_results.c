/* Tests of report_results.c: paths, labels, spreads over runs, and results that are none. */
#include "small_results.h"

#include "study/report_results.h"

#include <math.h>

START_TEST(finds_by_path) {
    lido_json *results = small_results(NULL, NULL);
    const lido_json *cells = lido_json_get(results, "cells");
    ck_assert_str_eq(lido_results_text(results, "study/name"), "a <b>");
    ck_assert_double_eq(
        lido_json_number(lido_results_at(cells, "1/runs/0/measures/shift/0/accuracy/1")), 0.6);
    static const char *const missing[] = {"9", "0/none", "0/runs/7", "0/name/x", "0/runs/0/seed/1"};
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++)
        ck_assert_ptr_null(lido_results_at(cells, missing[i]));
    ck_assert_str_eq(lido_results_text(results, "study/nothing"), "");
    ck_assert_ptr_null(lido_results_find(cells, "name", "pool=min"));
    const lido_json *mean = lido_results_statistic(results, "test_accuracy", "cells", "pool=avg");
    ck_assert_double_eq(lido_json_number(lido_json_get(mean, "mean")), 0.85);
    ck_assert_ptr_null(lido_results_statistic(results, "brier", "cells", "pool=avg"));
    lido_json_free(results);
}
END_TEST

START_TEST(takes_runs_together) {
    lido_json *results = small_results(NULL, NULL);
    const lido_json *cell = lido_results_at(results, "cells/0");
    lido_spread spread = lido_results_spread(cell, "measures/test_accuracy");
    ck_assert_int_eq(spread.n, 2);
    ck_assert_double_eq_tol(spread.mean, 0.8, 1e-15);
    ck_assert_double_eq(spread.least, 0.75);
    ck_assert_double_eq(spread.most, 0.85);
    spread = lido_results_spread(cell, "measures/epochs_to/1/epochs");
    ck_assert_int_eq(spread.n, 0);
    ck_assert(isnan(spread.mean) && isnan(spread.least) && isnan(spread.most));
    lido_json_free(results);
}
END_TEST

START_TEST(joins_levels) {
    lido_json *results = small_results("'levels': ['max']", "'levels': ['max', 'fc']");
    char text[LIDO_LABEL_SIZE];
    ck_assert_str_eq(lido_results_label(lido_results_at(results, "cells/0"), text),
                     "max \u00b7 fc");
    lido_json_free(results);
    char change[1200];
    int used = snprintf(change, sizeof change, "'levels': ['");
    memset(change + used, 'x', 1000);
    snprintf(change + used + 1000, sizeof change - (size_t)used - 1000, "', 'y']");
    results = small_results("'levels': ['max']", change);
    ck_assert_uint_eq(strlen(lido_results_label(lido_results_at(results, "cells/0"), text)),
                      LIDO_LABEL_SIZE - 1);
    lido_json_free(results);
}
END_TEST

START_TEST(refuses_what_is_no_study) {
    static const struct {
        const char *from, *to, *message;
    } cases[] = {
        {"'study'", "'stud'", "study: null, allowed: an object"},
        {"'name': 'a <b>'", "'name': 7", "study/name: a number, allowed: a string"},
        {"'baseline'", "'base'", "baseline: null"},
        {"'factors': [{'name': 'pool'", "'factors': [{'nam': 'pool'", "factors[].name: null"},
        {"'levels': ['avg']", "'levels': []", "cells[1].levels: 0, allowed: one for each of the 1"},
        {"'levels': ['max']", "'levels': [1]", "cells[0].levels: a number, allowed: strings"},
        {"'name': 'pool=avg'", "'nam': 'pool=avg'", "cells[1].name: null"},
        {"'cells': [", "'cells': [], 'others': [", "cells: none"},
        {"'cells': [", "'cells': 3, 'others': [", "cells: a number, allowed: an array"},
    };
    lido_error error;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lido_json *results = small_results(cases[i].from, cases[i].to);
        lido_status status = lido_results_check(results, &error);
        ck_assert_msg(status == LIDO_SPEC, "case %zu", i);
        ck_assert_msg(strstr(error.message, cases[i].message), "%s", error.message);
        lido_json_free(results);
    }
    lido_json *results = small_results(NULL, NULL);
    assert_ok(lido_results_check(results, &error));
    lido_json_free(results);
}
END_TEST

LIDO_TEST_MAIN("report_results", finds_by_path, takes_runs_together, joins_levels,
               refuses_what_is_no_study)
