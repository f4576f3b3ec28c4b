/* test_borrow.c - a layer that reads what an earlier one saved (max_unpool, option "of"): the name
 * is found through scopes and inner layers, the saved bytes live as long as they are read, in
 * training and evaluation, and gradients are those of differences. (The layer itself:
 * tests/layers/test_max_unpool.c.) */
#include "graph_of.h"
#include "net/placement.h"
#include "net/spec.h"
#include "spec_text.h"

static lido_error error;

/* Down, across, and up again by the first pooling's switches, with work in between that would take
 * their place in the arena. */
#define DOWN_AND_UP                                                                        \
    "{\"type\": \"conv\", \"filters\": 4, \"kernel\": 3, \"padding\": 1},"                 \
    "{\"type\": \"max_pool\", \"kernel\": 2, \"name\": \"p\"},"                            \
    "{\"type\": \"conv\", \"filters\": 8, \"kernel\": 3, \"padding\": 1, \"activation\": " \
    "\"tanh\"},"                                                                           \
    "{\"type\": \"conv\", \"filters\": 4, \"kernel\": 3, \"padding\": 1},"                 \
    "{\"type\": \"max_unpool\", \"of\": \"p\"},"                                           \
    "{\"type\": \"conv\", \"filters\": 2, \"kernel\": 1}"

static const char only[] = "{\"type\": \"max_pool\", \"kernel\": 2, \"name\": \"p\"},"
                           "{\"type\": \"max_unpool\", \"of\": \"p\"}";

/* What is pooled and unpooled again is the largest of each window, in its place. */
static void check_round_trip(bool training) {
    const lido_real x[8] = {1, 5, 7, 2, 3, 4, 6, 0}, wanted[8] = {0, 5, 7, 0, 0, 0, 0, 0};
    lido_graph *graph = graph_of("[2,4,1]", only);
    lido_net *net = net_of(
        graph, &(lido_net_options){.batch = 2, .loss = LIDO_LOSS_SQUARED, .training = training});
    const lido_batch batch = {.count = 1, .x = x};
    ck_assert_mem_eq(lido_net_forward(net, &batch, NULL), wanted, sizeof wanted);
    if (training) ck_assert_mem_eq(lido_net_forward_training(net, &batch), wanted, sizeof wanted);
    lido_net_free(net);
    lido_graph_free(graph);
}

START_TEST(switches_are_there_in_evaluation_and_training) {
    check_round_trip(false);
    check_round_trip(true);
}
END_TEST

START_TEST(switches_live_until_the_unpooling) {
    lido_graph *graph = graph_of("[8,8,1]", DOWN_AND_UP);
    for (int training = 0; training < 2; training++) {
        lido_placement placement;
        assert_ok(lido_placement_make(
            graph, &(lido_net_options){.batch = 2, .loss = LIDO_LOSS_SQUARED, .training = training},
            &placement, &error));
        const int saved = placement.place[1].saved;
        ck_assert_int_ge(saved, 0);
        const lido_request *request = &placement.request[saved];
        ck_assert_int_eq(request->first, 1);
        ck_assert_int_eq(request->last, training ? 2 * graph->nodes - 2 : 5);
        lido_placement_free(&placement);
    }
    lido_graph_free(graph);
}
END_TEST

START_TEST(evaluation_equals_training) {
    lido_graph *graph = graph_of("[8,8,1]", DOWN_AND_UP);
    lido_net *trained =
        net_of(graph, &(lido_net_options){.batch = 3, .loss = LIDO_LOSS_SQUARED, .training = true});
    lido_net *evaluated = net_of(graph, &(lido_net_options){.batch = 3, .loss = LIDO_LOSS_SQUARED});
    lido_batch batch = random_batch(graph, 3, 5), unlabelled = batch;
    unlabelled.labels = NULL;
    const size_t bytes =
        (size_t)(3 * lido_shape_size(lido_graph_output(graph))) * sizeof(lido_real);
    const lido_real *y = lido_net_forward_training(trained, &batch);
    ck_assert_mem_eq(lido_net_forward(evaluated, &unlabelled, NULL), y, bytes);
    free_batch(&batch);
    lido_net_free(trained);
    lido_net_free(evaluated);
    lido_graph_free(graph);
}
END_TEST

START_TEST(gradients_equal_differences) {
    lido_graph *graph = graph_of("[8,8,1]", DOWN_AND_UP);
    const lido_gradcheck_options options = {0};
    lido_gradcheck_result result;
    assert_ok(lido_gradcheck(graph, &options, &result, &error));
    ck_assert_msg(result.failed == 0, "%s[%d]: %g, not %g", result.segment, (int)result.index,
                  result.analytic, result.numeric);
    ck_assert_int_gt(result.checked, 500);
    lido_graph_free(graph);
}
END_TEST

/* ---- names --------------------------------------------------------------------------------- */

static void check_named(const char *text, int entry, int of) {
    lido_spec *spec = parsed(text);
    ck_assert_int_eq(spec->entry[entry].of, of);
    lido_json *resolved = lido_spec_resolved(spec);
    char *again = lido_json_print(resolved, false);
    lido_spec *other;
    assert_ok(lido_spec_parse(again, strlen(again), "again", &other, &error));
    ck_assert_int_eq(other->entry[entry].of, of);
    lido_spec_free(other);
    free(again);
    lido_json_free(resolved);
    lido_spec_free(spec);
}

START_TEST(names_are_found) {
    check_named("{'input': [4,4,1], 'layers': [{'type': 'max_pool', 'kernel': 2, 'name': 'p', "
                "'activation': 'relu'}, {'type': 'max_unpool', 'of': 'p'}]}",
                2, 0);
    check_named("{'input': [4,4,1], 'define': {'block': [{'type': 'max_pool', 'kernel': 2, 'name': "
                "'p'}, {'type': 'relu'}, {'type': 'max_unpool', 'of': 'p'}]}, 'layers': "
                "[{'use': 'block'}, {'use': 'block'}]}",
                5, 3);
    check_named("{'input': [4,4,1], 'define': {'pool': {'type': 'max_pool', 'kernel': 2}}, "
                "'layers': [{'use': 'pool', 'name': 'p'}, {'type': 'max_unpool', 'of': 'p'}]}",
                1, 0);
}
END_TEST

START_TEST(other_names_are_refused) {
    static const refusal cases[] = {
        {"{'input': [4,4,1], 'layers': [{'type': 'max_pool', 'kernel': 2, 'name': 'p'}, "
         "{'type': 'max_unpool', 'of': 'q'}]}",
         "\"of\" names \"q\", which no layer has; allowed: the name of an earlier max_pool"},
        {"{'input': [4,4,1], 'layers': [{'type': 'relu', 'name': 'p'}, "
         "{'type': 'max_unpool', 'of': 'p'}]}",
         "\"of\" names layers[0] \"p\" (relu), allowed: the name of an earlier max_pool"},
        {"{'input': [4,4,1], 'layers': [{'type': 'max_unpool', 'of': 'p'}, "
         "{'type': 'max_pool', 'kernel': 2, 'name': 'p'}]}",
         "allowed: the name of an earlier max_pool"},
        {"{'input': [4,4,1], 'layers': [{'type': 'max_unpool', 'of': 'p', 'name': 'p'}]}",
         "allowed: the name of an earlier max_pool"},
    };
    ASSERT_REFUSED(cases);
}
END_TEST

LIDO_TEST_MAIN("borrow", switches_are_there_in_evaluation_and_training,
               switches_live_until_the_unpooling, evaluation_equals_training,
               gradients_equal_differences, names_are_found, other_names_are_refused)
