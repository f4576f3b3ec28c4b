/* golden.h - what PyTorch does (tests/golden/make_optim.py), and running ours beside it. */
#ifndef LIDO_TESTS_OPTIM_GOLDEN_H
#define LIDO_TESTS_OPTIM_GOLDEN_H

#include "lido_check.h"

#include "base/options.h"

#include <lido/optim.h>
#include <math.h>

/* Relative to 1 or the value: rounding of the build's numbers over a dozen steps. */
#ifdef LIDO_DOUBLE
static const double golden_tolerance = 1e-13;
#else
static const double golden_tolerance = 2e-6;
#endif

static inline lido_json *golden_read(void) {
    lido_json *json = NULL;
    lido_error error;
    assert_ok(lido_json_read(LIDO_SOURCE_DIR "/tests/golden/optim.json", &json, &error));
    return json;
}

/* Numbers of a JSON array into values[]; returns how many. */
static inline int golden_numbers(const lido_json *array, double *values, int most) {
    int count = 0;
    for (const lido_json *v = lido_json_first(array); v && count < most; v = lido_json_next(v))
        values[count++] = lido_json_number(v);
    return count;
}

enum { GOLDEN_PARAMS = 7, GOLDEN_BIAS = 2 };

static inline void golden_run(const lido_json *json, const lido_json *one,
                              const lido_optimizer *optimizer) {
    const char *const skip[] = {"type", NULL};
    double config[LIDO_OPTIMIZER_CONFIG_SIZE / sizeof(double)] = {0}, number[GOLDEN_PARAMS];
    lido_given given;
    lido_error error;
    assert_ok(lido_options_read(optimizer->options, lido_json_get(one, "options"), "golden", skip,
                                config, &given, &error));
    const lido_stretch stretch[] = {{GOLDEN_PARAMS - GOLDEN_BIAS, true}, {GOLDEN_BIAS, false}};
    lido_updater_options options = {
        .optimizer = optimizer, .config = config, .stretch = stretch, .stretches = 2};
    lido_updater *updater;
    assert_ok(lido_updater_make(&options, &updater, &error));

    lido_real params[GOLDEN_PARAMS], gradient[GOLDEN_PARAMS];
    golden_numbers(lido_json_get(json, "start"), number, GOLDEN_PARAMS);
    for (int i = 0; i < GOLDEN_PARAMS; i++) params[i] = (lido_real)number[i];
    const lido_json *wanted = lido_json_first(lido_json_get(one, "values"));
    const lido_json *g = lido_json_first(lido_json_get(json, "gradients"));
    int64_t step = 0;
    for (; g; g = lido_json_next(g), wanted = lido_json_next(wanted)) {
        golden_numbers(g, number, GOLDEN_PARAMS);
        for (int i = 0; i < GOLDEN_PARAMS; i++) gradient[i] = (lido_real)number[i];
        lido_updater_step(updater, params, gradient, config[0], ++step);
        ck_assert_int_eq(golden_numbers(wanted, number, GOLDEN_PARAMS), GOLDEN_PARAMS);
        for (int i = 0; i < GOLDEN_PARAMS; i++)
            ck_assert_msg(fabs((double)params[i] - number[i]) <=
                              golden_tolerance * fmax(1, fabs(number[i])),
                          "%s, step %d, parameter %d: %.17g, PyTorch has %.17g", optimizer->name,
                          (int)step, i, (double)params[i], number[i]);
    }
    ck_assert_int_eq(step, 12);
    lido_updater_free(updater);
}

/* Every golden trajectory of the named optimiser; there must be `cases` of them. */
static inline void golden_check(const char *name, int cases) {
    lido_json *json = golden_read();
    const lido_json *one = lido_json_first(lido_json_get(json, "optimizers"));
    int found = 0;
    for (; one; one = lido_json_next(one)) {
        if (strcmp(lido_json_string(lido_json_get(lido_json_get(one, "options"), "type")), name))
            continue;
        golden_run(json, one, lido_optimizer_find(name));
        found++;
    }
    ck_assert_int_eq(found, cases);
    lido_json_free(json);
}

#endif
