#include "study/results_table.h"

#include "lido_check.h"

#include "study/factorial.h"

#include <math.h>
#include <stdio.h>

static lido_json *json_of(const char *text) {
    lido_json *json;
    lido_error error;
    assert_ok(lido_json_parse(text, strlen(text), "results", &json, &error));
    return json;
}

static const char small[] =
    "{\"baseline\": \"b\", \"factors\": [{\"name\": \"f\", \"variants\": [\"x\", \"y\"]}],"
    "\"cells\": [{\"name\": \"a\", \"levels\": [\"y\"], \"runs\": ["
    "  {\"seed\": 7, \"measures\": {\"test_loss\": 0.5, \"brier\": null, \"shift\": ["
    "    {\"fill\": \"edge\", \"consistency\": [1, 0, 0]},"
    "    {\"fill\": \"zero\", \"consistency\": [1, 0.9, 0.6]}]}},"
    "  {\"seed\": -2, \"measures\": {\"test_loss\": 0.25, \"shift\": ["
    "    {\"fill\": \"zero\", \"consistency\": [1]}]}}]},"
    " {\"name\": \"b\", \"levels\": [\"x\"], \"runs\": [{\"seed\": 3}]}]}";

START_TEST(cells_by_seeds) {
    lido_json *json = json_of(small);
    lido_results_table t;
    lido_error error;
    assert_ok(lido_results_table_read(json, &t, &error));
    ck_assert(t.cells == 2 && t.seeds == 3 && t.baseline == 1);
    ck_assert(t.seed[0] == -2 && t.seed[1] == 3 && t.seed[2] == 7);
    ck_assert_str_eq(t.cell[0], "a");
    ck_assert(t.run[0] && !t.run[1] && t.run[2] && !t.run[3] && t.run[4] && !t.run[5]);
    ck_assert(lido_results_table_measure(&t, 0, 0, "test_loss") == 0.25);
    ck_assert(lido_results_table_measure(&t, 0, 2, "test_loss") == 0.5);
    ck_assert(isnan(lido_results_table_measure(&t, 0, 2, "brier")));
    ck_assert(isnan(lido_results_table_measure(&t, 0, 1, "test_loss")));
    ck_assert(isnan(lido_results_table_measure(&t, 1, 1, "test_loss")));
    ck_assert_double_eq_tol(lido_results_table_measure(&t, 0, 2, "shift_consistency"), 0.75, 1e-15);
    ck_assert(isnan(lido_results_table_measure(&t, 0, 0, "shift_consistency")));
    lido_results_table_free(&t);
    lido_json_free(json);
}
END_TEST

/* What the table says of {factors, cells of these levels}; NULL: a full factorial. */
static const char *factorial_of(const char *factors, const char *levels, int at[8]) {
    char text[1024];
    int counts[LIDO_FACTORIAL_FACTORS],
        used = snprintf(text, sizeof text, "{\"factors\": %s, \"cells\": [", factors);
    int cell = 0;
    for (const char *start = levels; *start; cell++) {
        const char *end = strchr(start, ';');
        used += snprintf(text + used, sizeof text - (size_t)used,
                         "%s{\"name\": \"%d\", \"levels\": [%.*s], \"runs\": []}", cell ? "," : "",
                         cell, (int)(end - start), start);
        start = end + 1;
    }
    snprintf(text + used, sizeof text - (size_t)used, "]}");
    lido_json *json = json_of(text);
    lido_results_table t;
    lido_error error;
    assert_ok(lido_results_table_read(json, &t, &error));
    const char *why_not = lido_results_table_factorial(&t, counts, at);
    lido_results_table_free(&t);
    lido_json_free(json);
    return why_not;
}

#define TWO_FACTORS                                                                              \
    "[{\"name\": \"p\", \"variants\": [\"a\", \"b\"]}, {\"name\": \"q\", \"variants\": [\"x\", " \
    "\"y\"]}]"

START_TEST(full_factorials_are_found) {
    int at[8];
    ck_assert_ptr_null(
        factorial_of(TWO_FACTORS, "\"b\",\"x\";\"a\",\"y\";\"a\",\"x\";\"b\",\"y\";", at));
    ck_assert(at[0] == 2 && at[1] == 1 && at[2] == 0 && at[3] == 3);
}
END_TEST

START_TEST(what_is_none_is_told) {
    static const char not_all[] = "the cells are not all combinations";
    static const struct {
        const char *factors, *levels, *message;
    } cases[] = {
        {TWO_FACTORS, "\"a\",\"x\";\"a\",\"y\";\"b\",\"x\";", not_all},
        {TWO_FACTORS, "\"a\",\"x\";\"a\",\"y\";\"b\",\"x\";\"b\",\"x\";", not_all},
        {TWO_FACTORS, "\"a\",\"x\";\"a\",\"y\";\"b\",\"x\";\"c\",\"x\";", not_all},
        {TWO_FACTORS, "\"a\",\"x\";\"a\",\"y\";\"b\",\"x\";\"b\";", not_all},
        {"[]", "", "there are no factors"},
        {"[{\"name\": \"p\", \"variants\": [\"a\"]}]", "\"a\";", "one variant"},
        {"[{\"variants\": [\"a\", \"b\"]}]", "\"a\";\"b\";", "no name"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int at[8];
        const char *why_not = factorial_of(cases[i].factors, cases[i].levels, at);
        ck_assert_msg(why_not && strstr(why_not, cases[i].message), "%d: %s", (int)i, why_not);
    }
}
END_TEST

START_TEST(bad_documents_are_refused) {
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{}", "\"cells\" must be a list"},
        {"{\"cells\": [{\"runs\": []}]}", "cells[0]: \"name\""},
        {"{\"cells\": [{\"name\": \"a\", \"runs\": []}, {\"name\": \"a\", \"runs\": []}]}",
         "cells[1]: \"name\" must be a text of its own"},
        {"{\"cells\": [{\"name\": \"a\"}]}", "cells[0]: \"runs\" must be a list"},
        {"{\"cells\": [{\"name\": \"a\", \"runs\": [{}]}]}", "cells[0].runs[0]: \"seed\""},
        {"{\"cells\": [{\"name\": \"a\", \"runs\": [{\"seed\": 1.5}]}]}", "a whole number"},
        {"{\"cells\": [{\"name\": \"a\", \"runs\": [{\"seed\": 1}, {\"seed\": 1}]}]}",
         "cells[0]: two runs of seed 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lido_json *json = json_of(cases[i].text);
        lido_results_table t;
        lido_error error;
        assert_fails(lido_results_table_read(json, &t, &error), LIDO_SPEC, cases[i].message);
        lido_json_free(json);
    }
}
END_TEST

LIDO_TEST_MAIN("results_table", cells_by_seeds, full_factorials_are_found, what_is_none_is_told,
               bad_documents_are_refused)
