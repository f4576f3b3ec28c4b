#include "net/learned.h"

#include "graph_of.h"

#include <math.h>

/* What the only pooling layer learns, as it starts, in the order of its parameters. */
static int learned_of(const char *layer, lido_learned *learned) {
    char text[256];
    int segments, found = 0;
    snprintf(text, sizeof text,
             "{\"type\": \"conv\", \"filters\": 3, \"kernel\": 1}, {\"type\": \"relu\"}, %s",
             layer);
    lido_graph *graph = graph_of("[4,4,2]", text);
    lido_net *net = net_of(graph, &(lido_net_options){.batch = 1, .loss = LIDO_LOSS_SQUARED});
    lido_graph_segments(graph, &segments);
    for (int i = 0; i < segments; i++)
        if (lido_learned_get(graph, lido_net_params(net), i, &learned[found])) found++;
    lido_net_free(net);
    lido_graph_free(graph);
    return found;
}

static void assert_starts(const char *layer, const char *name, int64_t count, double value) {
    lido_learned l[LIDO_MAX_PARAMS];
    ck_assert_int_eq(learned_of(layer, l), 1);
    ck_assert_str_eq(l[0].name, name);
    ck_assert(l[0].layer == 2 && l[0].count == count);
    ck_assert_double_eq_tol(l[0].mean, value, 1e-6 * (1 + value));
    ck_assert_double_eq_tol(l[0].min, value, 1e-6 * (1 + value));
    ck_assert_double_eq_tol(l[0].max, value, 1e-6 * (1 + value));
}

/* Learning starts where the option says: so the unit is the option's. */
START_TEST(units_are_those_of_the_options) {
    assert_starts("{\"type\": \"gem_pool\", \"kernel\": 2, \"p\": 2.5}", "p", 1, 2.5);
    assert_starts("{\"type\": \"gem_pool\", \"kernel\": 2, \"p\": 40, \"learn\": \"channel\"}", "p",
                  3, 40);
    assert_starts("{\"type\": \"lp_pool\", \"kernel\": 2, \"p\": 3, \"learn\": \"layer\"}", "p", 1,
                  3);
    assert_starts("{\"type\": \"lse_pool\", \"kernel\": 2, \"r\": 7, \"learn\": \"layer\"}", "r", 1,
                  7);
    assert_starts("{\"type\": \"mixed_pool\", \"kernel\": 2, \"a\": 0.3, \"learn\": \"position\"}",
                  "a", 4, 0.3);
    assert_starts("{\"type\": \"mixed_choice_pool\", \"kernel\": 2, \"a\": 0.8, \"learn\": "
                  "\"layer\"}",
                  "a", 1, 0.8);
    assert_starts("{\"type\": \"dgm_pool\", \"global\": true, \"lambda\": 5}", "lambda", 1, 5);
    assert_starts("{\"type\": \"gated_pool\", \"kernel\": 2}", "gate", 4, 0);
}
END_TEST

START_TEST(what_learns_nothing_has_nothing) {
    lido_learned l[LIDO_MAX_PARAMS];
    ck_assert_int_eq(learned_of("{\"type\": \"max_pool\", \"kernel\": 2}", l), 0);
    ck_assert_int_eq(learned_of("{\"type\": \"gem_pool\", \"kernel\": 2, \"learn\": \"none\"}", l),
                     0);
    ck_assert_int_eq(learned_of("{\"type\": \"tree_pool\", \"kernel\": 2}", l), 2);
    ck_assert_str_eq(l[0].name, "gate");
    ck_assert_str_eq(l[1].name, "leaf");
}
END_TEST

/* w = 0, 1, 2 are p = 1 + ln 2, 1 + ln(1 + e), 1 + ln(1 + e^2). */
START_TEST(as_json) {
    static const char lp[] =
        "{\"type\": \"lp_pool\", \"kernel\": 2, \"p\": 3, \"learn\": \"channel\", \"name\": \"a\"},"
        "{\"type\": \"max_pool\", \"kernel\": 1}";
    const lido_real w[] = {0, 1, 2};
    lido_graph *graph = graph_of("[4,4,3]", lp);
    lido_json *json = lido_learned_document(graph, w);
    ck_assert_int_eq(lido_json_count(json), 1);
    const lido_json *p = lido_json_get(lido_json_get(json, "a"), "p");
    ck_assert_double_eq_tol(lido_json_number(lido_json_get(p, "min")), 1 + log(2), 1e-12);
    ck_assert_double_eq_tol(lido_json_number(lido_json_get(p, "max")), 1 + log1p(exp(2)), 1e-12);
    ck_assert_double_eq_tol(lido_json_number(lido_json_get(p, "mean")),
                            1 + (log(2) + log1p(exp(1)) + log1p(exp(2))) / 3, 1e-12);
    lido_json_free(json);
    json = lido_learned_json(graph, w, 1);
    ck_assert(lido_json_kind_of(json) == LIDO_JSON_OBJECT && lido_json_count(json) == 0);
    lido_json_free(json);
    lido_graph_free(graph);
}
END_TEST

LIDO_TEST_MAIN("learned", units_are_those_of_the_options, what_learns_nothing_has_nothing, as_json)
