/* test_gradcheck.c - networks whose gradients are right pass, and wrong ones are caught and named:
 * also the test that the executor adds, shares and overwrites gradients as it should, on random
 * graphs. */
#include "graph_of.h"
#include "team_of.h"
#include "net/graph.h"

#include <math.h>

static lido_error error;

static lido_gradcheck_result check(const lido_graph *graph, uint64_t seed) {
    lido_gradcheck_options options = {.seed = seed, .team = team_of(2)};
    lido_gradcheck_result result;
    assert_ok(lido_gradcheck(graph, &options, &result, &error));
    return result;
}

static void assert_right(const lido_graph *graph, uint64_t seed) {
    lido_gradcheck_result result = check(graph, seed);
    ck_assert_msg(result.failed == 0, "seed %d: %d of %d wrong, worst %g at %s[%d]: %g is not %g",
                  (int)seed, (int)result.failed, (int)result.checked, result.error, result.segment,
                  (int)result.index, result.analytic, result.numeric);
    ck_assert_int_le(result.kinks, 1 + result.checked / 20);
}

START_TEST(a_convolutional_network_is_right) {
    lido_graph *graph = graph_of(
        "[7, 6, 2]",
        "{\"type\": \"conv\", \"filters\": 3, \"kernel\": 3, \"activation\": \"tanh\"},"
        "{\"type\": \"conv\", \"filters\": 4, \"kernel\": [2, 3], \"padding\": \"same\"},"
        "{\"type\": \"flatten\"}, {\"type\": \"dense\", \"units\": 5}, {\"type\": \"softmax\"}");
    lido_gradcheck_result result = check(graph, 1);
    ck_assert_int_eq(result.failed, 0);
    ck_assert_int_eq(result.kinks, 0);
    ck_assert_int_eq(result.checked, lido_graph_params(graph) + 2 * 7 * 6 * 2);
    lido_graph_free(graph);
}
END_TEST

START_TEST(a_network_with_branches_is_right) {
    lido_graph *graph = graph_of(
        "[6, 6, 2]", "{\"type\": \"conv\", \"filters\": 4, \"kernel\": 3, \"name\": \"a\"},"
                     "{\"type\": \"batch_norm\"}, {\"type\": \"relu\", \"name\": \"b\"},"
                     "{\"type\": \"conv\", \"filters\": 4, \"kernel\": 1, \"name\": \"c\"},"
                     "{\"type\": \"dropout\", \"rate\": 0.3, \"input\": \"b\", \"name\": \"d\"},"
                     "{\"type\": \"add\", \"input\": [\"b\", \"c\", \"d\"], \"name\": \"e\"},"
                     "{\"type\": \"concat\", \"input\": [\"e\", \"c\", \"a\"]},"
                     "{\"type\": \"max_pool\", \"kernel\": 2}, {\"type\": \"flatten\"},"
                     "{\"type\": \"dense\", \"units\": 3}, {\"type\": \"softmax\"}");
    assert_right(graph, 2);
    lido_graph_free(graph);
}
END_TEST

START_TEST(large_segments_are_sampled) {
    lido_graph *graph =
        graph_of("[90]", "{\"type\": \"dense\", \"units\": 40}, {\"type\": \"sigmoid\"}");
    lido_gradcheck_options options = {.limit = 30};
    lido_gradcheck_result result;
    assert_ok(lido_gradcheck(graph, &options, &result, &error));
    ck_assert_int_eq(result.checked, 90);
    ck_assert_int_eq(result.failed, 0);
    lido_graph_free(graph);
}
END_TEST

/* ---- random graphs ------------------------------------------------------------------------- */

typedef struct writer {
    lido_key key;
    uint64_t drawn;
    char text[1 << 13];
    size_t used;
} writer;

static int pick(writer *w, int below) {
    return (int)lido_random_below(w->key, 0, w->drawn++, (uint64_t)below);
}

static void put(writer *w, const char *text) {
    ck_assert_uint_lt(w->used + strlen(text), sizeof w->text);
    w->used += (size_t)sprintf(w->text + w->used, "%s", text);
}

