/* Tests of status.c: texts, messages, and places put before them. */
#include "lido_check.h"

START_TEST(every_status_has_a_text) {
#define IS_NAMED(name, text) ck_assert_str_eq(lido_status_text(LIDO_##name), text);
    LIDO_STATUS_TABLE(IS_NAMED)
#undef IS_NAMED
    ck_assert_int_eq(LIDO_OK, 0);
    ck_assert_str_eq(lido_status_text((lido_status)1000), "unknown status");
    ck_assert_str_eq(lido_status_text((lido_status)-1), "unknown status");
}
END_TEST

START_TEST(fail_fills_the_error) {
    lido_error error;
    ck_assert_int_eq(lido_fail(&error, LIDO_SHAPE, "%s is %d", "size", 7), LIDO_SHAPE);
    ck_assert_int_eq(error.status, LIDO_SHAPE);
    ck_assert_str_eq(error.message, "size is 7");
}
END_TEST

START_TEST(fail_in_puts_the_place_before) {
    lido_error error;
    lido_status status = lido_fail(&error, LIDO_SPEC, "wrong");
    ck_assert_int_eq(lido_fail_in(&error, status, "layers[%d]", 3), LIDO_SPEC);
    ck_assert_int_eq(lido_fail_in(&error, status, "m.json"), LIDO_SPEC);
    ck_assert_str_eq(error.message, "m.json: layers[3]: wrong");
    ck_assert_int_eq(error.status, LIDO_SPEC);
}
END_TEST

START_TEST(long_messages_are_cut_not_overrun) {
    char text[3000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct {
        lido_error error;
        char guard[8];
    } guarded;
    memset(&guarded, 0x5A, sizeof guarded);
    lido_fail(&guarded.error, LIDO_IO, "%s", text);
    ck_assert_uint_eq(strlen(guarded.error.message), sizeof guarded.error.message - 1);
    lido_fail_in(&guarded.error, LIDO_IO, "a place");
    ck_assert_uint_eq(strlen(guarded.error.message), sizeof guarded.error.message - 1);
    ck_assert_int_eq(strncmp(guarded.error.message, "a place: xxx", 12), 0);
    lido_fail_in(&guarded.error, LIDO_IO, "%s", text);
    ck_assert_uint_eq(strlen(guarded.error.message), sizeof guarded.error.message - 1);
    for (size_t i = 0; i < sizeof guarded.guard; i++) ck_assert_int_eq(guarded.guard[i], 0x5A);
}
END_TEST

START_TEST(the_error_may_be_null) {
    ck_assert_int_eq(lido_fail(NULL, LIDO_MEMORY, "%d", 1), LIDO_MEMORY);
    ck_assert_int_eq(lido_fail_in(NULL, LIDO_MEMORY, "%d", 1), LIDO_MEMORY);
}
END_TEST

LIDO_TEST_MAIN("status", every_status_has_a_text, fail_fills_the_error,
               fail_in_puts_the_place_before, long_messages_are_cut_not_overrun,
               the_error_may_be_null)
