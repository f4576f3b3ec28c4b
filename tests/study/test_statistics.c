#include "study/statistics.h"

#include "golden_statistics.h"

#include <math.h>

static void assert_near(double value, double expected, const char *what) {
    ck_assert_msg(fabs(value - expected) <= 1e-11 * (1e-3 + fabs(expected)),
                  "%s: %.17g, SciPy %.17g", what, value, expected);
}

START_TEST(samples_as_scipy) {
    lido_json *golden = golden_statistics();
    const lido_json *of = lido_json_first(lido_json_get(golden, "samples"));
    int samples = 0;
    for (; of; of = lido_json_next(of), samples++) {
        double values[32];
        const int n = golden_numbers(lido_json_get(of, "values"), values);
        const lido_summary s = lido_summarise(values, n);
        const lido_t_test t = lido_paired_t_test(&s);
        assert_near(s.mean, golden_number(of, "mean"), "mean");
        assert_near(s.sd, golden_number(of, "sd"), "sd");
        assert_near(s.low, golden_number(of, "low"), "low");
        assert_near(s.high, golden_number(of, "high"), "high");
        assert_near(t.t, golden_number(of, "t"), "t");
        assert_near(t.p, golden_number(of, "p"), "p");
        assert_near(lido_sign_flip_test(values, n, 0).p, golden_number(of, "p_sign_flip"), "flips");
        if (n > 2)
            assert_near(lido_effect_size(&s), golden_number(of, "effect_size"), "effect size");
        else
            ck_assert(isnan(lido_effect_size(&s)));
    }
    ck_assert_int_gt(samples, 15);
    lido_json_free(golden);
}
END_TEST

START_TEST(holm_as_statsmodels) {
    lido_json *golden = golden_statistics();
    const lido_json *of = lido_json_first(lido_json_get(golden, "holms"));
    for (; of; of = lido_json_next(of)) {
        double p[32], expected[32], adjusted[32];
        const int count = golden_numbers(lido_json_get(of, "p"), p);
        golden_numbers(lido_json_get(of, "adjusted"), expected);
        lido_holm(p, count, adjusted);
        for (int i = 0; i < count; i++) assert_near(adjusted[i], expected[i], "Holm");
    }
    lido_json_free(golden);
}
END_TEST

START_TEST(mcnemar_as_scipy) {
    lido_json *golden = golden_statistics();
    const lido_json *of = lido_json_first(lido_json_get(golden, "mcnemars"));
    for (; of; of = lido_json_next(of)) {
        double a[3];
        golden_numbers(of, a);
        assert_near(lido_mcnemar((int64_t)a[0], (int64_t)a[1]), a[2], "McNemar");
        assert_near(lido_mcnemar((int64_t)a[1], (int64_t)a[0]), a[2], "McNemar");
    }
    lido_json_free(golden);
}
END_TEST

START_TEST(power_as_statsmodels) {
    lido_json *golden = golden_statistics();
    const lido_json *of = lido_json_first(lido_json_get(golden, "powers"));
    int powers = 0;
    for (; of; of = lido_json_next(of), powers++) {
        double a[4];
        golden_numbers(of, a);
        ck_assert_double_eq_tol(lido_paired_power(a[0], (int64_t)a[1], a[2]), a[3], 1e-10);
        ck_assert_double_eq_tol(lido_paired_power(-a[0], (int64_t)a[1], a[2]), a[3], 1e-10);
    }
    ck_assert_int_gt(powers, 25);
    lido_json_free(golden);
}
END_TEST

START_TEST(too_few_values_say_nothing) {
    lido_summary s = lido_summarise(NULL, 0);
    ck_assert(s.n == 0 && isnan(s.mean) && isnan(s.sd) && isnan(s.low) && isnan(s.high));
    s = lido_summarise((double[]){0.25}, 1);
    ck_assert(s.mean == 0.25 && isnan(s.sd) && isnan(s.low));
    ck_assert(isnan(lido_paired_t_test(&s).p) && isnan(lido_effect_size(&s)));
    ck_assert(isnan(lido_sign_flip_test(NULL, 0, 0).p));
    ck_assert(lido_sign_flip_test((double[]){0.25}, 1, 0).p == 1);
}
END_TEST

/* 0.9 - 0.7 and 0.6 - 0.4 are not the same double: that is no spread. */
START_TEST(rounding_is_no_spread) {
    const double equal[] = {0.9 - 0.7, 0.6 - 0.4, 0.3 - 0.1}, zero[] = {0, 0, 0};
    ck_assert(equal[0] != equal[1]);
    lido_summary s = lido_summarise(equal, 3);
    ck_assert(isnan(lido_paired_t_test(&s).t) && isnan(lido_effect_size(&s)));
    ck_assert(lido_sign_flip_test(equal, 3, 0).p == 0.25);
    s = lido_summarise(zero, 3);
    ck_assert(isnan(lido_paired_t_test(&s).p) && lido_sign_flip_test(zero, 3, 0).p == 1);
}
END_TEST

