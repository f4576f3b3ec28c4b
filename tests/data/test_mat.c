/* test_mat.c - SVHN's layout in MATLAB files as SciPy and MATLAB write them (tests/golden/mat, made
 * by make_mat.py), as sets and damaged in every way. */
#define _GNU_SOURCE
#include "data_files.h"

typedef struct golden {
    uint8_t *data;
    size_t size;
} golden;

static golden golden_read(const char *name) {
    char path[LIDO_PATH_SIZE];
    golden g;
    lido_error error;
    snprintf(path, sizeof path, "%s/tests/golden/mat/%s", LIDO_SOURCE_DIR, name);
    assert_ok(lido_file_read(path, 1 << 20, &g.data, &g.size, &error));
    return g;
}

static void install(scratch *s, const char *from, const char *to) {
    golden g = golden_read(from);
    scratch_write(s, to, g.data, g.size);
    free(g.data);
}

static lido_status load(const scratch *s, const char *format, lido_split split, int64_t limit,
                        lido_dataset **set, lido_error *error) {
    char name[128];
    snprintf(name, sizeof name, "%s:%s", format, s->folder);
    return lido_dataset_load(name, split, &(lido_data_options){.limit = limit}, set, error);
}

/* Pictures first.. of the set are the golden ones 0.. */
static void check_pictures(const lido_dataset *set, int64_t first, int64_t count) {
    ck_assert_int_eq(set->shape.axis[1], 4);
    ck_assert_int_eq(set->shape.axis[2], 5);
    ck_assert_int_eq(set->shape.channels, 3);
    ck_assert_int_eq(set->classes, 10);
    const uint8_t *pixel = set->pixels + first * 60;
    for (int64_t n = 0; n < count; n++) {
        ck_assert_int_eq(set->labels[first + n], (1 + 3 * n % 10) % 10);
        for (int h = 0; h < 4; h++)
            for (int w = 0; w < 5; w++)
                for (int c = 0; c < 3; c++)
                    ck_assert_int_eq(*pixel++, (7 * h + 3 * w + 50 * c + 11 * n) % 256);
    }
}

static const struct {
    const char *name;
    int64_t count;
} files[] = {
    {"plain_u8.mat", 6},     {"plain_double.mat", 6},  {"matlab.mat", 6},
    {"others_plain.mat", 6}, {"one.mat", 1},
#ifdef LIDO_HAVE_ZLIB
    {"packed_u8.mat", 6},    {"packed_double.mat", 6}, {"packed_int16.mat", 6},
    {"many.mat", 1200},      {"others_packed.mat", 6},
#endif
};

START_TEST(reads_what_scipy_writes) {
    scratch s = scratch_make();
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        lido_error error;
        lido_dataset *set;
        install(&s, files[i].name, "train_32x32.mat");
        install(&s, files[i].name, "test_32x32.mat");
        for (int split = LIDO_TRAIN; split <= LIDO_TEST; split++) {
            assert_ok(load(&s, "mat", (lido_split)split, 0, &set, &error));
            ck_assert_int_eq(set->count, files[i].count);
            check_pictures(set, 0, files[i].count);
            lido_dataset_free(set);
        }
        int64_t limit = files[i].count - 1; /* plain and packed files are left midway */
        if (limit == 0) continue;
        assert_ok(load(&s, "mat", LIDO_TRAIN, limit, &set, &error));
        ck_assert_int_eq(set->count, limit);
        check_pictures(set, 0, limit);
        lido_dataset_free(set);
    }
    scratch_free(&s);
}
END_TEST

START_TEST(adds_the_extra_pictures) {
    scratch s = scratch_make();
    lido_error error;
    lido_dataset *set;
    install(&s, "plain_u8.mat", "train_32x32.mat");
    install(&s, "one.mat", "test_32x32.mat");
    install(&s, "matlab.mat", "extra_32x32.mat");
    assert_ok(load(&s, "mat-extra", LIDO_TRAIN, 0, &set, &error));
    ck_assert_int_eq(set->count, 12);
    check_pictures(set, 0, 6);
    check_pictures(set, 6, 6);
    lido_dataset_free(set);
    for (int64_t limit = 5; limit <= 8; limit++) {
        assert_ok(load(&s, "mat-extra", LIDO_TRAIN, limit, &set, &error));
        ck_assert_int_eq(set->count, limit);
        check_pictures(set, 0, limit < 6 ? limit : 6);
        if (limit > 6) check_pictures(set, 6, limit - 6);
        lido_dataset_free(set);
    }
    assert_ok(load(&s, "mat-extra", LIDO_TEST, 0, &set, &error));
    ck_assert_int_eq(set->count, 1);
    lido_dataset_free(set);
    ck_assert_int_eq(unlink(scratch_path(&s, "extra_32x32.mat")), 0);
    assert_fails(load(&s, "mat-extra", LIDO_TRAIN, 0, &set, &error), LIDO_NOT_FOUND,
                 "extra_32x32.mat");
    scratch_free(&s);
}
END_TEST

