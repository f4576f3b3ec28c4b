/* Tests of report_measures.c: digits, signs, units and what is not known. */
#include "lido_check.h"

#include "study/report_measures.h"

#include <math.h>

START_TEST(writes_in_units) {
    char text[LIDO_VALUE_SIZE];
    const lido_measure_kind *accuracy = lido_measure_kind_find("test_accuracy");
    const lido_measure_kind *loss = lido_measure_kind_find("test_loss");
    ck_assert_str_eq(lido_value_text(accuracy, 0.98743, text), "98.74");
    ck_assert_str_eq(lido_value_text(loss, 0.04567, text), "0.0457");
    ck_assert_str_eq(lido_value_text(NULL, 1234.567, text), "1235");
    ck_assert_str_eq(lido_value_text(accuracy, NAN, text), "\u2013");
    ck_assert_ptr_null(lido_measure_kind_find("taste"));
}
END_TEST

START_TEST(signs_differences) {
    char text[LIDO_VALUE_SIZE];
    const lido_measure_kind *accuracy = lido_measure_kind_find("test_accuracy");
    ck_assert_str_eq(lido_difference_text(accuracy, 0.0021, text), "+0.21");
    ck_assert_str_eq(lido_difference_text(accuracy, -0.0021, text), "\u22120.21");
    ck_assert_str_eq(lido_difference_text(accuracy, -0.00001, text), "0.00");
    ck_assert_str_eq(lido_difference_text(accuracy, 0, text), "0.00");
    ck_assert_str_eq(lido_value_text(accuracy, -0.5, text), "\u221250.00");
}
END_TEST

START_TEST(writes_p_and_counts) {
    char text[LIDO_VALUE_SIZE];
    ck_assert_str_eq(lido_p_text(0.0004, text), "< 0.001");
    ck_assert_str_eq(lido_p_text(0.0123, text), "0.012");
    ck_assert_str_eq(lido_p_text(0.25, text), "0.25");
    ck_assert_str_eq(lido_p_text(NAN, text), "\u2013");
    ck_assert_str_eq(lido_whole_text(1199882, text), "1,199,882");
    ck_assert_str_eq(lido_whole_text(NAN, text), "\u2013");
    ck_assert_str_eq(lido_whole_text(INFINITY, text), "\u2013");
}
END_TEST

LIDO_TEST_MAIN("report_measures", writes_in_units, signs_differences, writes_p_and_counts)
