/* test_places.c - the search order: --data-dir, $LIDO_DATA, ./data, the user's cache. */
#define _GNU_SOURCE
#include "data_files.h"

#include "data/format.h"

static void expect(const scratch *s, const char *dir, const char *folder) {
    char found[LIDO_PATH_SIZE], expected[256];
    lido_error error;
    snprintf(expected, sizeof expected, "%s/%s/mnist", s->folder, folder);
    if (strcmp(folder, ".") == 0) snprintf(expected, sizeof expected, "data/mnist");
    assert_ok(
        lido_data_find("mnist", &(lido_data_options){.dir = dir}, found, sizeof found, &error));
    ck_assert_str_eq(found, expected);
}

START_TEST(searches_in_order) {
    scratch s = scratch_make();
    char dir[128], home[128], environment[128], found[LIDO_PATH_SIZE];
    lido_error error;
    snprintf(dir, sizeof dir, "%s/given", s.folder);
    snprintf(home, sizeof home, "%s/home", s.folder);
    snprintf(environment, sizeof environment, "%s/environment", s.folder);
    ck_assert_int_eq(chdir(s.folder), 0);
    setenv("HOME", home, 1);
    setenv("LIDO_DATA", environment, 1);
    unsetenv("XDG_CACHE_HOME");
    lido_data_options options = {.dir = dir};
    assert_fails(lido_data_find("mnist", &options, found, sizeof found, &error), LIDO_NOT_FOUND,
                 "given/mnist, ");
    ck_assert_ptr_nonnull(strstr(error.message, "environment/mnist, data/mnist, "));
    ck_assert_ptr_nonnull(strstr(error.message, "home/.cache/lido/mnist; `lido data fetch mnist`"));

    scratch_write(&s, "home/.cache/lido/mnist/train-labels-idx1-ubyte", "", 0);
    expect(&s, dir, "home/.cache/lido");
    scratch_write(&s, "data/mnist/train-labels-idx1-ubyte", "", 0);
    expect(&s, dir, ".");
    scratch_write(&s, "environment/mnist/t10k-labels-idx1-ubyte.gz", "", 0);
    expect(&s, dir, "environment");
    scratch_write(&s, "given/mnist/README", "", 0); /* holds nothing of the set */
    expect(&s, dir, "environment");
    scratch_write(&s, "given/mnist/train-images-idx3-ubyte", "", 0);
    expect(&s, dir, "given");
    expect(&s, NULL, "environment");

    lido_dataset *set; /* a corrupt one is an error, never skipped */
    assert_fails(lido_dataset_load("mnist", LIDO_TRAIN, &options, &set, &error), LIDO_CORRUPT,
                 "given/mnist/train-labels-idx1-ubyte: cannot open");
    scratch_free(&s);
}
END_TEST

START_TEST(finds_the_cache) {
    char path[LIDO_PATH_SIZE];
    lido_error error;
    setenv("HOME", "/h", 1);
    setenv("XDG_CACHE_HOME", "/x", 1);
    assert_ok(lido_cache_folder(path, sizeof path, &error));
    ck_assert_str_eq(path, "/x/lido");
    setenv("XDG_CACHE_HOME", "relative", 1); /* to be ignored, says the specification */
    assert_ok(lido_cache_folder(path, sizeof path, &error));
    ck_assert_str_eq(path, "/h/.cache/lido");
    unsetenv("XDG_CACHE_HOME");
    unsetenv("HOME");
    assert_fails(lido_cache_folder(path, sizeof path, &error), LIDO_NOT_FOUND, "$HOME");
}
END_TEST

START_TEST(knows_what_lies_nowhere) {
    char path[LIDO_PATH_SIZE];
    lido_error error;
    assert_fails(lido_data_find("nonsense", NULL, path, sizeof path, &error), LIDO_NOT_FOUND,
                 "nonsense: not a data set");
}
END_TEST

LIDO_TEST_MAIN("places", searches_in_order, finds_the_cache, knows_what_lies_nowhere)
