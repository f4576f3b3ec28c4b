/* Boxes in bins of whole cells: the ramp of the definition, rounding, empty bins, and the bins that
 * end elsewhere in float32. */
#include "lido_check.h"

#include "harness/rig.h"

#include <stdio.h>
#include <math.h>

static void open(const char *json, const char *shapes, lido_rig *rig) {
    lido_error error = {0};
    assert_ok(lido_rig_open(json, shapes, 1, false, rig, &error));
    for (int64_t i = 0; i < lido_count(&rig->x[0]); i++) lido_start(&rig->x[0])[i] = (lido_real)i;
}

START_TEST(the_ramp) {
    lido_rig rig;
    open("{\"type\": \"roi_pool\", \"output_size\": 2}", "[4,4,1] [1,5]", &rig);
    set_values(&rig.x[1], 0, 0, 0, 3, 3);
    set_values(&rig.dy, 1, 2, 3, 4);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 5, 7, 13, 15);
    assert_values(&rig.dx[0], 0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4);
    assert_values(&rig.dx[1], 0, 0, 0, 0, 0);
    lido_rig_free(&rig);
    open("{\"type\": \"roi_pool\", \"output_size\": 2, \"reducer\": \"mean\"}", "[4,4,1] [1,5]",
         &rig);
    set_values(&rig.x[1], 0, 0, 0, 3, 3);
    set_values(&rig.dy, 4, 0, 0, 8);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 2.5, 4.5, 10.5, 12.5);
    assert_values(&rig.dx[0], 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 2, 2, 0, 0, 2, 2);
    lido_rig_free(&rig);
}
END_TEST

/* 0.5 and -0.5 round away from zero; a box of no length has one cell. */
START_TEST(corners_are_rounded) {
    lido_rig rig;
    open("{\"type\": \"roi_pool\", \"output_size\": 1, \"spatial_scale\": 0.5}", "[4,4,1] [4,5]",
         &rig);
    set_values(&rig.x[1], 0, 1, 3, 1, 3, 9, 2, 2, 2, 2, 0, 5, 5, 1, 1, 0, -1, -1, 1, 1);
    lido_rig_run(&rig, &(lido_way){.evaluation = true});
    /* cell (2, 1); (1, 1), whatever its column 0; (3, 3), ends before it begins; -1 .. 1 */
    assert_values(&rig.y, 9, 5, 15, 5);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(empty_bins_are_zero) {
    lido_rig rig;
    open("{\"type\": \"roi_pool\", \"output_size\": [1, 2]}", "[2,2,1] [5,5]", &rig);
    set_values(&rig.x[0], -1, -2, -3, -4);
    set_values(&rig.x[1], 0, 1, 0, 4, 1, 0, 7, 7, 9, 9, 0, NAN, 0, 1, 1, 0, 0, 0, INFINITY, 1, 0, 0,
               0, 1e30, 1);
    set_values(&rig.dy, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, -2, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    assert_values(&rig.dx[0], 0, 1, 0, 0);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(nan_and_ties) {
    lido_rig rig;
    open("{\"type\": \"roi_pool\", \"output_size\": 1}", "[1,4,2] [1,5]", &rig);
    set_values(&rig.x[0], 3, 1, NAN, 5, NAN, 5, 4, -INFINITY);
    set_values(&rig.x[1], 0, 0, 0, 3, 0);
    set_values(&rig.dy, 1, 1);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, NAN, 5);
    assert_values(&rig.dx[0], 0, 0, 0, 1, 1, 0, 0, 0); /* the last NaN, the first of equals */
    lido_rig_free(&rig);
}
END_TEST

/* 57 cells in 7 bins: 7 * (57 / 7) exceeds 57 in float32, so the last bin reaches a cell further.
 */
START_TEST(float32_moves_some_ends) {
    static const char *const names[] = {"exact", "torch"};
    double last[2];
    for (int i = 0; i < 2; i++) {
        char json[100];
        lido_rig rig;
        snprintf(json, sizeof json,
                 "{\"type\": \"roi_pool\", \"output_size\": [1, 7], \"semantics\": \"%s\"}",
                 names[i]);
        open(json, "[1,60,1] [1,5]", &rig);
        set_values(&rig.x[1], 0, 0, 0, 56, 0);
        lido_rig_run(&rig, &(lido_way){.evaluation = true});
        last[i] = (double)lido_reals(&rig.y)[6];
        lido_rig_free(&rig);
    }
    double in_float = ceil((double)(7 * (57.0f / 7)));
    ck_assert(in_float == 58 && last[0] == 56);
    ck_assert_msg(last[1] == in_float - 1, "%g, not %g", last[1], in_float - 1);
}
END_TEST

START_TEST(refuses_other_shapes) {
    static const char json[] = "{\"type\": \"roi_pool\", \"output_size\": 2}";
    lido_error error = {0};
    lido_rig rig;
    assert_fails(lido_rig_open(json, "[4,1] [2,5]", 1, false, &rig, &error), LIDO_SHAPE,
                 "takes a map [H,W,C] and boxes [n,5], not [4,1] and [2,5]");
    assert_fails(lido_rig_open(json, "[4,4,1] [2,4]", 1, false, &rig, &error), LIDO_SHAPE,
                 "not [4,4,1] and [2,4]");
    assert_fails(lido_rig_open(json, "[4,4,1] [5]", 1, false, &rig, &error), LIDO_SHAPE, "and [5]");
    assert_fails(lido_rig_open("{\"type\": \"roi_pool\", \"output_size\": [1, 2, 3]}",
                               "[4,4,1] [2,5]", 1, false, &rig, &error),
                 LIDO_SPEC, "output_size");
}
END_TEST

LIDO_TEST_MAIN("roi_pool", the_ramp, corners_are_rounded, empty_bins_are_zero, nan_and_ties,
               float32_moves_some_ends, refuses_other_shapes)
