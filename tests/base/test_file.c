/* Tests of file.c: whole-file reading, atomic writing and paths, in a folder of their own. */
#define _GNU_SOURCE
#include "lido_check.h"

#include "base/file.h"

#include <sys/stat.h>
#include <unistd.h>

static lido_error error;
static char folder[] = "/tmp/lido-test-file-XXXXXX";

static const char *in_folder(const char *name) {
    static char path[4][LIDO_PATH_SIZE];
    static int turn;
    turn = (turn + 1) % 4;
    assert_ok(lido_path_join(folder, name, path[turn], sizeof path[turn], &error));
    return path[turn];
}

static void make_test_folder(void) {
    strcpy(strrchr(folder, '-') + 1, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

/* Fails when the test left anything behind: temporary files are part of what is tested. */
static void remove_test_folder(void) {
    ck_assert_msg(rmdir(folder) == 0, "%s is not empty", folder);
}

static void assert_holds(const char *path, const char *text) {
    uint8_t *data;
    size_t size;
    assert_ok(lido_file_read(path, 1000, &data, &size, &error));
    ck_assert_uint_eq(size, strlen(text));
    ck_assert_str_eq((const char *)data, text);
    free(data);
}

START_TEST(reads_what_was_written) {
    make_test_folder();
    const char *path = in_folder("data");
    assert_ok(lido_file_write(path, "hello", 5, &error));
    assert_holds(path, "hello");
    assert_ok(lido_file_write(path, "", 0, &error));
    assert_holds(path, "");
    unlink(path);
    remove_test_folder();
}
END_TEST

START_TEST(reads_files_larger_than_its_first_buffer) {
    enum { SIZE = 300000 };
    static uint8_t bytes[SIZE];
    for (int i = 0; i < SIZE; i++) bytes[i] = (uint8_t)(i * 7 + i / 256);
    make_test_folder();
    const char *path = in_folder("large");
    assert_ok(lido_file_write(path, bytes, SIZE, &error));
    uint8_t *data;
    size_t size;
    assert_ok(lido_file_read(path, SIZE, &data, &size, &error));
    ck_assert_uint_eq(size, SIZE);
    ck_assert_mem_eq(data, bytes, SIZE);
    ck_assert_uint_eq(data[SIZE], 0);
    free(data);
    assert_fails(lido_file_read(path, SIZE - 1, &data, &size, &error), LIDO_TOO_LARGE,
                 "larger than 299999 bytes");
    ck_assert_ptr_null(data);
    unlink(path);
    remove_test_folder();
}
END_TEST

START_TEST(says_what_cannot_be_read) {
    uint8_t *data;
    size_t size;
    make_test_folder();
    assert_fails(lido_file_read(in_folder("none"), 10, &data, &size, &error), LIDO_NOT_FOUND,
                 "/none: cannot open: No such file");
    ck_assert_ptr_null(data);
    assert_fails(lido_file_read(folder, 10, &data, &size, &error), LIDO_IO, "cannot read");
    ck_assert_ptr_null(data);
    remove_test_folder();
}
END_TEST

START_TEST(the_old_file_stays_until_the_commit) {
    make_test_folder();
    const char *path = in_folder("kept");
    assert_ok(lido_file_write(path, "old", 3, &error));
    lido_atomic_file file;
    assert_ok(lido_atomic_open(path, &file, &error));
    ck_assert_int_gt(fputs("new text", file.stream), -1);
    fflush(file.stream);
    assert_holds(path, "old");
    assert_ok(lido_atomic_commit(&file, &error));
    assert_holds(path, "new text");
    lido_atomic_abandon(&file);
    assert_holds(path, "new text");
    unlink(path);
    remove_test_folder();
}
END_TEST

START_TEST(abandoning_leaves_the_old_file) {
    make_test_folder();
    const char *path = in_folder("kept");
    assert_ok(lido_file_write(path, "old", 3, &error));
    lido_atomic_file file;
    assert_ok(lido_atomic_open(path, &file, &error));
    ck_assert_int_gt(fputs("half", file.stream), -1);
    lido_atomic_abandon(&file);
    lido_atomic_abandon(&file);
    assert_holds(path, "old");
    unlink(path);
    remove_test_folder();
    lido_atomic_abandon(&(lido_atomic_file){0});
}
END_TEST

START_TEST(says_where_it_cannot_write) {
    make_test_folder();
    const char *path = in_folder("plain");
    assert_ok(lido_file_write(path, "x", 1, &error));
    assert_fails(lido_file_write(in_folder("plain/under"), "x", 1, &error), LIDO_IO,
                 "plain/under: cannot write: Not a directory");
    assert_fails(lido_file_write(in_folder("none/under"), "x", 1, &error), LIDO_NOT_FOUND,
                 "none/under: cannot write: No such file");
    unlink(path);
    remove_test_folder();
}
END_TEST

START_TEST(a_failed_rename_removes_the_temporary_file) {
    make_test_folder();
    const char *path = in_folder("is-a-folder");
    ck_assert_int_eq(mkdir(path, 0777), 0);
    assert_fails(lido_file_write(path, "x", 1, &error), LIDO_IO, "is-a-folder: cannot write");
    ck_assert_int_eq(rmdir(path), 0);
    remove_test_folder();
}
END_TEST

/* The temporary name leads to /dev/full, where every write finds the disk full. */
START_TEST(a_full_disk_is_reported_and_the_old_file_stays) {
    if (!lido_path_exists("/dev/full")) {
        puts("skipped: there is no /dev/full");
        return;
    }
    make_test_folder();
    const char *path = in_folder("kept");
    assert_ok(lido_file_write(path, "old", 3, &error));
    lido_atomic_file file;
    assert_ok(lido_atomic_open(path, &file, &error));
    lido_atomic_abandon(&file);
    ck_assert_int_eq(symlink("/dev/full", file.temporary), 0);
    assert_fails(lido_file_write(path, "new", 3, &error), LIDO_IO, "No space left");
    assert_holds(path, "old");
    unlink(path);
    remove_test_folder();
}
END_TEST

START_TEST(paths_are_joined) {
    char path[8];
    assert_ok(lido_path_join("a", "b", path, sizeof path, &error));
    ck_assert_str_eq(path, "a/b");
    assert_ok(lido_path_join("a/", "b", path, sizeof path, &error));
    ck_assert_str_eq(path, "a/b");
    assert_ok(lido_path_join("abcd", "ef", path, sizeof path, &error));
    ck_assert_str_eq(path, "abcd/ef");
    assert_fails(lido_path_join("abcd", "efg", path, sizeof path, &error), LIDO_TOO_LARGE,
                 "too long: abcd");
}
END_TEST

START_TEST(paths_too_long_are_refused) {
    static char path[LIDO_PATH_SIZE + 1];
    memset(path, 'x', LIDO_PATH_SIZE);
    lido_atomic_file file;
    assert_fails(lido_atomic_open(path, &file, &error), LIDO_TOO_LARGE, "too long: xxx");
    ck_assert_ptr_null(file.stream);
    assert_fails(lido_make_folder(path, &error), LIDO_USAGE, "not the name of a folder");
    assert_fails(lido_make_folder("", &error), LIDO_USAGE, "not the name of a folder");
}
END_TEST

START_TEST(folders_are_made_with_their_parents) {
    make_test_folder();
    const char *deep = in_folder("a/b/c");
    assert_ok(lido_make_folder(deep, &error));
    assert_ok(lido_make_folder(deep, &error));
    ck_assert(lido_path_exists(deep));
    const char *plain = in_folder("a/file");
    assert_ok(lido_file_write(plain, "x", 1, &error));
    assert_fails(lido_make_folder(plain, &error), LIDO_IO, "exists and is not a folder");
    assert_fails(lido_make_folder(in_folder("a/file/d"), &error), LIDO_IO, "Not a directory");
    unlink(plain);
    ck_assert(!lido_path_exists(plain));
    rmdir(deep);
    rmdir(in_folder("a/b"));
    rmdir(in_folder("a"));
    remove_test_folder();
}
END_TEST

LIDO_TEST_MAIN("file", reads_what_was_written, reads_files_larger_than_its_first_buffer,
               says_what_cannot_be_read, the_old_file_stays_until_the_commit,
               abandoning_leaves_the_old_file, says_where_it_cannot_write,
               a_failed_rename_removes_the_temporary_file,
               a_full_disk_is_reported_and_the_old_file_stays, paths_are_joined,
               paths_too_long_are_refused, folders_are_made_with_their_parents)
