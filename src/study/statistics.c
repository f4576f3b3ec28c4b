/* statistics.c - what a handful of seeds can tell. */
#include "study/statistics.h"

#include "study/distributions.h"

#include <lido/base.h>
#include <math.h>

static const double rounding = 1e-12; /* relative; what is less is none */

/* ---- means
 * --------------------------------------------------------------------------------------- */

lido_summary lido_summarise(const double *values, int n) {
    lido_summary s = {n, NAN, NAN, NAN, NAN};
    if (n < 1) return s;
    double sum = 0, squares = 0;
    for (int i = 0; i < n; i++) sum += values[i];
    s.mean = sum / n;
    if (n < 2) return s;
    for (int i = 0; i < n; i++) squares += (values[i] - s.mean) * (values[i] - s.mean);
    s.sd = sqrt(squares / (n - 1));
    const double half = lido_t_quantile(0.975, n - 1) * s.sd / sqrt(n);
    s.low = s.mean - half;
    s.high = s.mean + half;
    return s;
}

static bool has_spread(const lido_summary *s) {
    return s->sd > rounding * fabs(s->mean);
}

lido_t_test lido_paired_t_test(const lido_summary *d) {
    if (!has_spread(d)) return (lido_t_test){NAN, NAN};
    const double t = d->mean / (d->sd / sqrt(d->n));
    return (lido_t_test){t, lido_t_two_sided(t, d->n - 1)};
}

double lido_effect_size(const lido_summary *d) {
    if (d->n < 3 || !has_spread(d)) return NAN;
    const double half = (d->n - 1) / 2.0;
    return d->mean / d->sd * exp(lgamma(half) - lgamma(half - 0.5)) / sqrt(half);
}

/* ---- sign flips
 * ---------------------------------------------------------------------------------- */

/* How many of the 2^n choices of signs of differences[n], added to sum, reach the limit. */
static int64_t count_flips(const double *differences, int n, double sum, double limit) {
    if (n == 0) return fabs(sum) >= limit;
    return count_flips(differences + 1, n - 1, sum + differences[0], limit) +
           count_flips(differences + 1, n - 1, sum - differences[0], limit);
}

static double flipped_sum(const double *differences, int n, lido_key key, uint64_t draw) {
    double sum = 0;
    uint32_t word[4];
    for (int i = 0; i < n; i++) {
        if (i % 128 == 0) lido_random(key, draw, (uint64_t)(i / 128), word);
        const bool flip = word[i % 128 / 32] >> i % 32 & 1;
        sum += flip ? -differences[i] : differences[i];
    }
    return sum;
}

static int64_t draw_flips(const double *differences, int n, double limit, uint64_t seed) {
    const lido_key key = lido_key_make(seed, "sign flips", (uint64_t)n);
    int64_t count = 0;
    for (uint64_t i = 0; i < LIDO_SIGN_FLIP_DRAWS; i++)
        count += fabs(flipped_sum(differences, n, key, i)) >= limit;
    return count;
}

lido_sign_flip lido_sign_flip_test(const double *differences, int n, uint64_t seed) {
    double sum = 0, size = 0;
    if (n < 1) return (lido_sign_flip){NAN, NAN};
    for (int i = 0; i < n; i++) {
        sum += differences[i];
        size += fabs(differences[i]);
    }
    const double limit = fabs(sum) - rounding * size, least = ldexp(1, 1 - n);
    if (n <= LIDO_SIGN_FLIP_EXACT) {
        /* all signs turned give the same size: the first may stay */
        const int64_t count = count_flips(differences + 1, n - 1, differences[0], limit);
        return (lido_sign_flip){ldexp((double)count, 1 - n), least};
    }
    const double drawn = 1 + LIDO_SIGN_FLIP_DRAWS;
    const int64_t count = draw_flips(differences, n, limit, seed);
    return (lido_sign_flip){(1 + (double)count) / drawn, fmax(least, 1 / drawn)};
}

int64_t lido_seeds_for_sign_flip(double alpha) {
    int64_t n = 1;
    while (n < LIDO_MOST_SEEDS && ldexp(1, (int)(1 - n)) > alpha) n++;
    return n;
}

/* ---- many tests
 * ---------------------------------------------------------------------------------- */

/* The test with the smallest p of those that are not adjusted yet, -1 when there is none. */
static int smallest_left(const double *p, const double *adjusted, int count) {
    int smallest = -1;
    for (int i = 0; i < count; i++)
        if (isnan(adjusted[i]) && !isnan(p[i]) && (smallest < 0 || p[i] < p[smallest]))
            smallest = i;
    return smallest;
}

void lido_holm(const double *p, int count, double *adjusted) {
    double most = 0;
    for (int i = 0; i < count; i++) adjusted[i] = NAN;
    for (int left = count; left > 0; left--) {
        const int i = smallest_left(p, adjusted, count);
        if (i < 0) return;
        most = fmax(most, p[i] * left);
        adjusted[i] = fmin(most, 1);
    }
}

double lido_mcnemar(int64_t only_a, int64_t only_b) {
    const int64_t few = only_a < only_b ? only_a : only_b, many = only_a + only_b - few;
    if (few == many) return 1;
    /* P(X <= few) of few + many tosses */
    return fmin(1, 2 * lido_beta_regularised((double)many, (double)few + 1, 0.5));
}

/* ---- power
 * --------------------------------------------------------------------------------------- */

double lido_paired_power(double effect, int64_t n, double alpha) {
    static const double farthest = 100; /* from where on no draw falls short */
    const double df = (double)(n - 1), delta = fabs(effect) * sqrt((double)n);
    if (isnan(effect) || delta > farthest) return isnan(effect) ? NAN : 1;
    const double critical = lido_t_quantile(1 - alpha / 2, df);
    return 1 - lido_noncentral_t_cdf(critical, df, delta) +
           lido_noncentral_t_cdf(-critical, df, delta);
}

/* Power grows with n. Doubling first keeps to small noncentralities, which are quick. */
int64_t lido_seeds_for_power(double effect, double alpha, double power, int64_t least) {
    int64_t low = least, high = least;
    if (isnan(effect)) return 0;
    while (!(lido_paired_power(effect, high, alpha) >= power)) {
        if (high >= LIDO_MOST_SEEDS) return 0;
        low = high + 1;
        high = high < LIDO_MOST_SEEDS / 2 ? 2 * high : LIDO_MOST_SEEDS;
    }
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (lido_paired_power(effect, middle, alpha) >= power)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}
