/* test_dgm_pool.c - deep generalised max pooling: what it does to repeated descriptors, both ways
 * of solving, NaN, and the grids it has no meaning on. (Gradients: test_registry.c.) */
#include "layers/pool_check.h"

#include <stdio.h>

/* Orthogonal descriptors, one of them m times over: m / (m + lambda) along it, 1 / (1 + lambda)
 * along the other. By channels when there are more positions than channels, else by positions. */
static void check_repeated(int64_t repeated, int64_t channels) {
    char shape[64];
    snprintf(shape, sizeof shape, "[%d,%d]", (int)repeated + 1, (int)channels);
    lido_rig rig = open_pool("{\"type\": \"dgm_pool\", \"global\": true, \"lambda\": 0.5, "
                             "\"learn\": \"none\"}",
                             shape, 1);
    for (int64_t i = 0; i < lido_count(&rig.x[0]); i++)
        lido_start(&rig.x[0])[i] = i % channels == (i / channels < repeated ? 0 : 1);
    lido_rig_run(&rig, &(lido_way){.evaluation = true});
    const double m = (double)repeated;
    for (int64_t c = 0; c < channels; c++)
        ck_assert_double_eq_tol((double)lido_reals(&rig.y)[c],
                                c == 0   ? m / (m + 0.5)
                                : c == 1 ? 1 / 1.5
                                         : 0,
                                1e-6);
    lido_rig_free(&rig);
}

START_TEST(repeated_descriptors_count_little) {
    check_repeated(1, 2);
    check_repeated(5, 3);
    check_repeated(5, 6);
    check_repeated(5, 7);
    check_repeated(100, 2);
    check_repeated(3, 60);
}
END_TEST

/* One descriptor of squared length s: y = x / (s + lambda), and with g = dy dlambda =
 * -x.g / (s + lambda)^2, times lambda = 2 for its logarithm. */
START_TEST(the_gradient_of_lambda) {
    lido_rig rig =
        open_pool("{\"type\": \"dgm_pool\", \"global\": true, \"lambda\": 2}", "[1,2]", 1);
    ck_assert_double_eq_tol(exp(rig.needs.param[0].value), 2, 1e-12);
    lido_start(&rig.w[0])[0] = (lido_real)log(2);
    set_values(&rig.x[0], 1, 1);
    set_values(&rig.dy, 4, 12);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 0.25, 0.25);
    assert_values(&rig.dw[0], -2);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(not_a_number) {
    static const char *const shapes[] = {"[7,3]", "[3,7]"};
    for (int s = 0; s < 2; s++) {
        lido_rig rig = open_pool("{\"type\": \"dgm_pool\", \"global\": true}", shapes[s], 2);
        lido_start(&rig.x[0])[4] = (lido_real)NAN;
        lido_rig_run(&rig, &(lido_way){0});
        const int64_t channels = lido_count(&rig.y) / 2;
        for (int64_t c = 0; c < 2 * channels; c++)
            ck_assert(isnan(lido_reals(&rig.y)[c]) == (c < channels));
        for (int64_t i = 0; i < 42; i++) ck_assert(isnan(lido_reals(&rig.dx[0])[i]) == (i < 21));
        lido_rig_free(&rig);
    }
}
END_TEST

START_TEST(what_is_refused) {
    assert_refused("{\"type\": \"dgm_pool\", \"kernel\": 2}", "[4,4,1]", LIDO_SPEC,
                   "dgm_pool has no meaning with \"kernel\"");
    assert_refused("{\"type\": \"dgm_pool\", \"output_size\": 2}", "[4,4,1]", LIDO_SPEC,
                   "dgm_pool has no meaning with \"output_size\"");
    assert_refused("{\"type\": \"dgm_pool\", \"global\": true, \"lambda\": 0}", "[4,4,1]",
                   LIDO_SPEC, "lambda is 0, allowed: above 0");
}
END_TEST

LIDO_TEST_MAIN("dgm_pool", repeated_descriptors_count_little, the_gradient_of_lambda, not_a_number,
               what_is_refused)