/* An earlier tensor that nobody uses yet, if there is one, or any. */
static int pick_input(writer *w, int layer, bool *used, bool fresh) {
    for (int i = 0; fresh && i < layer; i++)
        if (!used[i]) return i;
    return pick(w, layer + 1) - 1;
}

static void put_inputs(writer *w, int layer, int inputs, bool *used, bool fresh) {
    put(w, ", \"input\": [");
    for (int k = 0; k < inputs; k++) {
        char name[32];
        int input = pick_input(w, layer, used, fresh);
        if (input >= 0) used[input] = true;
        snprintf(name, sizeof name, input < 0 ? "%s\"image\"" : "%s\"l%d\"", k ? ", " : "", input);
        put(w, name);
    }
    put(w, "]");
}

/* Layers on vectors of 5, each reading any earlier tensors; the last ones gather what is unused. */
static void write_random_graph(writer *w, uint64_t seed) {
    enum { FREE_LAYERS = 7, MOST = 40 };
    static const struct {
        const char *text;
        int inputs;
    } kinds[] = {{"\"add\"", 2},
                 {"\"add\"", 3},
                 {"\"multiply\"", 2},
                 {"\"relu\"", 1},
                 {"\"tanh\"", 1},
                 {"\"relu\"", 1},
                 {"\"add\"", 2},
                 {"\"flatten\"", 1},
                 {"\"flatten\"", 1},
                 {"\"sigmoid\"", 1},
                 {"\"dense\", \"units\": 5", 1}};
    *w = (writer){.key = lido_key_make(seed, "random graph", 0)};
    bool used[MOST] = {false};
    for (int layer = 0, unused = 0; layer < FREE_LAYERS || unused > 1; layer++) {
        ck_assert_int_lt(layer, MOST);
        bool gather = layer >= FREE_LAYERS;
        int kind = gather ? 0 : pick(w, sizeof kinds / sizeof *kinds);
        char opening[64];
        snprintf(opening, sizeof opening, "%s{\"type\": %s, \"name\": \"l%d\"", layer ? ", " : "",
                 kinds[kind].text, layer);
        put(w, opening);
        put_inputs(w, layer, kinds[kind].inputs, used, gather || pick(w, 2) == 0);
        put(w, "}");
        unused = 0;
        for (int i = 0; i <= layer; i++) unused += !used[i];
    }
}

START_TEST(random_graphs_are_right) {
    for (uint64_t seed = 0; seed < 200; seed++) {
        writer w;
        write_random_graph(&w, seed);
        lido_graph *graph = graph_of("[5]", w.text);
        assert_right(graph, seed);
        lido_graph_free(graph);
    }
}
END_TEST

/* ---- layers made for the occasion ---------------------------------------------------------- */

/* y = |x - bend|, with bend where x was first seen, plus `shift`; the slope there is `slope`. */
static lido_real bend[64];
static bool bent;
static double shift, slope;

static void bend_forward(const lido_call *call) {
    int64_t count = call->batch * lido_shape_size(call->y_shape);
    for (int64_t i = 0; i < count; i++) {
        if (!bent) bend[i] = (lido_real)((double)call->x[0][i] + shift);
        call->y[i] = (lido_real)fabs((double)call->x[0][i] - (double)bend[i]);
    }
    bent = true;
}

static void bend_backward(const lido_call *call) {
    int64_t count = call->batch * lido_shape_size(call->y_shape);
    for (int64_t i = 0; i < count; i++) call->dx[0][i] = (lido_real)slope * call->dy[i];
}

static lido_status bend_infer(const lido_site *site, lido_needs *needs, lido_error *unused) {
    (void)unused;
    needs->y = site->x[0];
    return LIDO_OK;
}

static const lido_layer bending = {
    .name = "bending", .infer = bend_infer, .forward = bend_forward, .backward = bend_backward};

