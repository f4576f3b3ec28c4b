/* test_idx.c - IDX sets: small ones made here, plain and gzipped, damaged in every way, and the
 * real MNIST and Fashion-MNIST. */
#define _GNU_SOURCE
#include "data_files.h"

#include <math.h>
#ifdef LIDO_HAVE_ZLIB
#    include <zlib.h>
#endif

enum { COUNT = 3, HEIGHT = 4, WIDTH = 5, PIXELS = COUNT * HEIGHT * WIDTH, IMAGES = 16 + PIXELS };

static const uint8_t labels[] = {0, 0, 8, 1, 0, 0, 0, COUNT, 2, 0, 1};

static void make_images(uint8_t image[IMAGES]) {
    const uint8_t header[16] = {0, 0, 8, 3, 0, 0, 0, COUNT, 0, 0, 0, HEIGHT, 0, 0, 0, WIDTH};
    memcpy(image, header, sizeof header);
    for (int i = 0; i < PIXELS; i++) image[16 + i] = (uint8_t)(i * 7);
}

/* The same tiny set as both splits. */
static scratch make_set(void) {
    scratch s = scratch_make();
    uint8_t images[IMAGES];
    make_images(images);
    scratch_write(&s, "train-images-idx3-ubyte", images, IMAGES);
    scratch_write(&s, "train-labels-idx1-ubyte", labels, sizeof labels);
    scratch_write(&s, "t10k-images-idx3-ubyte", images, IMAGES);
    scratch_write(&s, "t10k-labels-idx1-ubyte", labels, sizeof labels);
    return s;
}

static lido_status load(const scratch *s, lido_split split, int64_t limit, lido_dataset **set,
                        lido_error *error) {
    char name[128];
    snprintf(name, sizeof name, "idx:%s", s->folder);
    return lido_dataset_load(name, split, &(lido_data_options){.limit = limit}, set, error);
}

static void check_set(const lido_dataset *set) {
    uint8_t images[IMAGES];
    make_images(images);
    lido_shape shape;
    lido_shape_make((int64_t[]){HEIGHT, WIDTH, 1}, 3, &shape, NULL);
    ck_assert(lido_shape_equal(&set->shape, &shape));
    ck_assert_int_eq(set->count, COUNT);
    ck_assert_int_eq(set->classes, 3);
    ck_assert_int_eq(set->labels_each, 1);
    ck_assert_mem_eq(set->pixels, images + 16, PIXELS);
    for (int i = 0; i < COUNT; i++) ck_assert_int_eq(set->labels[i], labels[8 + i]);
}

START_TEST(reads_plain_files) {
    scratch s = make_set();
    lido_error error;
    lido_dataset *set;
    for (int split = LIDO_TRAIN; split <= LIDO_TEST; split++) {
        assert_ok(load(&s, (lido_split)split, 0, &set, &error));
        check_set(set);
        lido_dataset_free(set);
    }
    assert_ok(load(&s, LIDO_TEST, 2, &set, &error));
    ck_assert_int_eq(set->count, 2);
    ck_assert_int_eq(set->classes, 3);
    lido_dataset_free(set);
    scratch_free(&s);
}
END_TEST

START_TEST(refuses_what_is_not_idx) {
    scratch s = make_set();
    lido_error error;
    lido_dataset *set;
    uint8_t images[IMAGES + 1];
    const char *name = "train-images-idx3-ubyte";
    make_images(images);
    images[IMAGES] = 0;
    scratch_write(&s, name, images, IMAGES - 1);
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT,
                 "train-images-idx3-ubyte: truncated: its header announces 60 bytes, it holds at "
                 "most 59");
    ck_assert_ptr_null(set);
    scratch_write(&s, name, images, IMAGES + 1);
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT, "overlong");
    images[2] = 13; /* floats */
    scratch_write(&s, name, images, IMAGES);
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT,
                 "the magic number is 0x00000d03, expected 0x00000803");
    make_images(images);
    images[7] = 0;
    scratch_write(&s, name, images, IMAGES);
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT, "size 0 is 0");
    memset(images + 4, 0xff, 12); /* 2^96 pixels */
    scratch_write(&s, name, images, IMAGES);
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT, "overflow");
    make_images(images);
    images[4] = 0x80; /* 2^31 pictures */
    scratch_write(&s, name, images, IMAGES);
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT, "truncated");
    ck_assert_int_eq(unlink(scratch_path(&s, name)), 0);
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT, "labels without pictures");
    ck_assert_ptr_nonnull(strstr(error.message, name));
    scratch_free(&s);
}
END_TEST

START_TEST(refuses_labels_that_do_not_fit) {
    scratch s = make_set();
    lido_error error;
    lido_dataset *set;
    uint8_t test_labels[] = {0, 0, 8, 1, 0, 0, 0, COUNT, 2, 3, 1};
    scratch_write(&s, "t10k-labels-idx1-ubyte", test_labels, sizeof test_labels);
    assert_fails(load(&s, LIDO_TEST, 0, &set, &error), LIDO_CORRUPT,
                 "label 3 at index 1, expected 0..2");
    test_labels[7] = 2;
    scratch_write(&s, "t10k-labels-idx1-ubyte", test_labels, sizeof test_labels - 1);
    test_labels[9] = 1;
    scratch_write(&s, "t10k-labels-idx1-ubyte", test_labels, sizeof test_labels - 1);
    assert_fails(load(&s, LIDO_TEST, 0, &set, &error), LIDO_CORRUPT, "3 pictures, but 2 labels");
    scratch_free(&s);
}
END_TEST

