/* test_fetch.c - what fetch refuses before it asks any server; downloads are tested by
 * test_fetch.py. */
#define _GNU_SOURCE
#include "data_files.h"

START_TEST(fetches_nothing_that_is_made) {
    lido_error error;
    assert_fails(lido_data_fetch(lido_data_source_find("synthetic"), NULL, &error),
#ifdef LIDO_HAVE_CURL
                 LIDO_USAGE, "synthetic: is made by the program: nothing to fetch"
#else
                 LIDO_UNSUPPORTED, "libcurl4-openssl-dev"
#endif
    );
}
END_TEST

#ifdef LIDO_HAVE_CURL
START_TEST(needs_a_folder) {
    lido_error error;
    unsetenv("HOME");
    unsetenv("XDG_CACHE_HOME");
    assert_fails(lido_data_fetch(lido_data_source_find("mnist"), NULL, &error), LIDO_NOT_FOUND,
                 "mnist: there is no user's cache");
    lido_fetch_options options = {.dir = "/proc/no/such"};
    assert_fails(lido_data_fetch(lido_data_source_find("mnist"), &options, &error), LIDO_NOT_FOUND,
                 "/proc/no: cannot make the folder");
}
END_TEST

/* A set that is there whole needs no server. */
START_TEST(keeps_what_is_there) {
    scratch s = scratch_make();
    lido_error error;
    scratch_write(&s, "set/a", "abc", 3);
    const lido_data_file files[] = {
        {"a", "http://127.0.0.1:1/a", "900150983cd24fb0d6963f7d28e17f72", 3, NULL},
        {NULL, NULL, NULL, 0, NULL}};
    const lido_data_source source = {.name = "set", .folder = "set", .files = files};
    const lido_fetch_options options = {.dir = s.folder, .tries = 1};
    assert_ok(lido_data_fetch(&source, &options, &error));
    scratch_write(&s, "set/a", "abd", 3);
    assert_fails(lido_data_fetch(&source, &options, &error), LIDO_NETWORK,
                 "set: http://127.0.0.1:1/a: ");
    scratch_free(&s);
}
END_TEST

LIDO_TEST_MAIN("fetch", fetches_nothing_that_is_made, needs_a_folder, keeps_what_is_there)
#else
LIDO_TEST_MAIN("fetch", fetches_nothing_that_is_made)
#endif
