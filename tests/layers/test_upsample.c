/* test_upsample.c - the three modes by hand, both ways, and what is refused. (Values and gradients
 * on all shapes: test_registry.c; PyTorch: test_golden.c.) */
#include "layers/pool_check.h"

#include <stdio.h>

static void check_line(const char *json, const double *x, size_t length, const double *y,
                       size_t output) {
    char shape[32];
    snprintf(shape, sizeof shape, "[%zu,1]", length);
    lido_rig rig = open_pool(json, shape, 1);
    start_with(&rig.x[0], x, length);
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, y, output);
    lido_rig_free(&rig);
}

START_TEST(repeat_and_nearest) {
    check_line("{\"type\": \"upsample\", \"mode\": \"repeat\", \"scale\": 3}", VALUES(1, 2),
               VALUES(1, 1, 1, 2, 2, 2));
    check_line("{\"type\": \"upsample\", \"scale\": 2}", VALUES(1, 2), VALUES(1, 1, 2, 2));
    /* they differ where sizes are no multiples: from the edge, and under the centres */
    check_line("{\"type\": \"upsample\", \"mode\": \"repeat\", \"output_size\": 5}",
               VALUES(1, 2, 3), VALUES(1, 1, 2, 2, 3));
    check_line("{\"type\": \"upsample\", \"output_size\": 5}", VALUES(1, 2, 3),
               VALUES(1, 1, 2, 3, 3));
    check_line("{\"type\": \"upsample\", \"mode\": \"repeat\", \"output_size\": 2}",
               VALUES(1, 2, 3, 4), VALUES(1, 3));
    check_line("{\"type\": \"upsample\", \"output_size\": 2}", VALUES(1, 2, 3, 4), VALUES(2, 4));
}
END_TEST

START_TEST(bilinear) {
    check_line("{\"type\": \"upsample\", \"mode\": \"bilinear\", \"scale\": 2}", VALUES(0, 4, 8),
               VALUES(0, 1, 3, 5, 7, 8));
    check_line("{\"type\": \"upsample\", \"mode\": \"bilinear\", \"align_corners\": true, "
               "\"output_size\": 5}",
               VALUES(0, 4, 8), VALUES(0, 2, 4, 6, 8));
    check_line("{\"type\": \"upsample\", \"mode\": \"bilinear\", \"align_corners\": true, "
               "\"output_size\": 1}",
               VALUES(3, 4, 8), VALUES(3));
    check_line("{\"type\": \"upsample\", \"mode\": \"bilinear\", \"output_size\": 1}",
               VALUES(3, 5, 6), VALUES(5));
    check_line("{\"type\": \"upsample\", \"mode\": \"bilinear\", \"scale\": 3}", VALUES(7),
               VALUES(7, 7, 7));
}
END_TEST

START_TEST(square_of_four) {
    lido_rig rig = open_pool("{\"type\": \"upsample\", \"mode\": \"bilinear\", \"scale\": [2, 1]}",
                             "[2,2,1]", 1);
    start_with(&rig.x[0], VALUES(0, 8, 4, 0));
    start_with(&rig.dy, VALUES(1, 0, 0, 0, 0, 0, 0, 4));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, VALUES(0, 8, 1, 6, 3, 2, 4, 0));
    assert_holds(&rig.dx[0], VALUES(1, 0, 0, 4));
    lido_rig_free(&rig);
}
END_TEST

START_TEST(gradients_keep_their_sum) {
    static const char *const layers[] = {
        "{\"type\": \"upsample\", \"output_size\": [7, 2]}",
        "{\"type\": \"upsample\", \"mode\": \"repeat\", \"output_size\": [null, 11]}",
        "{\"type\": \"upsample\", \"mode\": \"bilinear\", \"output_size\": [9, 3]}"};
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        lido_rig rig = open_pool(layers[i], "[4,5,3]", 2);
        lido_rig_run(&rig, &(lido_way){0});
        double dx = sum_of(&rig.dx[0]), dy = sum_of(&rig.dy);
        ck_assert_msg(fabs(dx - dy) < 1e-4, "%s: %g of %g", layers[i], dx, dy);
        lido_rig_free(&rig);
    }
}
END_TEST

START_TEST(nan_reaches_only_cells_that_show_it) {
    check_line("{\"type\": \"upsample\", \"mode\": \"bilinear\", \"align_corners\": true, "
               "\"output_size\": 5}",
               VALUES(0, 4, NAN), VALUES(0, 2, 4, NAN, NAN));
}
END_TEST

START_TEST(refusals) {
    assert_refused("{\"type\": \"upsample\"}", "[4,1]", LIDO_SPEC,
                   "either \"scale\" or \"output_size\"");
    assert_refused("{\"type\": \"upsample\", \"scale\": 2, \"output_size\": 8}", "[4,1]", LIDO_SPEC,
                   "either \"scale\" or \"output_size\"");
    assert_refused("{\"type\": \"upsample\", \"scale\": 2}", "[4]", LIDO_SHAPE, "vector");
    assert_refused("{\"type\": \"upsample\", \"scale\": 2, \"align_corners\": true}", "[4,1]",
                   LIDO_SPEC, "no meaning with \"nearest\"");
    assert_refused("{\"type\": \"upsample\", \"scale\": [2, 2]}", "[4,1]", LIDO_SPEC, "scale");
    assert_refused("{\"type\": \"upsample\", \"scale\": 1048576}", "[4096,1]", LIDO_TOO_LARGE,
                   "2^31 cells");
}
END_TEST

LIDO_TEST_MAIN("upsample", repeat_and_nearest, bilinear, square_of_four, gradients_keep_their_sum,
               nan_reaches_only_cells_that_show_it, refusals)
