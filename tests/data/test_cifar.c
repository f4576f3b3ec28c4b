/* test_cifar.c - CIFAR-10 binary files: small ones made here, directly and as the archive unpacks.
 */
#define _GNU_SOURCE
#include "data_files.h"

enum { RECORD = 3073, RECORDS = 2, FILE_SIZE = RECORD * RECORDS };

/* Records of file f: label (f + r) mod 10, pixel p of plane c = c * 80 + (p + f + r) mod 70. */
static void make_file(int f, uint8_t data[FILE_SIZE]) {
    for (int r = 0; r < RECORDS; r++) {
        uint8_t *record = data + r * RECORD;
        record[0] = (uint8_t)((f + r) % 10);
        for (int p = 0; p < 3072; p++)
            record[1 + p] = (uint8_t)(p / 1024 * 80 + (p % 1024 + f + r) % 70);
    }
}

static scratch make_set(const char *inner) {
    scratch s = scratch_make();
    uint8_t data[FILE_SIZE];
    for (int f = 1; f <= 6; f++) {
        char name[64];
        snprintf(name, sizeof name, f < 6 ? "%sdata_batch_%d.bin" : "%stest_batch.bin", inner, f);
        make_file(f, data);
        scratch_write(&s, name, data, FILE_SIZE);
    }
    return s;
}

static lido_status load(const scratch *s, lido_split split, int64_t limit, lido_dataset **set,
                        lido_error *error) {
    char name[128];
    snprintf(name, sizeof name, "cifar10:%s", s->folder);
    return lido_dataset_load(name, split, &(lido_data_options){.limit = limit}, set, error);
}

static void check_set(const lido_dataset *set, int first_file) {
    ck_assert_int_eq(set->shape.axis[1], 32);
    ck_assert_int_eq(set->shape.axis[2], 32);
    ck_assert_int_eq(set->shape.channels, 3);
    ck_assert_int_eq(set->classes, 10);
    const uint8_t *pixel = set->pixels;
    for (int64_t i = 0; i < set->count; i++) {
        int64_t f = first_file + i / RECORDS, r = i % RECORDS;
        ck_assert_int_eq(set->labels[i], (f + r) % 10);
        for (int64_t p = 0; p < 1024; p++)
            for (int64_t c = 0; c < 3; c++) ck_assert_int_eq(*pixel++, c * 80 + (p + f + r) % 70);
    }
}

START_TEST(reads_both_layouts) {
    const char *const inner[] = {"", "cifar-10-batches-bin/"};
    for (int i = 0; i < 2; i++) {
        scratch s = make_set(inner[i]);
        lido_error error;
        lido_dataset *set;
        assert_ok(load(&s, LIDO_TRAIN, 0, &set, &error));
        ck_assert_int_eq(set->count, 10);
        check_set(set, 1);
        lido_dataset_free(set);
        assert_ok(load(&s, LIDO_TRAIN, 3, &set, &error));
        ck_assert_int_eq(set->count, 3);
        check_set(set, 1);
        lido_dataset_free(set);
        assert_ok(load(&s, LIDO_TEST, 0, &set, &error));
        ck_assert_int_eq(set->count, 2);
        check_set(set, 6);
        lido_dataset_free(set);
        scratch_free(&s);
    }
}
END_TEST

START_TEST(says_what_is_wrong) {
    scratch s = make_set("");
    lido_error error;
    lido_dataset *set;
    uint8_t data[FILE_SIZE + 1] = {0};
    make_file(3, data);
    for (int more = -1; more <= 1; more += 2) {
        scratch_write(&s, "data_batch_3.bin", data, (size_t)(FILE_SIZE + more));
        assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT, "data_batch_3.bin: 614");
        ck_assert_ptr_null(set);
    }
    scratch_write(&s, "data_batch_3.bin", data, 0);
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT,
                 "expected a multiple of 3073");
    data[RECORD] = 10;
    scratch_write(&s, "data_batch_3.bin", data, FILE_SIZE);
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT,
                 "data_batch_3.bin: label 10 at index 1, expected 0..9");
    ck_assert_int_eq(unlink(scratch_path(&s, "data_batch_3.bin")), 0);
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_NOT_FOUND, "data_batch_3.bin");
    scratch_free(&s);
}
END_TEST

LIDO_TEST_MAIN("cifar", reads_both_layouts, says_what_is_wrong)
