/* test_isbi.c - membranes from the archive or a folder; what is missing or of another size. */
#define _GNU_SOURCE
#include "data_files.h"

#include "data/unpack.h"

START_TEST(reads_the_archive) {
    const char *data = getenv("LIDO_DATA");
    char path[LIDO_PATH_SIZE];
    if (!data || lido_unpack_supported("", NULL) ||
        lido_data_find("isbi-membrane", NULL, path, sizeof path, NULL)) {
        printf("no isbi-membrane in $LIDO_DATA: skipped\n");
        return;
    }
    lido_error error;
    lido_dataset *set, *few;
    assert_ok(lido_dataset_load("isbi-membrane", LIDO_TEST, NULL, &set, &error));
    ck_assert_int_eq(set->count, 384);
    ck_assert_int_eq(set->labels_each, 64 * 64);
    int64_t size = set->count * set->labels_each, membrane = 0;
    double sum[2] = {0};
    for (int64_t i = 0; i < size; i++) {
        membrane += set->labels[i];
        sum[set->labels[i]] += set->pixels[i];
    }
    ck_assert_int_gt(membrane, size / 10);
    ck_assert_int_lt(membrane, size / 3);
    /* membranes are darker */
    ck_assert(sum[1] / (double)membrane + 20 < sum[0] / (double)(size - membrane));
    const lido_data_options options = {.limit = 70};
    assert_ok(lido_dataset_load("isbi-membrane", LIDO_TEST, &options, &few, &error));
    ck_assert_int_eq(few->count, 70);
    ck_assert_mem_eq(few->pixels, set->pixels, 70 * 64 * 64);
    ck_assert_mem_eq(few->labels, set->labels, 70 * 64 * 64 * sizeof *set->labels);
    lido_dataset_free(set);
    lido_dataset_free(few);
}
END_TEST

START_TEST(refuses_what_is_damaged) {
    scratch s = scratch_make();
    char name[LIDO_PATH_SIZE + 8];
    lido_error error;
    lido_dataset *set;
    snprintf(name, sizeof name, "isbi:%s", s.folder);
    assert_fails(lido_dataset_load(name, LIDO_TRAIN, NULL, &set, &error), LIDO_NOT_FOUND, "isbi");
    scratch_write(&s, "isbi-membrane.tar.gz", "no archive", 10);
    if (lido_unpack_supported("", NULL) == LIDO_OK)
        assert_fails(lido_dataset_load(name, LIDO_TRAIN, NULL, &set, &error), LIDO_CORRUPT,
                     "isbi-membrane.tar.gz");
    ck_assert_ptr_null(set);
    scratch_free(&s);
}
END_TEST

LIDO_TEST_MAIN("isbi", reads_the_archive, refuses_what_is_damaged)
