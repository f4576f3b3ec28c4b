#include "study/statistics_json.h"

#include "lido_check.h"

#include <math.h>

static lido_json *statistics_of(const char *text) {
    lido_json *document, *statistics;
    lido_error error;
    assert_ok(lido_json_parse(text, strlen(text), "test", &document, &error));
    char *before = lido_json_print(document, false);
    assert_ok(lido_statistics_json(document, NULL, &statistics, &error));
    char *after = lido_json_print(document, false);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
    lido_json_free(document);
    return statistics;
}

static const lido_json *measure_named(const lido_json *statistics, const char *name) {
    const lido_json *m = lido_json_first(lido_json_get(statistics, "measures"));
    while (m && strcmp(lido_json_string(lido_json_get(m, "name")), name) != 0)
        m = lido_json_next(m);
    ck_assert_ptr_nonnull(m);
    return m;
}

static void assert_json(const lido_json *json, const char *expected) {
    char *text = lido_json_print(json, false);
    ck_assert_str_eq(text, expected);
    free(text);
}

/* A document of one factor; cells is a list as in results.json. */
#define DOCUMENT(cells)                                                                      \
    "{\"baseline\": \"a\", \"factors\": [{\"name\": \"f\", \"variants\": [\"x\", \"y\"]}], " \
    "\"cells\": [" cells "]}"

/* Differences 0 and 0.25: mean 0.125, sd 0.25 / sqrt(2), t = 1 of one degree of freedom, p 0.5. */
START_TEST(two_arms_by_hand) {
    lido_json *statistics =
        statistics_of(DOCUMENT("{\"name\": \"b\", \"levels\": [\"y\"], \"runs\": ["
                               "  {\"seed\": 1, \"measures\": {\"test_loss\": 0.5}},"
                               "  {\"seed\": 2, \"measures\": {\"test_loss\": 0.75}}]},"
                               "{\"name\": \"a\", \"levels\": [\"x\"], \"runs\": ["
                               "  {\"seed\": 2, \"measures\": {\"test_loss\": 0.5}},"
                               "  {\"seed\": 1, \"measures\": {\"test_loss\": 0.5}}]}"));
    ck_assert_int_eq(lido_json_count(lido_json_get(statistics, "measures")), 1);
    const lido_json *m = measure_named(statistics, "test_loss");
    const lido_json *cell = lido_json_first(lido_json_get(m, "cells"));
    ck_assert_str_eq(lido_json_string(lido_json_get(cell, "cell")), "b");
    ck_assert(lido_json_number(lido_json_get(cell, "mean")) == 0.625);
    assert_json(lido_json_next(cell),
                "{\"cell\":\"a\",\"n\":2,\"mean\":0.5,\"sd\":0,\"low\":0.5,\"high\":0.5}");
    const lido_json *difference = lido_json_first(lido_json_get(m, "differences"));
    ck_assert_int_eq(lido_json_count(lido_json_get(m, "differences")), 1);
    ck_assert_str_eq(lido_json_string(lido_json_get(difference, "cell")), "b");
    static const struct {
        const char *key;
        double value;
    } expected[] = {{"n", 2},
                    {"mean", 0.125},
                    {"low", 0.125 - 12.706204736174707 * 0.125},
                    {"t", 1},
                    {"p_t", 0.5},
                    {"p_t_holm", 0.5},
                    {"p_sign_flip", 1},
                    {"p_sign_flip_least", 0.5}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        ck_assert_double_eq_tol(lido_json_number(lido_json_get(difference, expected[i].key)),
                                expected[i].value, 1e-12);
    ck_assert_int_eq(lido_json_kind_of(lido_json_get(difference, "seeds_needed")), LIDO_JSON_NULL);
    ck_assert_str_eq(lido_json_string(lido_json_get(difference, "verdict")),
                     "2 seeds cannot decide: the smallest p the sign-flip test can reach is 0.5");
    const lido_json *effect = lido_json_first(lido_json_get(m, "effects"));
    assert_json(lido_json_get(effect, "factors"), "[\"f\"]");
    ck_assert_double_eq_tol(lido_json_number(lido_json_get(effect, "f")), 1, 1e-12);
    ck_assert_double_eq_tol(lido_json_number(lido_json_get(effect, "p_holm")), 0.5, 1e-12);
    ck_assert_ptr_null(lido_json_get(m, "effects_left_out"));
    ck_assert_ptr_null(lido_json_get(statistics, "mcnemar"));
    lido_json_free(statistics);
}
END_TEST

/* Pairs are of seeds that both have; without all seeds in all cells there are no effects. */
START_TEST(runs_may_be_missing) {
    lido_json *statistics =
        statistics_of(DOCUMENT("{\"name\": \"a\", \"levels\": [\"x\"], \"runs\": ["
                               "  {\"seed\": 1, \"measures\": {\"test_loss\": 0.5}},"
                               "  {\"seed\": 3, \"measures\": {\"test_loss\": 0.25}}]},"
                               "{\"name\": \"b\", \"levels\": [\"y\"], \"runs\": ["
                               "  {\"seed\": 2, \"measures\": {\"test_loss\": 0.5}},"
                               "  {\"seed\": 3, \"measures\": {\"test_loss\": 0.75}},"
                               "  {\"seed\": 1, \"measures\": {\"test_loss\": null}}]}"));
    const lido_json *m = measure_named(statistics, "test_loss");
    const lido_json *difference = lido_json_first(lido_json_get(m, "differences"));
    ck_assert(lido_json_number(lido_json_get(difference, "n")) == 1);
    ck_assert(lido_json_number(lido_json_get(difference, "mean")) == 0.5);
    ck_assert_int_eq(lido_json_kind_of(lido_json_get(difference, "low")), LIDO_JSON_NULL);
    ck_assert_int_eq(lido_json_count(lido_json_get(m, "effects")), 0);
    ck_assert_str_eq(lido_json_string(lido_json_get(m, "effects_left_out")),
                     "not every cell has every seed");
    lido_json_free(statistics);
}
END_TEST

START_TEST(nothing_yet) {
    lido_json *statistics = statistics_of("{\"cells\": []}");
    assert_json(statistics, "{\"measures\":[]}");
    lido_json_free(statistics);
    statistics = statistics_of(
        "{\"baseline\": \"gone\", \"cells\": [{\"name\": \"a\", \"levels\": [], \"runs\": ["
        "{\"seed\": 1, \"measures\": {\"test_loss\": 0.5}}]}]}");
    const lido_json *m = measure_named(statistics, "test_loss");
    ck_assert_int_eq(lido_json_count(lido_json_get(m, "differences")), 0);
    lido_json_free(statistics);
}
END_TEST

START_TEST(bad_documents_are_refused) {
    lido_json *document, *statistics;
    lido_error error;
    assert_ok(lido_json_parse("{\"cells\": 1}", 12, "test", &document, &error));
    assert_fails(lido_statistics_json(document, NULL, &statistics, &error), LIDO_SPEC, "\"cells\"");
    ck_assert_ptr_null(statistics);
    lido_json_free(document);
}
END_TEST

LIDO_TEST_MAIN("statistics_json", two_arms_by_hand, runs_may_be_missing, nothing_yet,
               bad_documents_are_refused)
