#include "study/comparison.h"

#include "lido_check.h"

#include <math.h>
#include <stdio.h>

static lido_comparison alone(const double *differences, int n) {
    lido_comparison c = lido_compare(differences, n, 0);
    lido_error error;
    assert_ok(lido_compare_family(&c, 1, &error));
    return c;
}

static void assert_text(const lido_comparison *c, const char *expected) {
    char text[256];
    ck_assert_str_eq(lido_comparison_text(c, text, sizeof text), expected);
}

static const double clear[] = {0.4, 0.5, 0.45, 0.55, 0.38, 0.6, 0.52, 0.47};

START_TEST(few_seeds_cannot_decide) {
    const double three[] = {0.2, 0.9, 0.4};
    const lido_comparison c = alone(three, 3);
    ck_assert(!c.decided && c.sign_flip.p == 0.25 && c.sign_flip.least == 0.25);
    ck_assert(c.t.p < 0.2 && c.seeds_needed > 6);
    char text[256], expected[256];
    snprintf(expected, sizeof expected,
             "3 seeds cannot decide: the smallest p the sign-flip test can reach is 0.25; about %d "
             "seeds would be needed",
             (int)c.seeds_needed);
    ck_assert_str_eq(lido_comparison_text(&c, text, sizeof text), expected);
}
END_TEST

START_TEST(enough_seeds_decide) {
    lido_comparison c = alone(clear, 8);
    ck_assert(c.decided && c.seeds_needed == 6 && c.family == 1);
    ck_assert(c.sign_flip_holm == c.sign_flip.p && c.t_holm == c.t.p);
    assert_text(&c, "higher than the baseline, decided by 8 seeds: sign-flip p 0.0078");
    double lower[8];
    for (int i = 0; i < 8; i++) lower[i] = -clear[i];
    c = alone(lower, 8);
    ck_assert(c.decided && c.effect_size < -3);
    assert_text(&c, "lower than the baseline, decided by 8 seeds: sign-flip p 0.0078");
}
END_TEST

/* 5 % is p = 2/64 of six seeds, but not of five. */
START_TEST(the_level_is_five_percent) {
    ck_assert(!alone(clear, 5).decided);
    ck_assert(alone(clear, 6).decided);
}
END_TEST

START_TEST(no_difference_is_not_decided) {
    const double mixed[] = {0.1, -0.12, 0.3, -0.2, 0.05, -0.11, 0.2, 0.1}, zero[8] = {0};
    lido_comparison c = alone(mixed, 8);
    ck_assert(!c.decided && c.seeds_needed > 100);
    char text[256];
    ck_assert_ptr_nonnull(strstr(lido_comparison_text(&c, text, sizeof text),
                                 "not decided by 8 seeds: sign-flip p 0."));
    c = alone(zero, 8);
    ck_assert(!c.decided && isnan(c.t.p) && c.seeds_needed == 0);
    assert_text(&c, "not decided by 8 seeds: sign-flip p 1");
    const double balanced[] = {1, -1, 1, -1, 1, -1, 1, -1};
    c = alone(balanced, 8);
    assert_text(&c, "not decided by 8 seeds: sign-flip p 1; more than 10000 seeds would be needed");
}
END_TEST

/* Differences that are all the same have no t, but signs. */
START_TEST(the_same_in_every_seed) {
    const double same[] = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
    lido_comparison c = alone(same, 6);
    ck_assert(c.decided && isnan(c.t.t) && isnan(c.effect_size) && c.seeds_needed == 6);
    c = alone(same, 2);
    ck_assert(!c.decided && c.seeds_needed == 6);
    assert_text(&c, "2 seeds cannot decide: the smallest p the sign-flip test can reach is 0.5; "
                    "about 6 seeds would be needed");
}
END_TEST

START_TEST(hardly_any_seeds) {
    const double one[] = {0.5}, two[] = {0.5, 0.6};
    lido_comparison c = alone(NULL, 0);
    ck_assert(!c.decided && c.seeds_needed == 0);
    assert_text(&c, "no seed has both this and the baseline");
    c = alone(one, 1);
    assert_text(&c, "1 seed cannot decide: the smallest p the sign-flip test can reach is 1");
    c = alone(two, 2);
    assert_text(&c, "2 seeds cannot decide: the smallest p the sign-flip test can reach is 0.5");
}
END_TEST

/* Of seven comparisons eight seeds can decide none, which one comparison by itself could be: 7/128
 * is more than 5 %. */
START_TEST(families_are_corrected) {
    lido_comparison c[7], ten;
    double longer[10];
    lido_error error;
    for (int i = 0; i < 7; i++) c[i] = lido_compare(clear, 8, 0);
    assert_ok(lido_compare_family(c, 7, &error));
    for (int i = 0; i < 7; i++) {
        ck_assert(!c[i].decided && c[i].family == 7 && c[i].seeds_needed == 9);
        ck_assert_double_eq_tol(c[i].sign_flip_holm, 7.0 / 128, 1e-15);
    }
    assert_text(&c[3], "8 seeds cannot decide: the smallest p the sign-flip test can reach is "
                       "0.0078 before the correction; about 9 seeds would be needed");
    for (int i = 0; i < 10; i++) longer[i] = clear[i % 8];
    ten = c[0] = lido_compare(longer, 10, 0);
    assert_ok(lido_compare_family(c, 7, &error));
    ck_assert(c[0].decided && c[0].sign_flip_holm == 7 * ten.sign_flip.p);
    assert_text(&c[0], "higher than the baseline, decided by 10 seeds: sign-flip p 0.002, "
                       "corrected for 7 comparisons 0.014");
    assert_ok(lido_compare_family(c, 0, &error));
}
END_TEST

LIDO_TEST_MAIN("comparison", few_seeds_cannot_decide, enough_seeds_decide,
               the_level_is_five_percent, no_difference_is_not_decided, the_same_in_every_seed,
               hardly_any_seeds, families_are_corrected)
