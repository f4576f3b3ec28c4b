/* factorial.h - which factors matter: the analysis of variance of a full factorial in which every
 * block (seed) has every cell once. */
#ifndef LIDO_STUDY_FACTORIAL_H
#define LIDO_STUDY_FACTORIAL_H

#include <lido/base.h>

enum { LIDO_FACTORIAL_FACTORS = 8 }; /* at most */

typedef struct lido_factorial {
    int factors;
    int levels[LIDO_FACTORIAL_FACTORS]; /* of each, >= 2 */
    int blocks;
    const double *values; /* values[cell * blocks + block], cells in the order of their levels, the
                             last factor's changing fastest */
} lido_factorial;

typedef struct lido_effect {
    unsigned factors; /* bit i: factor i takes part; one bit: a main effect, more: an interaction */
    double f, df, df_error, p;
    double eta_squared; /* the share of the sum of squares of all values about their mean, that
                           between blocks included */
} lido_effect;

/* The 2^factors - 1 effects into effects[], main effects first, then interactions of two, ...: a
 * repeated-measures analysis of variance (Winer 1971, chapter 7; R's aov with Error(block / (A *
 * B)), AnovaRM of statsmodels). The values are split into orthogonal parts, one for each set of
 * factors and blocks: the part of a set is what remains of the means over all else when the means
 * over each of its own are taken away. F is the mean square of the effect over that of its
 * interaction with the blocks, of (df, df * (blocks - 1)) degrees of freedom. F and p are NaN where
 * that interaction is nothing but rounding, or there is one block. LIDO_MEMORY, LIDO_TOO_LARGE. */
lido_status lido_factorial_effects(const lido_factorial *factorial, lido_effect *effects,
                                   lido_error *error);

#endif
