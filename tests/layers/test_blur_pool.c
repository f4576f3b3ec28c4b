/* test_blur_pool.c - the filter of every length, each border by hand, the transpose, and what is
 * refused. (Values and gradients on all shapes: test_registry.c; PyTorch: blur.json.) */
#include "layers/pool_check.h"

#include <stdio.h>

/* An impulse at stride 1 shows the filter turned round: it is its own mirror image, moved. */
START_TEST(filters_are_binomial) {
    static const double row[7][7] = {{1},
                                     {.5, .5},
                                     {.25, .5, .25},
                                     {.125, .375, .375, .125},
                                     {.0625, .25, .375, .25, .0625},
                                     {.03125, .15625, .3125, .3125, .15625, .03125},
                                     {.015625, .09375, .234375, .3125, .234375, .09375, .015625}};
    for (int k = 1; k <= 7; k++) {
        char json[96];
        double expected[15] = {0}, impulse[15] = {0};
        snprintf(json, sizeof json, "{\"type\": \"blur_pool\", \"kernel\": %d, \"stride\": 1}", k);
        lido_rig rig = open_pool(json, "[15,1]", 1);
        impulse[7] = 1;
        for (int j = 0; j < k; j++) expected[7 + (k - 1) / 2 - j] = row[k - 1][j];
        start_with(&rig.x[0], impulse, 15);
        lido_rig_run(&rig, &(lido_way){0});
        assert_holds(&rig.y, expected, 15);
        lido_rig_free(&rig);
    }
}
END_TEST

/* A line of 5 with stride 2 and k = 3: outputs at 0, 2, 4. */
static void check_line(const char *mode, const double *y, const double *dx) {
    char json[128];
    snprintf(json, sizeof json,
             "{\"type\": \"blur_pool\", \"kernel\": 3, \"padding_mode\": \"%s\"}", mode);
    lido_rig rig = open_pool(json, "[5,1]", 1);
    start_with(&rig.x[0], VALUES(4, 8, 16, 32, 64));
    start_with(&rig.dy, VALUES(4, 16, 64));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, y, 3);
    assert_holds(&rig.dx[0], dx, 5);
    lido_rig_free(&rig);
}

START_TEST(borders) {
    check_line("reflect", (const double[]){6, 18, 48}, (const double[]){2, 6, 8, 36, 32});
    check_line("edge", (const double[]){5, 18, 56}, (const double[]){3, 5, 8, 20, 48});
    check_line("zero", (const double[]){4, 18, 40}, (const double[]){2, 5, 8, 20, 32});
    check_line("circular", (const double[]){20, 18, 41}, (const double[]){18, 5, 8, 20, 33});
}
END_TEST

/* Even filters reach further after than before. */
START_TEST(even_filters_lean_forward) {
    lido_rig rig = open_pool("{\"type\": \"blur_pool\", \"kernel\": 2}", "[4,1]", 1);
    start_with(&rig.x[0], VALUES(1, 3, 10, 20));
    start_with(&rig.dy, VALUES(2, 4));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, VALUES(2, 15));
    assert_holds(&rig.dx[0], VALUES(1, 1, 2, 2));
    lido_rig_free(&rig);
}
END_TEST

START_TEST(one_tap_subsamples) {
    lido_rig rig =
        open_pool("{\"type\": \"blur_pool\", \"kernel\": 1, \"stride\": [2, 3]}", "[3,4,1]", 1);
    start_with(&rig.x[0], VALUES(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
    start_with(&rig.dy, VALUES(1, 2, 3, 4));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, VALUES(1, 4, 9, 12));
    assert_holds(&rig.dx[0], VALUES(1, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 4));
    lido_rig_free(&rig);
}
END_TEST

/* A constant stays what it is wherever the border is made of the map's own cells, and gradients
 * are neither lost nor made. */
START_TEST(weights_add_up) {
    static const char *const modes[] = {"reflect", "edge", "circular"};
    for (int m = 0; m < 3; m++) {
        char json[128];
        snprintf(json, sizeof json,
                 "{\"type\": \"blur_pool\", \"kernel\": [4, 7], \"padding_mode\": \"%s\"}",
                 modes[m]);
        lido_rig rig = open_pool(json, "[5,6,2]", 1);
        start_with(&rig.x[0], VALUES(3));
        start_with(&rig.dy, VALUES(1));
        lido_rig_run(&rig, &(lido_way){0});
        for (int64_t i = 0; i < lido_count(&rig.y); i++)
            ck_assert(lido_reals(&rig.y)[i] == (lido_real)3);
        ck_assert_double_eq_tol(sum_of(&rig.dx[0]), 18, 1e-6);
        lido_rig_free(&rig);
    }
}
END_TEST

START_TEST(ranks_agree) {
    assert_equal_layers("{\"type\": \"blur_pool\", \"kernel\": 4}", "[9,3]",
                        "{\"type\": \"blur_pool\", \"kernel\": [1, 1, 4], \"stride\": [1, 1, 2]}",
                        "[1,1,9,3]");
}
END_TEST

START_TEST(nan_stays_in_its_windows) {
    lido_rig rig = open_pool("{\"type\": \"blur_pool\", \"kernel\": 3}", "[7,1]", 1);
    start_with(&rig.x[0], VALUES(1, 1, 1, NAN, 1, 1, 1));
    lido_rig_run(&rig, &(lido_way){.evaluation = true});
    assert_holds(&rig.y, VALUES(1, NAN, NAN, 1));
    lido_rig_free(&rig);
}
END_TEST

START_TEST(refusals) {
    assert_refused("{\"type\": \"blur_pool\"}", "[4,1]", LIDO_SPEC, "\"kernel\" is missing");
    assert_refused("{\"type\": \"blur_pool\", \"kernel\": 8}", "[9,1]", LIDO_SPEC, "\"kernel\"");
    assert_refused("{\"type\": \"blur_pool\", \"kernel\": 3}", "[4]", LIDO_SHAPE, "vector");
    assert_refused("{\"type\": \"blur_pool\", \"kernel\": [3, 3]}", "[9,1]", LIDO_SPEC,
                   "\"kernel\" has 2 numbers");
    assert_refused("{\"type\": \"blur_pool\", \"kernel\": 4}", "[2,1]", LIDO_SHAPE,
                   "reaches 2 cells beyond an axis of 2, \"reflect\" allows at most 1");
    assert_refused("{\"type\": \"blur_pool\", \"kernel\": 7, \"padding_mode\": \"circular\"}",
                   "[2,1]", LIDO_SHAPE, "\"circular\" allows at most 2");
}
END_TEST

LIDO_TEST_MAIN("blur_pool", filters_are_binomial, borders, even_filters_lean_forward,
               one_tap_subsamples, weights_add_up, ranks_agree, nan_stays_in_its_windows, refusals)
