/* exponential.h - e^x, ln x and x^p inside loops over channels: a few multiplications without a
 * branch, which the compiler vectorises where it would call the library number by number. Choices
 * are made between values at hand, never between computations, which would be a branch; and no two
 * by the same comparison, for the compiler would make one branch of them.
 *
 * In float: x is split as n ln 2 + f (or t as 2^n m), and a short series in f (or (m - 1) / (m +
 * 1)) does the rest, to about 2 units in the last place; test_exponential.c measures it. In double,
 * where gradients are checked and nobody waits, they are the library's. NaN gives NaN. */
#ifndef LIDO_KERNELS_EXPONENTIAL_H
#define LIDO_KERNELS_EXPONENTIAL_H

#include "kernels/clones.h"

#include <lido/base.h>

#include <math.h>
#include <string.h>

#ifdef LIDO_DOUBLE

/* Where e^x is more than 0. */
LIDO_INLINE lido_real lido_exp_bounded(lido_real x) {
    return x < -700 ? -700 : x;
}

LIDO_INLINE lido_real lido_exp(lido_real x) {
    return exp(x);
}

LIDO_INLINE lido_real lido_expm1(lido_real x) {
    return expm1(x);
}

LIDO_INLINE lido_real lido_log(lido_real x) {
    return x == 0 ? -800 : log(x);
}

LIDO_INLINE void lido_pow_log(lido_real x, lido_real p, lido_real *power, lido_real *log) {
    *power = pow(x, p);
    *log = lido_log(x);
}

#else

/* ln 2 in two parts, the first of so few bits that its product with an exponent is exact. */
#    define LIDO_LN2_HIGH 0.693359375F
#    define LIDO_LN2_LOW -2.12194440e-4F

/* What is added to a number of no more than 2^22 so that its last bits are the nearest integer. */
#    define LIDO_ROUNDING 12582912.0F

/* 2^n of LIDO_ROUNDING + n, n in -126..127. */
LIDO_INLINE float lido_power_of_two(float rounded) {
    uint32_t bits;
    float power;
    memcpy(&bits, &rounded, sizeof bits);
    bits = (bits + 127) << 23;
    memcpy(&power, &bits, sizeof power);
    return power;
}

/* e^f - 1, |f| at most ln 2 / 2. */
LIDO_INLINE float lido_exp_series(float f) {
    const float f2 = f * f; /* in pairs: terms that do not wait for each other */
    float high = 1.0F / 24 + f * (1.0F / 120), low = 0.5F + f * (1.0F / 6);
    high += f2 * (1.0F / 720 + f * (1.0F / 5040));
    return f + f2 * (low + f2 * high);
}

/* A power of two and e^f - 1, so that e^x = power (1 + rest). x lies in -87.3..88.3. */
LIDO_INLINE void lido_exp_split(float x, float *power, float *rest) {
    float rounded = x * 1.44269504F + LIDO_ROUNDING, n = rounded - LIDO_ROUNDING;
    *rest = lido_exp_series(x - n * LIDO_LN2_HIGH - n * LIDO_LN2_LOW);
    *power = lido_power_of_two(rounded);
}

/* Where e^x is more than 0 and finite. */
LIDO_INLINE float lido_exp_bounded(float x) {
    float above = x < -87.3F ? -87.3F : x;
    return above > 88.3F ? 88.3F : above;
}

/* e^x; 0 below -87.3, and e^88.3 above 88.3. */
LIDO_INLINE lido_real lido_exp(lido_real x) {
    const float kept = x < -87.3F ? 0.0F : 1.0F;
    float power, rest;
    lido_exp_split(lido_exp_bounded(x), &power, &rest);
    return kept * (power + power * rest);
}

/* e^x - 1 without losing a small x; e^88.3 above 88.3. */
LIDO_INLINE lido_real lido_expm1(lido_real x) {
    float power, rest;
    lido_exp_split(lido_exp_bounded(x), &power, &rest);
    return power - 1 + power * rest;
}

/* n and ln m of a finite x = 2^n m > 0, m from sqrt(1/2) to sqrt(2). */
LIDO_INLINE void lido_log_split(float x, float *n, float *log_m) {
    const int32_t tiny = x < 1.17549435e-38F; /* subnormal: there is no leading bit to read */
    const float scaled = x * (float)(1 + tiny * 16777215);
    uint32_t bits, half = 0x3f3504f3;
    memcpy(&bits, &scaled, sizeof bits);
    int32_t exponent = (int32_t)(bits - half) >> 23;
    bits -= (uint32_t)exponent << 23;
    float m;
    memcpy(&m, &bits, sizeof m);
    float s = (m - 1) / (m + 1), s2 = s * s;
    const float s4 = s2 * s2;
    float series = (1.0F / 3 + s2 * (1.0F / 5)) + s4 * (1.0F / 7 + s2 * (1.0F / 9));
    *n = (float)(exponent - 24 * tiny);
    *log_m = 2 * s + 2 * s * s2 * series;
}

/* ln x of a finite x > 0; some finite number below -103 for 0. */
LIDO_INLINE lido_real lido_log(lido_real x) {
    float n, log_m, nan = x - x; /* if x is; otherwise 0 */
    lido_log_split(x, &n, &log_m);
    return n * LIDO_LN2_HIGH + (n * LIDO_LN2_LOW + log_m) + nan;
}

/* x^p of a finite x >= 0, p > 0, and ln x. Of the power's binary exponent p log2 x the greater part
 * is exact: n times the upper digits of p. Powers below 2^-126 are 0, those above 2^127 at least
 * 2^126; NaN for an infinite x. */
LIDO_INLINE void lido_pow_log(float x, float p, float *power, float *log) {
    float n, log_m, upper, nan = x - x;
    uint32_t bits;
    lido_log_split(x, &n, &log_m);
    memcpy(&bits, &p, sizeof bits);
    bits &= 0xfffff000;
    memcpy(&upper, &bits, sizeof upper);
    const float high = n * upper, low = n * (p - upper) + p * (log_m * 1.44269504F);
    const float exponent = high + low, above = exponent > -126 ? 1.0F : 0.0F;
    const float some = x > 0 ? 1.0F : 0.0F;
    float bounded = exponent < -126 ? -126 : exponent;
    bounded = bounded > 127 ? 127 : bounded;
    const float rounded = bounded + LIDO_ROUNDING;
    const float rest = high - (rounded - LIDO_ROUNDING) + low;
    *power =
        above * some * lido_power_of_two(rounded) * (1 + lido_exp_series(rest * 0.693147181F)) +
        nan;
    *log = n * LIDO_LN2_HIGH + (n * LIDO_LN2_LOW + log_m) + nan;
}

#endif

/* x^p, as lido_pow_log. */
LIDO_INLINE lido_real lido_pow(lido_real x, lido_real p) {
    lido_real power, log;
    lido_pow_log(x, p, &power, &log);
    return power;
}

/* ln(1 + x) without losing a small x, x > -1: what 1 + x was rounded by is made up for. */
LIDO_INLINE lido_real lido_log1p(lido_real x) {
    const lido_real sum = 1 + x, taken = sum - 1;
    const lido_real none = taken == 0;
    return lido_log(sum) * (x / (taken + none)) + x * none;
}

#endif
