/* test_pool_max.c - max pooling where the definition is easily got wrong: ties, NaN, infinities,
 * padding, overlap, large windows; and what every grid refuses. (Values and gradients on all grids:
 * test_registry.c.) */
#include "layers/pool_check.h"

#include <stdio.h>

START_TEST(the_classic) {
    lido_rig rig = open_pool("{\"type\": \"max_pool\", \"kernel\": 2}", "[4,4,1]", 1);
    start_with(&rig.x[0], VALUES(1, 1, 2, 4, 5, 6, 7, 8, 3, 2, 1, 0, 1, 2, 3, 4));
    start_with(&rig.dy, VALUES(1, 2, 3, 4));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, VALUES(6, 8, 3, 4));
    assert_holds(&rig.dx[0], VALUES(0, 0, 0, 0, 0, 1, 0, 2, 3, 0, 0, 0, 0, 0, 0, 4));
    lido_rig_free(&rig);
}
END_TEST

/* One maximum in the middle of four overlapping windows takes all four gradients. */
START_TEST(overlapping_windows_accumulate) {
    lido_rig rig =
        open_pool("{\"type\": \"max_pool\", \"kernel\": 2, \"stride\": 1}", "[3,3,1]", 1);
    start_with(&rig.x[0], VALUES(0, 0, 0, 0, 9, 0, 0, 0, 0));
    start_with(&rig.dy, VALUES(1));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.dx[0], VALUES(0, 0, 0, 0, 4, 0, 0, 0, 0));
    lido_rig_free(&rig);
}
END_TEST

START_TEST(the_first_of_equals_wins) {
    lido_rig rig =
        open_pool("{\"type\": \"max_pool\", \"kernel\": 2, \"stride\": 1}", "[3,3,1]", 1);
    start_with(&rig.x[0], VALUES(0));
    start_with(&rig.dy, VALUES(1, 2, 4, 8));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.dx[0], VALUES(1, 2, 0, 4, 8, 0, 0, 0, 0));
    lido_rig_free(&rig);
}
END_TEST

START_TEST(nan_propagates_and_the_last_is_chosen) {
    lido_rig rig = open_pool("{\"type\": \"max_pool\", \"kernel\": 2}", "[2,6,1]", 1);
    start_with(&rig.x[0], VALUES(NAN, 5, 1, 2, NAN, NAN, NAN, 9, NAN, INFINITY, NAN, NAN));
    start_with(&rig.dy, VALUES(1, 2, 3));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, VALUES(NAN, NAN, NAN));
    assert_holds(&rig.dx[0], VALUES(0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 3));
    lido_rig_free(&rig);
}
END_TEST

/* The padding is never chosen: not above a window of -infinity, not above negative values. */
START_TEST(padding_is_never_chosen) {
    lido_rig rig = open_pool(
        "{\"type\": \"max_pool\", \"kernel\": 3, \"stride\": 2, \"padding\": 1}", "[3,3,1]", 1);
    start_with(&rig.x[0], VALUES(-INFINITY, -INFINITY, -3, -INFINITY, -INFINITY, -4, -1, -2, -5));
    start_with(&rig.dy, VALUES(1, 2, 3, 4));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, VALUES(-INFINITY, -3, -1, -2));
    assert_holds(&rig.dx[0], VALUES(1, 0, 2, 0, 0, 0, 3, 4, 0));
    lido_rig_free(&rig);
}
END_TEST

/* ---- against plain loops, over awkward values ------------------------------------------------ */

enum { LENGTH = 21, KERNEL = 3, STRIDE = 2 };

static lido_real awkward(uint32_t word) {
    static const double values[] = {0, -0.0, 1, 1, -1, NAN, -INFINITY, INFINITY};
    return (lido_real)values[word % 16 < 12 ? word % 16 % 5 : word % 16 - 8];
}

/* y, dx of windows [o STRIDE - 1, + KERNEL) x the same, clipped, one channel. */
static void plain(const lido_real *x, const lido_real *dy, int64_t channels, int64_t outputs,
                  lido_real *y, lido_real *dx) {
    for (int64_t i = 0; i < LENGTH * LENGTH; i++) dx[i * channels] = 0;
    for (int64_t o = 0; o < outputs * outputs; o++) {
        int64_t best = -1;
        for (int64_t k = 0; k < KERNEL * KERNEL; k++) {
            int64_t h = o / outputs * STRIDE - 1 + k / KERNEL;
            int64_t w = o % outputs * STRIDE - 1 + k % KERNEL;
            if (h < 0 || w < 0 || h >= LENGTH || w >= LENGTH) continue;
            int64_t at = (h * LENGTH + w) * channels;
            if (best < 0 || x[at] > x[best] || isnan(x[at])) best = at;
        }
        y[o * channels] = x[best];
        dx[best] += dy[o * channels];
    }
}

