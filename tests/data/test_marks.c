/* test_marks.c - textures and shapes: as announced, the same whatever the count and threads, and
 * their classes differ in what they are said to differ in. */
#include "lido_check.h"
#include "team_of.h"

#include <lido/data.h>

enum { SIDE = 28, PIXELS = SIDE * SIDE, DIRECTIONS = 5 };

static const char *const names[] = {"synthetic-texture", "synthetic-shape"};

static lido_dataset *load_on(lido_team *team, const char *name, lido_split split, int64_t limit,
                             uint64_t seed) {
    lido_error error;
    lido_dataset *set;
    const lido_data_options options = {.limit = limit, .seed = seed, .team = team};
    assert_ok(lido_dataset_load(name, split, &options, &set, &error));
    return set;
}

static lido_dataset *load(const char *name, lido_split split, int64_t limit, uint64_t seed) {
    return load_on(team_of(2), name, split, limit, seed);
}

static void check_announced(const char *name) {
    const lido_data_source *source = lido_data_source_find(name);
    for (int split = LIDO_TRAIN; split <= LIDO_TEST; split++) {
        lido_dataset *set = load(name, (lido_split)split, 0, 0);
        ck_assert_int_eq(lido_shape_size(&set->shape), PIXELS);
        ck_assert_int_eq(set->count, split == LIDO_TRAIN ? source->train : source->test);
        ck_assert_int_eq(set->classes, source->classes);
        int64_t of[10] = {0};
        for (int64_t i = 0; i < set->count; i++) of[set->labels[i]]++;
        for (int k = 0; k < set->classes; k++) {
            ck_assert_int_gt(of[k] * set->classes, set->count * 8 / 10);
            ck_assert_int_lt(of[k] * set->classes, set->count * 12 / 10);
        }
        lido_dataset_free(set);
    }
}

START_TEST(are_as_announced) {
    for (int i = 0; i < 2; i++) check_announced(names[i]);
}
END_TEST

static void check_same(lido_dataset *few, lido_dataset *more) {
    ck_assert_int_eq(few->count, 73);
    ck_assert_mem_eq(few->pixels, more->pixels, 73 * PIXELS);
    ck_assert_mem_eq(few->labels, more->labels, 73 * sizeof *few->labels);
    lido_dataset_free(few);
    lido_dataset_free(more);
}

static void check_seeds(const char *name) {
    check_same(load_on(NULL, name, LIDO_TRAIN, 73, 5),
               load_on(team_of(4), name, LIDO_TRAIN, 200, 5));
    lido_dataset *a = load(name, LIDO_TRAIN, 10, 1), *b = load(name, LIDO_TRAIN, 10, 2),
                 *c = load(name, LIDO_TEST, 10, 1);
    ck_assert_mem_ne(a->pixels, b->pixels, 10 * PIXELS);
    ck_assert_mem_ne(a->pixels, c->pixels, 10 * PIXELS);
    lido_dataset_free(a);
    lido_dataset_free(b);
    lido_dataset_free(c);
}

START_TEST(depend_on_seed_and_split_alone) {
    for (int i = 0; i < 2; i++) check_seeds(names[i]);
}
END_TEST

static double mean_of(const uint8_t *pixels) {
    double sum = 0;
    for (int i = 0; i < PIXELS; i++) sum += pixels[i];
    return sum / PIXELS;
}

/* How alike pixels are that lie so far apart: their covariance. */
static double likeness(const uint8_t *pixels, const int offset[2]) {
    double mean = mean_of(pixels), sum = 0;
    int count = 0;
    for (int y = 3; y < SIDE - 3; y++)
        for (int x = 3; x < SIDE - 3; x++, count++)
            sum += (pixels[y * SIDE + x] - mean) *
                   (pixels[(y + offset[1]) * SIDE + x + offset[0]] - mean);
    return sum / count;
}

START_TEST(textures_differ_in_direction_and_density) {
    static const int along[DIRECTIONS][2] = {{3, 0}, {2, 2}, {1, 3}, {-1, 3}, {-2, 2}};
    lido_dataset *set = load("synthetic-texture", LIDO_TRAIN, 2000, 0);
    double ink[2] = {0}, like[DIRECTIONS][DIRECTIONS] = {{0}}; /* by class, along */
    for (int64_t i = 0; i < set->count; i++) {
        const uint8_t *pixels = set->pixels + i * PIXELS;
        ink[set->labels[i] % 2] += mean_of(pixels);
        for (int k = 0; k < DIRECTIONS; k++)
            like[set->labels[i] / 2][k] += likeness(pixels, along[k]);
    }
    ck_assert_double_gt(ink[1], 1.2 * ink[0]);
    for (int k = 0; k < DIRECTIONS; k++)
        for (int other = 0; other < DIRECTIONS; other++)
            if (other != k) ck_assert_double_gt(like[k][k], 1.2 * like[other][k]);
    lido_dataset_free(set);
}
END_TEST

/* By the length of what there is to draw: a plus or T, a cross, a triangle or Z, a square. */
START_TEST(shapes_differ_in_their_strokes) {
    static const int by_length[6] = {2, 3, 1, 0, 0, 2};
    lido_dataset *set = load("synthetic-shape", LIDO_TRAIN, 10000, 0);
    double ink[4] = {0}, pictures[4] = {0};
    for (int64_t i = 0; i < set->count; i++) {
        int length = by_length[set->labels[i]];
        ink[length] += mean_of(set->pixels + i * PIXELS);
        pictures[length]++;
    }
    for (int k = 1; k < 4; k++)
        ck_assert_double_gt(ink[k] / pictures[k], 1.01 * ink[k - 1] / pictures[k - 1]);
    lido_dataset_free(set);
}
END_TEST

LIDO_TEST_MAIN("marks", are_as_announced, depend_on_seed_and_split_alone,
               textures_differ_in_direction_and_density, shapes_differ_in_their_strokes)
