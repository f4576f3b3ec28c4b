/* test_batch.c - normalisation, augmentation and the making of batches. */
#define _GNU_SOURCE
#include "data_files.h"
#include "team_of.h"

#include <math.h>

enum { COUNT = 40 };

/* Pictures of random bytes whose labels are their indices. */
static lido_dataset *make_set(int64_t height, int64_t width, int64_t channels,
                              int64_t labels_each) {
    lido_shape shape;
    lido_dataset *set;
    lido_error error;
    assert_ok(lido_shape_make((int64_t[]){height, width, channels}, 3, &shape, &error));
    assert_ok(lido_dataset_new("test", &shape, COUNT, 1 << 20, labels_each, &set, &error));
    lido_key key = lido_key_make(1, "test", 0);
    for (int64_t i = 0; i < COUNT * lido_shape_size(&shape); i++)
        set->pixels[i] = (uint8_t)lido_random_below(key, 0, (uint64_t)i, 256);
    for (int64_t i = 0; i < COUNT * labels_each; i++) set->labels[i] = (int32_t)i;
    return set;
}

static lido_batch_rule make_rule(const lido_dataset *set, const lido_augment *augment) {
    lido_batch_rule rule = {
        .set = set, .input = set->shape, .augment = augment, .seed = 7, .team = team_of(2)};
    lido_normalisation_measure(set, NULL, set->count, &rule.normalisation);
    return rule;
}

static lido_real normalised(const lido_batch_rule *rule, int64_t channel, int value) {
    const lido_normalisation *n = &rule->normalisation;
    return (lido_real)((value / 255.0 - n->mean[channel]) / n->deviation[channel]);
}

START_TEST(measures_exactly) {
    lido_shape shape;
    lido_dataset *set;
    lido_error error;
    assert_ok(lido_shape_make((int64_t[]){1, 2, 2}, 3, &shape, &error));
    assert_ok(lido_dataset_new("test", &shape, 2, 1, 1, &set, &error));
    memcpy(set->pixels, (uint8_t[]){0, 9, 255, 9, 51, 9, 102, 9}, 8);
    lido_normalisation n;
    lido_normalisation_measure(set, NULL, 2, &n);
    ck_assert_int_eq(n.channels, 2);
    ck_assert_double_eq(n.mean[0], 0.4); /* 0, 1, 0.2, 0.4 */
    ck_assert_double_lt(fabs(n.deviation[0] - sqrt(0.14)), 1e-15);
    ck_assert_double_eq(n.mean[1], 9 / 255.0);
    ck_assert_double_eq(n.deviation[1], 1); /* constant */
    lido_normalisation_measure(set, (int64_t[]){1}, 1, &n);
    ck_assert_double_lt(fabs(n.mean[0] - 0.3), 1e-15);
    lido_dataset_free(set);
}
END_TEST

START_TEST(fills_in_order) {
    for (int64_t channels = 1; channels <= 3; channels++) {
        lido_dataset *set = make_set(3, 5, channels, 1);
        lido_batch_rule rule = make_rule(set, NULL);
        const int64_t samples[] = {4, 0, 39, 4};
        lido_real x[4 * 3 * 5 * 3];
        int32_t labels[4];
        int64_t size = lido_shape_size(&set->shape);
        lido_batch_fill(&rule, 0, samples, 4, x, labels);
        for (int i = 0; i < 4; i++) {
            ck_assert_int_eq(labels[i], samples[i]);
            for (int64_t p = 0; p < size; p++)
                ck_assert(x[i * size + p] ==
                          normalised(&rule, p % channels, set->pixels[samples[i] * size + p]));
        }
        lido_batch_fill(&rule, 0, samples, 4, NULL, labels);
        lido_batch_fill(&rule, 0, samples, 4, x, NULL);
        lido_dataset_free(set);
    }
}
END_TEST

/* The value of the input at (row, column) if the picture lay at (y, x), mirrored or not. */
static lido_real expected(const lido_batch_rule *rule, int64_t sample, int64_t y, int64_t x,
                          bool flip, int64_t row, int64_t column) {
    const lido_shape *from = &rule->set->shape;
    y += row;
    x += flip ? rule->input.axis[2] - 1 - column : column;
    if (y < 0 || x < 0 || y >= from->axis[1] || x >= from->axis[2]) return normalised(rule, 0, 0);
    int64_t place = (sample * from->axis[1] + y) * from->axis[2] + x;
    return normalised(rule, 0, rule->set->pixels[place]);
}

/* Finds where in lo..hi on both axes the input was taken from: exactly one place, since pictures
 * are random. Returns false when there is none. */
