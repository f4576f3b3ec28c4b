/* test_pool_mixed.c - mixtures of maximum and average: exact values, the learned share, the ends of
 * its range, and what is refused. (Values and gradients on all grids: test_registry.c.) */
#include "layers/pool_check.h"

/* Maxima 6 8 3 4, averages 3.25 5.25 2 2. */
static void start_classic(lido_rig *rig) {
    set_values(&rig->x[0], 1, 1, 2, 4, 5, 6, 7, 8, 3, 2, 1, 0, 1, 2, 3, 4);
    set_values(&rig->dy, 4, 8, 16, 32);
}

START_TEST(a_given_share) {
    lido_rig rig =
        open_pool("{\"type\": \"mixed_pool\", \"kernel\": 2, \"learn\": \"none\", \"a\": 0.25}",
                  "[4,4,1]", 1);
    start_classic(&rig);
    lido_rig_run(&rig, &(lido_way){0});
    ck_assert_int_eq(rig.needs.params, 0);
    assert_values(&rig.y, 3.9375, 5.9375, 2.25, 2.5);
    assert_values(&rig.dx[0], .75, .75, 1.5, 1.5, .75, 1.75, 1.5, 3.5, 7, 3, 6, 6, 3, 3, 6, 14);
    lido_rig_free(&rig);
}
END_TEST

/* dlogit = a (1 - a) times the sum of dy (max - average): a quarter of 11 + 22 + 16 + 64. */
START_TEST(a_learned_share) {
    lido_rig rig = open_pool("{\"type\": \"mixed_pool\", \"kernel\": 2}", "[4,4,1]", 1);
    ck_assert_int_eq(rig.needs.params, 1);
    ck_assert(rig.needs.param[0].value == 0 && !rig.needs.param[0].decay);
    start_classic(&rig);
    set_values(&rig.w[0], 0);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 4.625, 6.625, 2.5, 3);
    assert_values(&rig.dw[0], 28.25);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(a_share_for_each_position) {
    lido_rig rig = open_pool("{\"type\": \"mixed_pool\", \"kernel\": 2, \"learn\": \"position\"}",
                             "[4,4,1]", 1);
    ck_assert(rig.needs.param[0].rank == 2 && rig.needs.param[0].dim[0] == 2);
    start_classic(&rig);
    set_values(&rig.w[0], 0, 0, 0, 0);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.dw[0], 2.75, 5.5, 4, 16);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(learning_starts_at_a) {
    lido_rig rig = open_pool("{\"type\": \"mixed_pool\", \"kernel\": 2, \"a\": 0.75, "
                             "\"learn\": \"channel\"}",
                             "[2,2,3]", 1);
    ck_assert(rig.needs.param[0].rank == 1 && rig.needs.param[0].dim[0] == 3);
    ck_assert_double_eq_tol(1 / (1 + exp(-rig.needs.param[0].value)), 0.75, 1e-12);
    lido_rig_free(&rig);
}
END_TEST

/* At the ends of its range a share makes the other reducer's infinities vanish. */
START_TEST(the_ends_are_max_and_average) {
    lido_rig rig = open_pool(
        "{\"type\": \"mixed_pool\", \"kernel\": 2, \"learn\": \"none\", \"a\": 1}", "[6,1]", 1);
    set_values(&rig.x[0], -INFINITY, 3, 1, 2, NAN, 1);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 3, 2, NAN);
    lido_rig_free(&rig);
    rig = open_pool("{\"type\": \"mixed_pool\", \"kernel\": 2, \"learn\": \"none\", \"a\": 0}",
                    "[4,1]", 1);
    set_values(&rig.x[0], 5, -2, 1, 2);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 1.5, 1.5);
    lido_rig_free(&rig);
}
END_TEST

/* Ties go to the first, and sum(dx) = sum(dy). */
START_TEST(ties) {
    lido_rig rig =
        open_pool("{\"type\": \"mixed_pool\", \"global\": true, \"learn\": \"none\"}", "[4,1]", 1);
    set_values(&rig.x[0], 0, 2, 2, 2);
    set_values(&rig.dy, 8);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.dx[0], 1, 5, 1, 1);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(what_is_refused) {
    assert_refused("{\"type\": \"mixed_pool\", \"kernel\": 2, \"a\": 1}", "[4,4,1]", LIDO_SPEC,
                   "a is 1, allowed where it is learned: above 0 and below 1");
    assert_refused("{\"type\": \"mixed_pool\", \"kernel\": 2, \"a\": 1.5}", "[4,4,1]", LIDO_SPEC,
                   "\"a\" is 1.5");
}
END_TEST

LIDO_TEST_MAIN("pool_mixed", a_given_share, a_learned_share, a_share_for_each_position,
               learning_starts_at_a, the_ends_are_max_and_average, ties, what_is_refused)
