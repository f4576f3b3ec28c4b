/* test_npy_set.c - sets of NumPy arrays: grey and colour, labels of every integer type, label maps.
 */
#define _GNU_SOURCE
#include "data_files.h"

enum { N = 3, H = 2, W = 4, C = 3 };

static uint8_t pixels[N * H * W * C];

static void write_array(scratch *s, const char *name, lido_npy array) {
    lido_error error;
    array.count = 1;
    for (int i = 0; i < array.rank; i++) array.count *= array.dim[i];
    assert_ok(lido_npy_write(scratch_path(s, name), &array, &error));
}

static void write_images(scratch *s, const char *name, int rank) {
    for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(i * 5);
    write_array(s, name, (lido_npy){LIDO_NPY_U8, rank, {N, H, W, C}, 0, pixels});
}

static lido_status load(const scratch *s, lido_split split, int64_t limit, lido_dataset **set,
                        lido_error *error) {
    char name[128];
    snprintf(name, sizeof name, "npy:%s", s->folder);
    return lido_dataset_load(name, split, &(lido_data_options){.limit = limit}, set, error);
}

static void check_set(const lido_dataset *set, int64_t count, int64_t channels) {
    ck_assert_int_eq(set->count, count);
    ck_assert_int_eq(set->shape.axis[1], H);
    ck_assert_int_eq(set->shape.axis[2], W);
    ck_assert_int_eq(set->shape.channels, channels);
    ck_assert_mem_eq(set->pixels, pixels, (size_t)(count * H * W * channels));
}

START_TEST(reads_labels_of_every_integer_type) {
    scratch s = scratch_make();
    lido_error error;
    lido_dataset *set;
    uint8_t bytes[N] = {2, 0, 1};
    int32_t ints[N] = {2, 0, 1};
    int64_t longs[N] = {2, 0, 1};
    void *data[] = {bytes, ints, longs};
    for (int type = LIDO_NPY_U8; type <= LIDO_NPY_I64; type++)
        for (int rank = 3; rank <= 4; rank++) {
            write_images(&s, "train_images.npy", rank);
            write_array(&s, "train_labels.npy",
                        (lido_npy){(lido_npy_type)type, 1, {N}, 0, data[type]});
            assert_ok(load(&s, LIDO_TRAIN, 0, &set, &error));
            check_set(set, N, rank == 4 ? C : 1);
            ck_assert_int_eq(set->classes, 3);
            ck_assert_int_eq(set->labels_each, 1);
            ck_assert_mem_eq(set->labels, ints, sizeof ints);
            lido_dataset_free(set);
        }
    write_images(&s, "test_images.npy", 3);
    write_array(&s, "test_labels.npy", (lido_npy){LIDO_NPY_U8, 1, {N}, 0, (uint8_t[N]){0}});
    assert_ok(load(&s, LIDO_TEST, 2, &set, &error));
    check_set(set, 2, 1);
    ck_assert_int_eq(set->classes, 3); /* of the training labels */
    lido_dataset_free(set);
    scratch_free(&s);
}
END_TEST

START_TEST(reads_label_maps) {
    scratch s = scratch_make();
    lido_error error;
    lido_dataset *set;
    uint8_t map[N * H * W];
    for (int i = 0; i < N * H * W; i++) map[i] = (uint8_t)(i % 2);
    write_images(&s, "train_images.npy", 3);
    write_array(&s, "train_labels.npy", (lido_npy){LIDO_NPY_U8, 3, {N, H, W}, 0, map});
    assert_ok(load(&s, LIDO_TRAIN, 2, &set, &error));
    check_set(set, 2, 1);
    ck_assert_int_eq(set->classes, 2);
    ck_assert_int_eq(set->labels_each, H * W);
    for (int i = 0; i < 2 * H * W; i++) ck_assert_int_eq(set->labels[i], i % 2);
    lido_dataset_free(set);
    write_array(&s, "train_labels.npy", (lido_npy){LIDO_NPY_U8, 3, {N, W, H}, 0, map});
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT,
                 "the label maps are of another size");
    scratch_free(&s);
}
END_TEST

START_TEST(says_what_is_wrong) {
    scratch s = scratch_make();
    lido_error error;
    lido_dataset *set;
    int64_t labels[N] = {0, 1, 2};
    write_images(&s, "train_images.npy", 3);
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_NOT_FOUND, "train_labels.npy");
    write_array(&s, "train_labels.npy", (lido_npy){LIDO_NPY_F64, 1, {N}, 0, labels});
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT,
                 "train_labels.npy: expected integers of shape (N)");
    write_array(&s, "train_labels.npy", (lido_npy){LIDO_NPY_I64, 1, {N - 1}, 0, labels});
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT, "3 pictures, but 2 labels");
    labels[1] = (int64_t)1 << 40;
    write_array(&s, "train_labels.npy", (lido_npy){LIDO_NPY_I64, 1, {N}, 0, labels});
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT,
                 "train_labels.npy: label -1 at index 1");
    labels[1] = 1;
    write_array(&s, "train_labels.npy", (lido_npy){LIDO_NPY_I64, 1, {N}, 0, labels});
    write_array(&s, "train_images.npy", (lido_npy){LIDO_NPY_U8, 2, {N, H}, 0, pixels});
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT,
                 "train_images.npy: expected bytes (uint8) of shape");
    write_images(&s, "test_images.npy", 3);
    labels[2] = 3;
    write_array(&s, "test_labels.npy", (lido_npy){LIDO_NPY_I64, 1, {N}, 0, labels});
    assert_fails(load(&s, LIDO_TEST, 0, &set, &error), LIDO_CORRUPT,
                 "test_labels.npy: label 3 at index 2, expected 0..2");
    scratch_free(&s);
}
END_TEST

LIDO_TEST_MAIN("npy_set", reads_labels_of_every_integer_type, reads_label_maps, says_what_is_wrong)
