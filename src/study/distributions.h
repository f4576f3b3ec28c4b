/* distributions.h - the distribution functions that tests and intervals need: Student's t, central
 * and not, and F, all by the regularised incomplete beta function. Relative error below 1e-11 for
 * degrees of freedom up to 10,000. */
#ifndef LIDO_STUDY_DISTRIBUTIONS_H
#define LIDO_STUDY_DISTRIBUTIONS_H

/* I_x(a, b) for a, b > 0 and x in [0, 1] (limited to it): the continued fraction DLMF 8.17.22,
 * evaluated by the modified Lentz method (Thompson & Barnett 1986), on the side of
 * I_x(a, b) = 1 - I_(1 - x)(b, a) where it converges fast. */
double lido_beta_regularised(double a, double b, double x);

/* P(T <= t) for Student's t with df > 0 degrees of freedom: 1 - I(df / 2, 1 / 2) / 2 at
 * df / (df + t^2) for t >= 0 (DLMF 8.17; Abramowitz & Stegun 26.7.1). */
double lido_t_cdf(double t, double df);

/* P(|T| >= |t|); exact also far out. NaN for a NaN, 0 for an infinity. */
double lido_t_two_sided(double t, double df);

/* The t with P(T <= t) = p, 0 < p < 1, by Newton's method. */
double lido_t_quantile(double p, double df);

/* P(F >= f) with df1 and df2 degrees of freedom: I(df2 / 2, df1 / 2) at df2 / (df2 + df1 f)
 * (Abramowitz & Stegun 26.6.2). NaN for a NaN, 0 for infinity. */
double lido_f_upper(double f, double df1, double df2);

/* P(T <= t) for the noncentral t of noncentrality delta, |delta| <= 100: the series of Lenth (1989,
 * algorithm AS 243). Absolute error about 1e-12. */
double lido_noncentral_t_cdf(double t, double df, double delta);

#endif
