/* test_pool_lse.c - log-sum-exp: exact examples, both ends of r, large numbers, the learned r.
 * (Values and gradients on all grids: test_registry.c.) */
#include "layers/pool_check.h"

#define LSE "{\"type\": \"lse_pool\", \"kernel\": 2"

static lido_rig run_window(const char *json, double a, double b) {
    lido_rig rig = open_pool(json, "[2,1]", 1);
    set_values(&rig.x[0], a, b);
    set_values(&rig.dy, 4);
    lido_rig_run(&rig, &(lido_way){0});
    return rig;
}

static void check_window(const char *json, double a, double b, double y, double da, double db) {
    lido_rig rig = run_window(json, a, b);
    assert_values(&rig.y, y);
    assert_values(&rig.dx[0], da, db);
    lido_rig_free(&rig);
}

START_TEST(values) {
    check_window(LSE "}", 0, log(3), log(2), 1, 3);
    check_window(LSE ", \"r\": 2}", 0, log(3) / 2, log(2) / 2, 1, 3);
    check_window(LSE "}", -7, -7, -7, 2, 2);
}
END_TEST

START_TEST(average_and_maximum) {
    check_window(LSE ", \"r\": 0.000001}", 0.25, 0.75, 0.5, 2, 2);
    check_window(LSE ", \"r\": 1000000}", 0.25, 0.75, 0.75, 0, 4);
}
END_TEST

START_TEST(large_numbers_and_nan) {
    lido_rig rig = run_window(LSE ", \"r\": 10}", -1e38, 1e38);
    ck_assert_double_eq_tol((double)lido_reals(&rig.y)[0] / 1e38, 1, 1e-6);
    assert_values(&rig.dx[0], 0, 4);
    lido_rig_free(&rig);
    check_window(LSE "}", -INFINITY, 1, 1 - log(2), 0, 4);
    rig = run_window(LSE "}", 1, (double)NAN);
    ck_assert(isnan(lido_reals(&rig.y)[0]));
    lido_rig_free(&rig);
    rig = run_window(LSE "}", 1, INFINITY);
    ck_assert(lido_reals(&rig.y)[0] == INFINITY);
    lido_rig_free(&rig);
}
END_TEST

/* Of {0, d}: y = ln((1 + e^(r d)) / 2) / r, whose slope tends to d^2 / 8 as r does to 0; dr/dw = r.
 */
static void check_slope(double r) {
    const double d = 0.75;
    lido_rig rig = open_pool(LSE ", \"learn\": \"channel\"}", "[2,1]", 1);
    set_values(&rig.w[0], log(r));
    set_values(&rig.x[0], 0, d);
    set_values(&rig.dy, 1);
    lido_rig_run(&rig, &(lido_way){0});
    const double kept = exp((double)lido_start(&rig.w[0])[0]), e = exp(kept * d);
    double slope = (e * kept * d / (1 + e) - log1p((e - 1) / 2)) / (kept * kept);
    if (kept < 1e-3) slope = d * d / 8;
    ck_assert_double_eq_tol((double)lido_reals(&rig.dw[0])[0] / kept, slope, 2e-6);
    lido_rig_free(&rig);
}

START_TEST(slopes_of_any_r) {
    static const double r[] = {1e-6, 1e-4, 0.01, 0.05, 0.079, 0.081, 0.2, 1, 10, 100};
    for (size_t i = 0; i < sizeof r / sizeof *r; i++) check_slope(r[i]);
}
END_TEST

START_TEST(between_smallest_and_largest) {
    lido_rig rig =
        open_pool("{\"type\": \"lse_pool\", \"global\": true, \"r\": 0.000001}", "[500,500,1]", 1);
    start_with(&rig.x[0], VALUES(0.1));
    lido_rig_run(&rig, &(lido_way){0});
    ck_assert(lido_reals(&rig.y)[0] == (lido_real)0.1);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(what_is_refused) {
    assert_refused(LSE ", \"r\": 0}", "[2,1]", LIDO_SPEC, "\"r\" is 0");
    assert_refused(LSE ", \"r\": -1}", "[2,1]", LIDO_SPEC, "\"r\" is -1");
}
END_TEST

LIDO_TEST_MAIN("pool_lse", values, average_and_maximum, large_numbers_and_nan, slopes_of_any_r,
               between_smallest_and_largest, what_is_refused)
