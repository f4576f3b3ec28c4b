#include "study/distributions.h"

#include "golden_statistics.h"

#include <math.h>
#include <stdio.h>

typedef struct function {
    const char *name;
    int arguments;
    double (*one)(double a, double b);
    double (*two)(double a, double b, double c);
} function;

static const function functions[] = {{"beta", 3, NULL, lido_beta_regularised},
                                     {"t_cdf", 2, lido_t_cdf, NULL},
                                     {"t_two_sided", 2, lido_t_two_sided, NULL},
                                     {"t_quantile", 2, lido_t_quantile, NULL},
                                     {"f_upper", 3, NULL, lido_f_upper},
                                     {"noncentral_t_cdf", 3, NULL, lido_noncentral_t_cdf}};

static double value_of(const char *name, const double *a) {
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        const function *f = &functions[i];
        if (strcmp(f->name, name) == 0)
            return f->arguments == 2 ? f->one(a[0], a[1]) : f->two(a[0], a[1], a[2]);
    }
    ck_abort_msg("no function %s", name);
    return NAN;
}

/* Far tails included: the error is relative, but for the noncentral t. */
START_TEST(as_scipy) {
    lido_json *golden = golden_statistics();
    const lido_json *row = lido_json_first(lido_json_get(golden, "distributions"));
    int rows = 0;
    for (; row; row = lido_json_next(row), rows++) {
        const lido_json *name = lido_json_first(row);
        double a[4];
        int count = 0;
        for (const lido_json *v = lido_json_next(name); v; v = lido_json_next(v))
            a[count++] = lido_json_number(v);
        const double expected = a[count - 1], value = value_of(lido_json_string(name), a);
        const bool absolute = strcmp(lido_json_string(name), "noncentral_t_cdf") == 0;
        ck_assert_msg(fabs(value - expected) <= (absolute ? 1e-12 : 1e-11 * fabs(expected)),
                      "%s(%g, %g, %g): %.17g, SciPy %.17g", lido_json_string(name), a[0], a[1],
                      a[2], value, expected);
    }
    ck_assert_int_gt(rows, 500);
    lido_json_free(golden);
}
END_TEST

START_TEST(known_by_hand) {
    ck_assert_double_eq_tol(lido_beta_regularised(1, 1, 0.3), 0.3, 1e-15);
    ck_assert_double_eq_tol(lido_beta_regularised(2, 1, 0.3), 0.09, 1e-15);
    ck_assert(lido_beta_regularised(3, 4, 0) == 0 && lido_beta_regularised(3, 4, 1) == 1);
    ck_assert(lido_beta_regularised(3, 4, -1) == 0 && lido_beta_regularised(3, 4, 2) == 1);
    /* df 1 is Cauchy's: quarters at -+1; df 2: t / sqrt(2 + t^2) */
    ck_assert_double_eq_tol(lido_t_cdf(1, 1), 0.75, 1e-15);
    ck_assert_double_eq_tol(lido_t_quantile(0.25, 1), -1, 1e-14);
    ck_assert_double_eq_tol(lido_t_cdf(1, 2), 0.5 + 0.5 / sqrt(3), 1e-15);
    ck_assert(lido_t_quantile(0.5, 7) == 0);
    ck_assert_double_eq_tol(lido_f_upper(3, 1, 8), lido_t_two_sided(sqrt(3), 8), 1e-14);
}
END_TEST

START_TEST(ends_and_nonsense) {
    ck_assert(lido_t_two_sided(0, 3) == 1 && lido_t_cdf(0, 3) == 0.5);
    ck_assert(lido_t_two_sided(INFINITY, 3) == 0 && lido_t_two_sided(-INFINITY, 3) == 0);
    ck_assert(isnan(lido_t_two_sided(NAN, 3)) && isnan(lido_f_upper(NAN, 1, 2)));
    ck_assert(lido_f_upper(0, 2, 3) == 1 && lido_f_upper(INFINITY, 2, 3) == 0);
    ck_assert(lido_noncentral_t_cdf(1, 5, 0) == lido_t_cdf(1, 5));
}
END_TEST

LIDO_TEST_MAIN("distributions", as_scipy, known_by_hand, ends_and_nonsense)
