/* Softmax: values, large inputs, and that each position is on its own. */
#include "lido_check.h"

#include "harness/rig.h"

#include <math.h>

START_TEST(known_values) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"softmax\"}", "[2,2]", 1, false, &rig, &error));
    set_values(&rig.x[0], 0, 1, 5, 5);
    set_values(&rig.dy, 1, 0, 1, 0);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 0.2689414214, 0.7310585786, 0.5, 0.5);
    assert_values(&rig.dx[0], 0.1966119332, -0.1966119332, 0.25, -0.25);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(large_inputs_do_not_overflow) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"softmax\"}", "[3]", 2, false, &rig, &error));
    set_values(&rig.x[0], 10000, 9999, -10000, -INFINITY, 2, 2);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 0.7310585786, 0.2689414214, 0, 0, 0.5, 0.5);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(nan_spoils_its_row_alone) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"softmax\"}", "[2]", 3, false, &rig, &error));
    set_values(&rig.x[0], NAN, 1, 1, NAN, 1, 1);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, NAN, NAN, NAN, NAN, 0.5, 0.5);
    lido_rig_free(&rig);
}
END_TEST

LIDO_TEST_MAIN("softmax", known_values, large_inputs_do_not_overflow, nan_spoils_its_row_alone)