/* The file with bytes replaced, as the training file. */
static lido_status load_patched(scratch *s, const char *name, size_t at, const void *bytes,
                                size_t size, lido_error *error) {
    golden g = golden_read(name);
    lido_dataset *set;
    ck_assert_uint_le(at + size, g.size);
    memcpy(g.data + at, bytes, size);
    scratch_write(s, "train_32x32.mat", g.data, g.size);
    free(g.data);
    lido_status status = load(s, "mat", LIDO_TRAIN, 0, &set, error);
    ck_assert_ptr_null(set);
    return status;
}

/* In matlab.mat X's matrix starts at 128: its flags at 136, dimensions at 152, name at 176, values
 * at 192; y's matrix at 560: flags at 568, dimensions at 584, name at 600, values at 616. */
static const struct {
    size_t at;
    const char *bytes;
    size_t size;
    lido_status status;
    const char *message;
} patches[] = {
    {124, "\x00\x02IM", 4, LIDO_UNSUPPORTED, "v7.3 (HDF5) file; v5 is read: save it with -v7"},
    {0, "\x89HDF", 4, LIDO_UNSUPPORTED, "v7.3 (HDF5)"},
    {124, "\x01\x00MI", 4, LIDO_UNSUPPORTED, "big-endian"},
    {124, "\x00\x01XX", 4, LIDO_CORRUPT, "not a MATLAB v5 file"},
    {124, "\x00\x03IM", 4, LIDO_CORRUPT, "not a MATLAB v5 file"},
    {132, "\xff\xff\xff\x7f", 4, LIDO_CORRUPT, "truncated: a variable of 2147483647 bytes"},
    {136, "\x05", 1, LIDO_CORRUPT, "does not start with its flags"},
    {144, "\x04", 1, LIDO_CORRUPT, "X is not an array of bytes"}, /* characters */
    {145, "\x08", 1, LIDO_CORRUPT, "X is not an array of bytes"}, /* complex */
    {152, "\x06", 1, LIDO_CORRUPT, "without dimensions"},
    {160, "\xff\xff\xff\xff", 4, LIDO_CORRUPT, "impossible dimensions"},
    {172, "\xff\xff\xff\x7f", 4, LIDO_CORRUPT, "elements by its dimensions, but 360 bytes"},
    {172, "\x07", 1, LIDO_CORRUPT, "X has 420 elements by its dimensions, but 360 bytes"},
    {176, "\x02", 1, LIDO_CORRUPT, "without a name"},
    {180, "\xff\xff\xff\xff", 4, LIDO_CORRUPT, "an element is longer than its variable"},
    {184, "Z", 1, LIDO_CORRUPT, "has no variable X"},
    {184, "y", 1, LIDO_CORRUPT, "variable y is not there once"},
    {192, "\x04", 1, LIDO_CORRUPT, "elements by its dimensions"},
    {192, "\x0c", 1, LIDO_CORRUPT, "X is not an array of bytes"}, /* 64-bit integers */
    {192, "\x02\x00\x05", 3, LIDO_CORRUPT, "a small element of more than 4 bytes"},
    {608, "Y", 1, LIDO_CORRUPT, "has no variable y"},
    {624, "\x00", 1, LIDO_CORRUPT, "label 0 at index 0, expected 1..10 (10 is the digit 0)"},
    {626, "\x0b", 1, LIDO_CORRUPT, "label 11 at index 2"},
};

START_TEST(says_what_is_wrong) {
    scratch s = scratch_make();
    for (size_t i = 0; i < sizeof patches / sizeof *patches; i++) {
        lido_error error;
        assert_fails(load_patched(&s, "matlab.mat", patches[i].at, patches[i].bytes,
                                  patches[i].size, &error),
                     patches[i].status, patches[i].message);
    }
    scratch_free(&s);
}
END_TEST

START_TEST(refuses_halves_of_labels) {
    scratch s = scratch_make();
    lido_error error;
    golden g = golden_read("plain_double.mat");
    size_t at = g.size - 6 * 8;
    free(g.data);
    assert_fails(load_patched(&s, "plain_double.mat", at, &(double){1.5}, 8, &error), LIDO_CORRUPT,
                 "label 1.5 at index 0");
    assert_fails(load_patched(&s, "plain_double.mat", at + 8, "\0\0\0\0\0\0\xf8\x7f", 8, &error),
                 LIDO_CORRUPT, "label nan at index 1");
    scratch_free(&s);
}
END_TEST

static lido_status read_set(const char *path, const void *context) {
    (void)path;
    lido_error error;
    lido_dataset *set;
    lido_status status = load(context, "mat", LIDO_TRAIN, 0, &set, &error);
    lido_dataset_free(set);
    return status;
}

START_TEST(survives_damage) {
    scratch s = scratch_make();
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        golden g = golden_read(files[i].name);
        read_truncated(&s, "train_32x32.mat", g.data, g.size,
                       strncmp(files[i].name, "others", 6) == 0 ? g.size : 64, read_set, &s);
        ck_assert_int_gt(read_mutated(&s, "train_32x32.mat", g.data, g.size, 300, read_set, &s),
                         20);
        free(g.data);
    }
    scratch_free(&s);
}
END_TEST

LIDO_TEST_MAIN("mat", reads_what_scipy_writes, adds_the_extra_pictures, says_what_is_wrong,
               refuses_halves_of_labels, survives_damage)
