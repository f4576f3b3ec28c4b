/* test_synthetic.c - the drawn sets: the same pictures whatever the count, threads or order;
 * balanced; and hard enough that a well-trained linear classifier stays under 90 %. */
#define _GNU_SOURCE
#include "data_files.h"
#include "team_of.h"

#include <math.h>

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

static const char *const names[] = {"synthetic", "synthetic-color", "synthetic-map",
                                    "synthetic-scenes"};

START_TEST(has_the_announced_shape) {
    for (int n = 0; n < 4; n++) {
        const lido_data_source *source = lido_data_source_find(names[n]);
        for (int split = LIDO_TRAIN; split <= LIDO_TEST; split++) {
            lido_dataset *set = load(names[n], (lido_split)split, 0, 0);
            char shape[32];
            snprintf(shape, sizeof shape, "%dx%dx%d", (int)set->shape.axis[1],
                     (int)set->shape.axis[2], (int)set->shape.channels);
            ck_assert_str_eq(shape, source->shape);
            ck_assert_int_eq(set->count, split == LIDO_TRAIN ? source->train : source->test);
            ck_assert_int_eq(set->classes, source->classes);
            if (set->labels_each > 1) {
                lido_dataset_free(set);
                continue;
            }
            int64_t of[10] = {0};
            for (int64_t i = 0; i < set->count; i++) of[set->labels[i]]++;
            for (int digit = 0; digit < 10; digit++) {
                ck_assert_int_gt(of[digit], set->count * 7 / 100);
                ck_assert_int_lt(of[digit], set->count * 13 / 100);
            }
            lido_dataset_free(set);
        }
    }
}
END_TEST

START_TEST(does_not_depend_on_the_count) {
    for (int n = 0; n < 4; n++) {
        lido_dataset *few = load(names[n], LIDO_TRAIN, 73, 5);
        lido_dataset *more = load(names[n], LIDO_TRAIN, 200, 5);
        ck_assert_int_eq(few->count, 73);
        ck_assert_mem_eq(few->pixels, more->pixels, (size_t)(73 * lido_shape_size(&few->shape)));
        size_t labels = (size_t)(73 * few->labels_each);
        ck_assert_mem_eq(few->labels, more->labels, labels * sizeof *few->labels);
        if (few->boxes)
            ck_assert_mem_eq(few->boxes, more->boxes, labels * LIDO_BOX_NUMBERS * sizeof(float));
        lido_dataset_free(few);
        lido_dataset_free(more);
    }
}
END_TEST

START_TEST(does_not_depend_on_threads) {
    lido_dataset *one = load_on(NULL, "synthetic-color", LIDO_TEST, 500, 5);
    for (int threads = 2; threads <= 8; threads *= 2) {
        lido_dataset *many = load_on(team_of(threads), "synthetic-color", LIDO_TEST, 500, 5);
        ck_assert_mem_eq(one->pixels, many->pixels,
                         (size_t)(one->count * lido_shape_size(&one->shape)));
        ck_assert_mem_eq(one->labels, many->labels, 500 * sizeof *one->labels);
        lido_dataset_free(many);
    }
    lido_dataset_free(one);
}
END_TEST

START_TEST(differs_by_seed_and_split) {
    lido_dataset *a = load("synthetic", LIDO_TRAIN, 10, 1);
    lido_dataset *b = load("synthetic", LIDO_TRAIN, 10, 2);
    lido_dataset *c = load("synthetic", LIDO_TEST, 10, 1);
    ck_assert_mem_ne(a->pixels, b->pixels, 7840);
    ck_assert_mem_ne(a->pixels, c->pixels, 7840);
    ck_assert_mem_ne(b->pixels, c->pixels, 7840);
    lido_dataset_free(a);
    lido_dataset_free(b);
    lido_dataset_free(c);
}
END_TEST

