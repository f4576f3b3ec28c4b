/* test_upward.c - sizes of layers that go back up: the rule, sizes beside it, and what is refused.
 * (As layers: test_transposed_conv.c, test_avg_unpool.c.) */
#include "lido_check.h"

#include "layers/upward.h"

static lido_error error;

static lido_shape line(int64_t length) {
    lido_shape x;
    assert_ok(lido_shape_make((const int64_t[]){length, 1}, 2, &x, &error));
    return x;
}

static lido_upward window(int64_t kernel, int64_t stride, int64_t before, int64_t after) {
    return (lido_upward){.window = {.kernel = {1, {kernel}},
                                    .stride = {1, {stride}},
                                    .padding = {LIDO_EXPLICIT, 1, {before}, {after}}}};
}

/* Length of the output; the window slid over it comes to as many cells as the input has. */
static int64_t length_of(const lido_upward *options, int64_t length) {
    lido_shape x = line(length), y;
    lido_geometry made, again;
    assert_ok(lido_upward_make(options, &x, &made, &error));
    assert_ok(lido_upward_shape(&made, 1, &y, &error));
    ck_assert_int_eq(made.output[2], length);
    ck_assert_int_eq(y.axis[2], made.input[2]);
    assert_ok(lido_geometry_make(&options->window, &y, &again, &error));
    ck_assert_int_eq(again.before[2], made.before[2]);
    ck_assert_int_eq(again.after[2], made.after[2]);
    return made.input[2];
}

START_TEST(the_rule_is_undone_by_the_window) {
    for (int64_t kernel = 1; kernel <= 4; kernel++)
        for (int64_t stride = 1; stride <= 4; stride++)
            for (int64_t before = 0; before < kernel; before++) {
                lido_upward options = window(kernel, stride, before, 0);
                ck_assert_int_eq(length_of(&options, 5), 4 * stride - before + kernel);
                options.window.padding.mode = LIDO_SAME;
                ck_assert_int_eq(length_of(&options, 5), 5 * stride);
            }
}
END_TEST

START_TEST(sizes_beside_the_rule) {
    int64_t length;
    for (int64_t wish = 6; wish <= 10; wish++) {
        lido_upward options = window(4, 3, 1, 1); /* rule: 2 * 3 - 2 + 4 = 8 */
        options.output_size = (lido_axes){1, {wish}};
        lido_shape x = line(3);
        lido_geometry made;
        assert_ok(lido_upward_make(&options, &x, &made, &error));
        ck_assert_int_eq(made.input[2], wish);
        ck_assert_int_eq(made.output[2], 3);
    }
    assert_ok(lido_upward_length(8, 3, 0, &length, &error));
    ck_assert_int_eq(length, 8);
    assert_fails(lido_upward_length(8, 3, 5, &length, &error), LIDO_SHAPE, "allowed: 6 to 10");
    assert_fails(lido_upward_length(8, 3, 11, &length, &error), LIDO_SHAPE, "allowed: 6 to 10");
    assert_fails(lido_upward_length(2, 3, 9, &length, &error), LIDO_SHAPE, "allowed: 1 to 4");
}
END_TEST

START_TEST(a_window_without_a_cell_is_refused) {
    lido_upward options = window(2, 3, 0, 0); /* rule: 8; the last window begins at 6 */
    lido_shape x = line(3);
    lido_geometry made;
    options.output_size = (lido_axes){1, {6}};
    assert_fails(lido_upward_make(&options, &x, &made, &error), LIDO_SHAPE, "it begins at 6");
    options.output_size.at[0] = 7;
    assert_ok(lido_upward_make(&options, &x, &made, &error));
    options.window.padding.mode = LIDO_SAME;
    assert_fails(lido_upward_make(&options, &x, &made, &error), LIDO_SPEC,
                 "\"output_size\" has no meaning with \"same\"");
}
END_TEST

LIDO_TEST_MAIN("upward", the_rule_is_undone_by_the_window, sizes_beside_the_rule,
               a_window_without_a_cell_is_refused)
