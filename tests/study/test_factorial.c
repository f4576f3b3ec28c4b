#include "study/factorial.h"

#include "golden_statistics.h"
#include "study/statistics.h"

#include <math.h>

static void assert_near(double value, double expected) {
    ck_assert_msg(fabs(value - expected) <= 1e-9 * fabs(expected), "%.17g, statsmodels %.17g",
                  value, expected);
}

START_TEST(as_statsmodels) {
    lido_json *golden = golden_statistics();
    const lido_json *of = lido_json_first(lido_json_get(golden, "factorials"));
    for (; of; of = lido_json_next(of)) {
        static double values[1024];
        double levels[LIDO_FACTORIAL_FACTORS];
        lido_factorial factorial = {.values = values};
        lido_effect effects[16];
        lido_error error;
        factorial.factors = golden_numbers(lido_json_get(of, "levels"), levels);
        for (int i = 0; i < factorial.factors; i++) factorial.levels[i] = (int)levels[i];
        factorial.blocks = (int)golden_number(of, "blocks");
        golden_numbers(lido_json_get(of, "values"), values);
        assert_ok(lido_factorial_effects(&factorial, effects, &error));
        const lido_json *row = lido_json_first(lido_json_get(of, "effects"));
        ck_assert_int_eq(lido_json_count(lido_json_get(of, "effects")),
                         (1 << factorial.factors) - 1);
        for (int i = 0; row; i++, row = lido_json_next(row)) {
            double expected[5];
            golden_numbers(row, expected);
            ck_assert_uint_eq(effects[i].factors, (unsigned)expected[0]);
            assert_near(effects[i].f, expected[1]);
            ck_assert(effects[i].df == expected[2] && effects[i].df_error == expected[3]);
            assert_near(effects[i].p, expected[4]);
        }
    }
    lido_json_free(golden);
}
END_TEST

/* Two levels of one factor: F is the square of the paired t. */
START_TEST(two_arms_are_a_t_test) {
    const double values[] = {5, 7, 6, 9, 4, 3, 5, 7};
    const lido_factorial factorial = {.factors = 1, .levels = {2}, .blocks = 4, .values = values};
    double differences[4];
    lido_effect effect;
    lido_error error;
    assert_ok(lido_factorial_effects(&factorial, &effect, &error));
    for (int i = 0; i < 4; i++) differences[i] = values[i] - values[4 + i];
    const lido_summary s = lido_summarise(differences, 4);
    const lido_t_test t = lido_paired_t_test(&s);
    ck_assert_double_eq_tol(effect.f, t.t * t.t, 1e-12);
    ck_assert_double_eq_tol(effect.p, t.p, 1e-14);
}
END_TEST

/* y = a + 2 b + block of levels 0, 1: the shares are those of the variances, 1 : 4 : 1, and there
 * is no error to compare with. */
START_TEST(shares_by_hand) {
    const double values[] = {0, 1, 2, 3, 1, 2, 3, 4};
    const lido_factorial factorial = {
        .factors = 2, .levels = {2, 2}, .blocks = 2, .values = values};
    lido_effect effects[3];
    lido_error error;
    assert_ok(lido_factorial_effects(&factorial, effects, &error));
    ck_assert_double_eq_tol(effects[0].eta_squared, 1.0 / 6, 1e-15);
    ck_assert_double_eq_tol(effects[1].eta_squared, 4.0 / 6, 1e-15);
    ck_assert_double_eq_tol(effects[2].eta_squared, 0, 1e-15);
    for (int i = 0; i < 3; i++) ck_assert(isnan(effects[i].f) && isnan(effects[i].p));
}
END_TEST

START_TEST(nothing_can_be_said) {
    const double same[] = {0.7, 0.7, 0.7, 0.7};
    lido_factorial factorial = {.factors = 1, .levels = {2}, .blocks = 2, .values = same};
    lido_effect effect;
    lido_error error;
    assert_ok(lido_factorial_effects(&factorial, &effect, &error));
    ck_assert(isnan(effect.f) && isnan(effect.eta_squared));
    factorial =
        (lido_factorial){.factors = 1, .levels = {2}, .blocks = 1, .values = (double[]){1, 2}};
    assert_ok(lido_factorial_effects(&factorial, &effect, &error));
    ck_assert(isnan(effect.f) && effect.df_error == 0 && effect.eta_squared == 1);
    factorial = (lido_factorial){.factors = 8, .blocks = 1};
    for (int i = 0; i < 8; i++) factorial.levels[i] = 1 << 10;
    assert_fails(lido_factorial_effects(&factorial, &effect, &error), LIDO_TOO_LARGE, "factorial");
}
END_TEST

LIDO_TEST_MAIN("factorial", as_statsmodels, two_arms_are_a_t_test, shares_by_hand,
               nothing_can_be_said)