static lido_status read_set(const char *path, const void *context) {
    (void)path;
    lido_error error;
    lido_dataset *set;
    lido_status status = load(context, LIDO_TRAIN, 0, &set, &error);
    lido_dataset_free(set);
    return status;
}

START_TEST(survives_damage) {
    scratch s = make_set();
    uint8_t images[IMAGES];
    make_images(images);
    int failed = read_mutated(&s, "train-images-idx3-ubyte", images, IMAGES, 1000, read_set, &s);
    ck_assert_int_gt(failed, 300);
    read_truncated(&s, "train-images-idx3-ubyte", images, IMAGES, 1, read_set, &s);
    scratch_free(&s);
}
END_TEST

#ifdef LIDO_HAVE_ZLIB

/* Gzips `size` bytes into out[4096]; returns the size. */
static size_t gzip(const uint8_t *data, size_t size, uint8_t *out) {
    z_stream z = {
        .next_in = (Bytef *)data, .avail_in = (uInt)size, .next_out = out, .avail_out = 4096};
    ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return z.total_out;
}

START_TEST(reads_gzipped_files) {
    scratch s = make_set();
    lido_error error;
    lido_dataset *set;
    uint8_t images[IMAGES + 1] = {0}, packed[4096] = {0};
    make_images(images);
    unlink(scratch_path(&s, "train-images-idx3-ubyte"));
    const char *name = "train-images-idx3-ubyte.gz";
    size_t size = gzip(images, IMAGES, packed);
    scratch_write(&s, name, packed, size);
    assert_ok(load(&s, LIDO_TRAIN, 0, &set, &error));
    check_set(set);
    lido_dataset_free(set);

    read_truncated(&s, name, packed, size, 1, read_set, &s);
    ck_assert_int_gt(read_mutated(&s, name, packed, size, 1000, read_set, &s), 900);
    scratch_write(&s, name, packed, size + 3);
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT,
                 "3 bytes too many after the compressed data");
    scratch_write(&s, name, packed, gzip(images, IMAGES - 1, packed));
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT,
                 "truncated: 1 more bytes expected");
    scratch_write(&s, name, packed, gzip(images, IMAGES + 1, packed));
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT,
                 "longer than its header says");
    size = gzip(images, IMAGES, packed);
    packed[size - 5] ^= 1; /* the checksum */
    scratch_write(&s, name, packed, size);
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT, "incorrect data check");
    images[4] = 0x80; /* 2^31 pictures: refused before memory is taken */
    scratch_write(&s, name, packed, gzip(images, IMAGES, packed));
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT, "it holds at most");
    scratch_free(&s);
}
END_TEST

#else

START_TEST(reads_gzipped_files) {
    scratch s = make_set();
    lido_error error;
    lido_dataset *set;
    unlink(scratch_path(&s, "train-images-idx3-ubyte"));
    scratch_write(&s, "train-images-idx3-ubyte.gz", (uint8_t[]){0x1f, 0x8b}, 2);
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_UNSUPPORTED, "zlib1g-dev");
    scratch_free(&s);
}
END_TEST

#endif

static void check_real(const char *name, const int *first, int firsts, double mean,
                       double deviation) {
    if (!have_real(name)) return;
#ifndef LIDO_HAVE_ZLIB
    printf("skipped: %s is packed, and there is no zlib\n", name);
    return;
#endif
    lido_error error;
    lido_dataset *set;
    assert_ok(lido_dataset_load(name, LIDO_TEST, NULL, &set, &error));
    ck_assert_int_eq(set->count, 10000);
    lido_dataset_free(set);
    assert_ok(lido_dataset_load(name, LIDO_TRAIN, NULL, &set, &error));
    ck_assert_int_eq(set->count, 60000);
    ck_assert_int_eq(set->classes, 10);
    ck_assert_str_eq(set->name, name);
    for (int i = 0; i < firsts; i++) ck_assert_int_eq(set->labels[i], first[i]);
    lido_normalisation n;
    lido_normalisation_measure(set, NULL, set->count, &n);
    ck_assert_double_lt(fabs(n.mean[0] - mean), 5e-5);
    ck_assert_double_lt(fabs(n.deviation[0] - deviation), 5e-5);
    lido_dataset_free(set);
}

START_TEST(reads_mnist) {
    check_real("mnist", (const int[]){5, 0, 4, 1, 9}, 5, 0.1307, 0.3081);
}
END_TEST

START_TEST(reads_fashion_mnist) {
    check_real("fashion-mnist", (const int[]){9, 0, 0, 3, 0}, 5, 0.2860, 0.3530);
}
END_TEST

LIDO_TEST_MAIN("idx", reads_plain_files, refuses_what_is_not_idx, refuses_labels_that_do_not_fit,
               survives_damage, reads_gzipped_files, reads_mnist, reads_fashion_mnist)
