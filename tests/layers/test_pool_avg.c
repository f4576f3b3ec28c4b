/* test_pool_avg.c - average pooling: the divisor at every kind of border, accuracy, and what is
 * refused. (Values and gradients on all grids: test_registry.c.) */
#include "layers/pool_check.h"

#include <stdio.h>

START_TEST(the_classic) {
    lido_rig rig = open_pool("{\"type\": \"avg_pool\", \"kernel\": 2}", "[4,4,1]", 1);
    start_with(&rig.x[0], VALUES(1, 1, 2, 4, 5, 6, 7, 8, 3, 2, 1, 0, 1, 2, 3, 4));
    start_with(&rig.dy, VALUES(4, 8, 12, 16));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, VALUES(3.25, 5.25, 2, 2));
    assert_holds(&rig.dx[0], VALUES(1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4));
    lido_rig_free(&rig);
}
END_TEST

/* Averages of ones: number of cells inside / divisor. */
static void check_ones(const char *json, const char *shape, const double *y, size_t count) {
    lido_rig rig = open_pool(json, shape, 1);
    start_with(&rig.x[0], VALUES(1));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, y, count);
    lido_rig_free(&rig);
}

/* Kernel 4, stride 3, padding [2, 1], ceil, length 8: -2..1 | 1..4 | 4..7 | 7..10, of which 8 is
 * padding and 9, 10 lie beyond it. */
START_TEST(the_divisor) {
#define LIDO_WINDOW \
    "{\"type\": \"avg_pool\", \"kernel\": 4, \"stride\": 3, \"padding\": [[2, 1]], \"ceil\": true"
    check_ones(LIDO_WINDOW "}", "[8,1]", VALUES(0.5, 1, 1, 0.5));
    check_ones(LIDO_WINDOW ", \"count_include_pad\": true}", "[8,1]", VALUES(0.5, 1, 1, 0.5));
    check_ones(LIDO_WINDOW ", \"count_include_pad\": false}", "[8,1]", VALUES(1, 1, 1, 1));
    check_ones(LIDO_WINDOW ", \"divisor\": 8}", "[8,1]", VALUES(0.25, 0.5, 0.5, 0.125));
#undef LIDO_WINDOW
}
END_TEST

/* "same" leaves its padding out unless told otherwise (Keras). */
START_TEST(same_padding_does_not_count) {
    check_ones("{\"type\": \"avg_pool\", \"kernel\": 4, \"stride\": 2, \"padding\": \"same\"}",
               "[5,1]", VALUES(1, 1, 1));
    check_ones("{\"type\": \"avg_pool\", \"kernel\": 4, \"stride\": 2, \"padding\": \"same\", "
               "\"count_include_pad\": true}",
               "[5,1]", VALUES(0.75, 1, 0.5));
}
END_TEST

/* Corner, edge and inside of a 3x3 window, padding counted and not. */
START_TEST(padding_in_two_axes) {
    static const double ninth = 1.0 / 9;
    check_ones("{\"type\": \"avg_pool\", \"kernel\": 3, \"stride\": 2, \"padding\": 1}", "[5,3,1]",
               VALUES((lido_real)(4 * ninth), (lido_real)(4 * ninth), (lido_real)(6 * ninth),
                      (lido_real)(6 * ninth), (lido_real)(4 * ninth), (lido_real)(4 * ninth)));
}
END_TEST

/* Cells which no window covers, and those which several do. */
START_TEST(gradients_cover_and_overlap) {
    lido_rig rig = open_pool("{\"type\": \"avg_pool\", \"kernel\": 2, \"stride\": 3}", "[8,1]", 1);
    start_with(&rig.dy, VALUES(2, 4, 6));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.dx[0], VALUES(1, 1, 0, 2, 2, 0, 3, 3));
    lido_rig_free(&rig);
    rig = open_pool("{\"type\": \"avg_pool\", \"kernel\": 4, \"stride\": 1}", "[6,1]", 1);
    start_with(&rig.dy, VALUES(4, 8, 16));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.dx[0], VALUES(1, 3, 7, 7, 6, 4));
    lido_rig_free(&rig);
}
END_TEST

