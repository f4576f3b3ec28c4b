/* comparison.h - arms against a baseline, seed by seed: what is decided, and if not, why. */
#ifndef LIDO_STUDY_COMPARISON_H
#define LIDO_STUDY_COMPARISON_H

#include "study/statistics.h"

#include <lido/base.h>

/* The level at which a family of comparisons is decided: the chance that any of them is, where
 * arms do not differ, is at most this. And the power that the needed seeds give. */
#define LIDO_ALPHA 0.05
#define LIDO_POWER 0.8

/* One arm: its differences from the baseline, by seed. */
typedef struct lido_comparison {
    lido_summary difference;
    lido_t_test t;
    lido_sign_flip sign_flip;
    double t_holm, sign_flip_holm; /* p corrected for the family */
    double effect_size;
    bool decided;         /* sign_flip_holm <= LIDO_ALPHA */
    int family;           /* comparisons in it */
    int64_t seeds_needed; /* to decide an effect of this size: so many that the paired t test of
                             level LIDO_ALPHA / family, the strictest step of Holm's, has power
                             LIDO_POWER, and that the sign-flip test can reach that level; 0: not
                             known, or more than LIDO_MOST_SEEDS */
} lido_comparison;

/* Fills all but what depends on the family. `seed` is of the sign flips that are drawn. */
lido_comparison lido_compare(const double *differences, int n, uint64_t seed);

/* Fills the rest: these are all comparisons of one measure. LIDO_MEMORY. */
lido_status lido_compare_family(lido_comparison *comparisons, int count, lido_error *error);

/* In plain words, such as "3 seeds cannot decide: the smallest p the sign-flip test can reach is
 * 0.25; about 9 seeds would be needed". Returns text. */
char *lido_comparison_text(const lido_comparison *comparison, char *text, size_t size);

#endif
