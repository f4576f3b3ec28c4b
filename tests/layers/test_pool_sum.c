/* test_pool_sum.c - the sum is the average without a divisor, at every border. */
#include "layers/pool_check.h"

#include <stdio.h>

START_TEST(padding_adds_nothing) {
    lido_rig rig = open_pool("{\"type\": \"sum_pool\", \"kernel\": 3, \"stride\": 2, "
                             "\"padding\": 1, \"ceil\": true}",
                             "[4,4,1]", 1);
    start_with(&rig.x[0], VALUES(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16));
    start_with(&rig.dy, VALUES(1, 2, 4, 8, 16, 32, 64, 128, 256));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, VALUES(14, 30, 12, 57, 99, 36, 27, 45, 16));
    assert_holds(&rig.dx[0], VALUES(1, 3, 2, 6, 9, 27, 18, 54, 8, 24, 16, 48, 72, 216, 144, 432));
    lido_rig_free(&rig);
}
END_TEST

START_TEST(average_times_cells) {
    const char *const grids[] = {"\"kernel\": 4, \"stride\": 2", "\"output_size\": [3, 2]",
                                 "\"global\": true"};
    const double cells[] = {16, 9, 30};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        char json[2][128];
        snprintf(json[0], sizeof json[0], "{\"type\": \"sum_pool\", %s}", grids[i]);
        snprintf(json[1], sizeof json[1], "{\"type\": \"avg_pool\", %s}", grids[i]);
        const char *shape = i == 1 ? "[9,6,5]" : "[6,5,5]";
        lido_rig sum = open_pool(json[0], shape, 2), mean = open_pool(json[1], shape, 2);
        lido_rig_run(&sum, &(lido_way){0});
        lido_rig_run(&mean, &(lido_way){0});
        for (int64_t k = 0; k < lido_count(&sum.y); k++)
            ck_assert_double_eq_tol((double)lido_reals(&sum.y)[k],
                                    (double)lido_reals(&mean.y)[k] * cells[i], 2e-6);
        lido_rig_free(&sum);
        lido_rig_free(&mean);
    }
}
END_TEST

START_TEST(has_no_divisor) {
    assert_refused("{\"type\": \"sum_pool\", \"kernel\": 2, \"divisor\": 2}", "[4,4,1]", LIDO_SPEC,
                   "unknown key");
}
END_TEST

LIDO_TEST_MAIN("pool_sum", padding_adds_nothing, average_times_cells, has_no_divisor)
