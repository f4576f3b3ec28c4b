/* test_pool_statistics.c - counts made by hand; the passes against one window at a time; the same
 * bits for any threads and batches. */
#include "graph_of.h"
#include "team_of.h"
#include "net/single.h"

#include <math.h>

static lido_error error;

static lido_pool_statistics *statistics_of(const lido_graph *graph, int64_t batch, int threads) {
    lido_pool_statistics *statistics;
    assert_ok(lido_pool_statistics_make(graph, batch, team_of(threads), &statistics, &error));
    return statistics;
}

/* Of the last pooling layer, `count` samples being cut into batches. */
static lido_pool_summary look_at(const lido_graph *graph, const lido_real *x, int64_t count,
                                 int64_t batch, int threads) {
    lido_net *net = net_of(
        graph, &(lido_net_options){
                   .batch = batch, .team = team_of(threads), .seed = 3, .loss = LIDO_LOSS_SQUARED});
    lido_pool_statistics *statistics = statistics_of(graph, batch, threads);
    const int64_t each = lido_shape_size(lido_graph_input(graph));
    for (int64_t done = 0; done < count; done += batch) {
        int64_t sample[16];
        for (int64_t i = 0; i < batch; i++) sample[i] = done + i;
        const lido_batch part = {.count = count - done < batch ? count - done : batch,
                                 .x = x + done * each,
                                 .sample = sample};
        lido_pool_statistics_add(statistics, net, &part);
    }
    lido_pool_summary summary;
    lido_pool_statistics_get(statistics, lido_pool_statistics_layers(statistics) - 1, &summary);
    lido_pool_statistics_free(statistics);
    lido_net_free(net);
    return summary;
}

static lido_pool_summary look_once(const char *input, const char *layers, const lido_real *x) {
    lido_graph *graph = graph_of(input, layers);
    lido_pool_summary summary = look_at(graph, x, 1, 1, 1);
    lido_graph_free(graph);
    return summary;
}

static void assert_near(double got, double wanted) {
    ck_assert_msg(isnan(wanted) ? isnan(got) : fabs(got - wanted) < 1e-6, "%.9g, not %.9g", got,
                  wanted);
}

/* reached, tied and empty are counts of cells or windows: exact. */
static void assert_summary(const lido_pool_summary *s, double reached, double tied, double empty,
                           double entropy, double evenness) {
    ck_assert_msg(s->reached == reached && s->tied == tied && s->empty == empty,
                  "%g %g %g, not %g %g %g", s->reached, s->tied, s->empty, reached, tied, empty);
    assert_near(s->entropy, entropy);
    assert_near(s->evenness, evenness);
}

/* Of a choice that falls on one of two in one of four cases. */
static const double quarter = 0.8112781244591328;

static const lido_real classic[] = {1, 1, 2, 4, 5, 6, 7, 8, 3, 2, 1, 0, 1, 2, 3, 4};

START_TEST(the_classic) {
    const double places = (4 * log2(9.0 / 2) + 4 * log2(9.0 / 4) + log2(9)) / 9;
    static const char input[] = "[4,4,1]";
    lido_pool_summary s = look_once(input, "{\"type\": \"max_pool\", \"kernel\": 2}", classic);
    ck_assert(s.layer == 0 && s.mean == 3.125 && s.zeros == 1.0 / 16);
    assert_summary(&s, 4.0 / 16, 0, 0, quarter, quarter / 2);
    s = look_once(input, "{\"type\": \"min_pool\", \"kernel\": 2}", classic);
    assert_summary(&s, 4.0 / 16, 1.0 / 4, 0, 1.5, 0.75);
    s = look_once(input, "{\"type\": \"avg_pool\", \"kernel\": 2}", classic);
    assert_summary(&s, 1, 0, 0, NAN, NAN);
    s = look_once(input, "{\"type\": \"avg_pool\", \"kernel\": 2, \"stride\": 3}", classic);
    assert_summary(&s, 4.0 / 16, 0, 0, NAN, NAN);
    /* places 3 3 2, 1 1 0, 1 1 0 */
    s = look_once(input, "{\"type\": \"max_pool\", \"kernel\": 2, \"padding\": 1}", classic);
    assert_summary(&s, 9.0 / 16, 0, 0, places, places / 2);
}
END_TEST

