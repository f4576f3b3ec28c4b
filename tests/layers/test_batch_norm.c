/* Batch normalisation: values, running statistics, and a batch of one value. */
#include "lido_check.h"

#include "harness/rig.h"

START_TEST(known_values) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(
        lido_rig_open("{\"type\": \"batch_norm\", \"eps\": 0}", "[2]", 2, false, &rig, &error));
    set_values(&rig.x[0], 1, 10, 3, 30);
    set_values(&rig.w[0], 1, 2);
    set_values(&rig.w[1], 0, 5);
    set_values(&rig.dy, 1, 1, 1, 2);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, -1, 3, 1, 7);
    assert_values(&rig.dw[0], 0, 1);
    assert_values(&rig.dw[1], 2, 3);
    assert_values(&rig.dx[0], 0, 0, 0, 0);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(running_statistics_follow) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"batch_norm\", \"momentum\": 0.25}", "[1]", 2, false, &rig,
                            &error));
    set_values(&rig.x[0], 1, 3);
    set_values(&rig.state[0], 4);
    set_values(&rig.state[1], 8);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.state[0], 0.75 * 4 + 0.25 * 2);
    assert_values(&rig.state[1], 0.75 * 8 + 0.25 * 2);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(evaluation_uses_the_running_statistics) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"batch_norm\", \"eps\": 0, \"affine\": false}", "[1]", 2,
                            false, &rig, &error));
    set_values(&rig.x[0], 1, 3);
    set_values(&rig.state[0], 4);
    set_values(&rig.state[1], 4);
    lido_rig_run(&rig, &(lido_way){.evaluation = true});
    assert_values(&rig.y, -1.5, -0.5);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(a_single_value_leaves_the_running_variance) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"batch_norm\"}", "[1]", 1, false, &rig, &error));
    set_values(&rig.x[0], 7);
    set_values(&rig.w[0], 2);
    set_values(&rig.w[1], 3);
    set_values(&rig.state[0], 0);
    set_values(&rig.state[1], 8);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 3);
    assert_values(&rig.state[0], 0.7);
    assert_values(&rig.state[1], 8);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(a_large_mean_does_not_hide_the_variance) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"batch_norm\", \"eps\": 0, \"affine\": false}", "[4,1]", 1,
                            false, &rig, &error));
    set_values(&rig.x[0], 100001, 100002, 100003, 100004);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, -1.3416407865, -0.4472135955, 0.4472135955, 1.3416407865);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(describes_its_segments) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"batch_norm\"}", "[2,3]", 1, false, &rig, &error));
    const lido_needs *needs = &rig.needs;
    ck_assert(needs->params == 2 && needs->states == 2);
    ck_assert(!needs->param[0].decay && !needs->param[1].decay);
    ck_assert(needs->param[0].value == 1 && needs->param[1].init == LIDO_INIT_ZEROS);
    ck_assert(needs->state[0].init == LIDO_INIT_ZEROS && needs->state[1].value == 1);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(refuses_bad_numbers) {
    lido_error error = {0};
    lido_rig rig;
    assert_fails(lido_rig_open("{\"type\": \"batch_norm\", \"momentum\": 1.5}", "[3]", 1, false,
                               &rig, &error),
                 LIDO_SPEC, "momentum");
    assert_fails(
        lido_rig_open("{\"type\": \"batch_norm\", \"eps\": -1}", "[3]", 1, false, &rig, &error),
        LIDO_SPEC, "eps");
}
END_TEST

LIDO_TEST_MAIN("batch_norm", known_values, running_statistics_follow,
               evaluation_uses_the_running_statistics, a_single_value_leaves_the_running_variance,
               a_large_mean_does_not_hide_the_variance, describes_its_segments, refuses_bad_numbers)
