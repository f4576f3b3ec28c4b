#include "data_helpers.h"
#include "run_helpers.h"

#include <math.h>

typedef struct bench {
    lido_spec *spec;
    lido_graph *graph;
    lido_net *net;
    lido_dataset *set;
    lido_batch_rule rule;
} bench;

static bench make_with(const char *first, int64_t batch) {
    char text[512];
    snprintf(text, sizeof text,
             "{\"input\": [4, 4, 1], \"layers\": [%s{\"type\": \"flatten\"},"
             "{\"type\": \"dense\", \"units\": 4}, {\"type\": \"softmax\"}]}",
             first);
    bench b = {.spec = spec_of(text)};
    lido_net_options options = {.batch = batch, .seed = 3};
    lido_error error;
    assert_ok(lido_graph_make(b.spec, &b.graph, &error));
    assert_ok(lido_net_make(b.graph, &options, &b.net, &error));
    b.set = columns_set(23, 4, 4);
    b.rule = plain_rule(b.set);
    return b;
}

static bench make(int64_t batch) {
    return make_with("", batch);
}

static void destroy(bench *b) {
    lido_net_free(b->net);
    lido_graph_free(b->graph);
    lido_spec_free(b->spec);
    lido_dataset_free(b->set);
}

static lido_score score(bench *b, const int64_t *samples, int64_t count, int64_t batch) {
    lido_evaluation evaluation = {
        .rule = &b->rule, .samples = samples, .count = count, .batch = batch};
    lido_score result;
    lido_error error;
    assert_ok(lido_evaluate(b->net, b->graph, &evaluation, &result, &error));
    return result;
}

/* The mean over the pictures one by one, whatever the batch and its short tail. */
START_TEST(does_not_depend_on_the_batch) {
    bench b = make(23);
    double loss = 0, correct = 0;
    for (int64_t i = 0; i < 23; i++) {
        lido_score one = score(&b, &i, 1, 1);
        ck_assert_int_eq(one.rows, 1);
        loss += one.loss;
        correct += one.accuracy;
    }
    const int64_t batches[] = {1, 5, 22, 23};
    for (int i = 0; i < 4; i++) {
        lido_score whole = score(&b, NULL, 0, batches[i]);
        ck_assert_int_eq(whole.rows, 23);
        ck_assert_double_eq_tol(whole.loss, loss / 23, 1e-12 * loss);
        ck_assert_double_eq_tol(whole.accuracy, correct / 23, 1e-12);
    }
    destroy(&b);
}
END_TEST

/* With weights that answer with the brightest column, every answer is right and sure. */
START_TEST(accuracy_counts_right_answers) {
    bench b = make(8);
    lido_real *params = lido_net_params(b.net);
    for (int p = 0; p < 16; p++)
        for (int c = 0; c < 4; c++) params[p * 4 + c] = p % 4 == c ? 10 : 0;
    lido_score right = score(&b, NULL, 0, 8);
    ck_assert(right.accuracy == 1);
    ck_assert(right.loss < 1e-6);
    b.set->labels[0] = 1;
    ck_assert_double_eq_tol(score(&b, NULL, 0, 8).accuracy, 22.0 / 23, 1e-15);
    destroy(&b);
}
END_TEST

/* Outputs of all pictures, added up. */
static void add_outputs(void *context, const lido_batch *batch, const lido_real *y) {
    double *sum = context;
    for (int64_t i = 0; i < batch->count * 4; i++) sum[batch->sample[0] * 4 + i] += (double)y[i];
}

/* Random windows: the mean of three passes is that of the passes with their draws, one by one. */
START_TEST(passes_are_averaged) {
    bench b = make_with("{\"type\": \"max_pool\", \"fractional\": {\"output_size\": 3, "
                        "\"overlap\": false}}, ",
                        23);
    double mean[23 * 4] = {0}, one[23 * 4] = {0}, loss = 0;
    lido_evaluation evaluation = {
        .rule = &b.rule, .batch = 10, .passes = 3, .shown = add_outputs, .context = mean};
    lido_score result;
    lido_error error;
    assert_ok(lido_evaluate(b.net, b.graph, &evaluation, &result, &error));
    bool differs = false;
    for (int64_t n = 0; n < 23; n++) {
        lido_real x[16];
        double sum[4] = {0};
        lido_batch_fill(&b.rule, 0, &n, 1, x, NULL);
        for (uint64_t step = 0; step < 3; step++) {
            const lido_real *y = lido_net_forward(
                b.net, &(lido_batch){.count = 1, .x = x, .sample = &n, .step = step}, NULL);
            for (int c = 0; c < 4; c++) {
                differs = differs || (step > 0 && (double)y[c] != one[n * 4 + c]);
                one[n * 4 + c] = (double)y[c];
                sum[c] += (double)y[c] / 3;
            }
        }
        for (int c = 0; c < 4; c++) ck_assert_double_eq_tol(mean[n * 4 + c], sum[c], 1e-6);
        loss -= log(sum[b.set->labels[n]]) / 23;
    }
    ck_assert(differs);
    ck_assert_double_eq_tol(result.loss, loss, 1e-6);
    destroy(&b);
}
END_TEST

static bool stop_at_second(void *context, int64_t done, int64_t total) {
    ck_assert_int_eq(total, 23);
    ck_assert_int_le(done, total);
    return ++*(int *)context < 2;
}

START_TEST(progress_may_stop_it) {
    bench b = make(8);
    int calls = 0;
    lido_evaluation evaluation = {
        .rule = &b.rule, .batch = 8, .progress = stop_at_second, .context = &calls};
    lido_score result;
    lido_error error;
    assert_fails(lido_evaluate(b.net, b.graph, &evaluation, &result, &error), LIDO_INTERRUPTED,
                 "interrupted during evaluation");
    ck_assert_int_eq(calls, 2);
    destroy(&b);
}
END_TEST

START_TEST(a_set_that_does_not_fit_is_refused) {
    bench b = make(8);
    b.set->classes = 5;
    lido_evaluation evaluation = {.rule = &b.rule, .batch = 8};
    lido_score result;
    lido_error error;
    assert_fails(lido_evaluate(b.net, b.graph, &evaluation, &result, &error), LIDO_SHAPE,
                 "the network has 4 outputs, the data set columns 5 classes");
    destroy(&b);
}
END_TEST

LIDO_TEST_MAIN("evaluate", does_not_depend_on_the_batch, accuracy_counts_right_answers,
               passes_are_averaged, progress_may_stop_it, a_set_that_does_not_fit_is_refused)
