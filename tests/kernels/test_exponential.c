/* test_exponential.c - e^x, ln x and x^p against the library's, over their whole range. */
#include "lido_check.h"

#include "kernels/exponential.h"

#include <float.h>

#ifdef LIDO_DOUBLE
static const double allowed = 4e-16;
#else
static const double allowed = 2.5e-7; /* about 2 units in the last place */
#endif

enum { STEPS = 200000 };

static void assert_close(const char *what, double x, double got, double wanted) {
    ck_assert_msg(fabs(got - wanted) <= allowed * fabs(wanted), "%s(%.9g) is %.12g, not %.12g",
                  what, x, got, wanted);
}

START_TEST(exponentials) {
    for (int i = 0; i <= STEPS; i++) {
        const lido_real x = (lido_real)(-87 + 175.0 * i / STEPS);
        assert_close("exp", (double)x, (double)lido_exp(x), exp((double)x));
        assert_close("expm1", (double)x, (double)lido_expm1(x), expm1((double)x));
    }
    for (double x = 1e-30; x < 1; x *= 1.01) {
        const lido_real small = (lido_real)x;
        assert_close("expm1", x, (double)lido_expm1(small), expm1((double)small));
        assert_close("expm1", -x, (double)lido_expm1(-small), expm1(-(double)small));
    }
}
END_TEST

START_TEST(logarithms) {
    for (double x = 1e-37; x < 1e38; x *= 1.003) {
        const lido_real given = (lido_real)x;
        assert_close("log", x, (double)lido_log(given), log((double)given));
    }
    for (int i = 1; i <= STEPS; i++) {
        const lido_real x = (lido_real)(2.0 * i / STEPS), above = x - 1;
        assert_close("log", (double)x, (double)lido_log(x), log((double)x));
        if (above > -1) assert_close("log1p", 0, (double)lido_log1p(above), log1p((double)above));
    }
    for (double x = 1e-30; x < 0.5; x *= 1.01) {
        const lido_real small = (lido_real)x;
        assert_close("log1p", x, (double)lido_log1p(small), log1p((double)small));
        assert_close("log1p", -x, (double)lido_log1p(-small), log1p(-(double)small));
    }
}
END_TEST

/* The error of p log2 x grows with the part of it that is not exact. */
START_TEST(powers) {
    static const double exponents[] = {0.01, 1.0 / 3, 0.5, 1, 1.5, 2, 2.5, 3, 3.0001, 7.3, 20};
    for (size_t i = 0; i < sizeof exponents / sizeof *exponents; i++)
        for (double x = 1e-37; x < 1e37; x *= 1.017) {
            const lido_real base = (lido_real)x, p = (lido_real)exponents[i];
            const double wanted = pow((double)base, (double)p), got = (double)lido_pow(base, p);
            if (wanted < 1e-37 || wanted > 1e37) continue;
            ck_assert_msg(fabs(got - wanted) <= (1 + 0.5 * exponents[i]) * allowed * wanted,
                          "pow(%.9g, %g) is %.12g, not %.12g", x, exponents[i], got, wanted);
        }
}
END_TEST

START_TEST(powers_end) {
    ck_assert(lido_pow(0, 1) == 0 && lido_pow(0, (lido_real)1e-3) == 0 && lido_pow(1, 3) == 1);
    ck_assert(isnan(lido_pow((lido_real)NAN, 2)));
    ck_assert(lido_pow((lido_real)1e-30, 11) < (lido_real)1e-37);
    ck_assert(lido_pow((lido_real)1e30, 11) > (lido_real)1e37);
}
END_TEST

START_TEST(ends) {
    const lido_real none = (lido_real)NAN, most = INFINITY;
    ck_assert(isnan(lido_exp(none)) && isnan(lido_expm1(none)));
    ck_assert(isnan(lido_log(none)) && isnan(lido_log1p(none)));
    ck_assert(lido_exp(-most) == 0 && lido_expm1(-most) == -1);
    ck_assert(lido_exp(0) == 1 && lido_expm1(0) == 0 && lido_log(1) == 0 && lido_log1p(0) == 0);
    ck_assert(lido_exp(-800) == 0 && lido_log(0) < -100 && isfinite(lido_log(0)));
    for (float x = FLT_MIN; x > FLT_TRUE_MIN; x /= 2)
        assert_close("log", (double)x, (double)lido_log((lido_real)x), log((double)x));
}
END_TEST

LIDO_TEST_MAIN("exponential", exponentials, logarithms, powers, powers_end, ends)