/* sum(dx) = sum(dy) where every cell counts. */
START_TEST(gradients_are_shared_out) {
    static const char *const grids[] = {
        "\"kernel\": 3, \"stride\": 2, \"padding\": 1, \"count_include_pad\": false",
        "\"output_size\": [3, 20]", "\"global\": true"};
    for (size_t i = 0; i < sizeof grids / sizeof *grids; i++) {
        char json[128];
        snprintf(json, sizeof json, "{\"type\": \"avg_pool\", %s}", grids[i]);
        lido_rig rig = open_pool(json, "[13,11,6]", 2);
        lido_rig_run(&rig, &(lido_way){0});
        ck_assert_double_eq_tol(sum_of(&rig.dx[0]), sum_of(&rig.dy), 1e-5);
        lido_rig_free(&rig);
    }
}
END_TEST

/* A large window's mean against one in double, relative to the largest magnitude: every value is
 * near 1, where plain float sums would lose a digit per decade of cells. */
static void check_accuracy(const char *json, const char *shape) {
    lido_rig rig = open_pool(json, shape, 1);
    const int64_t channels = rig.x_shape[0].channels, count = lido_count(&rig.x[0]);
    lido_real *x = lido_start(&rig.x[0]);
    for (int64_t i = 0; i < count; i++) x[i] = 1 + x[i] / 10;
    lido_rig_run(&rig, &(lido_way){.evaluation = true});
    for (int64_t c = 0; c < channels; c++) {
        double sum = 0;
        for (int64_t i = c; i < count; i += channels) sum += (double)x[i];
        double mean = sum * (double)channels / (double)count;
        ck_assert_double_eq_tol((double)lido_reals(&rig.y)[c], mean, 1e-6);
    }
    lido_rig_free(&rig);
}

START_TEST(large_means_are_accurate) {
    check_accuracy("{\"type\": \"avg_pool\", \"global\": true}", "[1024,1024,1]");
    check_accuracy("{\"type\": \"avg_pool\", \"global\": true}", "[1000,1000,3]");
    check_accuracy("{\"type\": \"avg_pool\", \"kernel\": 16}", "[16,16,33]");
    check_accuracy("{\"type\": \"avg_pool\", \"kernel\": [7, 9]}", "[7,9,2]");
}
END_TEST

/* Few channels and many, whole runs and single windows: each channel comes out the same. */
START_TEST(channels_do_not_matter) {
    static const int64_t channels[] = {1, 2, 3, 6, 7, 15, 16, 17, 33};
    const char *json = "{\"type\": \"avg_pool\", \"kernel\": 3, \"stride\": 2, \"padding\": 1}";
    lido_rig one = open_pool(json, "[23,29,1]", 1);
    lido_rig_run(&one, &(lido_way){0});
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++) {
        const int64_t c = channels[i];
        char shape[64];
        snprintf(shape, sizeof shape, "[23,29,%d]", (int)c);
        lido_rig many = open_pool(json, shape, 1);
        for (int64_t k = 0; k < lido_count(&many.x[0]); k++)
            lido_start(&many.x[0])[k] = lido_start(&one.x[0])[k / c];
        for (int64_t k = 0; k < lido_count(&many.y); k++)
            lido_start(&many.dy)[k] = lido_start(&one.dy)[k / c];
        lido_rig_run(&many, &(lido_way){0});
        for (int64_t k = 0; k < lido_count(&many.y); k++)
            ck_assert(lido_reals(&many.y)[k] == lido_reals(&one.y)[k / c]);
        for (int64_t k = 0; k < lido_count(&many.x[0]); k++)
            ck_assert_double_eq_tol((double)lido_reals(&many.dx[0])[k],
                                    (double)lido_reals(&one.dx[0])[k / c], 1e-6);
        lido_rig_free(&many);
    }
    lido_rig_free(&one);
}
END_TEST