START_TEST(is_not_read_from_a_path) {
    lido_error error;
    lido_dataset *set;
    char path[64];
    assert_fails(lido_dataset_load("synthetic:/tmp", LIDO_TRAIN, NULL, &set, &error), LIDO_USAGE,
                 "is made, not read from a path");
    assert_fails(lido_data_find("synthetic", NULL, path, sizeof path, &error), LIDO_NOT_FOUND,
                 "not a data set that lies in a folder");
}
END_TEST

/* ---- maps and scenes ----------------------------------------------------------------------- */

START_TEST(maps_label_the_ink_of_synthetic) {
    lido_dataset *set = load("synthetic", LIDO_TEST, 300, 5);
    lido_dataset *maps = load("synthetic-map", LIDO_TEST, 300, 5);
    ck_assert_int_eq(maps->classes, 11);
    ck_assert_int_eq(maps->labels_each, 28 * 28);
    ck_assert_ptr_null(maps->boxes);
    ck_assert_mem_eq(set->pixels, maps->pixels, 300 * 28 * 28);
    double ink_value = 0, ground_value = 0;
    int64_t ink = 0, ground = 0;
    for (int64_t i = 0; i < 300; i++) {
        int64_t of_picture = 0;
        for (int64_t p = i * 784; p < (i + 1) * 784; p++) {
            bool is_ink = maps->labels[p] != 0;
            if (is_ink) ck_assert_int_eq(maps->labels[p], 1 + set->labels[i]);
            of_picture += is_ink;
            *(is_ink ? &ink_value : &ground_value) += maps->pixels[p];
        }
        ck_assert_int_gt(of_picture, 5);
        ck_assert_int_lt(of_picture, 400);
        ink += of_picture;
        ground += 784 - of_picture;
    }
    ck_assert_double_gt(ink_value / (double)ink, ground_value / (double)ground + 80);
    lido_dataset_free(set);
    lido_dataset_free(maps);
}
END_TEST

static double mean_of(const uint8_t *pixels, const float *box, bool inside) {
    double sum = 0;
    int count = 0;
    for (int y = 0; y < 48; y++)
        for (int x = 0; x < 48; x++) {
            bool in =
                (float)x >= box[1] && (float)x < box[3] && (float)y >= box[2] && (float)y < box[4];
            if (in != inside) continue;
            sum += pixels[y * 48 + x];
            count++;
        }
    return sum / count;
}

START_TEST(scenes_have_boxes_round_their_digits) {
    lido_dataset *set = load("synthetic-scenes", LIDO_TRAIN, 500, 5);
    int64_t with[5] = {0}, brighter = 0, used = 0;
    ck_assert_int_eq(set->labels_each, 4);
    for (int64_t i = 0; i < set->count; i++) {
        int count = 0;
        for (int k = 0; k < 4; k++) {
            const float *box = set->boxes + (i * 4 + k) * LIDO_BOX_NUMBERS;
            int32_t label = set->labels[i * 4 + k];
            ck_assert(box[0] == 0);
            if (label < 0) {
                ck_assert_int_eq(label, -1);
                ck_assert(box[1] == 0 && box[2] == 0 && box[3] == 0 && box[4] == 0);
                continue;
            }
            ck_assert_int_eq(k, count); /* the unused ones come last */
            count++;
            ck_assert(0 <= box[1] && box[1] < box[3] && box[3] <= 48);
            ck_assert(0 <= box[2] && box[2] < box[4] && box[4] <= 48);
            ck_assert(box[4] - box[2] >= 7 && box[4] - box[2] <= 34);
            for (const float *other = box - 5 * k; other < box; other += 5)
                ck_assert(box[1] >= other[3] || other[1] >= box[3] || box[2] >= other[4] ||
                          other[2] >= box[4]);
            const uint8_t *pixels = set->pixels + i * 48 * 48;
            brighter += mean_of(pixels, box, true) > mean_of(pixels, box, false);
            used++;
        }
        with[count]++;
    }
    ck_assert_int_eq(with[0], 0);
    for (int k = 1; k <= 4; k++) ck_assert_int_gt(with[k], 60); /* 125 if none were left out */
    ck_assert_int_gt(brighter, used * 97 / 100);
    lido_dataset_free(set);
}
END_TEST

