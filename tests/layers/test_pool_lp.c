/* test_pool_lp.c - norms: exact examples, zeros, large numbers and exponents, NaN, the Gaussian,
 * and what is refused. (Values and gradients on all grids: test_registry.c.) */
#include "layers/pool_check.h"

/* One window of four cells in one channel; dy is 2. */
static lido_rig run_window(const char *json, double a, double b, double c, double d) {
    lido_rig rig = open_pool(json, "[4,1]", 1);
    set_values(&rig.x[0], a, b, c, d);
    set_values(&rig.dy, 2);
    lido_rig_run(&rig, &(lido_way){0});
    return rig;
}

static void check_window(const char *json, const double x[4], double y, const double dx[4]) {
    lido_rig rig = run_window(json, x[0], x[1], x[2], x[3]);
    assert_values(&rig.y, y);
    lido_assert_values(&rig.dx[0], dx, 4);
    lido_rig_free(&rig);
}

#define LP "{\"type\": \"lp_pool\", \"kernel\": 4"
#define FOUR(...) ((const double[]){__VA_ARGS__})

START_TEST(norms) {
    check_window(LP "}", FOUR(3, 0, -4, 0), 5, FOUR(1.2, 0, -1.6, 0));
    check_window(LP ", \"p\": 1}", FOUR(1, -2, 0, 4), 7, FOUR(2, -2, 0, 2));
    check_window(LP ", \"p\": 3}", FOUR(3, -4, 5, 0), 6, FOUR(0.5, -8.0 / 9, 50.0 / 36, 0));
    check_window(LP ", \"normalize\": true}", FOUR(1, -7, 7, 1), 5, FOUR(0.1, -0.7, 0.7, 0.1));
    check_window(LP ", \"p\": 1, \"normalize\": true}", FOUR(1, -2, 0, 5), 2,
                 FOUR(0.5, -0.5, 0, 0.5));
    check_window(LP ", \"max_norm\": true}", FOUR(1, -5, 5, 2), 5, FOUR(0, -2, 0, 0));
    check_window(LP ", \"max_norm\": true, \"p\": 2, \"normalize\": false, \"learn\": \"none\"}",
                 FOUR(1, -5, 5, 2), 5, FOUR(0, -2, 0, 0)); /* as a resolved spec writes it */
}
END_TEST

START_TEST(zeros_have_no_gradient) {
    const double *none = FOUR(0, 0, 0, 0);
    check_window(LP "}", none, 0, none);
    check_window(LP ", \"p\": 1}", none, 0, none);
    check_window(LP ", \"p\": 1.5}", none, 0, none);
    check_window(LP ", \"max_norm\": true}", none, 0, none);
    lido_rig rig = run_window(LP ", \"p\": 2, \"learn\": \"layer\"}", 0, 0, 0, 0);
    assert_values(&rig.dw[0], 0);
    lido_rig_free(&rig);
}
END_TEST

/* Neither the power of a large number nor a large power overflows. */
START_TEST(large_numbers_stay_finite) {
    const double huge = 1e38;
    lido_rig rig = run_window(LP ", \"p\": 3, \"normalize\": true}", huge, huge, huge, -huge);
    ck_assert_double_eq_tol((double)lido_reals(&rig.y)[0] / huge, 1, 1e-6);
    assert_values(&rig.dx[0], 0.5, 0.5, 0.5, -0.5);
    lido_rig_free(&rig);
    rig = run_window(LP ", \"normalize\": true, \"p\": 1}", huge, huge, huge, huge);
    ck_assert_double_eq_tol((double)lido_reals(&rig.y)[0] / huge, 1, 1e-6);
    lido_rig_free(&rig);
    check_window(LP ", \"p\": 1000}", FOUR(-3, 2.9, 0, 1), 3, FOUR(-2, 0, 0, 0));
    check_window(LP "}", FOUR(3e-30, 0, 4e-30, 0), 5e-30, FOUR(1.2, 0, 1.6, 0));
}
END_TEST