static void check_awkward(int64_t c) {
    char shape[64];
    snprintf(shape, sizeof shape, "[%d,%d,%d]", LENGTH, LENGTH, (int)c);
    lido_rig rig = open_pool(
        "{\"type\": \"max_pool\", \"kernel\": 3, \"stride\": 2, \"padding\": 1}", shape, 1);
    const int64_t inputs = lido_count(&rig.x[0]), count = lido_count(&rig.y);
    lido_real *x = lido_start(&rig.x[0]), *dy = lido_start(&rig.dy);
    for (int64_t i = 0; i < inputs; i++) {
        uint32_t word[4];
        lido_random(lido_key_make(3, "awkward", 0), 0, (uint64_t)i, word);
        x[i] = awkward(word[0]);
    }
    for (int64_t i = 0; i < count; i++) dy[i] = (lido_real)(1 + i % 7); /* sums are exact */
    lido_real *y = malloc(rig.y.bytes), *dx = malloc(rig.dx[0].bytes);
    for (int64_t i = 0; i < c; i++) plain(x + i, dy + i, c, 11, y + i, dx + i);
    lido_rig_run(&rig, &(lido_way){0});
    for (int64_t i = 0; i < count; i++)
        ck_assert(lido_reals(&rig.y)[i] == y[i] || (isnan(lido_reals(&rig.y)[i]) && isnan(y[i])));
    for (int64_t i = 0; i < inputs; i++)
        ck_assert_msg(lido_reals(&rig.dx[0])[i] == dx[i], "dx[%d] is %g, not %g", (int)i,
                      (double)lido_reals(&rig.dx[0])[i], (double)dx[i]);
    ck_assert_double_eq(sum_of(&rig.dx[0]), sum_of(&rig.dy));
    free(y);
    free(dx);
    lido_rig_free(&rig);
}

START_TEST(awkward_values_in_any_number_of_channels) {
    static const int64_t channels[] = {1, 2, 3, 6, 7, 15, 16, 17, 33, 64};
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++) check_awkward(channels[i]);
}
END_TEST

/* The maximum in the last cell of the window. */
static void check_large(const char *shape, size_t bytes) {
    lido_rig rig = open_pool("{\"type\": \"max_pool\", \"global\": true}", shape, 1);
    ck_assert_uint_eq(rig.needs.saved, 2 * bytes);
    const int64_t last = lido_count(&rig.x[0]) - 1;
    start_with(&rig.x[0], VALUES(-1));
    lido_start(&rig.x[0])[last] = 3;
    start_with(&rig.dy, VALUES(5, 7));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, VALUES(-1, 3));
    ck_assert_double_eq((double)lido_reals(&rig.dx[0])[0], 5);
    ck_assert_double_eq((double)lido_reals(&rig.dx[0])[last], 7);
    ck_assert_double_eq(sum_of(&rig.dx[0]), 12);
    lido_rig_free(&rig);
}

START_TEST(switches_grow_with_the_window) {
    check_large("[16,16,2]", 1);
    check_large("[16,17,2]", 2);
    check_large("[256,257,2]", 4);
}
END_TEST

START_TEST(ranks_agree) {
    const char *one =
        "{\"type\": \"max_pool\", \"kernel\": 3, \"stride\": 2, \"padding\": [[1, 0]]}";
    const char *two = "{\"type\": \"max_pool\", \"kernel\": [1, 3], \"stride\": [1, 2], "
                      "\"padding\": [[0, 0], [1, 0]]}";
    const char *three = "{\"type\": \"max_pool\", \"kernel\": [1, 1, 3], \"stride\": [1, 1, 2], "
                        "\"padding\": [[0, 0], [0, 0], [1, 0]]}";
    assert_equal_layers(one, "[19,3]", two, "[1,19,3]");
    assert_equal_layers(one, "[19,17]", three, "[1,1,19,17]");
    assert_equal_layers("{\"type\": \"max_pool\", \"kernel\": 2}", "[9,8,6]",
                        "{\"type\": \"max_pool\", \"kernel\": [1, 2, 2]}", "[1,9,8,6]");
}
END_TEST

/* The same windows, however they are asked for. */
START_TEST(grids_agree) {
    assert_equal_layers("{\"type\": \"max_pool\", \"kernel\": 2}", "[8,6,3]",
                        "{\"type\": \"max_pool\", \"output_size\": [4, 3]}", "[8,6,3]");
    assert_equal_layers("{\"type\": \"max_pool\", \"global\": true}", "[8,6,3]",
                        "{\"type\": \"max_pool\", \"kernel\": [8, 6]}", "[8,6,3]");
}
END_TEST

