/* test_net.c - networks as they are run: results against formulas and differences, the same bits
 * whatever the threads and batches, and what is and is not computed. */
#include "graph_of.h"
#include "team_of.h"
#include "base/machine.h"
#include "net/graph.h"

#include <math.h>

static lido_error error;

static const bool is_double = sizeof(lido_real) == sizeof(double);

#define CHAIN                                                                        \
    "{\"type\": \"conv\", \"filters\": 4, \"kernel\": 3, \"activation\": \"relu\"}," \
    "{\"type\": \"max_pool\", \"kernel\": 2}, {\"type\": \"flatten\"},"              \
    "{\"type\": \"dense\", \"units\": 10, \"activation\": \"tanh\"},"                \
    "{\"type\": \"dense\", \"units\": 5}, {\"type\": \"softmax\"}"

/* A pool before the first parameters, a tensor with three readers, and everything with a state. */
#define BRANCHES                                                                                   \
    "{\"type\": \"avg_pool\", \"kernel\": 2},"                                                     \
    "{\"type\": \"conv\", \"filters\": 8, \"kernel\": 3, \"padding\": \"same\", \"name\": \"a\"}," \
    "{\"type\": \"batch_norm\"}, {\"type\": \"relu\", \"name\": \"b\"},"                           \
    "{\"type\": \"conv\", \"filters\": 8, \"kernel\": 1, \"name\": \"c\"},"                        \
    "{\"type\": \"dropout\", \"rate\": 0.3, \"input\": \"b\", \"name\": \"d\"},"                   \
    "{\"type\": \"add\", \"input\": [\"b\", \"c\", \"d\"], \"name\": \"e\"},"                      \
    "{\"type\": \"concat\", \"input\": [\"e\", \"c\", \"a\"]},"                                    \
    "{\"type\": \"flatten\"}, {\"type\": \"dense\", \"units\": 6}, {\"type\": \"softmax\"}"

static size_t params_bytes(const lido_graph *graph) {
    return (size_t)lido_graph_params(graph) * sizeof(lido_real);
}

/* ---- numbers ------------------------------------------------------------------------------- */

START_TEST(one_dense_layer_is_its_formula) {
    lido_graph *graph =
        graph_of("[2]", "{\"type\": \"dense\", \"units\": 2}, {\"type\": \"softmax\"}");
    lido_net *net = net_of(graph, &(lido_net_options){.batch = 2, .training = true});
    const lido_real weights[6] = {1, -1, 0.5, 2, 0.25, -0.25};
    memcpy(lido_net_params(net), weights, sizeof weights);
    const lido_real x[4] = {1, 2, -1, 0.5};
    const int32_t labels[2] = {0, 1};
    lido_batch batch = {.count = 2, .x = x, .labels = labels};
    lido_result result;
    lido_net_gradients(net, &batch, &result);

    double expected[6] = {0}, loss = 0;
    for (int n = 0; n < 2; n++) {
        double z0 = (double)x[2 * n] + 0.5 * (double)x[2 * n + 1] + 0.25;
        double z1 = -(double)x[2 * n] + 2 * (double)x[2 * n + 1] - 0.25;
        double p[2] = {1 / (1 + exp(z1 - z0)), 1 / (1 + exp(z0 - z1))};
        loss -= log(p[labels[n]]) / 2;
        for (int c = 0; c < 2; c++) {
            double dz = (p[c] - (c == labels[n])) / 2;
            for (int i = 0; i < 2; i++) expected[2 * i + c] += dz * (double)x[2 * n + i];
            expected[4 + c] += dz;
        }
    }
    ck_assert_double_eq_tol(result.loss, loss, 1e-6);
    ck_assert_int_eq(result.rows, 2);
    for (int i = 0; i < 6; i++)
        ck_assert_double_eq_tol((double)lido_net_gradient(net)[i], expected[i], 1e-6);
    lido_net_free(net);
    lido_graph_free(graph);
}
END_TEST

