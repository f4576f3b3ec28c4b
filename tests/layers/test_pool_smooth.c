/* test_pool_smooth.c - learned exponents: what they start from, by layer and by channel, and that
 * their gradients are summed over everything. */
#include "layers/pool_check.h"

#include <stdio.h>

START_TEST(they_start_where_they_are_told) {
    static const double starts[] = {1.0001, 1.5, 3, 40, 1000};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        char json[128];
        snprintf(json, sizeof json,
                 "{\"type\": \"lp_pool\", \"kernel\": 2, \"p\": %g, \"learn\": \"channel\"}",
                 starts[i]);
        lido_rig rig = open_pool(json, "[4,3]", 1);
        const double w = rig.needs.param[0].value;
        ck_assert_int_eq(rig.needs.param[0].dim[0], 3);
        ck_assert_double_eq_tol(1 + (w > 0 ? w : 0) + log1p(exp(-fabs(w))), starts[i],
                                1e-12 * starts[i]);
        lido_rig_free(&rig);
    }
    lido_rig rig = open_pool(
        "{\"type\": \"lse_pool\", \"kernel\": 2, \"r\": 5, \"learn\": \"layer\"}", "[4,3]", 1);
    ck_assert_str_eq(rig.needs.param[0].name, "log_r");
    ck_assert_int_eq(rig.needs.param[0].dim[0], 1);
    ck_assert_double_eq_tol(exp(rig.needs.param[0].value), 5, 1e-12);
    lido_rig_free(&rig);
}
END_TEST

/* Where all channels have one exponent, the layer's gradient is the sum of theirs. */
START_TEST(a_layer_sums_its_channels) {
    lido_rig each = open_pool("{\"type\": \"gem_pool\", \"kernel\": 3, \"stride\": 2, "
                              "\"learn\": \"channel\"}",
                              "[40,41,17]", 3);
    lido_rig all = open_pool("{\"type\": \"gem_pool\", \"kernel\": 3, \"stride\": 2, "
                             "\"learn\": \"layer\"}",
                             "[40,41,17]", 3);
    start_with(&each.w[0], VALUES(1.25));
    start_with(&all.w[0], VALUES(1.25));
    lido_rig_run(&each, &(lido_way){0});
    lido_rig_run(&all, &(lido_way){0});
    ck_assert_mem_eq(each.y.data, all.y.data, each.y.bytes);
    ck_assert_double_eq_tol(sum_of(&each.dw[0]), sum_of(&all.dw[0]), 1e-4);
    lido_rig_free(&each);
    lido_rig_free(&all);
}
END_TEST

LIDO_TEST_MAIN("pool_smooth", they_start_where_they_are_told, a_layer_sums_its_channels)
