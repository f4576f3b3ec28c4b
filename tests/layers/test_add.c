/* The sum of inputs: values, gradients of all, and the shapes it refuses. */
#include "lido_check.h"

#include "harness/rig.h"

#include <math.h>

START_TEST(sums_in_order) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"add\"}", "[2] [2] [2]", 1, false, &rig, &error));
    set_values(&rig.x[0], 1, 2);
    set_values(&rig.x[1], 10, 20);
    set_values(&rig.x[2], 100, NAN);
    set_values(&rig.dy, 5, 7);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 111, NAN);
    for (int i = 0; i < 3; i++) assert_values(&rig.dx[i], 5, 7);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(refuses_other_shapes) {
    lido_error error = {0};
    lido_rig rig;
    assert_fails(lido_rig_open("{\"type\": \"add\"}", "[2,3] [3,2]", 1, false, &rig, &error),
                 LIDO_SHAPE, "input 2 is [3,2], but the first is [2,3]");
}
END_TEST

LIDO_TEST_MAIN("add", sums_in_order, refuses_other_shapes)
