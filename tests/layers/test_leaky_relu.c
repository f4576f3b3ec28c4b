/* The leaky rectifier: its definition, defaults and limits. */
#include "lido_check.h"

#include "harness/rig.h"

#include <math.h>

START_TEST(scales_what_is_below_zero) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"leaky_relu\"}", "[4]", 1, false, &rig, &error));
    set_values(&rig.x[0], -2, 0, 3, NAN);
    set_values(&rig.dy, 1, 2, 3, 4);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, -0.02, 0, 3, NAN);
    assert_values(&rig.dx[0], 0.01, 0.02, 3, 0.04);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(refuses_slopes_below_zero) {
    lido_error error = {0};
    lido_rig rig;
    assert_fails(
        lido_rig_open("{\"type\": \"leaky_relu\", \"slope\": -0.1}", "[4]", 1, false, &rig, &error),
        LIDO_SPEC, "slope");
}
END_TEST

START_TEST(keeps_the_sign_of_its_input) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"leaky_relu\"}", "[4]", 1, false, &rig, &error));
    ck_assert(!rig.needs.nonnegative);
    lido_rig_free(&rig);
    assert_ok(lido_rig_open("{\"type\": \"leaky_relu\"}", "[4]", 1, true, &rig, &error));
    ck_assert(rig.needs.nonnegative);
    lido_rig_free(&rig);
}
END_TEST

LIDO_TEST_MAIN("leaky_relu", scales_what_is_below_zero, refuses_slopes_below_zero,
               keeps_the_sign_of_its_input)
