/* distributions.c - Student's t, central and not, and F, by the incomplete beta function. */
#include "study/distributions.h"

#include <float.h>
#include <math.h>

static const double pi = 3.14159265358979323846;

/* ---- the incomplete beta function --------------------------------------------------------------
 */

/* The coefficient d_k of the continued fraction, k = 1, 2, ... */
static double coefficient(double a, double b, double x, int k) {
    const double m = k / 2;
    if (k % 2 == 0) return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
}

static double away_from_zero(double value) {
    return fabs(value) < DBL_MIN ? DBL_MIN : value;
}

/* 1 + d_1 / (1 + d_2 / (1 + ...)) */
static double continued_fraction(double a, double b, double x) {
    enum { MOST_TERMS = 100000 };
    double value = 1, above = 1, below = 0;
    for (int k = 1; k <= MOST_TERMS; k++) {
        const double d = coefficient(a, b, x, k);
        below = 1 / away_from_zero(1 + d * below);
        above = away_from_zero(1 + d / above);
        value *= above * below;
        if (fabs(above * below - 1) < DBL_EPSILON) break;
    }
    return value;
}

static double log_beta(double a, double b) {
    return lgamma(a) + lgamma(b) - lgamma(a + b);
}

/* I_x(a, b) with y = 1 - x, given apart because x may be too near 1 to tell. */
static double incomplete_beta(double a, double b, double x, double y) {
    if (x <= 0) return 0;
    if (y <= 0) return 1;
    if (x > (a + 1) / (a + b + 2)) return 1 - incomplete_beta(b, a, y, x);
    return exp(a * log(x) + b * log(y) - log_beta(a, b)) / (a * continued_fraction(a, b, x));
}

double lido_beta_regularised(double a, double b, double x) {
    return incomplete_beta(a, b, x, 1 - x);
}

/* ---- t and F ------------------------------------------------------------------------------------
 */

double lido_t_two_sided(double t, double df) {
    if (isinf(t)) return 0;
    return isnan(t) ? t : incomplete_beta(df / 2, 0.5, df / (df + t * t), t * t / (df + t * t));
}

double lido_t_cdf(double t, double df) {
    const double tail = lido_t_two_sided(t, df) / 2;
    return t > 0 ? 1 - tail : tail;
}

static double t_density(double t, double df) {
    const double log_peak = lgamma((df + 1) / 2) - lgamma(df / 2) - log(df * pi) / 2;
    return exp(log_peak - (df + 1) / 2 * log1p(t * t / df));
}

/* The lower half of the distribution is convex: Newton's steps from 0 never pass the quantile, but
 * for rounding, and end there. */
double lido_t_quantile(double p, double df) {
    if (p > 0.5) return -lido_t_quantile(1 - p, df);
    for (double t = 0;;) {
        const double next = t - (lido_t_cdf(t, df) - p) / t_density(t, df);
        if (!(next < t)) return t;
        t = next;
    }
}

double lido_f_upper(double f, double df1, double df2) {
    if (isinf(f)) return 0;
    const double sum = df2 + df1 * f;
    return isnan(f) ? f : incomplete_beta(df2 / 2, df1 / 2, df2 / sum, df1 * f / sum);
}

/* ---- noncentral t
 * -------------------------------------------------------------------------------- */

/* I_x(a, b) for a, a + 1, a + 2, ...: less at each step by x^a y^b / (a B(a, b)) (DLMF 8.17.20). */
typedef struct beta_row {
    double a, b, x, value, step;
} beta_row;

static beta_row begin_row(double a, double b, double x, double y) {
    return (beta_row){a, b, x, incomplete_beta(a, b, x, y),
                      exp(a * log(x) + b * log(y) - log_beta(a, b)) / a};
}

static void next_in_row(beta_row *row) {
    row->value -= row->step;
    row->step *= row->x * (row->a + row->b) / (row->a + 1);
    row->a++;
}

/* P(0 < T <= t), t > 0: half the sum over j of p_j I_x(j + 1/2, df/2) + q_j I_x(j + 1, df/2),
 * p_j = e^-h h^j / j!, q_j = delta / sqrt(2) e^-h h^j / Gamma(j + 3/2), h = delta^2 / 2; without
 * the j far from h, whose weights are nothing. */
static double above_zero(double t, double df, double delta) {
    const double x = t * t / (df + t * t), y = df / (df + t * t), h = delta * delta / 2;
    const double first = fmax(0, floor(h - 10 * sqrt(h) - 20)), last = h + 10 * sqrt(h) + 60;
    const double log_power = first * log(h) - h;
    double p = exp(log_power - lgamma(first + 1)), sum = 0;
    double q = delta / sqrt(2) * exp(log_power - lgamma(first + 1.5));
    beta_row odd = begin_row(first + 0.5, df / 2, x, y);
    beta_row even = begin_row(first + 1, df / 2, x, y);
    for (double j = first; j < last; j++) {
        sum += p * odd.value + q * even.value;
        p *= h / (j + 1);
        q *= h / (j + 1.5);
        next_in_row(&odd);
        next_in_row(&even);
    }
    return sum / 2;
}

double lido_noncentral_t_cdf(double t, double df, double delta) {
    if (delta == 0) return lido_t_cdf(t, df);
    if (t < 0) return 1 - lido_noncentral_t_cdf(-t, df, -delta);
    return erfc(delta / sqrt(2)) / 2 + above_zero(t, df, delta);
}
