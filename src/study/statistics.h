/* statistics.h - what a handful of seeds can tell: intervals, paired tests, corrections, effect
 * sizes, and how many seeds it takes. Pure functions of arrays of doubles; what cannot be said (of
 * too few values, or values without spread) is NaN. */
#ifndef LIDO_STUDY_STATISTICS_H
#define LIDO_STUDY_STATISTICS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    LIDO_SIGN_FLIP_EXACT = 20,   /* most differences of which all sign flips are counted */
    LIDO_SIGN_FLIP_DRAWS = 99999 /* of more: so many drawn at random */
};

/* Mean; standard deviation (of n - 1) and 95 % t interval mean -+ t(0.975, n - 1) sd / sqrt(n),
 * from n = 2 on. */
typedef struct lido_summary {
    int n;
    double mean, sd, low, high;
} lido_summary;

lido_summary lido_summarise(const double *values, int n);

/* The paired t test: t = mean / (sd / sqrt(n)) with n - 1 degrees of freedom, two-sided. NaN where
 * the differences have no spread: sd below 1e-12 of |mean|, which is rounding. */
typedef struct lido_t_test {
    double t, p;
} lido_t_test;

lido_t_test lido_paired_t_test(const lido_summary *differences);

/* The sign-flip test of paired differences (Fisher 1935, "The design of experiments", section 21):
 * if arms do not differ, each difference might as well have had the other sign. p is the share of
 * all 2^n choices of signs whose |sum| is at least the observed (to 1e-12 of the sum of |d|, so
 * that rounding breaks no ties); exact whatever the distribution, as long as it is symmetric. From
 * n = LIDO_SIGN_FLIP_EXACT + 1 on of LIDO_SIGN_FLIP_DRAWS random choices, a function of the seed:
 * p = (1 + as large) / (1 + drawn) (Phipson & Smyth 2010). */
typedef struct lido_sign_flip {
    double p;
    double least; /* the smallest p that n differences can reach: 2 / 2^n, of the drawn ones not
                     under 1 / (1 + drawn) */
} lido_sign_flip;

lido_sign_flip lido_sign_flip_test(const double *differences, int n, uint64_t seed);

/* adjusted[i] = the p of test i corrected for all `count` tests (Holm 1979): in ascending order
 * p times (count, count - 1, ..., 1), at least the one before, at most 1. A NaN counts as a test
 * and stays. `adjusted` is another array than `p`. */
void lido_holm(const double *p, int count, double *adjusted);

/* Cohen's d of paired differences, mean / sd, times Hedges' correction for small samples,
 * J = Gamma(m / 2) / (sqrt(m / 2) Gamma((m - 1) / 2)), m = n - 1 (Hedges 1981), from n = 3 on. NaN
 * without spread, as above. */
double lido_effect_size(const lido_summary *differences);

/* McNemar's test, exact: of only_a + only_b pictures that one of two models has right, is the split
 * a fair coin's? Two-sided: twice the smaller binomial tail, at most 1. */
double lido_mcnemar(int64_t only_a, int64_t only_b);

/* The power of the two-sided paired t test of level alpha with n >= 2 pairs, where the true mean is
 * effect * sd: by the noncentral t of n - 1 degrees of freedom and noncentrality
 * effect * sqrt(n). */
double lido_paired_power(double effect, int64_t n, double alpha);

/* The fewest pairs, at least `least` >= 2, that give that test the wanted power; 0 when more than
 * LIDO_MOST_SEEDS would be needed, or the effect is NaN. */
enum { LIDO_MOST_SEEDS = 10000 };
int64_t lido_seeds_for_power(double effect, double alpha, double power, int64_t least);

/* The fewest pairs of which the sign-flip test can reach p <= alpha. */
int64_t lido_seeds_for_sign_flip(double alpha);

#endif
