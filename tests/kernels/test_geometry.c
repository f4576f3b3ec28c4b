/* test_geometry.c - window sizes against published rules and against counting. */
#include "kernels/geometry.h"
#include "lido_check.h"

static lido_error error;

static lido_axes axes(int64_t n) {
    return (lido_axes){.count = 1, .at = {n}};
}

static lido_padding pair(int64_t before, int64_t after) {
    return (lido_padding){.mode = LIDO_EXPLICIT, .count = 1, .before = {before}, .after = {after}};
}

static lido_shape line(int64_t length) {
    return (lido_shape){.rank = 1, .axis = {1, 1, length}, .channels = 1};
}

static int64_t out(int64_t length, int64_t k, int64_t s, int64_t d, lido_padding padding,
                   bool ceil) {
    lido_window_options options = {axes(k), axes(s), axes(d), padding, ceil, true, false};
    lido_shape shape = line(length);
    lido_geometry geometry;
    assert_ok(lido_geometry_make(&options, &shape, &geometry, &error));
    ck_assert_int_eq(geometry.output[0], 1);
    ck_assert_int_eq(geometry.output[1], 1);
    return geometry.output[2];
}

/* Sizes PyTorch and Keras print for these. */
START_TEST(known_sizes) {
    const lido_padding valid = {.mode = LIDO_VALID}, same = {.mode = LIDO_SAME};
    ck_assert_int_eq(out(28, 2, 2, 1, valid, false), 14);
    ck_assert_int_eq(out(7, 3, 2, 1, valid, false), 3);
    ck_assert_int_eq(out(8, 3, 2, 1, valid, false), 3);
    ck_assert_int_eq(out(8, 3, 2, 1, valid, true), 4);
    ck_assert_int_eq(out(224, 7, 2, 1, pair(3, 3), false), 112);
    ck_assert_int_eq(out(112, 3, 2, 1, pair(1, 1), false), 56);
    ck_assert_int_eq(out(5, 2, 2, 1, pair(1, 1), true),
                     3); /* a 4th would start at 6 = L + before */
    ck_assert_int_eq(out(4, 1, 3, 1, valid, true), 2);
    ck_assert_int_eq(out(3, 1, 4, 1, valid, true), 1); /* a 2nd would start at 4 */
    ck_assert_int_eq(out(1, 2, 2, 1, valid, true), 1); /* larger than the input: clipped */
    ck_assert_int_eq(out(2, 5, 4, 1, valid, true), 1);
    ck_assert_int_eq(out(10, 3, 1, 2, valid, false), 6);
    ck_assert_int_eq(out(7, 3, 2, 1, same, false), 4);
    ck_assert_int_eq(out(5, 7, 3, 1, same, false), 2);
    ck_assert_int_eq(out(1, 1, 1, 1, valid, false), 1);
}
END_TEST

/* The number of windows counted one by one by the rule's words. */
static int64_t counted(int64_t length, int64_t extent, int64_t s, int64_t b, int64_t e, bool ceil) {
    int64_t count = 0;
    while (count * s + extent <= length + b + e) count++;
    bool leftover = (count - 1) * s + extent < length + b + e;
    if (ceil && leftover && count * s < length + b) count++;
    return count;
}

START_TEST(sizes_are_those_of_counting) {
    for (int64_t length = 1; length <= 12; length++)
        for (int64_t k = 1; k <= 4; k++)
            for (int64_t s = 1; s <= 5; s++)
                for (int64_t d = 1; d <= 3; d++)
                    for (int mask = 0; mask < 32; mask++) {
                        int64_t extent = d * (k - 1) + 1, before = mask & 3, after = mask >> 2 & 3;
                        bool ceil = mask >> 4;
                        if (before >= extent || after >= extent || d > length) continue;
                        int64_t windows = counted(length, extent, s, before, after, ceil);
                        if (windows == 0) continue;
                        ck_assert_int_eq(out(length, k, s, d, pair(before, after), ceil), windows);
                    }
}
END_TEST

