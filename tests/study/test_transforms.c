#include "study/transforms.h"

#include "team_of.h"

#include <math.h>

/* Pictures [height, width, channels] with these pixels; labels 0, 1, 2, ... */
static lido_dataset *set_of(int64_t height, int64_t width, int64_t channels, int64_t count,
                            const uint8_t *pixels) {
    const int64_t dims[] = {height, width, channels};
    lido_shape shape;
    lido_dataset *set;
    lido_error error;
    assert_ok(lido_shape_make(dims, 3, &shape, &error));
    assert_ok(lido_dataset_new("test", &shape, count, (int)count, 1, &set, &error));
    for (int64_t i = 0; i < count; i++) set->labels[i] = (int32_t)i;
    memcpy(set->pixels, pixels, (size_t)(height * width * channels * count));
    return set;
}

/* Five pictures [9, 7, 2] of no regularity. */
static lido_dataset *noisy_set(void) {
    uint8_t pixels[5 * 9 * 7 * 2];
    for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(i * i * 31 + i * 7);
    return set_of(9, 7, 2, 5, pixels);
}

static lido_dataset *changed(const lido_dataset *set, lido_change change) {
    lido_dataset *made;
    lido_error error;
    assert_ok(lido_change_make(set, NULL, set->count, &change, NULL, &made, &error));
    return made;
}

/* The picture, changed, is `expected`. */
static void assert_becomes(int64_t height, int64_t width, const uint8_t *pixels, lido_change change,
                           const uint8_t *expected) {
    lido_dataset *set = set_of(height, width, 1, 1, pixels), *made = changed(set, change);
    for (int64_t i = 0; i < height * width; i++)
        ck_assert_msg(made->pixels[i] == expected[i], "pixel %d is %d, not %d", (int)i,
                      made->pixels[i], expected[i]);
    lido_dataset_free(set);
    lido_dataset_free(made);
}

