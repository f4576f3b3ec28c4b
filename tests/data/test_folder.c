/* test_folder.c - pictures in folders of classes. */
#define _GNU_SOURCE
#include "data_files.h"

#if defined(LIDO_HAVE_PNG)
#    include <png.h>

/* A plain picture of one value. */
static void write_png(scratch *s, const char *name, int side, bool colour, uint8_t value) {
    uint8_t pixels[64 * 3], file[4096];
    png_alloc_size_t size = sizeof file;
    memset(pixels, value, sizeof pixels);
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (uint32_t)side,
                       .height = (uint32_t)side,
                       .format = colour ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY};
    ck_assert(png_image_write_to_memory(&image, file, &size, 0, pixels, 0, NULL));
    scratch_write(s, name, file, size);
}

static scratch make_set(void) {
    scratch s = scratch_make();
    write_png(&s, "train/dog/b.png", 4, false, 2);
    write_png(&s, "train/dog/a.PNG", 4, false, 1);
    write_png(&s, "train/cat/z.png", 4, false, 3);
    write_png(&s, "train/ape/10.png", 4, false, 4);
    write_png(&s, "train/ape/9.png", 4, false, 5);
    write_png(&s, "test/dog/a.png", 4, false, 6);
    scratch_write(&s, "train/dog/notes.txt", "not a picture", 13);
    scratch_write(&s, "train/ape/.hidden.png", "not a picture", 13);
    scratch_write(&s, "train/README", "not a class", 11);
    return s;
}

static lido_status load(const scratch *s, lido_split split, int64_t limit, lido_dataset **set,
                        lido_error *error) {
    char name[128];
    snprintf(name, sizeof name, "folder:%s", s->folder);
    return lido_dataset_load(name, split, &(lido_data_options){.limit = limit}, set, error);
}

static void check_set(const lido_dataset *set, int64_t count, const uint8_t *values,
                      const int *labels) {
    ck_assert_int_eq(set->count, count);
    ck_assert_int_eq(set->classes, 3);
    ck_assert_int_eq(lido_shape_size(&set->shape), 16);
    for (int64_t i = 0; i < count; i++) {
        ck_assert_int_eq(set->labels[i], labels[i]);
        for (int p = 0; p < 16; p++) ck_assert_int_eq(set->pixels[i * 16 + p], values[i]);
    }
}

START_TEST(sorts_by_name) {
    scratch s = make_set();
    lido_error error;
    lido_dataset *set;
    const uint8_t values[] = {4, 5, 3, 1, 2};
    const int labels[] = {0, 0, 1, 2, 2};
    assert_ok(load(&s, LIDO_TRAIN, 0, &set, &error));
    check_set(set, 5, values, labels);
    lido_dataset_free(set);
    assert_ok(load(&s, LIDO_TRAIN, 3, &set, &error));
    check_set(set, 3, values, labels);
    lido_dataset_free(set);
    assert_ok(load(&s, LIDO_TEST, 0, &set, &error)); /* has one of the classes only */
    check_set(set, 1, (const uint8_t[]){6}, (const int[]){2});
    lido_dataset_free(set);
    scratch_free(&s);
}
END_TEST

START_TEST(says_what_is_wrong) {
    scratch s = make_set();
    lido_error error;
    lido_dataset *set;
    write_png(&s, "test/cow/a.png", 4, false, 1);
    assert_fails(load(&s, LIDO_TEST, 0, &set, &error), LIDO_CORRUPT,
                 "test: class \"cow\" is not among the training classes");
    write_png(&s, "train/dog/c.png", 5, false, 1);
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT,
                 "train/dog/c.png: the picture is [5,5,1], expected [4,4,1] as in ");
    ck_assert_ptr_null(set);
    write_png(&s, "train/dog/c.png", 4, true, 1);
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT, "the picture is [4,4,3]");
    scratch_write(&s, "train/dog/c.png", "GIF89a", 6);
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT,
                 "train/dog/c.png: neither PNG nor JPEG");
    scratch_free(&s);
}
END_TEST

START_TEST(needs_pictures) {
    scratch s = scratch_make();
    lido_error error;
    lido_dataset *set;
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_NOT_FOUND,
                 "holds no folders of pictures");
    scratch_write(&s, "train/dog/notes.txt", "", 0);
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT,
                 "train: no .png or .jpg files in folders of classes");
    assert_fails(load(&s, LIDO_TEST, 0, &set, &error), LIDO_NOT_FOUND, "test: cannot open");
    scratch_free(&s);
}
END_TEST

LIDO_TEST_MAIN("folder", sorts_by_name, says_what_is_wrong, needs_pictures)

#else

START_TEST(needs_libpng) {
    scratch s = scratch_make();
    lido_error error;
    lido_dataset *set;
    char name[128];
    snprintf(name, sizeof name, "folder:%s", s.folder);
    scratch_write(&s, "train/a/a.png", "\x89PNG", 4);
    assert_fails(lido_dataset_load(name, LIDO_TRAIN, NULL, &set, &error), LIDO_UNSUPPORTED,
                 "libpng-dev");
    scratch_free(&s);
}
END_TEST

LIDO_TEST_MAIN("folder", needs_libpng)

#endif