/* d(loss)/d(parameter) by lido_net_gradients against central differences of lido_net_forward. */
static void check_loss_gradient(const char *layers, lido_loss loss) {
    const double step = is_double ? 1e-5 : 1e-2, tolerance = is_double ? 1e-8 : 1e-2;
    lido_graph *graph = graph_of("[7, 7, 2]", layers);
    lido_net *net =
        net_of(graph, &(lido_net_options){.batch = 3, .training = true, .loss = loss, .seed = 4});
    lido_batch batch = random_batch(graph, 3, 1);
    lido_result result, up, down;
    lido_net_gradients(net, &batch, &result);
    for (int64_t i = 0; i < lido_graph_params(graph); i += 3) {
        lido_real *w = &lido_net_params(net)[i], kept = *w;
        *w = kept + (lido_real)step;
        lido_net_forward(net, &batch, &up);
        *w = kept - (lido_real)step;
        lido_net_forward(net, &batch, &down);
        *w = kept;
        double numeric = (up.loss - down.loss) / (2 * step);
        ck_assert_double_eq_tol((double)lido_net_gradient(net)[i], numeric, tolerance);
    }
    lido_net_forward(net, &batch, &up);
    ck_assert_double_eq_tol(up.loss, result.loss, 1e-12);
    ck_assert_int_eq(up.correct, result.correct);
    free_batch(&batch);
    lido_net_free(net);
    lido_graph_free(graph);
}

START_TEST(gradients_are_those_of_the_loss) {
    check_loss_gradient(CHAIN, LIDO_LOSS_CROSS_ENTROPY);
    check_loss_gradient(CHAIN, LIDO_LOSS_SQUARED);
    check_loss_gradient("{\"type\": \"conv\", \"filters\": 3, \"kernel\": 3}", LIDO_LOSS_SQUARED);
    check_loss_gradient(
        "{\"type\": \"conv\", \"filters\": 3, \"kernel\": 3}, {\"type\": \"softmax\"}",
        LIDO_LOSS_CROSS_ENTROPY);
    check_loss_gradient(
        "{\"type\": \"conv\", \"filters\": 3, \"kernel\": 3}, {\"type\": \"flatten\"}",
        LIDO_LOSS_SQUARED);
}
END_TEST

/* ---- the same bits ------------------------------------------------------------------------- */

START_TEST(threads_do_not_change_a_bit) {
    lido_graph *graph = graph_of("[14, 12, 3]", BRANCHES);
    lido_batch batch = random_batch(graph, 19, 2);
    lido_real *gradient = malloc(params_bytes(graph));
    lido_result one;
    static const int threads[] = {1, 2, 3, 8};
    for (int i = 0; i < 4; i++) {
        lido_net *net = net_of(
            graph, &(lido_net_options){
                       .batch = 19, .training = true, .team = team_of(threads[i]), .seed = 7});
        lido_result result;
        lido_net_gradients(net, &batch, &result);
        if (i == 0) {
            one = result;
            memcpy(gradient, lido_net_gradient(net), params_bytes(graph));
        }
        ck_assert_mem_eq(&result, &one, sizeof one);
        ck_assert_mem_eq(lido_net_gradient(net), gradient, params_bytes(graph));
        lido_net_free(net);
    }
    free(gradient);
    free_batch(&batch);
    lido_graph_free(graph);
}
END_TEST

/* The loss, and the gradient of the parameters in gradient[lido_graph_params]. */
static lido_result gradient_by(const char *layers, lido_real *gradient) {
    lido_graph *graph = graph_of("[13, 12, 2]", layers);
    lido_net *net = net_of(graph, &(lido_net_options){.batch = 5, .training = true, .seed = 3});
    lido_batch batch = random_batch(graph, 5, 4);
    lido_result result;
    lido_net_gradients(net, &batch, &result);
    memcpy(gradient, lido_net_gradient(net), params_bytes(graph));
    free_batch(&batch);
    lido_net_free(net);
    lido_graph_free(graph);
    return result;
}

#define RECTIFIED(between)                                                               \
    "{\"type\": \"conv\", \"filters\": 3, \"kernel\": 2}, {\"type\": \"relu\"}," between \
    "{\"type\": \"max_pool\", \"kernel\": 3, \"stride\": 2, \"padding\": 1},"            \
    "{\"type\": \"flatten\"}, {\"type\": \"dense\", \"units\": 4}, {\"type\": \"softmax\"}"

