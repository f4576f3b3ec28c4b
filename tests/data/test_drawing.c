/* test_drawing.c - numbers of a picture depend on nothing else; lines cover what they should. */
#include "lido_check.h"

#include "data/drawing.h"

#include <math.h>

START_TEST(numbers_are_of_the_picture) {
    lido_key key = lido_key_make(3, "test", 0);
    lido_picks a = {.key = key, .picture = 7}, b = a, other = {.key = key, .picture = 8};
    int same = 0;
    for (int i = 0; i < 100; i++) {
        uint32_t word = lido_pick_word(&a);
        ck_assert_uint_eq(word, lido_pick_word(&b));
        same += word == lido_pick_word(&other);
    }
    ck_assert_int_lt(same, 3);
}
END_TEST

START_TEST(numbers_are_in_their_range) {
    lido_picks d = {.key = lido_key_make(3, "test", 0)};
    int of[6] = {0};
    double sum = 0, squares = 0;
    for (int i = 0; i < 6000; i++) {
        of[lido_pick_below(&d, 6)]++;
        float number = lido_pick_within(&d, (float[2]){-2, 5});
        ck_assert(number >= -2 && number < 5);
        float noise = lido_pick_noise(&d);
        ck_assert(noise > -1 && noise < 1);
        sum += noise;
        squares += noise * noise;
    }
    for (int i = 0; i < 6; i++) ck_assert(of[i] > 880 && of[i] < 1120);
    ck_assert_double_lt(fabs(sum / 6000), 0.03);
    ck_assert_double_lt(fabs(squares / 6000 - 1.0 / 6), 0.01); /* the triangle's variance */
}
END_TEST

static double total(const lido_canvas *c) {
    double sum = 0;
    for (int i = 0; i < c->side * c->side; i++) {
        ck_assert(c->ink[i] >= 0 && c->ink[i] <= 1);
        sum += c->ink[i];
    }
    return sum;
}

START_TEST(a_line_covers_its_width) {
    lido_canvas c = {.side = 28};
    lido_canvas_line(&c, (lido_point){5, 10}, (lido_point){20, 10}, 1.5f, LIDO_PEN_INK);
    for (int x = 5; x <= 20; x++) {
        for (int y = 9; y <= 11; y++) ck_assert(c.ink[y * 28 + x] == 1);
        ck_assert(c.ink[8 * 28 + x] == 0 && c.ink[12 * 28 + x] == 0);
    }
    ck_assert(c.ink[10 * 28 + 3] == 0 && c.ink[10 * 28 + 22] == 0);
    double before = total(&c);
    lido_canvas_line(&c, (lido_point){12, 0}, (lido_point){12, 27}, 0.5f, LIDO_PEN_ERASER);
    ck_assert_double_eq_tol(total(&c), before - 3, 1e-5);
}
END_TEST

START_TEST(what_lies_outside_is_left_out) {
    lido_canvas c = {.side = 10};
    lido_canvas_line(&c, (lido_point){-50, -50}, (lido_point){-20, 90}, 2, LIDO_PEN_INK);
    ck_assert(total(&c) == 0);
    lido_canvas_line(&c, (lido_point){-5, 4}, (lido_point){50, 4}, 0.5f, LIDO_PEN_INK);
    ck_assert_double_eq_tol(total(&c), 10, 1e-5);
}
END_TEST

LIDO_TEST_MAIN("drawing", numbers_are_of_the_picture, numbers_are_in_their_range,
               a_line_covers_its_width, what_lies_outside_is_left_out)
