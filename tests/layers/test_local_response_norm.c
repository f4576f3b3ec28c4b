/* test_local_response_norm.c - windows of channels by hand, their ends, NaN, what is refused.
 * (Values and gradients on all shapes: test_registry.c; PyTorch: test_golden.c.) */
#include "layers/pool_check.h"

/* With alpha = n, beta = 1 and k = 1 the divisor is 1 + the sum of squares: of channels c-1 and c
 * for a window of two, of c-1, c and c+1 for three. */
START_TEST(windows_reach_lower_first) {
    lido_rig rig = open_pool(
        "{\"type\": \"local_response_norm\", \"size\": 2, \"alpha\": 2, \"beta\": 1}", "[3]", 1);
    set_values(&rig.x[0], 1, 2, 3);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 1 / 2., 2 / 6., 3 / 14.);
    lido_rig_free(&rig);
    rig = open_pool("{\"type\": \"local_response_norm\", \"size\": 3, \"alpha\": 3, \"beta\": 1}",
                    "[3]", 1);
    set_values(&rig.x[0], 1, 2, 3);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 1 / 6., 2 / 15., 3 / 14.);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(gradient_of_two_channels) {
    lido_rig rig = open_pool(
        "{\"type\": \"local_response_norm\", \"size\": 2, \"alpha\": 2, \"beta\": 1}", "[2]", 1);
    set_values(&rig.x[0], 1, 2);
    set_values(&rig.dy, 1, 1);
    lido_rig_run(&rig, &(lido_way){0});
    /* y = [a / (1 + a^2), b / (1 + a^2 + b^2)] */
    assert_values(&rig.dx[0], (1 - 1) / 4. - 2 * 2 * 1 / 36., (6 - 2 * 4) / 36.);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(zeros_stay_and_nan_spreads_to_neighbours_only) {
    lido_rig rig = open_pool("{\"type\": \"local_response_norm\", \"size\": 3}", "[5]", 1);
    set_values(&rig.x[0], 0, NAN, 0, 0, 0);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, NAN, NAN, NAN, 0, 0);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(refusals) {
    assert_refused("{\"type\": \"local_response_norm\"}", "[4]", LIDO_SPEC, "\"size\" is missing");
    assert_refused("{\"type\": \"local_response_norm\", \"size\": 5, \"k\": 0}", "[4]", LIDO_SPEC,
                   "k");
    assert_refused("{\"type\": \"local_response_norm\", \"size\": 0}", "[4]", LIDO_SPEC, "size");
}
END_TEST

LIDO_TEST_MAIN("local_response_norm", windows_reach_lower_first, gradient_of_two_channels,
               zeros_stay_and_nan_spreads_to_neighbours_only, refusals)
