/* test_single.c - one layer run by itself: the same numbers as in a network, and what is refused.
 */
#include "team_of.h"

#include "net/single.h"

#include <lido/net.h>

#include <stdio.h>
#include <string.h>

static lido_error error;

static lido_json *parsed(const char *text) {
    lido_json *json = NULL;
    assert_ok(lido_json_parse(text, strlen(text), "layer", &json, &error));
    return json;
}

static lido_status make(const char *text, int inputs, const lido_shape *x, int64_t batch,
                        lido_single **single) {
    lido_json *json = parsed(text);
    bool nonnegative[LIDO_MAX_INPUTS] = {false};
    lido_single_options options = {
        .batch = batch, .team = team_of(2), .seed = 3, .nonnegative = nonnegative};
    lido_status status = lido_single_make(json, "layer", inputs, x, &options, single, &error);
    lido_json_free(json);
    return status;
}

static lido_shape map(int64_t h, int64_t w, int64_t c) {
    lido_shape shape;
    assert_ok(lido_shape_make((int64_t[]){h, w, c}, 3, &shape, &error));
    return shape;
}

static void assert_reals(const lido_real *found, const double *expected, int count) {
    for (int i = 0; i < count; i++)
        ck_assert_msg((double)found[i] == expected[i], "[%d]: %g, expected %g", i, (double)found[i],
                      expected[i]);
}

static const lido_real classic[16] = {1, 1, 2, 4, 5, 6, 7, 8, 3, 2, 1, 0, 1, 2, 3, 4};

START_TEST(pools_forward_and_backward) {
    lido_shape x = map(4, 4, 1);
    lido_single *single;
    assert_ok(make("{\"type\": \"max_pool\", \"kernel\": 2}", 1, &x, 1, &single));
    ck_assert_int_eq(lido_shape_size(lido_single_output(single)), 4);
    const lido_real *in[] = {classic}, dy[4] = {1, 2, 3, 4};
    lido_real dx[16];
    memset(dx, 0xff, sizeof dx);
    assert_reals(lido_single_forward(single, in, true), (double[]){6, 8, 3, 4}, 4);
    lido_single_backward(single, dy, (lido_real *const[]){dx});
    assert_reals(dx, (double[]){0, 0, 0, 0, 0, 1, 0, 2, 3, 0, 0, 0, 0, 0, 0, 4}, 16);
    lido_single_free(single);
}
END_TEST

/* A convolution of 4x4x1 by 3x3 to 2x2x1, and its relu, twice. */
START_TEST(tells_its_work) {
    lido_shape x = map(4, 4, 1);
    lido_single *single;
    assert_ok(make("{\"type\": \"conv\", \"filters\": 1, \"kernel\": 3, \"activation\": \"relu\"}",
                   1, &x, 2, &single));
    lido_real in[32] = {1}, dx[32];
    const lido_real *inputs[] = {in}, dy[8] = {1};
    lido_single_forward(single, inputs, true);
    lido_single_backward(single, dy, (lido_real *const[]){dx});
    const lido_work forward = lido_single_work(single, false);
    ck_assert_double_eq(forward.multiply_adds, 2 * 4 * 9);
    ck_assert_double_eq(forward.bytes, (2 * (16 + 4) + 10 + 2 * (4 + 4)) * sizeof(lido_real));
    const lido_work backward = lido_single_work(single, true);
    ck_assert_double_eq(backward.multiply_adds, 2 * 2 * 4 * 9);
    ck_assert_double_eq(backward.bytes,
                        (2 * (4 + 16 + 16) + 2 * 10 + 2 * (4 + 4 + 4)) * sizeof(lido_real));
    lido_single_free(single);
}
END_TEST

START_TEST(takes_several_inputs) {
    lido_shape x[] = {map(1, 2, 1), map(1, 2, 1)};
    lido_single *single;
    assert_ok(make("{\"type\": \"add\", \"input\": [\"a\", \"b\"]}", 2, x, 1, &single));
    const lido_real a[] = {1, 2}, b[] = {10, 20}, dy[] = {3, 4};
    lido_real da[2], db[2];
    const lido_real *in[] = {a, b};
    assert_reals(lido_single_forward(single, in, true), (double[]){11, 22}, 2);
    lido_single_backward(single, dy, (lido_real *const[]){da, db});
    assert_reals(da, (double[]){3, 4}, 2);
    assert_reals(db, (double[]){3, 4}, 2);
    lido_single_backward(single, dy, (lido_real *const[]){NULL, db}); /* one is not wanted */
    lido_single_free(single);
}
END_TEST

