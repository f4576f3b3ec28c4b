/* Flatten: shapes, order, and that nothing moves. */
#include "lido_check.h"

#include "harness/rig.h"

START_TEST(a_map_becomes_a_vector) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"flatten\"}", "[2,3,4]", 1, false, &rig, &error));
    char text[32];
    ck_assert_str_eq(lido_shape_text(&rig.needs.y, text, sizeof text), "[24]");
    ck_assert(rig.needs.view);
    ck_assert(!rig.needs.nonnegative);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(a_vector_stays) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"flatten\"}", "[5]", 1, false, &rig, &error));
    ck_assert(lido_shape_equal(&rig.needs.y, &rig.x_shape[0]));
    lido_rig_free(&rig);
}
END_TEST

LIDO_TEST_MAIN("flatten", a_map_becomes_a_vector, a_vector_stays)
