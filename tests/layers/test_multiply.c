/* The product of two inputs, one for one or one factor for each channel. */
#include "lido_check.h"

#include "harness/rig.h"

START_TEST(one_for_one) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"multiply\"}", "[2] [2]", 1, false, &rig, &error));
    set_values(&rig.x[0], 2, 3);
    set_values(&rig.x[1], 5, 7);
    set_values(&rig.dy, 1, 10);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 10, 21);
    assert_values(&rig.dx[0], 5, 70);
    assert_values(&rig.dx[1], 2, 30);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(a_factor_for_each_channel) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"multiply\"}", "[2,2] [2]", 1, false, &rig, &error));
    set_values(&rig.x[0], 1, 2, 3, 4);
    set_values(&rig.x[1], 10, 100);
    set_values(&rig.dy, 1, 1, 1, 2);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 10, 200, 30, 400);
    assert_values(&rig.dx[0], 10, 100, 10, 200);
    assert_values(&rig.dx[1], 4, 10);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(refuses_other_shapes) {
    lido_error error = {0};
    lido_rig rig;
    assert_fails(lido_rig_open("{\"type\": \"multiply\"}", "[2,3] [2]", 1, false, &rig, &error),
                 LIDO_SHAPE, "not [2,3] and [2]");
    assert_fails(lido_rig_open("{\"type\": \"multiply\"}", "[3] [2,3]", 1, false, &rig, &error),
                 LIDO_SHAPE, "not [3] and [2,3]");
}
END_TEST

LIDO_TEST_MAIN("multiply", one_for_one, a_factor_for_each_channel, refuses_other_shapes)