START_TEST(same_puts_the_smaller_half_before) {
    lido_window_options options = {
        .kernel = {2, {4, 3}}, .stride = {2, {1, 2}}, .padding = {.mode = LIDO_SAME}};
    lido_shape shape = {.rank = 2, .axis = {1, 5, 6}, .channels = 3};
    lido_geometry g;
    assert_ok(lido_geometry_make(&options, &shape, &g, &error));
    ck_assert_int_eq(g.output[1], 5);
    ck_assert_int_eq(g.before[1], 1);
    ck_assert_int_eq(g.after[1], 2);
    ck_assert_int_eq(g.output[2], 3);
    ck_assert_int_eq(g.before[2], 0);
    ck_assert_int_eq(g.after[2], 1);
    ck_assert_int_eq(lido_geometry_extent(&g, 1), 4);
}
END_TEST

START_TEST(an_absent_stride_is_the_kernel_or_one) {
    lido_shape shape = {.rank = 3, .axis = {6, 7, 8}, .channels = 1};
    lido_window_options options = {.kernel = {3, {1, 2, 3}}, .stride_is_kernel = true};
    lido_geometry g;
    assert_ok(lido_geometry_make(&options, &shape, &g, &error));
    ck_assert_int_eq(g.output[0], 6);
    ck_assert_int_eq(g.output[1], 3);
    ck_assert_int_eq(g.output[2], 2);
    options.stride_is_kernel = false;
    assert_ok(lido_geometry_make(&options, &shape, &g, &error));
    ck_assert_int_eq(g.output[1], 6);
    ck_assert_int_eq(g.output[2], 6);
}
END_TEST

START_TEST(impossible_windows_are_refused) {
    lido_geometry g;
    lido_window_options options = {.kernel = axes(3), .stride = axes(2), .padding = pair(3, 0)};
    lido_shape shape = line(9), vector = {.rank = 0, .axis = {1, 1, 1}, .channels = 4};
    assert_fails(lido_geometry_make(&options, &shape, &g, &error), LIDO_SHAPE, "smaller than");
    assert_fails(lido_geometry_make(&options, &vector, &g, &error), LIDO_SHAPE, "vector");
    options.padding = pair(0, 0);
    options.kernel = axes(10);
    assert_fails(lido_geometry_make(&options, &shape, &g, &error), LIDO_SHAPE, "does not fit");
    options = (lido_window_options){.kernel = axes(11), .stride = axes(2), .ceil = true};
    assert_fails(lido_geometry_make(&options, &shape, &g, &error), LIDO_SHAPE, "does not fit");
    options.kernel = (lido_axes){2, {1, 1}};
    assert_fails(lido_geometry_make(&options, &shape, &g, &error), LIDO_SPEC, "\"kernel\"");
    options.kernel = axes(INT64_MAX);
    options.dilation = axes(INT64_MAX);
    assert_fails(lido_geometry_make(&options, &shape, &g, &error), LIDO_TOO_LARGE, "2^40");
    options.kernel = axes(0);
    assert_fails(lido_geometry_make(&options, &shape, &g, &error), LIDO_SPEC, "at least 1");
    options = (lido_window_options){.kernel = axes(2), .padding = pair(0, -1)};
    assert_fails(lido_geometry_make(&options, &shape, &g, &error), LIDO_SPEC, "at least 0");
    options =
        (lido_window_options){.kernel = axes(2), .padding = {.mode = LIDO_SAME}, .ceil = true};
    assert_fails(lido_geometry_make(&options, &shape, &g, &error), LIDO_SPEC, "\"ceil\"");
}
END_TEST

/* Cells -1 and 2 of an input of one cell. */
START_TEST(a_window_without_a_cell_is_refused) {
    lido_geometry g;
    lido_window_options options = {.kernel = axes(2), .dilation = axes(3), .padding = pair(1, 2)};
    lido_shape shape = line(1);
    assert_fails(lido_geometry_make(&options, &shape, &g, &error), LIDO_SHAPE, "no cell");
    options.padding = pair(3, 0);
    assert_ok(lido_geometry_make(&options, &shape, &g, &error));
    ck_assert_int_eq(g.output[2], 1);
}
END_TEST

LIDO_TEST_MAIN("geometry", known_sizes, sizes_are_those_of_counting,
               same_puts_the_smaller_half_before, an_absent_stride_is_the_kernel_or_one,
               impossible_windows_are_refused, a_window_without_a_cell_is_refused)