/* Between them a layer that does nothing, and the rectifier is run where it stands. */
START_TEST(a_rectifier_behind_the_maxima_changes_no_bit) {
    enum { MOST = 1024 };
    lido_real behind[MOST] = {0}, before[MOST] = {0};
    const lido_result a = gradient_by(RECTIFIED(""), behind);
    const lido_result b = gradient_by(RECTIFIED("{\"type\": \"dropout\", \"rate\": 0},"), before);
    ck_assert_mem_eq(&a, &b, sizeof a);
    ck_assert_mem_eq(behind, before, sizeof behind);
}
END_TEST

START_TEST(the_threads_of_the_blas_are_put_back) {
    lido_graph *graph = graph_of("[9, 8, 2]", CHAIN);
    lido_net *net = net_of(graph, &(lido_net_options){.batch = 4, .training = true});
    lido_batch batch = random_batch(graph, 4, 6);
    lido_result result;
    int before = lido_blas_threads_set(2);
    lido_net_gradients(net, &batch, &result);
    ck_assert_int_eq(lido_blas_threads_set(2), 2);
    lido_net_forward(net, &batch, &result);
    lido_net_find_not_finite(net, &batch);
    ck_assert_int_eq(lido_blas_threads_set(before), 2);
    free_batch(&batch);
    lido_net_free(net);
    lido_graph_free(graph);
}
END_TEST

START_TEST(a_short_batch_is_run_as_if_the_net_were_made_for_it) {
    lido_graph *graph = graph_of("[14, 12, 3]", BRANCHES);
    lido_net *large = net_of(graph, &(lido_net_options){.batch = 11, .training = true});
    lido_net *small = net_of(graph, &(lido_net_options){.batch = 5, .training = true});
    lido_batch batch = random_batch(graph, 11, 3);
    lido_result whole, a, b;
    lido_net_gradients(large, &batch, &whole);
    memcpy(lido_net_state(large), lido_net_state(small), (size_t)graph->states * sizeof(lido_real));
    batch.count = 5;
    lido_net_gradients(large, &batch, &a);
    lido_net_gradients(small, &batch, &b);
    ck_assert_mem_eq(&a, &b, sizeof a);
    ck_assert_int_eq(a.rows, 5);
    ck_assert_mem_eq(lido_net_gradient(large), lido_net_gradient(small), params_bytes(graph));
    free_batch(&batch);
    lido_net_free(large);
    lido_net_free(small);
    lido_graph_free(graph);
}
END_TEST

START_TEST(evaluating_leaves_no_trace_in_training) {
    lido_graph *graph = graph_of("[14, 12, 3]", BRANCHES);
    lido_batch batch = random_batch(graph, 6, 4), other = random_batch(graph, 6, 5);
    lido_net *net[2];
    for (int i = 0; i < 2; i++) {
        net[i] = net_of(graph, &(lido_net_options){.batch = 6, .training = true});
        lido_result result;
        if (i == 1) {
            lido_net_forward(net[i], &other, &result);
            lido_batch unlabelled = {.count = 6, .x = other.x};
            lido_net_forward(net[i], &unlabelled, NULL);
        }
        lido_net_gradients(net[i], &batch, &result);
    }
    ck_assert_mem_eq(lido_net_gradient(net[0]), lido_net_gradient(net[1]), params_bytes(graph));
    ck_assert_mem_eq(lido_net_state(net[0]), lido_net_state(net[1]),
                     (size_t)graph->states * sizeof(lido_real));
    for (int i = 0; i < 2; i++) lido_net_free(net[i]);
    free_batch(&batch);
    free_batch(&other);
    lido_graph_free(graph);
}
END_TEST

