/* Inputs side by side: order of the channels, and the shapes it refuses. */
#include "lido_check.h"

#include "harness/rig.h"

START_TEST(channels_follow_each_other) {
    lido_error error = {0};
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"concat\"}", "[2,1] [2,2]", 1, false, &rig, &error));
    set_values(&rig.x[0], 1, 2);
    set_values(&rig.x[1], 3, 4, 5, 6);
    set_values(&rig.dy, 1, 2, 3, 4, 5, 6);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 1, 3, 4, 2, 5, 6);
    assert_values(&rig.dx[0], 1, 4);
    assert_values(&rig.dx[1], 2, 3, 5, 6);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(refuses_other_positions) {
    lido_error error = {0};
    lido_rig rig;
    assert_fails(lido_rig_open("{\"type\": \"concat\"}", "[2,3] [3,3]", 1, false, &rig, &error),
                 LIDO_SHAPE, "input 2 is [3,3], but the first is [2,3]");
    assert_fails(lido_rig_open("{\"type\": \"concat\"}", "[3] [1,3]", 1, false, &rig, &error),
                 LIDO_SHAPE, "input 2 is [1,3], but the first is [3]");
}
END_TEST

LIDO_TEST_MAIN("concat", channels_follow_each_other, refuses_other_positions)