/* ---- how hard it is ------------------------------------------------------------------------ */

enum { PIXELS = 28 * 28, CLASSES = 10, EPOCHS = 12 };

/* score[class] = weight[class] . x + bias, the bias being the last weight. */
typedef struct linear {
    float weight[CLASSES][PIXELS + 1];
} linear;

static int classify(const linear *model, const float *x, float *score) {
    int best = 0;
    for (int k = 0; k < CLASSES; k++) {
        float sums[8] = {0}; /* eight sums, so that the compiler can vectorise */
        for (int p = 0; p < PIXELS; p++) sums[p % 8] += model->weight[k][p] * x[p];
        score[k] = model->weight[k][PIXELS];
        for (int i = 0; i < 8; i++) score[k] += sums[i];
        if (score[k] > score[best]) best = k;
    }
    return best;
}

/* One step of softmax regression by stochastic gradient descent. */
static void learn(linear *model, const float *x, int label, float rate) {
    float score[CLASSES], sum = 0;
    int best = classify(model, x, score);
    float top = score[best];
    for (int k = 0; k < CLASSES; k++) sum += score[k] = expf(score[k] - top);
    for (int k = 0; k < CLASSES; k++) {
        float step = rate * (score[k] / sum - (k == label));
        for (int p = 0; p < PIXELS; p++) model->weight[k][p] -= step * x[p];
        model->weight[k][PIXELS] -= step;
    }
}

static double accuracy(const linear *model, const float *x, const int32_t *labels, int64_t count) {
    int64_t right = 0;
    float score[CLASSES];
    for (int64_t i = 0; i < count; i++)
        right += classify(model, x + i * PIXELS, score) == labels[i];
    return (double)right / (double)count;
}

/* A split as normalised floats. */
static float *input_of(const lido_dataset *set) {
    float *x = malloc((size_t)(set->count * PIXELS) * sizeof *x);
    for (int64_t i = 0; i < set->count * PIXELS; i++) x[i] = (float)set->pixels[i] / 255 - 0.2f;
    return x;
}

START_TEST(is_too_hard_for_a_linear_classifier) {
    static linear model;
    lido_dataset *train = load("synthetic", LIDO_TRAIN, 0, 0);
    lido_dataset *test = load("synthetic", LIDO_TEST, 0, 0);
    float *x = input_of(train), *test_x = input_of(test);
    int64_t *order = malloc((size_t)train->count * sizeof *order);
    double best = 0;
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        lido_shuffle(lido_key_make(1, "order", (uint64_t)epoch), order, train->count);
        float rate = 0.02f / (1 + (float)epoch);
        for (int64_t i = 0; i < train->count; i++)
            learn(&model, x + order[i] * PIXELS, train->labels[order[i]], rate);
        double now = accuracy(&model, test_x, test->labels, test->count);
        if (now > best) best = now;
    }
    double on_training = accuracy(&model, x, train->labels, train->count);
    printf("linear classifier: %.3f of the training set, at best %.3f of the test set\n",
           on_training, best);
    ck_assert_double_gt(on_training, best); /* it has learnt all a linear one can */
    ck_assert_double_gt(best, 0.5);
    ck_assert_double_lt(best, 0.9);
    free(order);
    free(x);
    free(test_x);
    lido_dataset_free(train);
    lido_dataset_free(test);
}
END_TEST

LIDO_TEST_MAIN("synthetic", has_the_announced_shape, does_not_depend_on_the_count,
               does_not_depend_on_threads, differs_by_seed_and_split, is_not_read_from_a_path,
               maps_label_the_ink_of_synthetic, scenes_have_boxes_round_their_digits,
               is_too_hard_for_a_linear_classifier)