static lido_gradcheck_result check_bending(double bend_shift, double bend_slope) {
    lido_graph *graph = graph_of("[12]", "{\"type\": \"relu\"}");
    graph->node[0].layer = &bending;
    shift = bend_shift;
    slope = bend_slope;
    bent = false;
    lido_gradcheck_options options = {.tolerance = sizeof(lido_real) == sizeof(double) ? 0 : 2e-3};
    lido_gradcheck_result result;
    assert_ok(lido_gradcheck(graph, &options, &result, &error));
    ck_assert_int_eq(result.checked, 24);
    lido_graph_free(graph);
    return result;
}

START_TEST(kinks_are_counted) {
    lido_gradcheck_result result = check_bending(0, 0.5);
    ck_assert_int_eq(result.kinks, 24);
    ck_assert_int_eq(result.failed, 0);
}
END_TEST

START_TEST(a_slope_outside_a_kink_is_an_error) {
    lido_gradcheck_result result = check_bending(0, 1.5);
    ck_assert_int_eq(result.kinks, 0);
    ck_assert_int_eq(result.failed, 24);
}
END_TEST

START_TEST(a_kink_nearby_is_stepped_around) {
    double nearby = sizeof(lido_real) == sizeof(double) ? 3e-6 : 3e-3;
    lido_gradcheck_result result = check_bending(nearby, -1);
    ck_assert_int_eq(result.kinks, 0);
    ck_assert_int_eq(result.failed, 0);
    result = check_bending(nearby, -0.5); /* wrong, and no kink at the point itself */
    ck_assert_int_eq(result.kinks, 0);
    ck_assert_int_eq(result.failed, 24);
}
END_TEST

/* A dense layer whose gradient of one weight is wrong, or added to what was there. */
static const lido_layer *right;
static bool accumulates;

static void wrong_backward(const lido_call *call) {
    lido_real before = call->dw[0][7];
    right->backward(call);
    if (accumulates)
        call->dw[0][7] += before;
    else
        call->dw[0][7] += 1;
}

static void assert_caught(lido_graph *graph) {
    lido_gradcheck_result result = check(graph, 9);
    ck_assert_int_eq(result.failed, 1);
    ck_assert_int_eq(result.kinks, 0);
    ck_assert_str_eq(result.segment, "fc.weight");
    ck_assert_int_eq(result.index, 7);
    ck_assert_double_eq_tol(fabs(result.analytic - result.numeric) /
                                fmax(1, fmax(fabs(result.analytic), fabs(result.numeric))),
                            result.error, 1e-12);
}

START_TEST(a_wrong_gradient_is_named) {
    lido_graph *graph = graph_of("[4]", "{\"type\": \"dense\", \"units\": 3, \"name\": \"fc\"}");
    right = graph->node[0].layer;
    lido_layer wrong = *right;
    wrong.backward = wrong_backward;
    graph->node[0].layer = &wrong;
    accumulates = false;
    assert_caught(graph);
    accumulates = true;
    assert_caught(graph);
    lido_graph_free(graph);
}
END_TEST

START_TEST(a_nan_is_a_failure) {
    lido_gradcheck_result result = check_bending(0, NAN);
    ck_assert_int_eq(result.failed, 24);
    ck_assert_int_eq(result.kinks, 0);
    ck_assert(isnan(result.error));
}
END_TEST

START_TEST(bad_options_are_refused) {
    lido_graph *graph = graph_of("[4]", "{\"type\": \"relu\"}");
    lido_gradcheck_options options = {.batch = -1};
    lido_gradcheck_result result;
    assert_fails(lido_gradcheck(graph, &options, &result, &error), LIDO_USAGE, "batch");
    lido_graph_free(graph);
}
END_TEST

LIDO_TEST_MAIN("gradcheck", a_convolutional_network_is_right, a_network_with_branches_is_right,
               large_segments_are_sampled, random_graphs_are_right, kinks_are_counted,
               a_slope_outside_a_kink_is_an_error, a_kink_nearby_is_stepped_around,
               a_wrong_gradient_is_named, a_nan_is_a_failure, bad_options_are_refused)
