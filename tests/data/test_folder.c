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
    ck_assert_ptr_nonnull(strstr(error.message, "10.png; several sizes are for `lido eval`"));
    ck_assert_ptr_null(set);
    write_png(&s, "train/dog/c.png", 4, true, 1);
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT, "the picture is [4,4,3]");
    scratch_write(&s, "train/dog/c.png", "GIF89a", 6);
    assert_fails(load(&s, LIDO_TRAIN, 0, &set, &error), LIDO_CORRUPT,
                 "train/dog/c.png: neither PNG nor JPEG");
    scratch_free(&s);
}
END_TEST

/* What a walk over the sizes met. */
typedef struct walk {
    int64_t groups, count[4], sizes[4], pictures[4], side[4];
    int classes[4];
    int32_t label[4][8];
    uint8_t value[4][8];
    int64_t stop; /* before this group; 0: never */
} walk;

static lido_status note(void *context, const lido_size_group *group, lido_error *error) {
    walk *met = context;
    const lido_dataset *set = group->set;
    int64_t g = met->groups++;
    if (met->stop == met->groups) return lido_fail(error, LIDO_INTERRUPTED, "stopped");
    met->count[g] = set->count;
    met->classes[g] = set->classes;
    met->sizes[g] = group->sizes;
    met->pictures[g] = group->pictures;
    met->side[g] = set->shape.axis[2];
    for (int64_t i = 0; i < set->count; i++) {
        met->label[g][i] = set->labels[i];
        met->value[g][i] = set->pixels[(i + 1) * lido_shape_size(&set->shape) - 1];
    }
    return LIDO_OK;
}

static lido_status walk_sizes(const scratch *s, int64_t limit, walk *met, lido_error *error) {
    char name[128];
    snprintf(name, sizeof name, "folder:%s", s->folder);
    return lido_dataset_each_size(name, LIDO_TRAIN, &(lido_data_options){.limit = limit}, note, met,
                                  error);
}

static void check_group(const walk *met, int64_t group, int64_t side, int64_t count,
                        const uint8_t *values, const int32_t *labels) {
    ck_assert_int_eq(met->side[group], side);
    ck_assert_int_eq(met->count[group], count);
    ck_assert_int_eq(met->classes[group], 3);
    ck_assert_int_eq(met->sizes[group], met->groups);
    ck_assert_mem_eq(met->value[group], values, (size_t)count);
    ck_assert_mem_eq(met->label[group], labels, (size_t)count * sizeof *labels);
}

START_TEST(goes_size_by_size) {
    scratch s = make_set();
    lido_error error;
    walk met = {0};
    assert_ok(walk_sizes(&s, 0, &met, &error));
    ck_assert_int_eq(met.groups, 1);
    check_group(&met, 0, 4, 5, (const uint8_t[]){4, 5, 3, 1, 2}, (const int32_t[]){0, 0, 1, 2, 2});

    write_png(&s, "train/ape/9.png", 6, false, 7);
    write_png(&s, "train/dog/b.png", 6, false, 8);
    write_png(&s, "train/dog/c.png", 5, false, 9);
    met = (walk){0};
    assert_ok(walk_sizes(&s, 0, &met, &error));
    ck_assert_int_eq(met.groups, 3);
    ck_assert_int_eq(met.pictures[0], 6);
    check_group(&met, 0, 4, 3, (const uint8_t[]){4, 3, 1}, (const int32_t[]){0, 1, 2});
    check_group(&met, 1, 6, 2, (const uint8_t[]){7, 8}, (const int32_t[]){0, 2});
    check_group(&met, 2, 5, 1, (const uint8_t[]){9}, (const int32_t[]){2});
    scratch_free(&s);
}
END_TEST

START_TEST(limits_all_sizes_together) {
    scratch s = make_set();
    lido_error error;
    walk met = {0};
    write_png(&s, "train/ape/9.png", 6, false, 7);
    write_png(&s, "train/dog/b.png", 5, false, 8);
    assert_ok(walk_sizes(&s, 3, &met, &error)); /* the last, of 5x5, is not among them */
    ck_assert_int_eq(met.groups, 2);
    ck_assert_int_eq(met.pictures[1], 3);
    check_group(&met, 0, 4, 2, (const uint8_t[]){4, 3}, (const int32_t[]){0, 1});
    check_group(&met, 1, 6, 1, (const uint8_t[]){7}, (const int32_t[]){0});
    scratch_free(&s);
}
END_TEST

START_TEST(ends_the_walk_with_an_error) {
    scratch s = make_set();
    lido_error error;
    walk met = {.stop = 2};
    write_png(&s, "train/ape/9.png", 6, false, 7);
    write_png(&s, "train/dog/b.png", 5, false, 8);
    assert_fails(walk_sizes(&s, 0, &met, &error), LIDO_INTERRUPTED, "stopped");
    ck_assert_int_eq(met.groups, 2);
    met = (walk){0};
    scratch_write(&s, "train/dog/c.png", "GIF89a", 6);
    assert_fails(walk_sizes(&s, 0, &met, &error), LIDO_CORRUPT,
                 "train/dog/c.png: neither PNG nor JPEG");
    ck_assert_int_eq(met.groups, 0);
    assert_fails(lido_dataset_each_size("folder:/nowhere", LIDO_TEST, NULL, note, &met, &error),
                 LIDO_NOT_FOUND, "there is no /nowhere");
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

LIDO_TEST_MAIN("folder", sorts_by_name, says_what_is_wrong, goes_size_by_size,
               limits_all_sizes_together, ends_the_walk_with_an_error, needs_pictures)

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