START_TEST(needs_are_told) {
    lido_rig rig =
        open_pool("{\"type\": \"max_pool\", \"kernel\": [3, 2], \"dilation\": 2}", "[12,12,3]", 2);
    ck_assert(!rig.needs.backward_reads_x && !rig.needs.backward_reads_y && !rig.needs.whole_map);
    ck_assert_int_eq(rig.needs.extent[1], 5);
    ck_assert_int_eq(rig.needs.extent[2], 3);
    ck_assert_int_eq(rig.needs.stride[1], 3);
    ck_assert_int_eq(rig.needs.stride[2], 2);
    lido_rig_free(&rig);
    rig = open_pool("{\"type\": \"max_pool\", \"output_size\": [5, 20]}", "[12,12,3]", 2);
    ck_assert_int_eq(rig.needs.extent[1], 4);
    ck_assert_int_eq(rig.needs.stride[1], 3);
    ck_assert_int_eq(rig.needs.stride[2], 1);
    lido_rig_free(&rig);
    rig =
        open_pool("{\"type\": \"max_pool\", \"global\": true, \"keepdims\": true}", "[12,12,3]", 2);
    ck_assert(rig.needs.whole_map);
    ck_assert_int_eq(rig.needs.y.rank, 2);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(conflicts_are_refused) {
    static const struct {
        const char *options, *shape;
        lido_status status;
        const char *text;
    } refused[] = {
        {"", "[4,4,1]", LIDO_SPEC, "one of kernel, global, output_size"},
        {", \"global\": false", "[4,4,1]", LIDO_SPEC, "one of kernel, global, output_size"},
        {", \"kernel\": 2, \"global\": true", "[4,4,1]", LIDO_SPEC, "\"kernel\" and \"global\""},
        {", \"kernel\": 2, \"output_size\": 2", "[4,4,1]", LIDO_SPEC, "\"output_size\" conflict"},
        {", \"global\": true, \"stride\": 2", "[4,4,1]", LIDO_SPEC, "\"stride\" has no meaning"},
        {", \"output_size\": 2, \"padding\": 1", "[4,4,1]", LIDO_SPEC,
         "\"padding\" has no meaning"},
        {", \"output_size\": 2, \"ceil\": true", "[4,4,1]", LIDO_SPEC, "\"ceil\" has no meaning"},
        {", \"global\": true, \"dilation\": 2", "[4,4,1]", LIDO_SPEC, "only with \"kernel\""},
        {", \"kernel\": 2, \"keepdims\": true", "[4,4,1]", LIDO_SPEC, "only with \"global\""},
        {", \"kernel\": 5", "[4,4,1]", LIDO_SHAPE, "does not fit"},
        {", \"kernel\": 2, \"padding\": 2", "[4,4,1]", LIDO_SHAPE, "smaller than"},
        {", \"kernel\": [2, 2, 2]", "[4,4,1]", LIDO_SPEC, "\"kernel\" has 3 numbers"},
        {", \"output_size\": [2, 2]", "[4,1]", LIDO_SPEC, "\"output_size\" has 2 numbers"},
        {", \"kernel\": 2", "[4]", LIDO_SHAPE, "vector"},
        {", \"global\": true", "[4]", LIDO_SHAPE, "vector"},
        {", \"output_size\": 2", "[4]", LIDO_SHAPE, "vector"},
        {", \"kernel\": 0", "[4,4,1]", LIDO_SPEC, "\"kernel\" is 0"},
        {", \"strides\": 2", "[4,4,1]", LIDO_SPEC, "did you mean \"stride\""},
        {", \"count_include_pad\": true", "[4,4,1]", LIDO_SPEC, "unknown key"},
        {", \"output_size\": [1048576, null]", "[2,1099511627776,1]", LIDO_TOO_LARGE, ""},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char json[256];
        snprintf(json, sizeof json, "{\"type\": \"max_pool\"%s}", refused[i].options);
        assert_refused(json, refused[i].shape, refused[i].status, refused[i].text);
    }
}
END_TEST

LIDO_TEST_MAIN("pool_max", the_classic, overlapping_windows_accumulate, the_first_of_equals_wins,
               nan_propagates_and_the_last_is_chosen, padding_is_never_chosen,
               awkward_values_in_any_number_of_channels, switches_grow_with_the_window, ranks_agree,
               grids_agree, needs_are_told, conflicts_are_refused)