START_TEST(nan_and_infinity_come_through) {
    static const char *const layers[] = {LP "}", LP ", \"p\": 1}", LP ", \"p\": 3}",
                                         LP ", \"max_norm\": true}", LP ", \"gaussian\": 1}"};
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        lido_rig rig = run_window(layers[i], 1, (double)NAN, 3, INFINITY);
        ck_assert(isnan(lido_reals(&rig.y)[0]));
        lido_rig_free(&rig);
        rig = run_window(layers[i], 1, 2, -INFINITY, 3);
        ck_assert(lido_reals(&rig.y)[0] == INFINITY);
        lido_rig_free(&rig);
    }
}
END_TEST

/* Padding adds nothing to a sum and does not count in a mean. */
START_TEST(padding_is_not_there) {
    lido_rig rig = open_pool("{\"type\": \"lp_pool\", \"kernel\": 2, \"padding\": 1}", "[2,1]", 1);
    set_values(&rig.x[0], 3, 4);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 3, 4);
    lido_rig_free(&rig);
    rig = open_pool("{\"type\": \"lp_pool\", \"kernel\": 2, \"padding\": 1, \"p\": 3, "
                    "\"normalize\": true}",
                    "[2,1]", 1);
    set_values(&rig.x[0], 3, 4);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 3, 4);
    lido_rig_free(&rig);
}
END_TEST

/* The weights sum to 1; an impulse shows them. */
START_TEST(the_gaussian) {
    const double side = exp(-0.5) / (1 + 2 * exp(-0.5)), middle = 1 - 2 * side;
    lido_rig rig =
        open_pool("{\"type\": \"lp_pool\", \"kernel\": 3, \"stride\": 1, \"padding\": 2, "
                  "\"p\": 1, \"gaussian\": 1}",
                  "[1,1]", 1);
    set_values(&rig.x[0], 1);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, side, middle, side);
    lido_rig_free(&rig);
    check_window(LP ", \"p\": 1, \"gaussian\": 0.001}", FOUR(1, 3, 5, 1), 4, FOUR(0, 1, 1, 0));
    check_window(LP ", \"p\": 1, \"gaussian\": 1000000}", FOUR(1, 3, 5, 1), 2.5,
                 FOUR(0.5, 0.5, 0.5, 0.5));
}
END_TEST

START_TEST(ranks_and_channels_agree) {
    const char *one = "{\"type\": \"lp_pool\", \"kernel\": 3, \"stride\": 2, \"p\": 3, "
                      "\"padding\": [[1, 0]]}";
    const char *two = "{\"type\": \"lp_pool\", \"kernel\": [1, 3], \"stride\": [1, 2], \"p\": 3, "
                      "\"padding\": [[0, 0], [1, 0]]}";
    assert_equal_layers(one, "[19,3]", two, "[1,19,3]");
    assert_equal_layers(one, "[19,17]", two, "[1,19,17]");
}
END_TEST

START_TEST(what_is_refused) {
    assert_refused(LP ", \"p\": 0.5}", "[4,1]", LIDO_SPEC, "\"p\" is 0.5");
    assert_refused(LP ", \"p\": \"inf\"}", "[4,1]", LIDO_SPEC, "\"p\" is \"inf\"");
    assert_refused(LP ", \"p\": 1, \"learn\": \"layer\"}", "[4,1]", LIDO_SPEC,
                   "allowed where it is learned: above 1");
    assert_refused(LP ", \"max_norm\": true, \"p\": 3}", "[4,1]", LIDO_SPEC,
                   "\"p\" has no meaning with \"max_norm\"");
    assert_refused(LP ", \"max_norm\": true, \"learn\": \"layer\"}", "[4,1]", LIDO_SPEC,
                   "\"learn\" has no meaning with \"max_norm\"");
    assert_refused(LP ", \"gaussian\": 1, \"normalize\": true}", "[4,1]", LIDO_SPEC,
                   "already sum to 1");
    assert_refused("{\"type\": \"lp_pool\", \"output_size\": 3, \"gaussian\": 1}", "[7,1]",
                   LIDO_SPEC, "a weight for each cell of a window");
    assert_refused("{\"type\": \"lp_pool\", \"kernel\": 257, \"gaussian\": 1}", "[300,1]",
                   LIDO_SPEC, "allowed: 256");
}
END_TEST

LIDO_TEST_MAIN("pool_lp", norms, zeros_have_no_gradient, large_numbers_stay_finite,
               nan_and_infinity_come_through, padding_is_not_there, the_gaussian,
               ranks_and_channels_agree, what_is_refused)
