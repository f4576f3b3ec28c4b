/* Tests of words.c: the nearest word to a misspelling, and lists. */
#include "lido_check.h"

#include "base/words.h"

static const char *const names[] = {"kernel", "stride", "padding", "dilation", "lr", NULL};

START_TEST(finds_the_word_that_was_meant) {
    static const char *const pairs[][2] = {
        {"kernal", "kernel"},      {"Kernel", "kernel"},  {"KERNEL", "kernel"},
        {"strides", "stride"},     {"pading", "padding"}, {"padidng", "padding"},
        {"dilations", "dilation"}, {"l", "lr"},           {"kernel", "kernel"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const char *found = lido_nearest(pairs[i][0], names);
        ck_assert_msg(found != NULL, "nothing is near %s", pairs[i][0]);
        ck_assert_str_eq(found, pairs[i][1]);
    }
}
END_TEST

START_TEST(finds_nothing_far_away) {
    static const char *const far[] = {"", "x", "xy", "units", "padding_mode_of_all", "\xC3\xA9"};
    for (size_t i = 0; i < sizeof far / sizeof *far; i++)
        ck_assert_ptr_null(lido_nearest(far[i], names));
    ck_assert_ptr_null(lido_nearest("kernel", (const char *const[]){NULL}));
    char longest[1000];
    memset(longest, 'k', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    ck_assert_ptr_null(lido_nearest(longest, names));
    ck_assert_ptr_null(lido_nearest("kernel", (const char *const[]){longest, NULL}));
}
END_TEST

START_TEST(a_third_of_the_letters_may_differ) {
    const char *const one[] = {"abcdefghijkl", NULL};
    ck_assert_ptr_nonnull(lido_nearest("abcdefghXXXX", one));
    ck_assert_ptr_null(lido_nearest("abcdefgXXXXX", one));
}
END_TEST

START_TEST(the_nearest_wins_then_the_first) {
    const char *const words[] = {"batch", "match", "patch", "latch", NULL};
    ck_assert_str_eq(lido_nearest("patch", words), "patch");
    ck_assert_str_eq(lido_nearest("patche", words), "patch");
    ck_assert_str_eq(lido_nearest("catch", words), "batch");
}
END_TEST

START_TEST(lists_are_written_and_cut) {
    char text[64];
    ck_assert_str_eq(lido_text_list("one of ", names, text, sizeof text),
                     "one of kernel, stride, padding, dilation, lr");
    ck_assert_str_eq(lido_text_list("none", (const char *const[]){NULL}, text, sizeof text),
                     "none");
    for (size_t size = 1; size < 44; size++) {
        memset(text, '#', sizeof text);
        lido_text_list("one of ", names, text, size);
        ck_assert_uint_eq(strlen(text), size - 1);
        ck_assert_int_eq(text[size], '#');
    }
}
END_TEST

START_TEST(words_are_letters_digits_and_three_marks) {
    static const char *const words[] = {"a", "Zz09", "max_pool-2.5", "..", "inf"};
    static const char *const others[] = {"", " ", "a b", "a/b", "a=b", "a\n", "\xc3\xa4", "a,b"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) ck_assert(lido_is_word(words[i]));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) ck_assert(!lido_is_word(others[i]));
}
END_TEST

LIDO_TEST_MAIN("words", finds_the_word_that_was_meant, finds_nothing_far_away,
               a_third_of_the_letters_may_differ, the_nearest_wins_then_the_first,
               lists_are_written_and_cut, words_are_letters_digits_and_three_marks)
