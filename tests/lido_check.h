/* lido_check.h - what every unit test starts with: Check, and a main over a table of tests. */
#ifndef LIDO_CHECK_H
#define LIDO_CHECK_H

#include <check.h>
#include <lido/base.h>
#include <stdlib.h>
#include <string.h>

/* Runs the suite and returns the process's exit status. */
static inline int lido_check_run(Suite *suite) {
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* A main that runs these tests. Usage at the bottom of a test file:
 *   LIDO_TEST_MAIN("json", parses_numbers, refuses_duplicates) */
#define LIDO_TEST_MAIN(suite_name, ...)                                                            \
    int main(void) {                                                                               \
        const TTest *const tests[] = {__VA_ARGS__};                                                \
        Suite *suite = suite_create(suite_name);                                                   \
        TCase *tcase = tcase_create(suite_name);                                                   \
        tcase_set_timeout(tcase, 120);                                                             \
        for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) tcase_add_test(tcase, tests[i]); \
        suite_add_tcase(suite, tcase);                                                             \
        return lido_check_run(suite);                                                              \
    }

/* The call must succeed; shows the message when it does not. */
#define assert_ok(call)                                                    \
    do {                                                                   \
        lido_status status_ = (call);                                      \
        ck_assert_msg(status_ == LIDO_OK, "%s: %s", #call, error.message); \
    } while (0)

/* The call must fail with this status and a message that contains `text`. */
#define assert_fails(call, expected, text)                                                        \
    do {                                                                                          \
        lido_status status_ = (call);                                                             \
        ck_assert_msg(status_ == (expected), "%s: got %s (%s)", #call, lido_status_text(status_), \
                      error.message);                                                             \
        ck_assert_msg(strstr(error.message, text) != NULL, "\"%s\" is not in \"%s\"", text,       \
                      error.message);                                                             \
    } while (0)

#endif