START_TEST(draws_follow_the_sample_and_the_step) {
    lido_graph *graph = graph_of("[40]", "{\"type\": \"dropout\", \"rate\": 0.5}");
    lido_net *net =
        net_of(graph, &(lido_net_options){.batch = 2, .training = true, .loss = LIDO_LOSS_SQUARED});
    lido_real x[80], first[80];
    for (int i = 0; i < 80; i++) x[i] = 1;
    const int64_t order[2] = {31, 17}, swapped[2] = {17, 31};
    lido_batch batch = {.count = 2, .x = x, .sample = order, .step = 5};
    memcpy(first, lido_net_forward_training(net, &batch), sizeof first);
    batch.sample = swapped;
    const lido_real *y = lido_net_forward_training(net, &batch);
    ck_assert_mem_eq(y, first + 40, sizeof first / 2);
    ck_assert_mem_eq(y + 40, first, sizeof first / 2);
    batch.step = 6;
    ck_assert_mem_ne(lido_net_forward_training(net, &batch), first + 40, sizeof first / 2);
    lido_net_free(net);
    lido_graph_free(graph);
}
END_TEST

START_TEST(inference_equals_the_forward_pass_of_training) {
    lido_graph *graph = graph_of("[9, 8, 2]", CHAIN);
    lido_net *training = net_of(graph, &(lido_net_options){.batch = 4, .training = true});
    lido_net *inference = net_of(graph, &(lido_net_options){.batch = 4});
    lido_batch batch = random_batch(graph, 4, 6);
    size_t bytes = 4 * (size_t)lido_graph_output(graph)->channels * sizeof(lido_real);
    lido_real y[20];
    ck_assert_uint_eq(bytes, sizeof y);
    memcpy(y, lido_net_forward_training(training, &batch), bytes);
    lido_result a, b;
    ck_assert_mem_eq(lido_net_forward(training, &batch, &a), y, bytes);
    ck_assert_mem_eq(lido_net_forward(inference, &batch, &b), y, bytes);
    ck_assert_mem_eq(&a, &b, sizeof a);
    ck_assert_ptr_null(lido_net_gradient(inference));
    lido_net_memory with, without;
    lido_net_memory_get(training, &with);
    lido_net_memory_get(inference, &without);
    ck_assert_int_lt(without.arena, with.arena);
    ck_assert_int_eq(without.gradients, 0);
    ck_assert_int_eq(with.gradients, with.params);
    ck_assert_int_eq(with.params, (int64_t)params_bytes(graph));
    free_batch(&batch);
    lido_net_free(training);
    lido_net_free(inference);
    lido_graph_free(graph);
}
END_TEST

START_TEST(a_view_of_the_picture_is_the_picture) {
    lido_graph *graph = graph_of("[2, 2, 1]", "{\"type\": \"flatten\"}");
    lido_net *net = net_of(graph, &(lido_net_options){.batch = 1, .loss = LIDO_LOSS_SQUARED});
    const lido_real x[4] = {1, 2, 3, 4};
    lido_batch batch = {.count = 1, .x = x};
    ck_assert_ptr_eq(lido_net_forward(net, &batch, NULL), x);
    lido_net_free(net);
    lido_graph_free(graph);
}
END_TEST

START_TEST(the_gradient_of_a_picture_that_is_read_twice_is_summed) {
    lido_graph *graph =
        graph_of("[3]", "{\"type\": \"flatten\", \"name\": \"f\"}, {\"type\": \"add\", "
                        "\"input\": [\"f\", \"image\", \"f\"]}");
    lido_net *net =
        net_of(graph, &(lido_net_options){.batch = 2, .training = true, .input_gradient = true});
    const lido_real x[6] = {0}, dy[6] = {1, 2, 3, 4, 5, 6};
    lido_batch batch = {.count = 2, .x = x};
    const lido_real *dx = lido_net_backward_from(net, &batch, dy);
    for (int i = 0; i < 6; i++) ck_assert_double_eq((double)dx[i], 3 * (double)dy[i]);
    lido_net_free(net);
    lido_graph_free(graph);
}
END_TEST

/* ---- trouble ------------------------------------------------------------------------------- */

