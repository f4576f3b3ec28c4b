/* The logistic function: values, gradients, and inputs of any size. */
#include "lido_check.h"

#include "harness/rig.h"

#include <math.h>

START_TEST(known_values) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"sigmoid\"}", "[3]", 1, false, &rig, &error));
    set_values(&rig.x[0], 0, 1, -1);
    set_values(&rig.dy, 1, 1, 2);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 0.5, 0.7310585786, 0.2689414214);
    assert_values(&rig.dx[0], 0.25, 0.1966119332, 0.3932238665);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(large_inputs_saturate) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"sigmoid\"}", "[5]", 1, false, &rig, &error));
    set_values(&rig.x[0], 1000, -1000, INFINITY, -INFINITY, NAN);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 1, 0, 1, 0, NAN);
    lido_rig_free(&rig);
}
END_TEST

LIDO_TEST_MAIN("sigmoid", known_values, large_inputs_saturate)