/* By hand: of 1, 2, 4 the sums are 7, 5, 3, -1 and their negatives; |5| is reached by 4 of 8. */
START_TEST(sign_flips_by_hand) {
    const double values[] = {-1, 2, 4};
    ck_assert(lido_sign_flip_test(values, 3, 0).p == 0.5);
    ck_assert(lido_sign_flip_test(values, 3, 0).least == 0.25);
    /* ties in decimals: 0.1 + 0.2 against 0.3 */
    const double ties[] = {0.1, 0.2, -0.3};
    ck_assert(lido_sign_flip_test(ties, 3, 0).p == 1);
    const double all[] = {1, 2, 3, 4, 5, 6, 7, 8};
    ck_assert(lido_sign_flip_test(all, 8, 0).p == 2.0 / 256);
}
END_TEST

/* With one difference more than is counted out: near the exact p, and a function of the seed. */
START_TEST(sign_flips_drawn) {
    double values[40], even[40];
    for (int i = 0; i < 40; i++) {
        values[i] = sin(i * i) + 0.5;
        even[i] = 1;
    }
    const lido_sign_flip exact = lido_sign_flip_test(values, 20, 1);
    const lido_summary s = lido_summarise(values, 21);
    const lido_sign_flip drawn = lido_sign_flip_test(values, 21, 1);
    const lido_sign_flip again = lido_sign_flip_test(values, 21, 1);
    const lido_sign_flip other = lido_sign_flip_test(values, 21, 2);
    ck_assert(exact.least == 2.0 / (1 << 20) && drawn.least == 1e-5);
    ck_assert(drawn.p == again.p && drawn.p != other.p);
    ck_assert_double_eq_tol(drawn.p, other.p, 0.01);
    ck_assert_double_eq_tol(drawn.p, lido_paired_t_test(&s).p, 0.05);
    /* every sum but the two extremes is smaller: more seeds, more words of random bits */
    ck_assert(lido_sign_flip_test(even, 40, 1).p == 1e-5);
}
END_TEST

START_TEST(holm_keeps_what_is_unknown) {
    double adjusted[3];
    lido_holm((double[]){NAN, 0.02, 0.01}, 3, adjusted);
    ck_assert(isnan(adjusted[0]));
    ck_assert_double_eq_tol(adjusted[1], 0.04, 1e-15);
    ck_assert_double_eq_tol(adjusted[2], 0.03, 1e-15);
    lido_holm((double[]){NAN}, 1, adjusted);
    ck_assert(isnan(adjusted[0]));
}
END_TEST

/* The fewest: one less has not the power. */
START_TEST(seeds_are_the_fewest) {
    static const double effects[] = {0.2, 0.5, 1, -2, 5};
    for (size_t i = 0; i < sizeof effects / sizeof *effects; i++) {
        const int64_t n = lido_seeds_for_power(effects[i], 0.05, 0.8, 2);
        ck_assert(lido_paired_power(effects[i], n, 0.05) >= 0.8);
        ck_assert(n == 2 || lido_paired_power(effects[i], n - 1, 0.05) < 0.8);
    }
    /* as G*Power and statsmodels say */
    ck_assert_int_eq(lido_seeds_for_power(0.5, 0.05, 0.8, 2), 34);
    ck_assert_int_eq(lido_seeds_for_power(1, 0.05, 0.8, 2), 10);
    ck_assert_int_eq(lido_seeds_for_power(50, 0.05, 0.8, 6), 6);
    ck_assert_int_eq(lido_seeds_for_power(0.001, 0.05, 0.8, 2), 0);
    ck_assert_int_eq(lido_seeds_for_power(0, 0.05, 0.8, 2), 0);
    ck_assert_int_eq(lido_seeds_for_power(NAN, 0.05, 0.8, 2), 0);
    ck_assert(isnan(lido_paired_power(NAN, 5, 0.05)));
    ck_assert_double_eq_tol(lido_paired_power(0, 5, 0.05), 0.05, 1e-12);
}
END_TEST

START_TEST(seeds_for_sign_flips) {
    ck_assert_int_eq(lido_seeds_for_sign_flip(0.05), 6);
    ck_assert_int_eq(lido_seeds_for_sign_flip(0.0625), 5);
    ck_assert_int_eq(lido_seeds_for_sign_flip(0.05 / 7), 9);
    ck_assert_int_eq(lido_seeds_for_sign_flip(1), 1);
}
END_TEST

LIDO_TEST_MAIN("statistics", samples_as_scipy, holm_as_statsmodels, mcnemar_as_scipy,
               power_as_statsmodels, too_few_values_say_nothing, rounding_is_no_spread,
               sign_flips_by_hand, sign_flips_drawn, holm_keeps_what_is_unknown,
               seeds_are_the_fewest, seeds_for_sign_flips)
