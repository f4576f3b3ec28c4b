#include "net/pool_summary.h"

#include "graph_of.h"

/* A white pixel in one corner of 2x2: all of the gradient goes there. */
START_TEST(numbers_are_those_of_the_summary) {
    lido_graph *graph =
        graph_of("[2,2,1]", "{\"type\": \"max_pool\", \"kernel\": 2, \"name\": \"most\"},"
                            "{\"type\": \"gem_pool\", \"kernel\": 1, \"p\": 2}");
    lido_net *net = net_of(graph, &(lido_net_options){.batch = 1, .loss = LIDO_LOSS_SQUARED});
    const lido_real x[] = {1, 0, 0, 0};
    lido_pool_statistics *statistics;
    lido_error error;
    assert_ok(lido_pool_statistics_make(graph, 1, NULL, &statistics, &error));
    lido_pool_statistics_add(statistics, net, &(lido_batch){.count = 1, .x = x});
    lido_json *json = lido_pool_summaries_json(statistics, graph, lido_net_params(net), "layer");
    ck_assert_int_eq(lido_json_count(json), 2);
    char *first = lido_json_print(lido_json_first(json), false);
    ck_assert_str_eq(first, "{\"layer\":\"most\",\"type\":\"max_pool\",\"input_mean\":0.25,"
                            "\"input_zeros\":0.75,\"reached\":0.25,\"tied\":0,\"empty\":0,"
                            "\"entropy_bits\":0,\"evenness\":0,\"learned\":{}}");
    const lido_json *gem = lido_json_next(lido_json_first(json));
    ck_assert_str_eq(lido_json_string(lido_json_get(gem, "type")), "gem_pool");
    ck_assert_int_eq(lido_json_kind_of(lido_json_get(gem, "evenness")), LIDO_JSON_NULL);
    free(first);
    lido_json_free(json);
    lido_pool_statistics_free(statistics);
    lido_net_free(net);
    lido_graph_free(graph);
}
END_TEST

LIDO_TEST_MAIN("pool_summary", numbers_are_those_of_the_summary)
