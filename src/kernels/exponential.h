/* exponential.h - e^x and ln x inside loops over channels: a few multiplications without a branch,
 * which the compiler vectorises where it would call the library number by number. Choices are
 * made between values at hand, never between computations, which would be a branch.
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

LIDO_INLINE lido_real lido_exp(lido_real x) {
    return exp(x);
}

LIDO_INLINE lido_real lido_expm1(lido_real x) {
    return expm1(x);
}

LIDO_INLINE lido_real lido_log(lido_real x) {
    return x == 0 ? -800 : log(x);
}

#else

/* ln 2 in two parts, the first of so few bits that its product with an exponent is exact. */
#    define LIDO_LN2_HIGH 0.693359375F
#    define LIDO_LN2_LOW -2.12194440e-4F

/* A power of two and e^f - 1, so that e^x = power (1 + rest). x lies in -87.3..88.3. */
LIDO_INLINE void lido_exp_split(float x, float *power, float *rest) {
    const float shift = 12582912.0F; /* 1.5 * 2^23: the sum's last bits are the nearest integer */
    float shifted = x * 1.44269504F + shift, n = shifted - shift;
    float f = x - n * LIDO_LN2_HIGH - n * LIDO_LN2_LOW;
    float series = 1.0F / 720 + f * (1.0F / 5040);
    series = 1.0F / 24 + f * (1.0F / 120 + f * series);
    series = 0.5F + f * (1.0F / 6 + f * series);
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 127) << 23;
    memcpy(power, &bits, sizeof bits);
    *rest = f + f * f * series;
}

LIDO_INLINE float lido_exp_bounded(float x) {
    float above = x < -87.3F ? -87.3F : x;
    return above > 88.3F ? 88.3F : above;
}

/* e^x; 0 below -87.3, and e^88.3 above 88.3. */
LIDO_INLINE lido_real lido_exp(lido_real x) {
    const float kept = !(x < -87.3F);
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

/* ln x of a finite x > 0; some finite number below -103 for 0. */
LIDO_INLINE lido_real lido_log(lido_real x) {
    const int32_t tiny = x < 1.17549435e-38F; /* subnormal: there is no leading bit to read */
    const float scaled = x * (float)(1 + tiny * 16777215);
    uint32_t bits, half = 0x3f3504f3; /* sqrt(1/2): m lies between that and its double */
    memcpy(&bits, &scaled, sizeof bits);
    int32_t exponent = (int32_t)(bits - half) >> 23;
    bits -= (uint32_t)exponent << 23;
    float m, n = (float)(exponent - 24 * tiny);
    memcpy(&m, &bits, sizeof m);
    float s = (m - 1) / (m + 1), s2 = s * s;
    float series = 1.0F / 5 + s2 * (1.0F / 7 + s2 * (1.0F / 9));
    float log_m = 2 * s + 2 * s * s2 * (1.0F / 3 + s2 * series);
    float nan = x - x; /* if x is; otherwise 0 */
    return n * LIDO_LN2_HIGH + (n * LIDO_LN2_LOW + log_m) + nan;
}

#endif

/* ln(1 + x) without losing a small x, x > -1: what 1 + x was rounded by is made up for. */
LIDO_INLINE lido_real lido_log1p(lido_real x) {
    const lido_real sum = 1 + x, taken = sum - 1;
    const lido_real none = taken == 0;
    return lido_log(sum) * (x / (taken + none)) + x * none;
}

#endif
