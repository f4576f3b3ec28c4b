#include "study/measures.h"

#include "model_helpers.h"

#include "team_of.h"

#include <math.h>

static const int rows[] = {1, 2, 1, 2, 0, 3, 3}, columns[] = {1, 2, 0, 3, 1, 2, 0};

typedef struct bench {
    lido_model model;
    lido_dataset *test, *train;
} bench;

/* Seven test and three training pictures; the last test picture's label is wrong. */
static bench make(lido_team *team) {
    bench b = {.model = model_of(HALVES, 4, "", team),
               .test = points_set(4, 7, rows, columns),
               .train = points_set(4, 3, rows, columns)};
    make_halves(&b.model, 4, 3);
    b.test->labels[6] = 1;
    b.train->labels[0] = 1;
    return b;
}

static void destroy(bench *b) {
    lido_model_free(&b->model);
    lido_dataset_free(b->test);
    lido_dataset_free(b->train);
}

static lido_json *measured(bench *b, const lido_measure_options *options, lido_team *team,
                           lido_answers *answers) {
    const lido_measuring measuring = {.model = &b->model,
                                      .test = b->test,
                                      .train = b->train,
                                      .options = options,
                                      .seed = 5,
                                      .team = team};
    lido_json *json;
    lido_error error;
    assert_ok(lido_measure(&measuring, &json, answers, &error));
    return json;
}

static double number(const lido_json *json, const char *key) {
    return lido_json_number(lido_json_get(json, key));
}

/* Every picture is classified with the same confidence p, one of seven wrong. */
START_TEST(the_ordinary_by_hand) {
    bench b = make(NULL);
    lido_answers answers;
    lido_json *json = measured(&b, NULL, NULL, &answers);
    const double left = 1 / (1 + exp(-3.003)), right = 1 / (1 + exp(-2.997));
    const double sure = (4 * left + 3 * right) / 7;
    ck_assert_double_eq_tol(number(json, "test_accuracy"), 6.0 / 7, 1e-15);
    const double loss = -(3 * log(left) + 3 * log(right) + log(1 - left)) / 7;
    ck_assert_double_eq_tol(number(json, "test_loss"), loss, 1e-6);
    ck_assert_double_eq_tol(number(json, "train_accuracy"), 2.0 / 3, 1e-15);
    ck_assert_double_eq_tol(number(json, "calibration_error"), fabs(sure - 6.0 / 7), 1e-6);
    const double brier = 2 * (3 * pow(1 - left, 2) + 3 * pow(1 - right, 2) + left * left) / 7;
    ck_assert_double_eq_tol(number(json, "brier"), brier, 1e-6);
    ck_assert(number(json, "parameters") == 34 && number(json, "multiply_adds") == 32);
    /* outputs of flatten, dense and softmax */
    ck_assert(number(json, "activation_bytes") == (16 + 2 + 2) * sizeof(lido_real));
    char *confusion = lido_json_print(lido_json_get(json, "confusion"), false);
    ck_assert_str_eq(confusion, "[[3,0],[1,3]]");
    free(confusion);
    ck_assert(!lido_json_get(json, "shift") && !lido_json_get(json, "pooling") &&
              !lido_json_get(json, "noise") && !lido_json_get(json, "passes"));
    ck_assert_int_eq(answers.rows, 7);
    for (int i = 0; i < 7; i++) {
        ck_assert_int_eq(answers.predictions[i], columns[i] / 2);
        ck_assert_double_eq_tol((double)answers.confidences[i], columns[i] < 2 ? left : right,
                                1e-6);
    }
    lido_answers_free(&answers);
    lido_json_free(json);
    destroy(&b);
}
END_TEST

START_TEST(no_training_set_no_training_measures) {
    bench b = make(NULL);
    lido_answers answers;
    lido_dataset_free(b.train);
    b.train = NULL;
    lido_json *json = measured(&b, NULL, NULL, &answers);
    const lido_json *accuracy = lido_json_get(json, "train_accuracy");
    ck_assert_ptr_nonnull(accuracy);
    ck_assert_int_eq(lido_json_kind_of(accuracy), LIDO_JSON_NULL);
    lido_answers_free(&answers);
    lido_json_free(json);
    destroy(&b);
}
END_TEST