static bool find_place(const lido_batch_rule *rule, int64_t sample, const lido_real *x, int64_t lo,
                       int64_t hi, int64_t place[3]) {
    for (int64_t dy = lo; dy <= hi; dy++)
        for (int64_t dx = lo; dx <= hi; dx++)
            for (int flip = 0; flip < 2; flip++) {
                bool same = true;
                for (int64_t r = 0; same && r < rule->input.axis[1]; r++)
                    for (int64_t c = 0; same && c < rule->input.axis[2]; c++)
                        same = x[r * rule->input.axis[2] + c] ==
                               expected(rule, sample, dy, dx, flip, r, c);
                memcpy(place, (int64_t[]){dy, dx, flip}, 3 * sizeof *place);
                if (same) return true;
            }
    return false;
}

START_TEST(shifts_and_flips) {
    lido_dataset *set = make_set(6, 7, 1, 1);
    const lido_augment augment = {.shift = 2, .flip = true};
    lido_batch_rule rule = make_rule(set, &augment);
    int64_t samples[COUNT];
    int seen_y[5] = {0}, seen_x[5] = {0}, seen_flip[2] = {0};
    lido_real x[COUNT * 42];
    for (int64_t i = 0; i < COUNT; i++) samples[i] = i;
    for (uint64_t epoch = 0; epoch < 5; epoch++) {
        lido_batch_fill(&rule, epoch, samples, COUNT, x, NULL);
        for (int64_t i = 0; i < COUNT; i++) {
            int64_t place[3];
            ck_assert(find_place(&rule, i, x + i * 42, -2, 2, place));
            seen_y[place[0] + 2]++;
            seen_x[place[1] + 2]++;
            seen_flip[place[2]]++;
        }
    }
    for (int i = 0; i < 5; i++) {
        ck_assert_int_gt(seen_y[i], 20); /* 40 expected of 200 */
        ck_assert_int_gt(seen_x[i], 20);
    }
    ck_assert_int_gt(seen_flip[0], 70);
    ck_assert_int_gt(seen_flip[1], 70);
    lido_dataset_free(set);
}
END_TEST

START_TEST(crops) {
    lido_dataset *set = make_set(8, 9, 1, 1);
    lido_augment augment = {.crop = true};
    lido_batch_rule rule = make_rule(set, &augment);
    lido_error error;
    assert_ok(lido_shape_make((int64_t[]){6, 6, 1}, 3, &rule.input, &error));
    assert_ok(lido_batch_check(&rule, false, &error));
    int64_t samples[COUNT], place[3];
    int seen_y[4] = {0}, seen_x[4] = {0};
    lido_real x[COUNT * 36];
    for (int64_t i = 0; i < COUNT; i++) samples[i] = i;
    lido_batch_fill(&rule, 0, samples, COUNT, x, NULL);
    for (int64_t i = 0; i < COUNT; i++) {
        ck_assert(find_place(&rule, i, x + i * 36, 0, 3, place));
        seen_y[place[0]]++;
        seen_x[place[1]]++;
    }
    for (int i = 0; i < 3; i++) ck_assert_int_gt(seen_y[i], 3);
    for (int i = 0; i < 4; i++) ck_assert_int_gt(seen_x[i], 3);
    rule.augment = NULL; /* evaluation: the centre */
    assert_ok(lido_batch_check(&rule, true, &error));
    lido_batch_fill(&rule, 0, samples, COUNT, x, NULL);
    for (int64_t i = 0; i < COUNT; i++) {
        ck_assert(find_place(&rule, i, x + i * 36, 0, 3, place));
        ck_assert_int_eq(place[0], 1);
        ck_assert_int_eq(place[1], 1);
    }
    lido_dataset_free(set);
}
END_TEST

START_TEST(depends_on_seed_epoch_and_sample_only) {
    lido_dataset *set = make_set(6, 6, 3, 1);
    const lido_augment augment = {.shift = 3, .flip = true};
    lido_batch_rule rule = make_rule(set, &augment);
    int64_t samples[COUNT];
    static lido_real x[COUNT * 108], other[COUNT * 108];
    for (int64_t i = 0; i < COUNT; i++) samples[i] = i;
    rule.team = NULL;
    lido_batch_fill(&rule, 3, samples, COUNT, x, NULL);
    for (int threads = 2; threads <= 8; threads++) {
        rule.team = team_of(threads);
        lido_batch_fill(&rule, 3, samples, COUNT, other, NULL);
        ck_assert_mem_eq(x, other, sizeof x);
    }
    for (int64_t i = 0; i < COUNT; i++) { /* one by one */
        lido_batch_fill(&rule, 3, &samples[i], 1, other, NULL);
        ck_assert_mem_eq(x + i * 108, other, 108 * sizeof *x);
    }
    lido_batch_fill(&rule, 4, samples, COUNT, other, NULL);
    ck_assert_mem_ne(x, other, sizeof x);
    rule.seed++;
    lido_batch_fill(&rule, 3, samples, COUNT, other, NULL);
    ck_assert_mem_ne(x, other, sizeof x);
    lido_dataset_free(set);
}
END_TEST