static const uint8_t three[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

static lido_change shift_of(int64_t down, int64_t right, lido_fill fill) {
    return (lido_change){.kind = LIDO_CHANGE_SHIFT, .down = down, .right = right, .fill = fill};
}

START_TEST(shift_moves_and_fills) {
    assert_becomes(3, 3, three, shift_of(1, 0, LIDO_FILL_ZERO),
                   (uint8_t[]){0, 0, 0, 1, 2, 3, 4, 5, 6});
    assert_becomes(3, 3, three, shift_of(0, -2, LIDO_FILL_ZERO),
                   (uint8_t[]){3, 0, 0, 6, 0, 0, 9, 0, 0});
    assert_becomes(3, 3, three, shift_of(-1, 1, LIDO_FILL_EDGE),
                   (uint8_t[]){4, 4, 5, 7, 7, 8, 7, 7, 8});
    assert_becomes(3, 3, three, shift_of(1, -1, LIDO_FILL_CIRCULAR),
                   (uint8_t[]){8, 9, 7, 2, 3, 1, 5, 6, 4});
    /* by more than the picture */
    assert_becomes(3, 3, three, shift_of(0, 4, LIDO_FILL_CIRCULAR),
                   (uint8_t[]){3, 1, 2, 6, 4, 5, 9, 7, 8});
    assert_becomes(3, 3, three, shift_of(-7, 0, LIDO_FILL_EDGE),
                   (uint8_t[]){7, 8, 9, 7, 8, 9, 7, 8, 9});
    assert_becomes(3, 3, three, shift_of(0, 3, LIDO_FILL_ZERO), (uint8_t[9]){0});
}
END_TEST

START_TEST(rotation_is_counter_clockwise) {
    const lido_change quarter = {.kind = LIDO_CHANGE_ROTATION, .amount = 90};
    assert_becomes(3, 3, three, quarter, (uint8_t[]){3, 6, 9, 2, 5, 8, 1, 4, 7});
    assert_becomes(3, 3, three, (lido_change){.kind = LIDO_CHANGE_ROTATION, .amount = -90},
                   (uint8_t[]){7, 4, 1, 8, 5, 2, 9, 6, 3});
    assert_becomes(3, 3, three, (lido_change){.kind = LIDO_CHANGE_ROTATION, .amount = 180},
                   (uint8_t[]){9, 8, 7, 6, 5, 4, 3, 2, 1});
    assert_becomes(1, 3, (uint8_t[]){10, 20, 30}, quarter, (uint8_t[]){0, 20, 0});
    /* 45 degrees clockwise: the middle of the lower edge comes from 0.7071 of the way to the lower
     * right corner, on both axes */
    assert_becomes(3, 3, (uint8_t[]){0, 0, 0, 0, 0, 0, 0, 0, 100},
                   (lido_change){.kind = LIDO_CHANGE_ROTATION, .amount = -45},
                   (uint8_t[]){0, 0, 0, 0, 0, 0, 0, 50, 0});
}
END_TEST

START_TEST(scale_is_about_the_centre) {
    /* 4 -> 2: places 1.5 + 2 (o - 1.5) = -1.5, 0.5, 2.5, 4.5 */
    assert_becomes(1, 4, (uint8_t[]){10, 20, 30, 50},
                   (lido_change){.kind = LIDO_CHANGE_SCALE, .amount = 0.5},
                   (uint8_t[]){0, 15, 40, 0});
    /* places 1.5 + (o - 1.5) / 2 = 0.75, 1.25, 1.75, 2.25 */
    assert_becomes(4, 1, (uint8_t[]){10, 20, 30, 50},
                   (lido_change){.kind = LIDO_CHANGE_SCALE, .amount = 2},
                   (uint8_t[]){18, 23, 28, 35});
}
END_TEST

/* As scipy.ndimage.gaussian_filter(x, sigma, mode="nearest") of SciPy 1.17 in double, rounded. */
START_TEST(blur_is_gaussian) {
    assert_becomes(1, 5, (uint8_t[]){0, 0, 255, 0, 0},
                   (lido_change){.kind = LIDO_CHANGE_BLUR, .amount = 0.5},
                   (uint8_t[]){0, 27, 201, 27, 0});
    assert_becomes(3, 3, (uint8_t[]){250, 3, 99, 17, 180, 64, 5, 201, 120},
                   (lido_change){.kind = LIDO_CHANGE_BLUR, .amount = 0.8},
                   (uint8_t[]){156, 95, 84, 88, 110, 99, 56, 126, 124});
    /* what is even stays even, whatever the edge */
    assert_becomes(2, 2, (uint8_t[]){77, 77, 77, 77},
                   (lido_change){.kind = LIDO_CHANGE_BLUR, .amount = 3},
                   (uint8_t[]){77, 77, 77, 77});
}
END_TEST

/* Amount 0 is the picture itself, bit for bit. */
START_TEST(nothing_changes_nothing) {
    const lido_change changes[] = {
        shift_of(0, 0, LIDO_FILL_ZERO),
        {.kind = LIDO_CHANGE_ROTATION, .amount = 0},
        {.kind = LIDO_CHANGE_SCALE, .amount = 1},
        {.kind = LIDO_CHANGE_NOISE, .amount = 0, .seed = 4},
        {.kind = LIDO_CHANGE_BLUR, .amount = 0},
    };
    lido_dataset *set = noisy_set();
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        lido_dataset *made = changed(set, changes[i]);
        ck_assert_mem_eq(made->pixels, set->pixels, 5 * 9 * 7 * 2);
        ck_assert_mem_eq(made->labels, set->labels, 5 * sizeof *set->labels);
        ck_assert_int_eq(made->classes, 5);
        ck_assert(lido_shape_equal(&made->shape, &set->shape));
        lido_dataset_free(made);
    }
    lido_dataset_free(set);
}
END_TEST

