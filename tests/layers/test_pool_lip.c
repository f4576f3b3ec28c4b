/* test_pool_lip.c - local importance pooling: exact examples with a map and without, large numbers,
 * NaN, refusals. (Values and gradients on all grids: test_registry.c.) */
#include "layers/pool_check.h"

#define LIP "{\"type\": \"lip_pool\", \"kernel\": 2}"

static lido_rig run_window(double x0, double x1, double g0, double g1) {
    lido_rig rig = open_pool(LIP, "[2,1] [2,1]", 1);
    set_values(&rig.x[0], x0, x1);
    set_values(&rig.x[1], g0, g1);
    set_values(&rig.dy, 4);
    lido_rig_run(&rig, &(lido_way){0});
    return rig;
}

/* Weights 1/4 and 3/4, whatever is added to both logits. */
START_TEST(weighted_means) {
    static const double added[] = {0, -1000, 1000};
    for (size_t i = 0; i < sizeof added / sizeof *added; i++) {
        lido_rig rig = run_window(2, -6, added[i], added[i] + log(3));
        ck_assert_double_eq_tol((double)lido_reals(&rig.y)[0], -4, 2e-4);
        if (added[i] == 0) {
            assert_values(&rig.dx[0], 1, 3);
            assert_values(&rig.dx[1], 6, -6);
        }
        lido_rig_free(&rig);
    }
}
END_TEST

START_TEST(one_input_is_its_own_map) {
    assert_equal_layers("{\"type\": \"lip_pool\", \"kernel\": 3, \"stride\": 2}", "[9,11,5]",
                        "{\"type\": \"soft_pool\", \"kernel\": 3, \"stride\": 2}", "[9,11,5]");
}
END_TEST

START_TEST(large_numbers_and_nan) {
    lido_rig rig = run_window(3e38, 3e38, 0, 0);
    ck_assert_double_eq_tol((double)lido_reals(&rig.y)[0] / 3e38, 1, 1e-6);
    lido_rig_free(&rig);
    rig = run_window(1, (double)NAN, 0, -1000);
    ck_assert(isnan(lido_reals(&rig.y)[0]));
    lido_rig_free(&rig);
    rig = run_window(1, 2, (double)NAN, 0);
    ck_assert(isnan(lido_reals(&rig.y)[0]));
    lido_rig_free(&rig);
}
END_TEST

START_TEST(what_is_refused) {
    assert_refused(LIP, "[4,2] [4,1]", LIDO_SHAPE, "the second input is [4,1], allowed: [4,2]");
}
END_TEST

LIDO_TEST_MAIN("pool_lip", weighted_means, one_input_is_its_own_map, large_numbers_and_nan,
               what_is_refused)