START_TEST(the_first_layer_that_is_not_finite_is_found) {
    lido_graph *graph = graph_of("[9, 8, 2]", CHAIN);
    lido_net *net = net_of(graph, &(lido_net_options){.batch = 4, .training = true});
    lido_batch batch = random_batch(graph, 4, 6);
    ck_assert_int_eq(lido_net_find_not_finite(net, &batch), -1);
    int segments;
    const lido_segment *segment = lido_graph_segments(graph, &segments);
    for (int i = segments - 1; i >= 0; i--) {
        lido_net_params(net)[segment[i].offset] = (lido_real)(i % 2 == 0 ? NAN : INFINITY);
        ck_assert_int_eq(lido_net_find_not_finite(net, &batch), segment[i].layer);
    }
    lido_result result;
    lido_net_gradients(net, &batch, &result);
    ck_assert(isnan(result.loss));
    free_batch(&batch);
    lido_net_free(net);
    lido_graph_free(graph);
}
END_TEST

START_TEST(undrawn_weights_are_zero) {
    lido_graph *graph = graph_of("[5,6,2]", "{\"type\": \"avg_pool\", \"global\": true}, "
                                            "{\"type\": \"batch_norm\"}, "
                                            "{\"type\": \"dense\", \"units\": 3}");
    lido_net *net =
        net_of(graph, &(lido_net_options){.batch = 1, .loss = LIDO_LOSS_SQUARED, .undrawn = true});
    for (int64_t i = 0; i < lido_graph_params(graph); i++)
        ck_assert_double_eq(lido_net_params(net)[i], 0);
    for (int i = 0; i < 4; i++) ck_assert_double_eq(lido_net_state(net)[i], 0);
    lido_net_free(net);
    lido_graph_free(graph);
}
END_TEST

START_TEST(what_cannot_be_made_is_refused) {
    lido_graph *graph = graph_of("[4]", "{\"type\": \"dense\", \"units\": 3, \"name\": \"fc\"}");
    lido_net *net;
    lido_net_options options = {.batch = 0};
    assert_fails(lido_net_make(graph, &options, &net, &error), LIDO_USAGE, "batch of at least 1");
    ck_assert_ptr_null(net);
    options = (lido_net_options){.batch = 1, .input_gradient = true};
    assert_fails(lido_net_make(graph, &options, &net, &error), LIDO_USAGE, "training net");
    options = (lido_net_options){.batch = 1};
    assert_fails(lido_net_make(graph, &options, &net, &error), LIDO_SPEC,
                 "\"cross_entropy\" needs a softmax as the last layer, not \"fc\" (dense)");
    options = (lido_net_options){.batch = INT64_MAX / 2, .loss = LIDO_LOSS_SQUARED};
    assert_fails(lido_net_make(graph, &options, &net, &error), LIDO_TOO_LARGE, "\"fc\"");
    lido_graph_free(graph);
}
END_TEST

START_TEST(more_memory_than_there_is_is_refused) {
#ifdef LIDO_SANITIZED
    printf("skipped: sanitizers end the process when an allocation fails\n");
#else
    lido_graph *graph = graph_of("[4]", "{\"type\": \"relu\"}");
    lido_net *net;
    lido_net_options options = {.batch = (int64_t)1 << 45, .loss = LIDO_LOSS_SQUARED};
    assert_fails(lido_net_make(graph, &options, &net, &error), LIDO_MEMORY,
                 is_double ? "asks for 1134695999864832 bytes" : "asks for 571746046443520 bytes");
    ck_assert_ptr_null(net);
    lido_net_free(net);
    lido_graph_free(graph);
#endif
}
END_TEST

LIDO_TEST_MAIN("net", one_dense_layer_is_its_formula, gradients_are_those_of_the_loss,
               threads_do_not_change_a_bit, a_rectifier_behind_the_maxima_changes_no_bit,
               the_threads_of_the_blas_are_put_back,
               a_short_batch_is_run_as_if_the_net_were_made_for_it,
               evaluating_leaves_no_trace_in_training, draws_follow_the_sample_and_the_step,
               inference_equals_the_forward_pass_of_training, a_view_of_the_picture_is_the_picture,
               the_gradient_of_a_picture_that_is_read_twice_is_summed,
               the_first_layer_that_is_not_finite_is_found, undrawn_weights_are_zero,
               what_cannot_be_made_is_refused, more_memory_than_there_is_is_refused)
