/* Boxes sampled between the cells: the ramp of the definition, aligned or not; the mean of a whole
 * map; points outside; maxima by PyTorch's way and ONNX's; boxes that are none. */
#include "lido_check.h"

#include "harness/rig.h"

#include <stdio.h>
#include <math.h>

static void open(const char *options, const char *shapes, lido_rig *rig) {
    char json[300];
    lido_error error = {0};
    snprintf(json, sizeof json, "{\"type\": \"roi_align\", %s}", options);
    assert_ok(lido_rig_open(json, shapes, 1, false, rig, &error));
    for (int64_t i = 0; i < lido_count(&rig->x[0]); i++) lido_start(&rig->x[0])[i] = (lido_real)i;
}

static void run(lido_rig *rig) {
    lido_rig_run(rig, &(lido_way){0});
}

START_TEST(the_ramp) {
    lido_rig rig;
    open("\"output_size\": 2, \"sampling_ratio\": 2", "[4,4,1] [1,5]", &rig);
    set_values(&rig.x[1], 0, 0, 0, 3, 3);
    run(&rig);
    assert_values(&rig.y, 3.75, 5.25, 9.75, 11.25); /* not aligned unless told to be */
    lido_rig_free(&rig);
    open("\"output_size\": 2, \"sampling_ratio\": 2, \"aligned\": true", "[4,4,1] [1,5]", &rig);
    set_values(&rig.x[1], 0, 0, 0, 3, 3);
    run(&rig);
    assert_values(&rig.y, 1.5625, 3, 7.3125, 8.75);
    lido_rig_free(&rig);
    open("\"output_size\": 2, \"sampling_ratio\": 2, \"semantics\": \"onnx\"", "[4,4,1] [1,5]",
         &rig);
    set_values(&rig.x[1], 0, 0, 0, 3, 3);
    run(&rig);
    assert_values(&rig.y, 1.5625, 3, 7.3125, 8.75); /* aligned unless told not to be */
    lido_rig_free(&rig);
}
END_TEST

/* One point in the middle of each cell: the map itself, and the gradient as it comes. */
START_TEST(a_box_round_the_map) {
    lido_rig rig;
    open("\"output_size\": 2, \"aligned\": true, \"spatial_scale\": 0.5", "[2,2,1] [1,5]", &rig);
    set_values(&rig.x[1], 0, 0, 0, 4, 4);
    set_values(&rig.dy, 1, 2, 3, 4);
    run(&rig);
    assert_values(&rig.y, 0, 1, 2, 3);
    assert_values(&rig.dx[0], 1, 2, 3, 4);
    assert_values(&rig.dx[1], 0, 0, 0, 0, 0);
    lido_rig_free(&rig);
}
END_TEST

/* Up to a cell outside, a point counts as the edge; further out, as 0. */
START_TEST(points_outside) {
    lido_rig rig;
    open("\"output_size\": 1, \"sampling_ratio\": 1", "[1,2,1] [4,5]", &rig);
    set_values(&rig.x[0], 8, 9);
    /* one point each, in the middle: x = -1, -1.01, 2, 2.01 */
    set_values(&rig.x[1], 0, -1.5, -0.5, -0.5, 0.5, 0, -1.51, -0.5, -0.51, 0.5, 0, 1.5, -0.5, 2.5,
               0.5, 0, 1.51, -0.5, 2.51, 0.5);
    set_values(&rig.dy, 1, 1, 10, 10);
    run(&rig);
    assert_values(&rig.y, 8, 0, 9, 0);
    assert_values(&rig.dx[0], 1, 10);
    lido_rig_free(&rig);
}
END_TEST

/* Half way between -2 and -4: the interpolated maximum is -3, that of the weighted cells -1. */
START_TEST(maxima) {
    lido_rig rig;
    open("\"output_size\": 1, \"sampling_ratio\": 1, \"reducer\": \"max\"", "[1,2,1] [1,5]", &rig);
    set_values(&rig.x[0], -2, -4);
    set_values(&rig.x[1], 0, 0, -0.5, 1, 0.5);
    set_values(&rig.dy, 1);
    run(&rig);
    assert_values(&rig.y, -3);
    assert_values(&rig.dx[0], 0.5, 0.5);
    lido_rig_free(&rig);
    open("\"output_size\": 1, \"sampling_ratio\": 1, \"reducer\": \"max\", \"semantics\": "
         "\"onnx\", \"aligned\": false",
         "[2,2,1] [1,5]", &rig);
    set_values(&rig.x[0], -2, -4, -8, -16);
    set_values(&rig.x[1], 0, 0, 0, 1, 1);
    set_values(&rig.dy, 8);
    run(&rig);
    assert_values(&rig.y, -0.5);
    assert_values(&rig.dx[0], 2, 0, 0, 0);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(nan_is_passed_on) {
    lido_rig rig;
    open("\"output_size\": 1, \"sampling_ratio\": 2, \"reducer\": \"max\"", "[1,3,2] [1,5]", &rig);
    set_values(&rig.x[0], 1, NAN, 2, 1, 9, 2);
    set_values(&rig.x[1], 0, 0, -0.5, 2, 0.5); /* points at x = 0.5 and 1.5 */
    run(&rig);
    assert_values(&rig.y, 5.5, NAN);
    lido_rig_free(&rig);
}
END_TEST

/* Not finite, beyond all bounds, or aligned and of no size: 0, and no gradient. */
START_TEST(what_is_no_box) {
    lido_rig rig;
    open("\"output_size\": 1, \"aligned\": true", "[2,2,1] [5,5]", &rig);
    set_values(&rig.x[1], 0, NAN, 0, 1, 1, 0, 0, 0, INFINITY, 1, 0, 0, 0, 1e9, 1, 0, 1, 1, 1, 1, 0,
               2, 2, 1, 1);
    set_values(&rig.dy, 1, 1, 1, 1, 1);
    run(&rig);
    assert_values(&rig.y, 0, 0, 0, 0, 0);
    assert_values(&rig.dx[0], 0, 0, 0, 0);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(a_small_box_is_a_cell_unless_aligned) {
    lido_rig rig;
    open("\"output_size\": 1", "[3,3,1] [1,5]", &rig);
    set_values(&rig.x[1], 0, 0.5, 0.5, 0.5, 0.5); /* taken for 0.5 .. 1.5, its middle (1, 1) */
    run(&rig);
    assert_values(&rig.y, 4);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(refuses_other_shapes) {
    lido_error error = {0};
    lido_rig rig;
    assert_fails(lido_rig_open("{\"type\": \"roi_align\", \"output_size\": 2}", "[4,4,4,1] [2,5]",
                               1, false, &rig, &error),
                 LIDO_SHAPE, "takes a map [H,W,C] and boxes [n,5], not [4,4,4,1] and [2,5]");
}
END_TEST

LIDO_TEST_MAIN("roi_align", the_ramp, a_box_round_the_map, points_outside, maxima, nan_is_passed_on,
               what_is_no_box, a_small_box_is_a_cell_unless_aligned, refuses_other_shapes)
