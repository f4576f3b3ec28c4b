/* The hyperbolic tangent: values and gradients. */
#include "lido_check.h"

#include "harness/rig.h"

#include <math.h>

START_TEST(known_values) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"tanh\"}", "[4]", 1, false, &rig, &error));
    set_values(&rig.x[0], 0, 1, -1, 1000);
    set_values(&rig.dy, 1, 1, 2, 3);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 0, 0.7615941560, -0.7615941560, 1);
    assert_values(&rig.dx[0], 1, 0.4199743416, 0.8399486832, 0);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(nan_passes) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"tanh\"}", "[1]", 1, false, &rig, &error));
    set_values(&rig.x[0], NAN);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, NAN);
    lido_rig_free(&rig);
}
END_TEST

LIDO_TEST_MAIN("tanh", known_values, nan_passes)
