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

#include <float.h>
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
    const float low = 0.5F + f * 0.166665766F;
    const float high = 0.0416664640F + f * 0.00836324917F + f2 * 0.00139337540F;
    return f + f2 * (low + f2 * high);
}

/* 2^f, |f| at most 1/2. */
LIDO_INLINE float lido_exp2_series(float f) {
    const float f2 = f * f;
    const float low = 0.693147188F + f * 0.240226509F;
    const float high = 0.0555035689F + f * 0.00961805738F;
    const float highest = 0.00133909823F + f * 0.000154615636F;
    return 1 + f * (low + f2 * (high + f2 * highest));
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

/* n and s = (m - 1) / (m + 1) of a normal x = 2^n m > 0, m from sqrt(1/2) to sqrt(2). Of 0 and
 * subnormal x, which have no leading bit to read, those of some x from 2^-127 to 2^-126. */
LIDO_INLINE void lido_log_split(float x, float *n, float *s) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    const int32_t exponent = (int32_t)(bits - 0x3f3504f3) >> 23;
    bits -= (uint32_t)exponent << 23;
    float m;
    memcpy(&m, &bits, sizeof m);
    *n = (float)exponent;
    *s = (m - 1) / (m + 1);
}

/* (ln m) / (2 s) = 1 + this, of s^2. */
LIDO_INLINE float lido_log_series(float s2) {
    return s2 * (0.333333426F + s2 * (0.199943740F + s2 * 0.147905423F));
}

/* ln x of a finite x > 0; some finite number below -103 for 0. */
LIDO_INLINE lido_real lido_log(lido_real x) {
    const float nan = x - x;          /* if x is; otherwise 0 */
    const int32_t tiny = x < FLT_MIN; /* subnormal */
    float n, s;
    lido_log_split(x * (float)(1 + tiny * 16777215), &n, &s);
    n -= (float)(24 * tiny);
    const float log_m = 2 * s + 2 * s * lido_log_series(s * s);
    return n * LIDO_LN2_HIGH + (n * LIDO_LN2_LOW + log_m) + nan;
}

/* x^p of a finite x >= 0, p > 0, and ln x; a subnormal x counts as one from 2^-127 to 2^-126. Of
 * the power's binary exponent p log2 x the greater part is exact: n times the upper digits of p.
 * Powers below 2^-126 are 0, those above 2^127 at least 2^126; NaN for an infinite x. */
LIDO_INLINE void lido_pow_log(float x, float p, float *power, float *log) {
    const float nan = x - x;
    float n, s, upper, scale;
    uint32_t bits;
    lido_log_split(x, &n, &s);
    memcpy(&bits, &p, sizeof bits);
    bits &= 0xfffff000;
    memcpy(&upper, &bits, sizeof upper);
    const float twice = s * 2.88539008F, log2_m = twice + twice * lido_log_series(s * s);
    const float high = n * upper, low = n * (p - upper) + p * log2_m;
    const float exponent = high + low, rounded = exponent + LIDO_ROUNDING;
    const float rest = high - (rounded - LIDO_ROUNDING) + low;
    memcpy(&bits, &rounded, sizeof bits);
    bits = (bits + 127) << 23;
    bits = exponent < 127 ? bits : 0x7f000000;
    bits = exponent > -126 ? bits : 0;
    bits = x > 0 ? bits : 0;
    memcpy(&scale, &bits, sizeof scale);
    *power = scale * lido_exp2_series(rest) + nan;
    *log = (n + log2_m) * 0.693147181F + nan;
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