/* Outputs that are no probabilities say nothing of calibration. */
START_TEST(no_softmax_no_calibration) {
    bench b = {.model = model_of("{\"type\": \"flatten\"}, {\"type\": \"dense\", \"units\": 2}", 4,
                                 ", \"train\": {\"loss\": \"mse\"}", NULL),
               .test = points_set(4, 7, rows, columns)};
    lido_answers answers;
    make_halves(&b.model, 4, 3);
    lido_json *json = measured(&b, NULL, NULL, &answers);
    ck_assert(number(json, "test_accuracy") == 1);
    ck_assert_int_eq(lido_json_kind_of(lido_json_get(json, "calibration_error")), LIDO_JSON_NULL);
    ck_assert_int_eq(lido_json_kind_of(lido_json_get(json, "brier")), LIDO_JSON_NULL);
    lido_answers_free(&answers);
    lido_json_free(json);
    destroy(&b);
}
END_TEST

#define POOLED                                                                           \
    "{\"type\": \"max_pool\", \"name\": \"pool\", \"fractional\": {\"output_size\": 3, " \
    "\"overlap\": false}}, " HALVES

static const lido_measure_options everything = {
    .shift = {.pixels = 1, .images = 3, .fills = 1, .fill = {LIDO_FILL_CIRCULAR}},
    .images = 5,
    .rotation = {1, {30}},
    .scale = {1, {0.8}},
    .noise = {2, {0.1, 0.4}},
    .blur = {1, {1}},
    .passes = {2, {1, 8}},
    .pooling = true};

static char *all_of(lido_team *team, lido_answers *answers) {
    bench b = {.model = model_of(POOLED, 4, "", team), .test = points_set(4, 7, rows, columns)};
    lido_json *json = measured(&b, &everything, team, answers);
    char *text = lido_json_print(json, true);
    const lido_json *pooling = lido_json_first(lido_json_get(json, "pooling"));
    ck_assert_str_eq(lido_json_string(lido_json_get(pooling, "layer")), "pool");
    ck_assert_str_eq(lido_json_string(lido_json_get(pooling, "type")), "max_pool");
    /* of one white pixel in sixteen */
    ck_assert_double_eq_tol(number(pooling, "input_mean"), 1.0 / 16, 1e-9);
    const lido_json *passes = lido_json_first(lido_json_get(json, "passes"));
    ck_assert(number(passes, "amount") == 1);
    ck_assert(number(passes, "loss") == number(json, "test_loss"));
    ck_assert(number(lido_json_next(passes), "loss") != number(json, "test_loss"));
    static const char *const lists[] = {"shift", "rotation", "scale", "noise", "blur"};
    static const int counts[] = {1, 1, 1, 2, 1};
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(lido_json_count(lido_json_get(json, lists[i])), counts[i]);
    lido_json_free(json);
    destroy(&b);
    return text;
}

START_TEST(threads_change_nothing) {
    lido_answers one, other;
    char *alone = all_of(NULL, &one);
    for (int threads = 2; threads <= 8; threads += 3) {
        char *many = all_of(team_of(threads), &other);
        ck_assert_str_eq(alone, many);
        ck_assert_mem_eq(one.predictions, other.predictions, 7 * sizeof *one.predictions);
        ck_assert_mem_eq(one.confidences, other.confidences, 7 * sizeof *one.confidences);
        lido_answers_free(&other);
        free(many);
    }
    lido_answers_free(&one);
    free(alone);
}
END_TEST

typedef struct watch {
    int64_t seen, total;
    int64_t stop_at; /* 0: never */
} watch;

/* It only goes up, and ends at what it says from the beginning. */
static bool note(void *context, int64_t done, int64_t total) {
    watch *w = context;
    ck_assert(w->total == 0 || w->total == total);
    ck_assert(done > w->seen && done <= total);
    *w = (watch){done, total, w->stop_at};
    return w->stop_at == 0 || done < w->stop_at;
}

static lido_status watched(bench *b, watch *w, lido_json **json, lido_answers *answers,
                           lido_error *error) {
    const lido_measuring measuring = {.model = &b->model,
                                      .test = b->test,
                                      .train = b->train,
                                      .options = &everything,
                                      .progress = note,
                                      .context = w};
    return lido_measure(&measuring, json, answers, error);
}

