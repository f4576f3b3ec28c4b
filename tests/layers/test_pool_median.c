/* test_pool_median.c - the median: odd and even numbers of cells, ties, NaN, infinities, windows
 * too large to be sorted. (Values and gradients on all grids: test_registry.c.) */
#include "layers/pool_check.h"

#include <stdio.h>

static void check(const char *json, const char *shape, const double *x, size_t x_count,
                  const double *y, size_t y_count) {
    lido_rig rig = open_pool(json, shape, 1);
    start_with(&rig.x[0], x, x_count);
    lido_rig_run(&rig, &(lido_way){.evaluation = true});
    assert_holds(&rig.y, y, y_count);
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, y, y_count);
    lido_rig_free(&rig);
}

/* The gradient of one window, dy = 4. */
static void check_gradient(const char *shape, const double *x, size_t count, const double *dx) {
    lido_rig rig = open_pool("{\"type\": \"median_pool\", \"global\": true}", shape, 1);
    start_with(&rig.x[0], x, count);
    start_with(&rig.dy, VALUES(4));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.dx[0], dx, count);
    lido_rig_free(&rig);
}

START_TEST(the_classic) {
    check("{\"type\": \"median_pool\", \"kernel\": 2}", "[4,4,1]",
          VALUES(1, 1, 2, 4, 5, 6, 7, 8, 3, 2, 1, 0, 1, 2, 3, 4), VALUES(3, 5.5, 2, 2));
    check("{\"type\": \"median_pool\", \"kernel\": 3}", "[3,3,1]",
          VALUES(9, 1, 8, 2, 7, 3, 6, 4, 5), VALUES(5));
}
END_TEST

/* Only cells inside the input count: two, three and two of them. */
START_TEST(padding_does_not_count) {
    check("{\"type\": \"median_pool\", \"kernel\": 3, \"stride\": 1, \"padding\": 1}", "[3,1]",
          VALUES(-8, -2, -4), VALUES(-5, -4, -3));
}
END_TEST

START_TEST(the_gradient_goes_to_the_middle) {
    check_gradient("[5,1]", VALUES(3, 9, 5, 1, 7), (const double[]){0, 0, 4, 0, 0});
    check_gradient("[4,1]", VALUES(3, 9, 5, 1), (const double[]){2, 0, 2, 0});
}
END_TEST

/* Of equal values the first stands for all, in either middle. */
START_TEST(ties) {
    check_gradient("[5,1]", VALUES(7, 2, 2, 2, 9), (const double[]){0, 4, 0, 0, 0});
    check_gradient("[4,1]", VALUES(0, 0, 0, 0), (const double[]){4, 0, 0, 0});
    check_gradient("[6,1]", VALUES(5, 1, 1, 5, 1, 5), (const double[]){2, 2, 0, 0, 0, 0});
    check_gradient("[3,1]", VALUES(1, -0.0, 0.0), (const double[]){0, 4, 0});
}
END_TEST

START_TEST(not_a_number) {
    check("{\"type\": \"median_pool\", \"kernel\": 3}", "[6,1]", VALUES(1, NAN, 3, 6, 5, 4),
          VALUES(NAN, 5));
    check_gradient("[5,1]", VALUES(1, 3, NAN, 2, NAN), (const double[]){0, 0, 4, 0, 0});
    check_gradient("[2,1]", VALUES(NAN, NAN), (const double[]){4, 0});
}
END_TEST

START_TEST(infinities) {
    check("{\"type\": \"median_pool\", \"kernel\": 2}", "[8,1]",
          VALUES(-INFINITY, -INFINITY, INFINITY, INFINITY, 1, INFINITY, INFINITY, -INFINITY),
          VALUES(-INFINITY, INFINITY, INFINITY, NAN));
    const double huge = 3e38;
    check("{\"type\": \"median_pool\", \"kernel\": 2}", "[4,1]",
          VALUES(huge, huge / 2, -huge, huge),
          VALUES((double)((lido_real)huge / 2 + (lido_real)(huge / 2) / 2), 0));
}
END_TEST

static int by_value(const void *a, const void *b) {
    lido_real x = *(const lido_real *)a, y = *(const lido_real *)b;
    return (x > y) - (x < y);
}

/* Every second value is 0 or close to another, and the signs differ: all bytes of a number count.
 */
static void check_size(int64_t cells, int64_t channels) {
    char shape[64];
    snprintf(shape, sizeof shape, "[%d,%d]", (int)cells, (int)channels);
    lido_rig rig = open_pool("{\"type\": \"median_pool\", \"global\": true}", shape, 1);
    lido_real *x = lido_start(&rig.x[0]), *sorted = malloc((size_t)cells * sizeof *sorted);
    for (int64_t i = 0; i < cells * channels; i++) {
        if (i % 4 == 1) x[i] = 0;
        if (i % 4 == 3) x[i] = (lido_real)1e-30 * x[i] * (lido_real)(i % 5);
    }
    lido_rig_run(&rig, &(lido_way){0});
    for (int64_t c = 0; c < channels; c++) {
        for (int64_t i = 0; i < cells; i++) sorted[i] = x[i * channels + c];
        qsort(sorted, (size_t)cells, sizeof *sorted, by_value);
        lido_real low = sorted[(cells - 1) / 2], high = sorted[cells / 2];
        ck_assert(lido_reals(&rig.y)[c] == (low == high ? low : low / 2 + high / 2));
    }
    ck_assert_double_eq_tol(sum_of(&rig.dx[0]), sum_of(&rig.dy), 1e-5);
    free(sorted);
    lido_rig_free(&rig);
}

START_TEST(sorted_and_counted) {
    static const int64_t cells[] = {1, 2, 3, 5, 8, 9, 31, 255, 256, 257, 1000, 1001};
    static const int64_t channels[] = {1, 3, 16, 17};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        for (size_t k = 0; k < sizeof channels / sizeof *channels; k++)
            check_size(cells[i], channels[k]);
}
END_TEST

START_TEST(a_large_window_with_a_nan) {
    lido_rig rig = open_pool("{\"type\": \"median_pool\", \"global\": true}", "[20,20,1]", 1);
    lido_start(&rig.x[0])[300] = lido_start(&rig.x[0])[371] = (lido_real)NAN;
    lido_rig_run(&rig, &(lido_way){0});
    ck_assert(isnan(lido_reals(&rig.y)[0]));
    for (int64_t i = 0; i < 400; i++)
        ck_assert(lido_reals(&rig.dx[0])[i] == (i == 300 ? lido_start(&rig.dy)[0] : 0));
    lido_rig_free(&rig);
}
END_TEST

START_TEST(ranks_agree) {
    const char *one = "{\"type\": \"median_pool\", \"kernel\": 3, \"stride\": 2}";
    const char *two = "{\"type\": \"median_pool\", \"kernel\": [1, 3], \"stride\": [1, 2]}";
    const char *three = "{\"type\": \"median_pool\", \"kernel\": [1, 1, 3], \"stride\": [1, 1, 2]}";
    assert_equal_layers(one, "[19,3]", two, "[1,19,3]");
    assert_equal_layers(one, "[19,17]", three, "[1,1,19,17]");
}
END_TEST

LIDO_TEST_MAIN("pool_median", the_classic, padding_does_not_count, the_gradient_goes_to_the_middle,
               ties, not_a_number, infinities, sorted_and_counted, a_large_window_with_a_nan,
               ranks_agree)
