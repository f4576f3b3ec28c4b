/* test_unpack.c - which members count as unpacked; archives are unpacked by test_fetch.py. */
#define _GNU_SOURCE
#include "data_files.h"

#include "data/unpack.h"

static const lido_data_member members[] = {{"inner/a.bin", 3}, {"b.bin", 0}, {NULL, 0}};

START_TEST(knows_what_is_unpacked) {
    scratch s = scratch_make();
    ck_assert(!lido_unpacked(members, s.folder));
    scratch_write(&s, "a.bin", "abc", 3);
    ck_assert(!lido_unpacked(members, s.folder));
    scratch_write(&s, "b.bin", "", 0);
    ck_assert(lido_unpacked(members, s.folder));
    scratch_write(&s, "a.bin", "ab", 2);
    ck_assert(!lido_unpacked(members, s.folder));
    scratch_free(&s);
}
END_TEST

START_TEST(refuses_what_is_no_archive) {
    scratch s = scratch_make();
    lido_error error;
    char archive[LIDO_PATH_SIZE];
    snprintf(archive, sizeof archive, "%s", scratch_write(&s, "x.tar.gz", "no archive", 10));
    lido_status status = lido_unpack(archive, members, s.folder, &error);
    if (lido_unpack_supported(archive, NULL) == LIDO_OK)
        ck_assert_int_eq(status, LIDO_CORRUPT);
    else
        ck_assert_int_eq(status, LIDO_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(error.message, archive));
    ck_assert(!lido_path_exists(scratch_path(&s, "a.bin")));
    scratch_free(&s);
}
END_TEST

LIDO_TEST_MAIN("unpack", knows_what_is_unpacked, refuses_what_is_no_archive)