/* Two windows have their maximum in the 8, two in the 7. */
START_TEST(windows_that_overlap) {
    lido_pool_summary s =
        look_once("[4,4,1]", "{\"type\": \"max_pool\", \"kernel\": 3, \"stride\": 1}", classic);
    assert_summary(&s, 2.0 / 16, 0, 0, 1, 1 / log2(9));
}
END_TEST

/* Five windows; the largest of the whole map is that of a quarter as well. */
START_TEST(a_pyramid_has_no_place_in_the_window) {
    lido_pool_summary s =
        look_once("[4,4,1]", "{\"type\": \"max_pool\", \"levels\": [1, 2]}", classic);
    assert_summary(&s, 4.0 / 16, 0, 0, NAN, NAN);
    s = look_once("[4,4,1]", "{\"type\": \"max_pool\", \"global\": true}", classic);
    assert_summary(&s, 1.0 / 16, 0, 0, 0, 0);
    s = look_once("[4,4,1]", "{\"type\": \"max_pool\", \"kernel\": 1}", classic);
    assert_summary(&s, 1, 0, 1.0 / 16, NAN, NAN);
}
END_TEST

START_TEST(every_place_once) {
    static const lido_real x[] = {9, 0, 0, 9, 1, 2, 3, 4, 0, 0, 0, 0, 9, 1, 2, 9};
    lido_pool_summary s = look_once("[4,4,1]", "{\"type\": \"max_pool\", \"kernel\": 2}", x);
    assert_summary(&s, 4.0 / 16, 0, 0, 2, 1);
}
END_TEST

/* Windows: zeros; a tie of 3; negative but for one zero; a 5 among zeros. relu makes the third one
 * zeros. */
static const lido_real mixed[] = {0, 0, 3, 3, 0, 0, 1, 0, -1, -2, 0, 5, 0, -3, 0, 0};

START_TEST(ties_and_empty_windows) {
    lido_pool_summary s = look_once("[4,4,1]", "{\"type\": \"max_pool\", \"kernel\": 2}", mixed);
    ck_assert(s.zeros == 9.0 / 16 && s.mean == 6.0 / 16);
    assert_summary(&s, 4.0 / 16, 2.0 / 4, 1.0 / 4, 1.5, 0.75);
    s = look_once("[4,4,1]", "{\"type\": \"relu\"}, {\"type\": \"max_pool\", \"kernel\": 2}",
                  mixed);
    ck_assert(s.layer == 1 && s.zeros == 12.0 / 16 && s.mean == 12.0 / 16);
    assert_summary(&s, 4.0 / 16, 3.0 / 4, 2.0 / 4, quarter, quarter / 2);
    s = look_once("[4,4,1]", "{\"type\": \"relu\"}, {\"type\": \"avg_pool\", \"kernel\": 2}",
                  mixed);
    assert_summary(&s, 1, 3.0 / 4, 2.0 / 4, NAN, NAN);
}
END_TEST

/* An empty window draws no cell; the 5 is drawn always. */
START_TEST(stochastic_pooling_reaches_what_it_draws) {
    lido_pool_summary s = look_once(
        "[4,4,1]", "{\"type\": \"relu\"}, {\"type\": \"stochastic_pool\", \"kernel\": 2}", mixed);
    ck_assert(s.reached == 2.0 / 16 && s.empty == 2.0 / 4 && s.entropy >= 0);
}
END_TEST

/* Log-sum-exp sends 1/4 and 3/4 to 0 and ln 3; two channels are two windows. */
START_TEST(smooth_reducers_divide_their_gradient) {
    const lido_real ln3 = (lido_real)log(3);
    const lido_real x[] = {0, 0, ln3, ln3};
    lido_pool_summary s = look_once("[2,2]", "{\"type\": \"lse_pool\", \"kernel\": 2}", x);
    assert_summary(&s, 1, 0, 0, quarter, quarter);
    s = look_once("[2,2]", "{\"type\": \"mixed_pool\", \"kernel\": 2, \"a\": 0.5}", x);
    assert_summary(&s, 1, 0, 0, quarter, quarter);
}
END_TEST

