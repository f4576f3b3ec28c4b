/* test_pool_gem.c - generalised means: exact examples, clamped cells, the learned exponent. (Values
 * and gradients on all grids: test_registry.c.) */
#include "layers/pool_check.h"

#define GEM "{\"type\": \"gem_pool\", \"kernel\": 4"

static lido_rig run_window(const char *json, double a, double b, double c, double d) {
    lido_rig rig = open_pool(json, "[4,1]", 1);
    set_values(&rig.x[0], a, b, c, d);
    set_values(&rig.dy, 2);
    lido_rig_run(&rig, &(lido_way){0});
    return rig;
}

START_TEST(means) {
    lido_rig rig = run_window(GEM ", \"p\": 1, \"learn\": \"none\"}", 1, 2, 3, 6);
    assert_values(&rig.y, 3);
    assert_values(&rig.dx[0], 0.5, 0.5, 0.5, 0.5);
    lido_rig_free(&rig);
    rig = run_window(GEM ", \"p\": 2, \"learn\": \"none\"}", 1, 7, 7, 1);
    assert_values(&rig.y, 5);
    assert_values(&rig.dx[0], 0.1, 0.7, 0.7, 0.1);
    lido_rig_free(&rig);
    rig = run_window(GEM ", \"p\": 1000, \"learn\": \"none\"}", 1, 4, 2, 3);
    ck_assert_double_eq_tol((double)lido_reals(&rig.y)[0], 4 * pow(0.25, 0.001), 1e-6);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(clamped_cells_have_no_gradient) {
    lido_rig rig = run_window(GEM ", \"eps\": 1, \"p\": 1, \"learn\": \"none\"}", -5, 0, 1, 9);
    assert_values(&rig.y, 3);
    assert_values(&rig.dx[0], 0, 0, 0.5, 0.5);
    lido_rig_free(&rig);
    rig = run_window(GEM "}", -1, -2, 0, -3);
    ck_assert_double_eq_tol((double)lido_reals(&rig.y)[0], 1e-6, 1e-12);
    assert_values(&rig.dx[0], 0, 0, 0, 0);
    assert_values(&rig.dw[0], 0);
    lido_rig_free(&rig);
}
END_TEST

/* p starts at 3, and its gradient is dy (dy/dp) dp/dw, dp/dw being the logistic function of w. */
START_TEST(the_exponent_is_learned) {
    lido_rig rig = open_pool(GEM "}", "[4,1]", 1);
    const double w = rig.needs.param[0].value;
    ck_assert_str_eq(rig.needs.param[0].name, "raw_p");
    ck_assert(!rig.needs.param[0].decay);
    ck_assert_double_eq_tol(1 + log(1 + exp(w)), 3, 1e-12);
    set_values(&rig.w[0], w);
    set_values(&rig.x[0], 1, 2, 3, 4);
    set_values(&rig.dy, 2);
    lido_rig_run(&rig, &(lido_way){0});
    const double y = cbrt(25);
    const double logs = (8 * log(2) + 27 * log(3) + 64 * log(4)) / 100;
    const double slope = y / 3 * (logs - log(25) / 3);
    assert_values(&rig.y, y);
    assert_values(&rig.dw[0], 2 * slope / (1 + exp(-w)));
    lido_rig_free(&rig);
}
END_TEST

START_TEST(large_numbers_and_nan) {
    lido_rig rig = run_window(GEM ", \"p\": 50}", 1e38, 1e38, 1e38, 1e38);
    ck_assert_double_eq_tol((double)lido_reals(&rig.y)[0] / 1e38, 1, 1e-6);
    lido_rig_free(&rig);
    rig = run_window(GEM "}", 1, (double)NAN, 2, 3);
    ck_assert(isnan(lido_reals(&rig.y)[0]));
    lido_rig_free(&rig);
    rig = run_window(GEM "}", 1, INFINITY, 2, 3);
    ck_assert(lido_reals(&rig.y)[0] == INFINITY);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(what_is_refused) {
    assert_refused(GEM ", \"p\": 1}", "[4,1]", LIDO_SPEC, "allowed where it is learned: above 1");
    assert_refused(GEM ", \"eps\": 0}", "[4,1]", LIDO_SPEC, "\"eps\" is 0");
    assert_refused(GEM ", \"learn\": \"position\"}", "[4,1]", LIDO_SPEC, "none, layer, channel");
}
END_TEST

LIDO_TEST_MAIN("pool_gem", means, clamped_cells_have_no_gradient, the_exponent_is_learned,
               large_numbers_and_nan, what_is_refused)
