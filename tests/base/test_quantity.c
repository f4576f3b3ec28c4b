/* Tests of quantity.c: counts, sizes and times as text, with the places where units change. */
#include "lido_check.h"

#include "base/quantity.h"

START_TEST(counts_have_commas) {
    static const struct {
        int64_t count;
        const char *text;
    } cases[] = {
        {0, "0"},          {999, "999"},           {1000, "1,000"},
        {-1234, "-1,234"}, {1199882, "1,199,882"}, {INT64_MAX, "9,223,372,036,854,775,807"}};
    char text[LIDO_NUMBER_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_str_eq(lido_text_count(cases[i].count, text), cases[i].text);
}
END_TEST

START_TEST(sizes_keep_two_or_three_digits) {
    static const struct {
        int64_t bytes;
        const char *text;
    } cases[] = {{0, "0 B"},          {999, "999 B"},        {1000, "1.0 kB"},
                 {4610000, "4.6 MB"}, {115000000, "115 MB"}, {999600, "1.0 MB"}};
    char text[LIDO_NUMBER_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_str_eq(lido_text_bytes(cases[i].bytes, text), cases[i].text);
}
END_TEST

START_TEST(times_change_units) {
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {{4.21, "4.2 s"}, {99.9, "99.9 s"}, {185, "3 m 05 s"}, {7620, "2 h 07 m"}};
    char text[LIDO_NUMBER_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_str_eq(lido_text_seconds(cases[i].seconds, text), cases[i].text);
}
END_TEST

LIDO_TEST_MAIN("quantity", counts_have_commas, sizes_keep_two_or_three_digits, times_change_units)