START_TEST(label_maps_follow_their_pictures) {
    lido_dataset *set = make_set(8, 8, 1, 64);
    const lido_augment augment = {.crop = true, .flip = true};
    lido_batch_rule rule = make_rule(set, &augment);
    lido_error error;
    assert_ok(lido_shape_make((int64_t[]){5, 5, 1}, 3, &rule.input, &error));
    assert_ok(lido_batch_check(&rule, false, &error));
    int64_t samples[COUNT];
    lido_real x[COUNT * 25];
    int32_t labels[COUNT * 25];
    for (int64_t i = 0; i < COUNT; i++) samples[i] = i;
    lido_batch_fill(&rule, 0, samples, COUNT, x, labels);
    for (int64_t i = 0; i < COUNT * 25; i++) /* a label is the index of its pixel in the set */
        ck_assert(x[i] == normalised(&rule, 0, set->pixels[labels[i]]));
    lido_dataset_free(set);
}
END_TEST

START_TEST(what_moves_into_a_label_map_has_no_label) {
    lido_dataset *set = make_set(8, 8, 1, 64);
    const lido_augment augment = {.shift = 2, .flip = true};
    lido_batch_rule rule = make_rule(set, &augment);
    lido_error error;
    assert_ok(lido_batch_check(&rule, false, &error));
    int64_t samples[COUNT], place[3];
    lido_real x[COUNT * 64];
    int32_t labels[COUNT * 64];
    for (int64_t i = 0; i < COUNT; i++) samples[i] = i;
    lido_batch_fill(&rule, 0, samples, COUNT, x, labels);
    for (int64_t i = 0; i < COUNT; i++) {
        ck_assert(find_place(&rule, i, x + i * 64, -2, 2, place));
        for (int64_t p = 0; p < 64; p++) {
            int64_t row = p / 8 + place[0], column = (place[2] ? 7 - p % 8 : p % 8) + place[1];
            bool inside = row >= 0 && row < 8 && column >= 0 && column < 8;
            ck_assert_int_eq(labels[i * 64 + p], inside ? i * 64 + row * 8 + column : -1);
        }
    }
    lido_dataset_free(set);
}
END_TEST

START_TEST(pictures_with_boxes_do_not_move) {
    lido_dataset *set = make_set(8, 8, 1, 3);
    lido_error error;
    assert_ok(lido_dataset_add_boxes(set, &error));
    ck_assert(set->boxes[COUNT * 3 * LIDO_BOX_NUMBERS - 1] == 0);
    lido_augment augment = {.shift = 1};
    lido_batch_rule rule = make_rule(set, &augment);
    assert_fails(lido_batch_check(&rule, false, &error), LIDO_SPEC, "pictures with boxes");
    augment = (lido_augment){.flip = true};
    assert_fails(lido_batch_check(&rule, false, &error), LIDO_SPEC, "pictures with boxes");
    augment = (lido_augment){0};
    assert_ok(lido_batch_check(&rule, false, &error));
    const int64_t samples[] = {2, 0};
    int32_t labels[6];
    lido_batch_fill(&rule, 0, samples, 2, NULL, labels);
    ck_assert_mem_eq(labels, ((int32_t[]){6, 7, 8, 0, 1, 2}), sizeof labels);
    lido_shape_make((int64_t[]){6, 6, 1}, 3, &rule.input, NULL);
    assert_fails(lido_batch_check(&rule, true, &error), LIDO_SPEC, "an input of their size");
    lido_dataset_free(set);
}
END_TEST

START_TEST(refuses_other_shapes) {
    lido_dataset *set = make_set(8, 8, 1, 1);
    lido_batch_rule rule = make_rule(set, NULL);
    lido_error error;
    assert_ok(lido_batch_check(&rule, false, &error));
    lido_shape_make((int64_t[]){6, 6, 1}, 3, &rule.input, NULL);
    assert_fails(lido_batch_check(&rule, false, &error), LIDO_SHAPE,
                 "pictures are [8,8,1], the network's input is [6,6,1]; augmentation \"crop\"");
    lido_shape_make((int64_t[]){9, 6, 1}, 3, &rule.input, NULL);
    assert_fails(lido_batch_check(&rule, true, &error), LIDO_SHAPE, "is [9,6,1]");
    lido_shape_make((int64_t[]){8, 8, 3}, 3, &rule.input, NULL);
    assert_fails(lido_batch_check(&rule, true, &error), LIDO_SHAPE, "is [8,8,3]");
    lido_shape_make((int64_t[]){64, 1}, 2, &rule.input, NULL);
    assert_fails(lido_batch_check(&rule, true, &error), LIDO_SHAPE, "is [64,1]");
    rule.input = set->shape;
    rule.normalisation.channels = 3;
    assert_fails(lido_batch_check(&rule, true, &error), LIDO_SHAPE, "normalisation of 3 channels");
    lido_dataset_free(set);
}
END_TEST

LIDO_TEST_MAIN("batch", measures_exactly, fills_in_order, shifts_and_flips, crops,
               depends_on_seed_epoch_and_sample_only, label_maps_follow_their_pictures,
               what_moves_into_a_label_map_has_no_label, pictures_with_boxes_do_not_move,
               refuses_other_shapes)