/* The activation is a second link; dense: y = relu(x w + b). */
START_TEST(runs_an_inner_activation) {
    int64_t two = 2;
    lido_shape x;
    assert_ok(lido_shape_make(&two, 1, &x, &error));
    lido_single *single;
    assert_ok(
        make("{\"type\": \"dense\", \"units\": 2, \"activation\": \"relu\"}", 1, &x, 1, &single));
    int arrays;
    lido_single_array *array = lido_single_arrays(single, &arrays);
    ck_assert_int_eq(arrays, 2);
    ck_assert_str_eq(array[0].name, "weight");
    ck_assert_str_eq(array[1].name, "bias");
    memcpy(array[0].value, (lido_real[]){1, 2, 3, -4}, 4 * sizeof(lido_real));
    memcpy(array[1].value, (lido_real[]){0.5, -1}, 2 * sizeof(lido_real));

    const lido_real in[] = {1, -1}, dy[] = {10, 20}, *xs[] = {in};
    lido_real dx[2];
    assert_reals(lido_single_forward(single, xs, true), (double[]){0, 5}, 2);
    for (int again = 0; again < 2; again++) { /* gradients do not add up over calls */
        lido_single_backward(single, dy, (lido_real *const[]){dx});
        assert_reals(dx, (double[]){40, -80}, 2);
        assert_reals(array[0].gradient, (double[]){0, 20, 0, -20}, 4);
        assert_reals(array[1].gradient, (double[]){0, 20}, 2);
    }
    lido_single_free(single);
}
END_TEST

START_TEST(a_view_is_copied) {
    lido_shape x = map(4, 4, 1);
    lido_single *single;
    assert_ok(make("{\"type\": \"flatten\"}", 1, &x, 1, &single));
    ck_assert_int_eq(lido_single_output(single)->rank, 0);
    const lido_real *in[] = {classic};
    const lido_real *y = lido_single_forward(single, in, true);
    ck_assert_ptr_ne(y, classic);
    ck_assert_mem_eq(y, classic, sizeof classic);
    lido_real dx[16];
    lido_single_backward(single, classic, (lido_real *const[]){dx});
    ck_assert_mem_eq(dx, classic, sizeof classic);
    lido_single_free(single);
}
END_TEST

/* Weights and draws of a network of that one layer, in both modes. */
START_TEST(equals_a_network_of_one_layer) {
    static const char *const layers[] = {"{\"type\": \"conv\", \"filters\": 3, \"kernel\": 2}",
                                         "{\"type\": \"dropout\", \"rate\": 0.5}",
                                         "{\"type\": \"batch_norm\"}"};
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        char text[256];
        int length =
            snprintf(text, sizeof text, "{\"input\": [4, 2, 2], \"layers\": [%s]}", layers[i]);
        lido_spec *spec;
        lido_graph *graph;
        lido_net *net;
        assert_ok(lido_spec_parse(text, (size_t)length, "spec", &spec, &error));
        assert_ok(lido_graph_make(spec, &graph, &error));
        lido_net_options options = {
            .batch = 1, .training = true, .input_gradient = true, .seed = 3};
        assert_ok(lido_net_make(graph, &options, &net, &error));

        lido_shape x = map(4, 2, 2);
        lido_single *single;
        assert_ok(make(layers[i], 1, &x, 1, &single));
        const lido_real *in[] = {classic};
        size_t bytes = (size_t)lido_shape_size(lido_single_output(single)) * sizeof(lido_real);
        lido_batch batch = {.count = 1, .x = classic};
        const lido_real *expected = lido_net_forward(net, &batch, NULL);
        ck_assert_mem_eq(lido_single_forward(single, in, false), expected, bytes);
        expected = lido_net_forward_training(net, &batch);
        ck_assert_mem_eq(lido_single_forward(single, in, true), expected, bytes);

        lido_single_free(single);
        lido_net_free(net);
        lido_graph_free(graph);
        lido_spec_free(spec);
    }
}
END_TEST

