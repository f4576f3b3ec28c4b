#include "run_helpers.h"

#include "train/folder.h"

#include <math.h>

static void touch(const char *folder, const char *name) {
    char path[LIDO_PATH_SIZE];
    lido_error error;
    assert_ok(lido_path_join(folder, name, path, sizeof path, &error));
    assert_ok(lido_file_write(path, "x", 1, &error));
}

static bool exists(const char *folder, const char *name) {
    char path[LIDO_PATH_SIZE];
    lido_error error;
    assert_ok(lido_path_join(folder, name, path, sizeof path, &error));
    return lido_path_exists(path);
}

START_TEST(a_run_is_not_overwritten) {
    char path[LIDO_PATH_SIZE];
    lido_folder folder;
    lido_error error;
    temporary_folder(path);
    assert_ok(lido_folder_open(path, false, &folder, &error));
    ck_assert(!folder.begun);
    touch(path, "last.safetensors");
    assert_fails(lido_folder_open(path, false, &folder, &error), LIDO_USAGE, "holds a run");
    assert_ok(lido_folder_open(path, true, &folder, &error));
    ck_assert(folder.begun);
    remove_folder(path);
}
END_TEST

START_TEST(no_folder_is_an_error) {
    lido_folder folder;
    lido_error error;
    assert_fails(lido_folder_open(NULL, false, &folder, &error), LIDO_USAGE, "no folder");
    assert_fails(lido_folder_open("/dev/null/x", false, &folder, &error), LIDO_IO, "/dev/null");
}
END_TEST

START_TEST(only_half_written_files_are_swept) {
    char path[LIDO_PATH_SIZE];
    lido_folder folder;
    lido_error error;
    temporary_folder(path);
    touch(path, "last.safetensors.123.tmp");
    touch(path, "notes.tmp");
    touch(path, "123.tmp");
    touch(path, "history.csv");
    assert_ok(lido_folder_open(path, false, &folder, &error));
    ck_assert(!exists(path, "last.safetensors.123.tmp"));
    ck_assert(exists(path, "notes.tmp") && exists(path, "123.tmp") && exists(path, "history.csv"));
    remove_folder(path);
}
END_TEST

START_TEST(the_result_reads_back) {
    char path[LIDO_PATH_SIZE];
    lido_folder folder;
    lido_error error;
    temporary_folder(path);
    assert_ok(lido_folder_open(path, false, &folder, &error));
    lido_run_result result = {.epochs = 3, .test = {0.1, 1.0 / 3, 1000}, .seconds = 2}, read;
    ck_assert(!lido_folder_read_result(&folder, 3, &read));
    assert_ok(lido_folder_write_result(&folder, &result, &error));
    ck_assert(lido_folder_read_result(&folder, 3, &read));
    ck_assert(read.epochs == 3 && read.test.loss == 0.1 && read.test.accuracy == 1.0 / 3);
    ck_assert_int_eq(read.test.rows, 1000);
    ck_assert(!lido_folder_read_result(&folder, 4, &read));
    assert_ok(lido_folder_write(&folder, "spec.json", "{}", &error));
    size_t size;
    char *text = file_of(path, "spec.json", &size);
    ck_assert_str_eq(text, "{}\n");
    free(text);
    assert_fails(lido_folder_write(&folder, "spec.json", NULL, &error), LIDO_MEMORY, "spec.json");
    remove_folder(path);
}
END_TEST

LIDO_TEST_MAIN("folder", a_run_is_not_overwritten, no_folder_is_an_error,
               only_half_written_files_are_swept, the_result_reads_back)
