/* Tests of shape.c: making, measuring and writing shapes, and checked products. */
#include "lido_check.h"

static lido_error error;

static lido_shape make(int count, int64_t a, int64_t b, int64_t c, int64_t d) {
    int64_t dims[] = {a, b, c, d};
    lido_shape shape;
    assert_ok(lido_shape_make(dims, count, &shape, &error));
    return shape;
}

START_TEST(absent_axes_are_one) {
    lido_shape vector = make(1, 10, 0, 0, 0), plane = make(3, 28, 14, 3, 0);
    ck_assert_int_eq(vector.rank, 0);
    ck_assert_int_eq(vector.channels, 10);
    ck_assert_int_eq(lido_shape_positions(&vector), 1);
    ck_assert_int_eq(plane.rank, 2);
    ck_assert_int_eq(plane.axis[0], 1);
    ck_assert_int_eq(plane.axis[1], 28);
    ck_assert_int_eq(plane.axis[2], 14);
    ck_assert_int_eq(plane.channels, 3);
    ck_assert_int_eq(lido_shape_positions(&plane), 28 * 14);
    ck_assert_int_eq(lido_shape_size(&plane), 28 * 14 * 3);
}
END_TEST

START_TEST(shapes_are_written_as_they_were_given) {
    lido_shape shape = make(1, 10, 0, 0, 0);
    char text[64];
    ck_assert_str_eq(lido_shape_text(&shape, text, sizeof text), "[10]");
    shape = make(2, 1, 6, 0, 0);
    ck_assert_str_eq(lido_shape_text(&shape, text, sizeof text), "[1,6]");
    shape = make(4, 1, 28, 14, 3);
    ck_assert_str_eq(lido_shape_text(&shape, text, sizeof text), "[1,28,14,3]");
    for (size_t size = 1; size < 12; size++) {
        memset(text, 'x', sizeof text);
        lido_shape_text(&shape, text, size);
        ck_assert_uint_lt(strlen(text), size);
        ck_assert_int_eq(text[size], 'x');
    }
}
END_TEST

START_TEST(rank_is_part_of_equality) {
    lido_shape a = make(2, 5, 3, 0, 0), b = make(3, 1, 5, 3, 0), c = make(2, 5, 3, 0, 0);
    ck_assert(lido_shape_equal(&a, &c));
    ck_assert(!lido_shape_equal(&a, &b));
    for (int i = 0; i < LIDO_MAX_AXES + 1; i++) {
        c = a;
        if (i < LIDO_MAX_AXES)
            c.axis[i]++;
        else
            c.channels++;
        ck_assert(!lido_shape_equal(&a, &c));
    }
}
END_TEST

START_TEST(refuses_wrong_counts_and_sizes) {
    const int64_t ones[] = {1, 1, 1, 1, 1}, zero[] = {3, 0}, negative[] = {-2};
    lido_shape shape;
    assert_fails(lido_shape_make(ones, 0, &shape, &error), LIDO_SHAPE, "1 to 4 numbers");
    assert_fails(lido_shape_make(ones, 5, &shape, &error), LIDO_SHAPE, "not 5");
    assert_fails(lido_shape_make(zero, 2, &shape, &error), LIDO_SHAPE, "at least 1, not 0");
    assert_fails(lido_shape_make(negative, 1, &shape, &error), LIDO_SHAPE, "not -2");
}
END_TEST

START_TEST(refuses_more_elements_than_the_limit) {
    const int64_t most[] = {1 << 20, 1 << 20}, more[] = {1 << 20, (1 << 20) + 1};
    const int64_t huge[] = {INT64_MAX, INT64_MAX, 2};
    lido_shape shape;
    assert_ok(lido_shape_make(most, 2, &shape, &error));
    ck_assert_int_eq(lido_shape_size(&shape), LIDO_MAX_ELEMENTS);
    assert_fails(lido_shape_make(more, 2, &shape, &error), LIDO_TOO_LARGE, "2^40");
    assert_fails(lido_shape_make(huge, 3, &shape, &error), LIDO_TOO_LARGE, "2^40");
}
END_TEST

START_TEST(products_are_checked) {
    int64_t product;
    ck_assert(lido_mul(3, 5, &product));
    ck_assert_int_eq(product, 15);
    ck_assert(lido_mul(0, INT64_MAX, &product));
    ck_assert_int_eq(product, 0);
    ck_assert(lido_mul(1, INT64_MAX, &product));
    ck_assert_int_eq(product, INT64_MAX);
    const int64_t refused[][2] = {{2, INT64_MAX}, {INT64_MAX, INT64_MAX}, {-1, 1}, {1, -1}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        product = 7;
        ck_assert(!lido_mul(refused[i][0], refused[i][1], &product));
        ck_assert_int_eq(product, 0);
    }
}
END_TEST

LIDO_TEST_MAIN("shape", absent_axes_are_one, shapes_are_written_as_they_were_given,
               rank_is_part_of_equality, refuses_wrong_counts_and_sizes,
               refuses_more_elements_than_the_limit, products_are_checked)