/* Of mean 0 and the deviation asked for, in the middle of the range, where nothing is cut off. */
START_TEST(noise_is_normal) {
    enum { SIDE = 200, PIXELS = SIDE * SIDE };
    static uint8_t grey[PIXELS];
    double mean = 0, square = 0;
    memset(grey, 128, sizeof grey);
    lido_dataset *set = set_of(SIDE, SIDE, 1, 1, grey);
    lido_dataset *made = changed(set, (lido_change){.kind = LIDO_CHANGE_NOISE, .amount = 0.1});
    for (int i = 0; i < PIXELS; i++) {
        mean += (made->pixels[i] - 128.0) / PIXELS;
        square += pow(made->pixels[i] - 128.0, 2) / PIXELS;
    }
    const double variance = 25.5 * 25.5 + 1.0 / 12; /* with that of rounding */
    ck_assert_double_lt(fabs(mean), 4 * sqrt(variance / PIXELS));
    ck_assert_double_lt(fabs(square / variance - 1), 4 * sqrt(2.0 / PIXELS));
    lido_dataset_free(set);
    lido_dataset_free(made);
}
END_TEST

/* A function of the seed and of the picture's number in its set, the same for every amount. */
START_TEST(noise_is_of_seed_and_picture) {
    uint8_t grey[3 * 64];
    const int64_t last = 2;
    lido_error error;
    memset(grey, 128, sizeof grey);
    lido_dataset *set = set_of(8, 8, 1, 3, grey), *part;
    lido_change change = {.kind = LIDO_CHANGE_NOISE, .amount = 0.02, .seed = 1};
    lido_dataset *made = changed(set, change);
    ck_assert_mem_ne(made->pixels, made->pixels + 64, 64);
    assert_ok(lido_change_make(set, &last, 1, &change, NULL, &part, &error));
    ck_assert_mem_eq(part->pixels, made->pixels + 128, 64);
    ck_assert_int_eq(part->labels[0], 2);
    change.amount = 0.08;
    lido_dataset *more = changed(set, change);
    for (int i = 0; i < 192; i++)
        ck_assert_int_le(abs(more->pixels[i] - 128 - 4 * (made->pixels[i] - 128)), 2);
    change.seed = 2;
    lido_dataset *other = changed(set, change);
    ck_assert_mem_ne(other->pixels, more->pixels, 192);
    lido_dataset_free(set);
    lido_dataset_free(made);
    lido_dataset_free(part);
    lido_dataset_free(more);
    lido_dataset_free(other);
}
END_TEST

START_TEST(threads_change_nothing) {
    const lido_change changes[] = {
        shift_of(2, -1, LIDO_FILL_EDGE),
        {.kind = LIDO_CHANGE_ROTATION, .amount = 20},
        {.kind = LIDO_CHANGE_SCALE, .amount = 0.7},
        {.kind = LIDO_CHANGE_NOISE, .amount = 0.2, .seed = 4},
        {.kind = LIDO_CHANGE_BLUR, .amount = 1.5},
    };
    lido_dataset *set = noisy_set();
    lido_error error;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        lido_dataset *alone = changed(set, changes[i]), *many;
        ck_assert_mem_ne(alone->pixels, set->pixels, 5 * 9 * 7 * 2);
        assert_ok(lido_change_make(set, NULL, 5, &changes[i], team_of(3), &many, &error));
        ck_assert_mem_eq(alone->pixels, many->pixels, 5 * 9 * 7 * 2);
        lido_dataset_free(alone);
        lido_dataset_free(many);
    }
    lido_dataset_free(set);
}
END_TEST

START_TEST(samples_are_spread) {
    int64_t samples[7];
    lido_spread_samples(7, 7, samples);
    for (int i = 0; i < 7; i++) ck_assert_int_eq(samples[i], i);
    lido_spread_samples(10, 4, samples);
    ck_assert(samples[0] == 0 && samples[1] == 2 && samples[2] == 5 && samples[3] == 7);
    lido_spread_samples(10000, 3, samples);
    ck_assert(samples[0] == 0 && samples[1] == 3333 && samples[2] == 6666);
}
END_TEST

LIDO_TEST_MAIN("transforms", shift_moves_and_fills, rotation_is_counter_clockwise,
               scale_is_about_the_centre, blur_is_gaussian, nothing_changes_nothing,
               noise_is_normal, noise_is_of_seed_and_picture, threads_change_nothing,
               samples_are_spread)
