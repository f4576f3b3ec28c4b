/* The rectifier: its definition, and that NaN and infinity pass. */
#include "lido_check.h"

#include "harness/rig.h"

#include <math.h>

START_TEST(keeps_what_is_above_zero) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"relu\"}", "[7]", 1, false, &rig, &error));
    set_values(&rig.x[0], -2, -0.5, 0, 0.5, 2, INFINITY, -INFINITY);
    set_values(&rig.dy, 1, 2, 3, 4, 5, 6, 7);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 0, 0, 0, 0.5, 2, INFINITY, 0);
    assert_values(&rig.dx[0], 0, 0, 0, 4, 5, 6, 0);
    ck_assert(rig.needs.nonnegative);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(nan_passes) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"relu\"}", "[2]", 1, false, &rig, &error));
    set_values(&rig.x[0], NAN, -1);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, NAN, 0);
    lido_rig_free(&rig);
}
END_TEST

LIDO_TEST_MAIN("relu", keeps_what_is_above_zero, nan_passes)
