/* The fully connected layer: values, gradients, and what it refuses. */
#include "lido_check.h"

#include "harness/rig.h"

#include <math.h>

START_TEST(known_values) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"dense\", \"units\": 2}", "[3]", 2, false, &rig, &error));
    set_values(&rig.x[0], 1, 2, 3, 4, 5, 6);
    set_values(&rig.w[0], 1, 2, 3, 4, 5, 6);
    set_values(&rig.w[1], 100, 200);
    set_values(&rig.dy, 1, 0, 0, 10);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 122, 228, 149, 264);
    assert_values(&rig.dx[0], 1, 3, 5, 20, 40, 60);
    assert_values(&rig.dw[0], 1, 40, 2, 50, 3, 60);
    assert_values(&rig.dw[1], 1, 10);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(describes_its_weights) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"dense\", \"units\": 2, \"init\": \"zeros\"}", "[3]", 1,
                            false, &rig, &error));
    const lido_param *weight = &rig.needs.param[0], *bias = &rig.needs.param[1];
    ck_assert_int_eq(rig.needs.params, 2);
    ck_assert(weight->dim[0] == 3 && weight->dim[1] == 2);
    ck_assert(weight->fan_in == 3 && weight->fan_out == 2);
    ck_assert(weight->decay && !bias->decay);
    ck_assert_int_eq(weight->init, LIDO_INIT_ZEROS);
    ck_assert_int_eq(rig.needs.multiply_adds, 6);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(a_nan_stays_in_its_sample) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"dense\", \"units\": 1, \"bias\": false}", "[1]", 2, false,
                            &rig, &error));
    set_values(&rig.x[0], NAN, 2);
    set_values(&rig.w[0], 3);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, NAN, 6);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(refuses_maps) {
    lido_error error = {0};
    lido_rig rig;
    assert_fails(
        lido_rig_open("{\"type\": \"dense\", \"units\": 2}", "[2,3,4]", 1, false, &rig, &error),
        LIDO_SHAPE, "takes a vector, not [2,3,4]; put a flatten");
}
END_TEST

START_TEST(refuses_what_is_too_large) {
    lido_error error = {0};
    lido_rig rig;
    assert_fails(lido_rig_open("{\"type\": \"dense\", \"units\": 2}", "[3000000000]", 1, false,
                               &rig, &error),
                 LIDO_TOO_LARGE, "3000000000");
    assert_fails(lido_rig_open("{\"type\": \"dense\", \"units\": 2000000000}", "[2000000000]", 1,
                               false, &rig, &error),
                 LIDO_TOO_LARGE, "weights are too many");
}
END_TEST

START_TEST(refuses_other_options) {
    lido_error error = {0};
    lido_rig rig;
    assert_fails(lido_rig_open("{\"type\": \"dense\"}", "[3]", 1, false, &rig, &error), LIDO_SPEC,
                 "units");
    assert_fails(
        lido_rig_open("{\"type\": \"dense\", \"units\": 0}", "[3]", 1, false, &rig, &error),
        LIDO_SPEC, "units");
    assert_fails(lido_rig_open("{\"type\": \"dense\", \"units\": 1, \"init\": \"orthogonal\"}",
                               "[3]", 1, false, &rig, &error),
                 LIDO_SPEC, "glorot_normal");
}
END_TEST

LIDO_TEST_MAIN("dense", known_values, describes_its_weights, a_nan_stays_in_its_sample,
               refuses_maps, refuses_what_is_too_large, refuses_other_options)