START_TEST(progress_goes_to_the_end) {
    bench b = {.model = model_of(POOLED, 4, "", NULL),
               .test = points_set(4, 7, rows, columns),
               .train = points_set(4, 3, rows, columns)};
    watch w = {0};
    lido_json *json;
    lido_answers answers;
    lido_error error;
    assert_ok(watched(&b, &w, &json, &answers, &error));
    ck_assert(w.seen == w.total && w.total == 7 + 3 + 5 * 3 + 5 * 5 + 2 * 7 + 5);
    lido_json_free(json);
    lido_answers_free(&answers);
    for (int64_t stop = 1; stop < w.total; stop += 10) {
        watch stopped = {.stop_at = stop};
        assert_fails(watched(&b, &stopped, &json, &answers, &error), LIDO_INTERRUPTED,
                     "interrupted");
        ck_assert(!json && !answers.predictions && !answers.confidences);
    }
    destroy(&b);
}
END_TEST

START_TEST(what_cannot_be_measured_is_refused) {
    lido_error error;
    lido_measure_options options = {.passes = {1, {2}}};
    lido_model model = model_of(HALVES, 4, "", NULL);
    assert_fails(lido_measure_check(model.graph, &options, "s.json: \"measures\"", &error),
                 LIDO_SPEC, "s.json: \"measures\": \"passes\": nothing in this network is drawn");
    options = (lido_measure_options){.blur = {1, {2}}};
    assert_ok(lido_measure_check(model.graph, &options, "x", &error));
    lido_model_free(&model);
    model = model_of("{\"type\": \"conv\", \"filters\": 2, \"kernel\": 1}, {\"type\": \"softmax\"}",
                     4, ", \"target\": \"label_map\"", NULL);
    assert_fails(lido_measure_check(model.graph, &options, "x", &error), LIDO_SPEC,
                 "are for networks that give a picture one class");
    options = (lido_measure_options){.pooling = true, .accuracies = {1, {0.5}}};
    assert_ok(lido_measure_check(model.graph, &options, "x", &error));
    lido_model_free(&model);
}
END_TEST

/* A class for each pixel: rows are pixels, and those without a label do not count. */
START_TEST(label_maps_are_measured) {
    const int64_t dims[] = {4, 4, 1};
    bench b = {.model = model_of("{\"type\": \"conv\", \"filters\": 2, \"kernel\": 1}, "
                                 "{\"type\": \"softmax\"}",
                                 4, ", \"target\": \"label_map\"", NULL)};
    lido_shape shape;
    lido_answers answers;
    lido_error error;
    assert_ok(lido_shape_make(dims, 3, &shape, &error));
    assert_ok(lido_dataset_new("maps", &shape, 6, 2, 16, &b.test, &error));
    for (int i = 0; i < 6 * 16; i++) {
        b.test->pixels[i] = (uint8_t)(i % 3 == 0 ? 255 : 0);
        b.test->labels[i] = i % 4 == 3 ? -1 : i % 3 == 0;
    }
    lido_real *params = lido_net_params(b.model.net); /* white is class 1 */
    params[0] = 0, params[1] = 8, params[2] = 4, params[3] = 0;
    b.test->labels[0] = 0;
    lido_json *json = measured(&b, &(lido_measure_options){.pooling = true}, NULL, &answers);
    ck_assert_int_eq(answers.rows, 96);
    ck_assert_double_eq_tol(number(json, "test_accuracy"), 71.0 / 72, 1e-15);
    ck_assert(answers.predictions[0] == 1 && answers.predictions[3] == -1);
    ck_assert(answers.confidences[3] == 0 && answers.confidences[0] > 0.9f);
    ck_assert_int_eq(lido_json_count(lido_json_get(json, "pooling")), 0);
    lido_json_free(json);
    lido_answers_free(&answers);
    destroy(&b);
}
END_TEST

LIDO_TEST_MAIN("measures", the_ordinary_by_hand, no_training_set_no_training_measures,
               no_softmax_no_calibration, threads_change_nothing, progress_goes_to_the_end,
               what_cannot_be_measured_is_refused, label_maps_are_measured)
