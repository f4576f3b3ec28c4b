/* test_channel_max.c - maxout by hand: ties, NaN, infinities, what is refused. (Values and
 * gradients on all shapes: test_registry.c.) */
#include "layers/pool_check.h"

#include <stdio.h>

START_TEST(neighbours_form_a_group) {
    lido_rig rig = open_pool("{\"type\": \"channel_max\", \"size\": 3}", "[2,6]", 1);
    start_with(&rig.x[0], VALUES(1, 2, 3, 6, 5, 4, -1, -2, -3, -5, -4, -6));
    start_with(&rig.dy, VALUES(1, 10, 100, 1000));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, VALUES(3, 6, -1, -4));
    assert_holds(&rig.dx[0], VALUES(0, 0, 1, 10, 0, 0, 100, 0, 0, 0, 1000, 0));
    lido_rig_free(&rig);
}
END_TEST

/* One channel of the group gets all: the first of equal ones, the last NaN. */
static void check_rule(const char *json, const double *x, double y, const double *dx, int count) {
    char shape[16];
    snprintf(shape, sizeof shape, "[%d]", count);
    lido_rig rig = open_pool(json, shape, 1);
    start_with(&rig.x[0], x, (size_t)count);
    start_with(&rig.dy, VALUES(7));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, &y, 1);
    assert_holds(&rig.dx[0], dx, (size_t)count);
    lido_rig_free(&rig);
}

START_TEST(ties_nan_and_infinities) {
    static const char pair[] = "{\"type\": \"channel_max\", \"size\": 2}";
    static const char three[] = "{\"type\": \"channel_max\", \"size\": 3}";
    static const char four[] = "{\"type\": \"channel_max\", \"size\": 4}";
    check_rule(pair, (const double[]){0, 0}, 0, (const double[]){7, 0}, 2);
    check_rule(three, (const double[]){1, 2, 2}, 2, (const double[]){0, 7, 0}, 3);
    check_rule(three, (const double[]){1, NAN, 2}, NAN, (const double[]){0, 7, 0}, 3);
    check_rule(four, (const double[]){NAN, 1, NAN, 5}, NAN, (const double[]){0, 0, 7, 0}, 4);
    check_rule(four, (const double[]){-INFINITY, -INFINITY, -INFINITY, -INFINITY}, -INFINITY,
               (const double[]){7, 0, 0, 0}, 4);
    check_rule(pair, (const double[]){-INFINITY, -1}, -1, (const double[]){0, 7}, 2);
}
END_TEST

START_TEST(a_group_of_one_changes_nothing) {
    assert_equal_layers("{\"type\": \"channel_max\", \"size\": 1}", "[3,5,7]",
                        "{\"type\": \"max_pool\", \"kernel\": 1}", "[3,5,7]");
}
END_TEST

START_TEST(refusals) {
    assert_refused("{\"type\": \"channel_max\", \"size\": 3}", "[4,4]", LIDO_SHAPE,
                   "\"size\" 3 must divide the input's 4 channels");
    assert_refused("{\"type\": \"channel_max\"}", "[4]", LIDO_SPEC, "\"size\" is missing");
    assert_refused("{\"type\": \"channel_max\", \"size\": 257}", "[257]", LIDO_SPEC, "256");
}
END_TEST

LIDO_TEST_MAIN("channel_max", neighbours_form_a_group, ties_nan_and_infinities,
               a_group_of_one_changes_nothing, refusals)