START_TEST(ranks_agree) {
    const char *one =
        "{\"type\": \"avg_pool\", \"kernel\": 3, \"stride\": 2, \"padding\": [[1, 0]]}";
    const char *two = "{\"type\": \"avg_pool\", \"kernel\": [1, 3], \"stride\": [1, 2], "
                      "\"padding\": [[0, 0], [1, 0]]}";
    const char *three = "{\"type\": \"avg_pool\", \"kernel\": [1, 1, 3], \"stride\": [1, 1, 2], "
                        "\"padding\": [[0, 0], [0, 0], [1, 0]]}";
    assert_equal_layers(one, "[19,3]", two, "[1,19,3]");
    assert_equal_layers(one, "[19,17]", three, "[1,1,19,17]");
    assert_equal_layers(one, "[9001,2]", two, "[1,9001,2]");
}
END_TEST

/* What a grid has no padding for; and that a written `false` survives being written out. */
START_TEST(options_that_do_not_belong) {
    assert_refused("{\"type\": \"avg_pool\", \"global\": true, \"count_include_pad\": true}",
                   "[4,4,1]", LIDO_SPEC, "\"count_include_pad\" has no meaning with \"global\"");
    assert_refused("{\"type\": \"avg_pool\", \"output_size\": 2, \"count_include_pad\": false}",
                   "[4,4,1]", LIDO_SPEC, "\"count_include_pad\" has no meaning");
    assert_refused("{\"type\": \"avg_pool\", \"global\": true, \"divisor\": 2}", "[4,4,1]",
                   LIDO_SPEC, "\"divisor\" has no meaning");
    assert_refused("{\"type\": \"avg_pool\", \"kernel\": 2, \"divisor\": 0}", "[4,4,1]", LIDO_SPEC,
                   "\"divisor\" is 0");
    lido_rig rig = open_pool("{\"type\": \"avg_pool\", \"kernel\": 2, \"padding\": 1, "
                             "\"count_include_pad\": false}",
                             "[4,4,1]", 1);
    char *text = lido_json_print(rig.options, false);
    ck_assert_str_eq(text, "{\"kernel\":2,\"padding\":1,\"count_include_pad\":false}");
    free(text);
    lido_rig_free(&rig);
}
END_TEST

/* A line 1 2 3 4, kernel 3, stride 2, padding 1: each engine's borders by hand. */
START_TEST(semantics_decide_at_the_border) {
    static const struct {
        const char *engine;
        double y[3];
        size_t count;
    } cases[] = {{"torch", {1, 3}, 2},
                 {"keras", {1.5, 3}, 2},
                 {"onnx", {1.5, 3}, 2},
                 {"caffe", {1, 3, 2}, 3},
                 {"darknet", {2, 3.5}, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char json[160];
        snprintf(json, sizeof json,
                 "{\"type\": \"avg_pool\", \"kernel\": 3, \"stride\": 2, \"padding\": 1, "
                 "\"semantics\": \"%s\"}",
                 cases[i].engine);
        lido_rig rig = open_pool(json, "[4,1]", 1);
        start_with(&rig.x[0], VALUES(1, 2, 3, 4));
        lido_rig_run(&rig, &(lido_way){0});
        assert_holds(&rig.y, cases[i].y, cases[i].count);
        lido_rig_free(&rig);
    }
    assert_refused("{\"type\": \"avg_pool\", \"global\": true, \"semantics\": \"caffe\"}", "[4,1]",
                   LIDO_SPEC, "\"semantics\" has no meaning with \"global\"");
}
END_TEST

LIDO_TEST_MAIN("pool_avg", the_classic, the_divisor, same_padding_does_not_count,
               padding_in_two_axes, gradients_cover_and_overlap, gradients_are_shared_out,
               large_means_are_accurate, channels_do_not_matter, ranks_agree,
               options_that_do_not_belong, semantics_decide_at_the_border)
