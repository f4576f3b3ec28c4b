/* comparison.c - arms against a baseline, seed by seed. What decides is the sign-flip test, which
 * is exact for few seeds; the t test stands beside it. */
#include "study/comparison.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

lido_comparison lido_compare(const double *differences, int n, uint64_t seed) {
    lido_comparison c = {.difference = lido_summarise(differences, n)};
    c.t = lido_paired_t_test(&c.difference);
    c.sign_flip = lido_sign_flip_test(differences, n, seed);
    c.effect_size = lido_effect_size(&c.difference);
    return c;
}

/* ---- the family
 * ----------------------------------------------------------------------------------- */

/* Differences that are all the same are decided as soon as the sign-flip test can. */
static int64_t seeds_needed(const lido_comparison *c) {
    const double alpha = LIDO_ALPHA / c->family;
    const int64_t least = lido_seeds_for_sign_flip(alpha);
    const bool same = isnan(c->t.p) && c->difference.n > 1 && c->difference.mean != 0;
    return same ? least : lido_seeds_for_power(c->effect_size, alpha, LIDO_POWER, least);
}

lido_status lido_compare_family(lido_comparison *c, int count, lido_error *error) {
    if (count == 0) return LIDO_OK;
    double *p = calloc((size_t)count, 4 * sizeof *p);
    if (!p) return lido_fail(error, LIDO_MEMORY, "out of memory for %d comparisons", count);
    double *flips = p + count, *p_holm = p + 2 * count, *flips_holm = p + 3 * count;
    for (int i = 0; i < count; i++) {
        p[i] = c[i].t.p;
        flips[i] = c[i].sign_flip.p;
    }
    lido_holm(p, count, p_holm);
    lido_holm(flips, count, flips_holm);
    for (int i = 0; i < count; i++) {
        c[i].t_holm = p_holm[i];
        c[i].sign_flip_holm = flips_holm[i];
        c[i].decided = flips_holm[i] <= LIDO_ALPHA;
        c[i].family = count;
        c[i].seeds_needed = seeds_needed(&c[i]);
    }
    free(p);
    return LIDO_OK;
}

/* ---- in words
 * ------------------------------------------------------------------------------------- */

/* "; about 9 seeds would be needed". Nothing where there already are as many: power is not
 * certainty. */
static const char *needed_text(const lido_comparison *c, char text[LIDO_TEXT_SIZE]) {
    text[0] = '\0';
    if (c->seeds_needed > c->difference.n)
        snprintf(text, LIDO_TEXT_SIZE, "; about %" PRId64 " seeds would be needed",
                 c->seeds_needed);
    if (c->seeds_needed == 0 && !isnan(c->effect_size))
        snprintf(text, LIDO_TEXT_SIZE, "; more than %d seeds would be needed", LIDO_MOST_SEEDS);
    return text;
}

/* "sign-flip p 0.0078", with the corrected one where there is a family */
static const char *p_text(const lido_comparison *c, char text[LIDO_TEXT_SIZE]) {
    if (c->family > 1)
        snprintf(text, LIDO_TEXT_SIZE, "sign-flip p %.2g, corrected for %d comparisons %.2g",
                 c->sign_flip.p, c->family, c->sign_flip_holm);
    else
        snprintf(text, LIDO_TEXT_SIZE, "sign-flip p %.2g", c->sign_flip.p);
    return text;
}

char *lido_comparison_text(const lido_comparison *c, char *text, size_t size) {
    const int n = c->difference.n;
    char needed[LIDO_TEXT_SIZE], p[LIDO_TEXT_SIZE];
    needed_text(c, needed);
    p_text(c, p);
    if (n < 1)
        snprintf(text, size, "no seed has both this and the baseline");
    else if (c->decided)
        snprintf(text, size, "%s than the baseline, decided by %d seeds: %s",
                 c->difference.mean > 0 ? "higher" : "lower", n, p);
    else if (c->sign_flip.least * c->family > LIDO_ALPHA)
        snprintf(text, size,
                 "%d seed%s cannot decide: the smallest p the sign-flip test can reach is %.2g%s%s",
                 n, n == 1 ? "" : "s", c->sign_flip.least,
                 c->sign_flip.least > LIDO_ALPHA ? "" : " before the correction", needed);
    else
        snprintf(text, size, "not decided by %d seeds: %s%s", n, p, needed);
    return text;
}
