/* test_pad.c - the four ways to fill a border, by hand, and what each refuses. (Values and
 * gradients on all shapes: test_registry.c.) */
#include "layers/pool_check.h"

#include <stdio.h>

START_TEST(zero) {
    lido_rig rig = open_pool("{\"type\": \"pad\", \"padding\": [[1, 0], [0, 2]]}", "[2,2,1]", 1);
    start_with(&rig.x[0], VALUES(1, 2, 3, 4));
    start_with(&rig.dy, VALUES(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, VALUES(0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0));
    assert_holds(&rig.dx[0], VALUES(5, 6, 9, 10));
    lido_rig_free(&rig);
}
END_TEST

/* One line of 4 padded by [3, 2]; dy counts 1, 2, 4, ... so that sums show their parts. */
static void check_line(const char *mode, const double *y, const double *dx) {
    char json[128];
    snprintf(json, sizeof json, "{\"type\": \"pad\", \"padding\": [[3, 2]], \"mode\": \"%s\"}",
             mode);
    lido_rig rig = open_pool(json, "[4,1]", 1);
    start_with(&rig.x[0], VALUES(1, 2, 3, 4));
    start_with(&rig.dy, VALUES(1, 2, 4, 8, 16, 32, 64, 128, 256));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, y, 9);
    assert_holds(&rig.dx[0], dx, 4);
    lido_rig_free(&rig);
}

START_TEST(reflect_edge_circular) {
    check_line("reflect", (const double[]){4, 3, 2, 1, 2, 3, 4, 3, 2},
               (const double[]){8, 4 + 16 + 256, 2 + 32 + 128, 1 + 64});
    check_line("edge", (const double[]){1, 1, 1, 1, 2, 3, 4, 4, 4},
               (const double[]){1 + 2 + 4 + 8, 16, 32, 64 + 128 + 256});
    check_line("circular", (const double[]){2, 3, 4, 1, 2, 3, 4, 1, 2},
               (const double[]){8 + 128, 1 + 16 + 256, 2 + 32, 4 + 64});
}
END_TEST

START_TEST(ranks_agree) {
    assert_equal_layers("{\"type\": \"pad\", \"padding\": [[2, 1]], \"mode\": \"reflect\"}",
                        "[7,3]",
                        "{\"type\": \"pad\", \"padding\": [[0, 0], [0, 0], [2, 1]], "
                        "\"mode\": \"reflect\"}",
                        "[1,1,7,3]");
}
END_TEST

START_TEST(impossible_amounts_are_refused) {
    assert_refused("{\"type\": \"pad\", \"padding\": \"same\"}", "[4,1]", LIDO_SPEC, "is a word");
    assert_refused("{\"type\": \"pad\"}", "[4,1]", LIDO_SPEC, "\"padding\" is missing");
    assert_refused("{\"type\": \"pad\", \"padding\": 1}", "[4]", LIDO_SHAPE, "vector");
    assert_refused("{\"type\": \"pad\", \"padding\": [1, 1]}", "[4,4,4,1]", LIDO_SPEC,
                   "\"padding\" has 2 numbers");
    assert_refused("{\"type\": \"pad\", \"padding\": 4, \"mode\": \"reflect\"}", "[4,1]",
                   LIDO_SHAPE, "at most 3");
    assert_refused("{\"type\": \"pad\", \"padding\": 5, \"mode\": \"circular\"}", "[4,1]",
                   LIDO_SHAPE, "at most 4");
    assert_refused("{\"type\": \"pad\", \"padding\": 1099511627776}", "[4,1]", LIDO_TOO_LARGE, "");
}
END_TEST

LIDO_TEST_MAIN("pad", zero, reflect_edge_circular, ranks_agree, impossible_amounts_are_refused)