START_TEST(what_is_no_pooling_is_left_out) {
    lido_graph *graph =
        graph_of("[4,4,1]", "{\"type\": \"relu\"}, {\"type\": \"blur_pool\", \"kernel\": 3}");
    lido_pool_statistics *statistics = statistics_of(graph, 2, 1);
    ck_assert_int_eq(lido_pool_statistics_layers(statistics), 0);
    lido_pool_statistics_free(statistics);
    assert_fails(lido_pool_statistics_make(graph, 0, NULL, &statistics, &error), LIDO_USAGE,
                 "at least 1");
    ck_assert_ptr_null(statistics);
    lido_pool_statistics_free(NULL);
    lido_graph_free(graph);
}
END_TEST

/* ---- against one window at a time ----------------------------------------------------------- */

enum { SIDE = 5, CHANNELS = 3, KERNEL = 3, ELEMENTS = SIDE * SIDE * CHANNELS };

static const char *const reducers[] = {"max", "min",   "median", "gem",   "lse", "soft",
                                       "lp",  "mixed", "lip",    "gated", "sum", "tree"};

/* The layer's backward for each output alone: what is reached, and the entropy. */
static void by_one(const lido_json *layer, const lido_shape *shape, const lido_real *x,
                   double *reached, double *entropy) {
    static lido_real dy[ELEMENTS], dx[ELEMENTS];
    bool touched[ELEMENTS] = {false};
    double share[KERNEL * KERNEL] = {0}, sum = 0;
    lido_single *single;
    const lido_single_options options = {.batch = 1, .seed = 3};
    assert_ok(lido_single_make(layer, "test", 1, shape, &options, &single, &error));
    const lido_shape *y = lido_single_output(single);
    lido_single_forward(single, &x, true);
    for (int64_t o = 0; o < lido_shape_size(y); o++) {
        lido_real *to = dx;
        double whole = 0;
        memset(dy, 0, sizeof dy);
        dy[o] = 1;
        lido_single_backward(single, dy, &to);
        for (int i = 0; i < ELEMENTS; i++) whole += fabs((double)dx[i]);
        for (int i = 0; i < ELEMENTS; i++) {
            const int64_t position = o / CHANNELS, width = y->axis[2];
            const int64_t row = i / CHANNELS / SIDE - position / width;
            const int64_t column = i / CHANNELS % SIDE - position % width;
            if (dx[i] == 0) continue;
            touched[i] = true;
            share[row * KERNEL + column] += fabs((double)dx[i]) / whole;
        }
    }
    lido_single_free(single);
    *reached = *entropy = 0;
    for (int i = 0; i < ELEMENTS; i++) *reached += touched[i];
    for (int i = 0; i < KERNEL * KERNEL; i++) sum += share[i];
    for (int i = 0; i < KERNEL * KERNEL; i++)
        if (share[i] > 0) *entropy -= share[i] / sum * log2(share[i] / sum);
    *reached /= ELEMENTS;
}

START_TEST(passes_are_as_one_window_at_a_time) {
    char text[256];
    double reached, entropy;
    lido_json *layer;
    snprintf(text, sizeof text,
             "{\"type\": \"%s_pool\", \"kernel\": 3, \"stride\": 1, \"name\": \"p\"}",
             reducers[_i]);
    lido_graph *graph = graph_of("[5,5,3]", text);
    lido_batch batch = random_batch(graph, 1, 9);
    assert_ok(lido_json_parse(text, strlen(text), "layer", &layer, &error));
    by_one(layer, lido_graph_input(graph), batch.x, &reached, &entropy);
    lido_pool_summary s = look_at(graph, batch.x, 1, 1, 2);
    ck_assert_msg(s.reached == reached, "%g, not %g", s.reached, reached);
    assert_near(s.entropy, strcmp(reducers[_i], "sum") == 0 ? (double)NAN : entropy);
    lido_json_free(layer);
    free_batch(&batch);
    lido_graph_free(graph);
}
END_TEST

/* ---- the same bits -------------------------------------------------------------------------- */

