/* test_pool_soft.c - soft pooling: exact examples, both gradients, large numbers, NaN. (Values and
 * gradients on all grids: test_registry.c.) */
#include "layers/pool_check.h"

#define SOFT "{\"type\": \"soft_pool\", \"kernel\": 2"

static lido_rig run_window(const char *json, double a, double b) {
    lido_rig rig = open_pool(json, "[2,1]", 1);
    set_values(&rig.x[0], a, b);
    set_values(&rig.dy, 4);
    lido_rig_run(&rig, &(lido_way){0});
    return rig;
}

/* Weights 1/4 and 3/4. */
START_TEST(both_gradients) {
    const double b = log(3), y = 0.75 * b;
    lido_rig rig = run_window(SOFT "}", 0, b);
    assert_values(&rig.y, y);
    assert_values(&rig.dx[0], 1 - y, 3 * (1 + b - y));
    lido_rig_free(&rig);
    rig = run_window(SOFT ", \"gradient\": \"straight_through\"}", 0, b);
    assert_values(&rig.y, y);
    assert_values(&rig.dx[0], 1, 3);
    ck_assert(!rig.needs.backward_reads_y);
    lido_rig_free(&rig);
}
END_TEST

/* The straight gradient of overlapping windows, cut into several pieces of work, sums to dy's. */
START_TEST(straight_gradients_are_shared_out) {
    lido_rig rig = open_pool("{\"type\": \"soft_pool\", \"kernel\": 3, \"stride\": 2, "
                             "\"padding\": 1, \"gradient\": \"straight_through\"}",
                             "[67,65,6]", 2);
    lido_rig_run(&rig, &(lido_way){.hide_unread = true});
    ck_assert_double_eq_tol(sum_of(&rig.dx[0]), sum_of(&rig.dy), 1e-3);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(large_numbers_and_nan) {
    lido_rig rig = run_window(SOFT "}", 3e38, 3e38);
    ck_assert_double_eq_tol((double)lido_reals(&rig.y)[0] / 3e38, 1, 1e-6);
    assert_values(&rig.dx[0], 2, 2);
    lido_rig_free(&rig);
    rig = run_window(SOFT "}", -INFINITY, 1);
    assert_values(&rig.y, 1);
    assert_values(&rig.dx[0], 0, 4);
    lido_rig_free(&rig);
    rig = run_window(SOFT "}", 1, (double)NAN);
    ck_assert(isnan(lido_reals(&rig.y)[0]));
    lido_rig_free(&rig);
    rig = run_window(SOFT "}", 1, INFINITY);
    ck_assert(lido_reals(&rig.y)[0] == INFINITY);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(ranks_agree) {
    assert_equal_layers("{\"type\": \"soft_pool\", \"kernel\": 3, \"stride\": 2}", "[19,3]",
                        "{\"type\": \"soft_pool\", \"kernel\": [1, 3], \"stride\": [1, 2]}",
                        "[1,19,3]");
}
END_TEST

START_TEST(what_is_refused) {
    assert_refused(SOFT ", \"gradient\": \"straight_thru\"}", "[2,1]", LIDO_SPEC,
                   "did you mean \"straight_through\"");
}
END_TEST

LIDO_TEST_MAIN("pool_soft", both_gradients, straight_gradients_are_shared_out,
               large_numbers_and_nan, ranks_agree, what_is_refused)