/* What was drawn, given to another with another seed, comes to the same bits. */
START_TEST(draws_are_taken_and_given) {
    lido_shape x = map(2, 4, 1);
    lido_single *single, *other;
    lido_json *json = parsed("{\"type\": \"dropout\", \"activation\": \"relu\"}");
    lido_single_options options = {.batch = 2, .team = team_of(2), .seed = 3};
    assert_ok(lido_single_make(json, "layer", 1, &x, &options, &single, &error));
    options.seed = 4;
    assert_ok(lido_single_make(json, "layer", 1, &x, &options, &other, &error));
    lido_json_free(json);
    int64_t count;
    const char *decide;
    float draws[16], again[16];
    assert_ok(lido_single_draws(single, true, &count, &decide, &error));
    ck_assert_int_eq(count, 8);
    ck_assert_str_eq(decide, "an element is dropped below the rate");
    lido_single_take_draws(single, true, draws);
    lido_single_take_draws(other, true, again);
    ck_assert_mem_ne(draws, again, sizeof draws);
    lido_single_give_draws(other, draws);
    lido_single_take_draws(other, true, again);
    ck_assert_mem_eq(draws, again, sizeof draws);
    const lido_real *in[] = {classic};
    const lido_real *y = lido_single_forward(single, in, true);
    ck_assert_mem_eq(y, lido_single_forward(other, in, true), sizeof classic);
    lido_single_give_draws(other, NULL);
    ck_assert_mem_ne(y, lido_single_forward(other, in, true), sizeof classic);
    assert_fails(lido_single_draws(single, false, &count, &decide, &error), LIDO_SPEC,
                 "in training only");
    lido_single_free(single);
    lido_single_free(other);
}
END_TEST

START_TEST(switches_in_both_modes) {
    lido_shape x = map(4, 4, 1);
    lido_single *single;
    lido_json *json = parsed("{\"type\": \"max_pool\", \"kernel\": 2}");
    lido_single_options options = {.batch = 1, .team = team_of(2), .switches = true};
    assert_ok(lido_single_make(json, "layer", 1, &x, &options, &single, &error));
    lido_json_free(json);
    const lido_real *in[] = {classic};
    for (int training = 0; training < 2; training++) {
        int64_t switches[4] = {0};
        assert_ok(lido_single_check_switches(single, training, &error));
        lido_single_forward(single, in, training);
        lido_single_switches(single, switches);
        ck_assert(switches[0] == 5 && switches[1] == 7 && switches[2] == 8 && switches[3] == 15);
    }
    lido_single_free(single);
}
END_TEST

START_TEST(refuses) {
    lido_shape x = map(4, 4, 1), both[] = {x, x};
    lido_single *single;
    assert_fails(make("[1]", 1, &x, 1, &single), LIDO_SPEC, "layer: must be a layer object");
    ck_assert_ptr_null(single);
    assert_fails(make("{\"type\": \"relo\"}", 1, &x, 1, &single), LIDO_SPEC, "\"relu\"");
    assert_fails(make("{\"type\": \"max_pool\", \"kernel\": 5}", 1, &x, 1, &single), LIDO_SHAPE,
                 "layer: layers[0] (max_pool): ");
    assert_fails(make("{\"type\": \"relu\"}", 2, both, 1, &single), LIDO_SPEC, "relu");
    assert_fails(make("{\"type\": \"relu\"}", 1, &x, INT64_MAX / 8, &single), LIDO_TOO_LARGE,
                 "bytes");
    ck_assert_ptr_null(single);
    int64_t count;
    const char *decide;
    assert_ok(make("{\"type\": \"relu\"}", 1, &x, 1, &single));
    assert_fails(lido_single_draws(single, true, &count, &decide, &error), LIDO_SPEC,
                 "relu takes no random draws");
    assert_fails(lido_single_check_switches(single, true, &error), LIDO_SPEC,
                 "relu has no switches");
    lido_single_free(single);
    lido_single_free(NULL);
}
END_TEST

LIDO_TEST_MAIN("single", pools_forward_and_backward, tells_its_work, takes_several_inputs,
               runs_an_inner_activation, a_view_is_copied, equals_a_network_of_one_layer,
               draws_are_taken_and_given, switches_in_both_modes, refuses)
