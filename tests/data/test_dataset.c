/* test_dataset.c - names of sets and formats, and the memory of a set. */
#define _GNU_SOURCE
#include "data_files.h"

#include "data/format.h"

START_TEST(says_what_is_known) {
    lido_error error;
    lido_dataset *set;
    assert_fails(lido_dataset_load("minst", LIDO_TRAIN, NULL, &set, &error), LIDO_NOT_FOUND,
                 "no data set \"minst\"; known are mnist, fashion-mnist, ");
    ck_assert_ptr_nonnull(strstr(error.message, "idx:PATH"));
    ck_assert_ptr_null(set);
    assert_fails(lido_dataset_load("idx:/no/such/folder", LIDO_TRAIN, NULL, &set, &error),
                 LIDO_NOT_FOUND, "there is no /no/such/folder");
    assert_fails(lido_dataset_load("idx:/", LIDO_TRAIN, NULL, &set, &error), LIDO_NOT_FOUND,
                 "/ holds no IDX files");
    assert_fails(lido_dataset_load("ixd:/", LIDO_TRAIN, NULL, &set, &error), LIDO_NOT_FOUND,
                 "no data set \"ixd:/\"");
}
END_TEST

START_TEST(takes_no_more_memory_than_there_is) {
    lido_error error;
    lido_dataset *set;
    lido_shape shape;
    assert_ok(lido_shape_make((int64_t[]){1 << 20, 1 << 20, 1}, 3, &shape, &error));
    assert_fails(lido_dataset_new("big", &shape, (int64_t)1 << 30, 10, 1, &set, &error),
                 LIDO_TOO_LARGE, "too many");
    ck_assert_ptr_null(set);
    assert_fails(lido_dataset_new("none", &shape, 0, 10, 1, &set, &error), LIDO_CORRUPT, "none");
    lido_dataset_free(NULL);
}
END_TEST

START_TEST(checks_labels) {
    lido_error error;
    const int32_t labels[] = {0, 3, 9, -1, 12};
    ck_assert_int_eq(lido_labels_classes(labels, 5), 13);
    ck_assert_int_eq(lido_labels_classes(labels, 0), 0);
    assert_ok(lido_labels_check(labels, 3, 0, 10, "f", &error));
    assert_fails(lido_labels_check(labels, 5, 0, 10, "f", &error), LIDO_CORRUPT,
                 "f: label -1 at index 3, expected 0..9");
    assert_fails(lido_labels_check(labels + 4, 1, 0, 12, "f", &error), LIDO_CORRUPT, "label 12");
}
END_TEST

static lido_status count_pictures(void *context, const lido_size_group *group, lido_error *error) {
    (void)error;
    ck_assert_int_eq(group->sizes, 1);
    ck_assert_int_eq(group->pictures, group->set->count);
    *(int64_t *)context += group->pictures;
    return LIDO_OK;
}

START_TEST(other_sets_have_one_size) {
    lido_error error;
    int64_t pictures = 0;
    const lido_data_options options = {.limit = 7};
    assert_ok(lido_dataset_each_size("synthetic", LIDO_TEST, &options, count_pictures, &pictures,
                                     &error));
    ck_assert_int_eq(pictures, 7);
    assert_fails(
        lido_dataset_each_size("no-such", LIDO_TEST, NULL, count_pictures, &pictures, &error),
        LIDO_NOT_FOUND, "no data set \"no-such\"");
}
END_TEST

LIDO_TEST_MAIN("dataset", other_sets_have_one_size, says_what_is_known,
               takes_no_more_memory_than_there_is, checks_labels)
