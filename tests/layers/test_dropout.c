/* Dropout: how much is dropped, what it depends on, and what it refuses. */
#include "lido_check.h"

#include "harness/rig.h"

#include <math.h>

static int64_t zeros(const lido_rig *rig) {
    int64_t count = 0;
    for (int64_t i = 0; i < lido_count(&rig->y); i++) count += lido_reals(&rig->y)[i] == 0;
    return count;
}

START_TEST(drops_at_the_rate) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(
        lido_rig_open("{\"type\": \"dropout\", \"rate\": 0.3}", "[10000]", 1, false, &rig, &error));
    lido_rig_run(&rig, &(lido_way){0});
    /* 5 standard deviations of a binomial count */
    double wanted = 0.3 * 10000, slack = 5 * sqrt(10000 * 0.3 * 0.7);
    ck_assert_double_le(fabs((double)zeros(&rig) - wanted), slack);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(scales_what_is_kept) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(
        lido_rig_open("{\"type\": \"dropout\", \"rate\": 0.75}", "[100]", 1, false, &rig, &error));
    lido_rig_run(&rig, &(lido_way){0});
    for (int64_t i = 0; i < 100; i++) {
        double y = (double)lido_reals(&rig.y)[i], x = (double)lido_start(&rig.x[0])[i];
        double dx = (double)lido_reals(&rig.dx[0])[i], dy = (double)lido_start(&rig.dy)[i];
        ck_assert(y == 0 || fabs(y - 4 * x) < 1e-5);
        ck_assert_double_eq_tol(dx, y == 0 ? 0 : 4 * dy, 1e-5);
    }
    lido_rig_free(&rig);
}
END_TEST

START_TEST(samples_and_steps_differ) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"dropout\"}", "[64]", 2, false, &rig, &error));
    for (int64_t i = 0; i < 128; i++) lido_start(&rig.x[0])[i] = 1;
    lido_rig_run(&rig, &(lido_way){0});
    const lido_real *y = lido_reals(&rig.y);
    ck_assert(memcmp(y, y + 64, 64 * sizeof *y) != 0);
    lido_real first[64];
    memcpy(first, y, sizeof first);
    rig.step++;
    lido_rig_run(&rig, &(lido_way){0});
    ck_assert(memcmp(first, y, sizeof first) != 0);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(evaluation_drops_nothing) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(
        lido_rig_open("{\"type\": \"dropout\", \"rate\": 0.9}", "[4]", 1, false, &rig, &error));
    set_values(&rig.x[0], 1, 2, NAN, -4);
    lido_rig_run(&rig, &(lido_way){.evaluation = true});
    assert_values(&rig.y, 1, 2, NAN, -4);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(refuses_to_drop_everything) {
    lido_error error = {0};
    lido_rig rig;
    assert_fails(
        lido_rig_open("{\"type\": \"dropout\", \"rate\": 1}", "[3]", 1, false, &rig, &error),
        LIDO_SPEC, "drop everything");
    assert_fails(
        lido_rig_open("{\"type\": \"dropout\", \"rate\": -0.1}", "[3]", 1, false, &rig, &error),
        LIDO_SPEC, "rate");
}
END_TEST

LIDO_TEST_MAIN("dropout", drops_at_the_rate, scales_what_is_kept, samples_and_steps_differ,
               evaluation_drops_nothing, refuses_to_drop_everything)
