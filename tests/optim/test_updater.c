#include "team_of.h"

#include <lido/optim.h>
#include <math.h>

enum { WEIGHTS = 40000, BIASES = 13, PARAMS = WEIGHTS + BIASES };

static const lido_stretch stretches[] = {{WEIGHTS, true}, {BIASES, false}};

typedef struct sgd_like {
    lido_optimizer_common common;
    double momentum;
    bool nesterov;
} sgd_like;

static lido_updater *make(const char *name, const void *config, double clip, int threads) {
    lido_updater_options options = {lido_optimizer_find(name), config, stretches, 2, clip,
                                    team_of(threads)};
    lido_updater *updater;
    lido_error error;
    assert_ok(lido_updater_make(&options, &updater, &error));
    return updater;
}

static void fill(lido_real *values, double scale) {
    for (int i = 0; i < PARAMS; i++) values[i] = (lido_real)(scale * sin(i * i % 1009));
}

static void train(const char *name, const void *config, double clip, int threads,
                  lido_real *params) {
    lido_real *gradient = calloc(PARAMS, sizeof *gradient);
    lido_updater *updater = make(name, config, clip, threads);
    fill(params, 1);
    for (int64_t step = 1; step <= 5; step++) {
        fill(gradient, (double)step);
        lido_updater_step(updater, params, gradient, 0.01, step);
    }
    lido_updater_free(updater);
    free(gradient);
}

START_TEST(same_bits_for_any_number_of_threads) {
    static lido_real one[PARAMS], many[PARAMS];
    const double config[8] = {0.01, 0.001, 0.9, 0.99, 1e-8}; /* valid for each of them */
    const int threads[] = {2, 3, 8};
    const char *const names[] = {"sgd", "rmsprop", "adam", "adamw"};
    for (int n = 0; n < 4; n++) {
        const sgd_like sgd = {{0.01, 0.001}, 0.9, true};
        const void *used = n == 0 ? (const void *)&sgd : config;
        train(names[n], used, 0.5, 1, one);
        for (int t = 0; t < 3; t++) {
            train(names[n], used, 0.5, threads[t], many);
            ck_assert_mem_eq(one, many, sizeof one);
        }
    }
}
END_TEST

START_TEST(clips_by_the_norm_of_the_whole_vector) {
    static lido_real params[PARAMS], gradient[PARAMS];
    const sgd_like config = {.common = {.lr = 1}};
    fill(gradient, 1);
    double squares = 0;
    for (int i = 0; i < PARAMS; i++) squares += (double)gradient[i] * (double)gradient[i];
    double norm = sqrt(squares);
    const double clips[] = {0, norm / 4, norm * 4};
    const double scales[] = {1, 0.25, 1};
    for (int c = 0; c < 3; c++) {
        lido_updater *updater = make("sgd", &config, clips[c], 2);
        memset(params, 0, sizeof params);
        lido_updater_step(updater, params, gradient, 1, 1);
        for (int i = 0; i < PARAMS; i++)
            ck_assert_double_eq_tol((double)params[i], -scales[c] * (double)gradient[i], 1e-7);
        lido_updater_free(updater);
    }
}
END_TEST

START_TEST(decay_spares_what_it_should) {
    static lido_real params[PARAMS], gradient[PARAMS];
    const sgd_like config = {.common = {.lr = 1, .weight_decay = 0.5}};
    lido_updater *updater = make("sgd", &config, 0, 1);
    for (int i = 0; i < PARAMS; i++) params[i] = 1;
    lido_updater_step(updater, params, gradient, 1, 1);
    for (int i = 0; i < WEIGHTS; i++) ck_assert(params[i] == (lido_real)0.5);
    for (int i = WEIGHTS; i < PARAMS; i++) ck_assert(params[i] == 1);
    lido_updater_free(updater);
}
END_TEST

START_TEST(nothing_to_train_is_allowed) {
    const sgd_like config = {.common = {.lr = 1}};
    lido_updater_options options = {lido_optimizer_find("sgd"), &config, NULL, 0, 1, NULL};
    lido_updater *updater;
    lido_error error;
    assert_ok(lido_updater_make(&options, &updater, &error));
    lido_updater_step(updater, NULL, NULL, 1, 1);
    lido_updater_free(updater);
    lido_updater_free(NULL);
}
END_TEST

LIDO_TEST_MAIN("updater", same_bits_for_any_number_of_threads,
               clips_by_the_norm_of_the_whole_vector, decay_spares_what_it_should,
               nothing_to_train_is_allowed)