static const char *const layers[] = {
    "{\"type\": \"max_pool\", \"kernel\": 3, \"stride\": 2}",
    "{\"type\": \"gem_pool\", \"kernel\": 2, \"stride\": 1, \"learn\": \"channel\"}",
    "{\"type\": \"stochastic_pool\", \"kernel\": 3, \"stride\": 2}",
    "{\"type\": \"avg_pool\", \"output_size\": 5}",
    "{\"type\": \"mixed_choice_pool\", \"levels\": [3, 1]}",
    "{\"type\": \"max_pool\", \"fractional\": {\"ratio\": 0.7, \"kernel\": 2}}",
    ("{\"type\": \"lse_pool\", \"fractional\": {\"ratio\": 0.6, \"mode\": \"random\", "
     "\"kernel\": 2}}"),
    "{\"type\": \"max_pool\", \"fractional\": {\"ratio\": 0.6, \"overlap\": false}}",
    "{\"type\": \"soft_pool\", \"stochastic_grid\": {\"cell\": 4, \"keep\": 2}}",
    "{\"type\": \"dgm_pool\", \"global\": true}",
};

static bool same(double a, double b) {
    return a == b || (isnan(a) && isnan(b));
}

START_TEST(neither_threads_nor_batches_change_a_bit) {
    const struct {
        int64_t batch;
        int threads;
    } ways[] = {{7, 2}, {7, 3}, {7, 8}, {1, 1}, {3, 2}};
    char text[512];
    snprintf(text, sizeof text,
             "{\"type\": \"conv\", \"filters\": 5, \"kernel\": 3, \"padding\": 1}, {\"type\": "
             "\"relu\"}, %s",
             layers[_i]);
    lido_graph *graph = graph_of("[12,12,2]", text);
    lido_batch batch = random_batch(graph, 7, 1);
    const lido_pool_summary first = look_at(graph, batch.x, 7, 7, 1);
    ck_assert(first.reached > 0 && first.reached <= 1 && first.zeros > 0 && first.mean > 0);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        const lido_pool_summary s = look_at(graph, batch.x, 7, ways[i].batch, ways[i].threads);
        ck_assert(s.mean == first.mean && s.zeros == first.zeros && s.reached == first.reached);
        ck_assert(s.tied == first.tied && s.empty == first.empty);
        ck_assert(same(s.entropy, first.entropy) && same(s.evenness, first.evenness));
    }
    free_batch(&batch);
    lido_graph_free(graph);
}
END_TEST

/* ---- what it rests on ----------------------------------------------------------------------- */

typedef struct shown {
    int layers;
    int node[8];
    lido_real seen; /* the first input of the last */
} shown;

static void note(void *context, int layer, const lido_call *call) {
    shown *s = context;
    ck_assert(!call->training && call->batch == 1);
    s->node[s->layers++] = layer;
    s->seen = call->x[0][0];
}

START_TEST(layers_are_shown_in_order_with_their_input) {
    static const lido_real x[] = {1, 2, 3, 4};
    lido_graph *graph =
        graph_of("[4,1]", "{\"type\": \"max_pool\", \"kernel\": 2}, {\"type\": \"flatten\"}, "
                          "{\"type\": \"tanh\"}");
    lido_net *net = net_of(graph, &(lido_net_options){.batch = 1, .loss = LIDO_LOSS_SQUARED});
    const lido_batch batch = {.count = 1, .x = x};
    shown s = {0};
    const lido_real *y = lido_net_forward_shown(net, &batch, note, &s);
    ck_assert(s.layers == 2 && s.node[0] == 0 && s.node[1] == 2 && s.seen == 2);
    const lido_real first = y[0], second = y[1];
    y = lido_net_forward(net, &batch, NULL);
    ck_assert(y[0] == first && y[1] == second);
    lido_net_free(net);
    lido_graph_free(graph);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("pool_statistics");
    TCase *tcase = tcase_create("pool_statistics");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, the_classic);
    tcase_add_test(tcase, windows_that_overlap);
    tcase_add_test(tcase, a_pyramid_has_no_place_in_the_window);
    tcase_add_test(tcase, every_place_once);
    tcase_add_test(tcase, ties_and_empty_windows);
    tcase_add_test(tcase, stochastic_pooling_reaches_what_it_draws);
    tcase_add_test(tcase, smooth_reducers_divide_their_gradient);
    tcase_add_test(tcase, what_is_no_pooling_is_left_out);
    tcase_add_loop_test(tcase, passes_are_as_one_window_at_a_time, 0,
                        sizeof reducers / sizeof *reducers);
    tcase_add_loop_test(tcase, neither_threads_nor_batches_change_a_bit, 0,
                        sizeof layers / sizeof *layers);
    tcase_add_test(tcase, layers_are_shown_in_order_with_their_input);
    suite_add_tcase(suite, tcase);
    return lido_check_run(suite);
}
