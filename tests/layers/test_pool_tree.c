/* test_pool_tree.c - tree pooling: exact values, its parameters, and the grids that have no tree.
 * (Values and gradients on all grids: test_registry.c.) */
#include "layers/pool_check.h"

/* Leaves pick the first and the second cell; the gate stands half open. */
START_TEST(a_gate_and_two_leaves) {
    lido_rig rig = open_pool("{\"type\": \"tree_pool\", \"kernel\": 2}", "[2,1]", 1);
    set_values(&rig.x[0], 1, 3);
    set_values(&rig.dy, 8);
    set_values(&rig.w[0], 0, 0);
    set_values(&rig.w[1], 1, 0, 0, 1);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 2);
    assert_values(&rig.dx[0], 4, 4);
    assert_values(&rig.dw[0], -4, -12);
    assert_values(&rig.dw[1], 4, 12, 4, 12);
    set_values(&rig.w[0], 30, 30);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 1);
    set_values(&rig.w[0], -30, -30);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 3);
    lido_rig_free(&rig);
}
END_TEST

/* Three levels, one cell: the left gate opens to leaf 0, the right one shuts to leaf 3. */
START_TEST(children_of_a_node) {
    lido_rig rig = open_pool("{\"type\": \"tree_pool\", \"kernel\": 1, \"depth\": 3}", "[1,1]", 1);
    set_values(&rig.x[0], 1);
    set_values(&rig.w[0], 0, 30, -30);
    set_values(&rig.w[1], 2, 100, 1000, 4);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 3);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(the_parameters) {
    lido_rig rig = open_pool("{\"type\": \"tree_pool\", \"kernel\": [2, 3], \"depth\": 3, "
                             "\"learn\": \"channel\"}",
                             "[4,6,5]", 1);
    const lido_param *gate = &rig.needs.param[0], *leaf = &rig.needs.param[1];
    ck_assert(gate->rank == 4 && gate->dim[0] == 3 && gate->dim[1] == 2 && gate->dim[3] == 5);
    ck_assert(leaf->rank == 4 && leaf->dim[0] == 4 && leaf->dim[2] == 3);
    ck_assert(leaf->init == LIDO_INIT_LECUN_NORMAL && leaf->fan_in == 6);
    lido_rig_free(&rig);
}
END_TEST

/* Its filters have signs of their own. */
START_TEST(the_output_may_be_negative) {
    lido_rig rig;
    assert_ok(
        lido_rig_open("{\"type\": \"tree_pool\", \"kernel\": 2}", "[2,1]", 1, true, &rig, &error));
    ck_assert(!rig.needs.nonnegative);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(what_is_refused) {
    assert_refused("{\"type\": \"tree_pool\", \"output_size\": 2}", "[5,5,1]", LIDO_SPEC,
                   "tree_pool has no meaning with \"output_size\"");
    assert_refused("{\"type\": \"tree_pool\", \"kernel\": 2, \"depth\": 1}", "[4,4,1]", LIDO_SPEC,
                   "\"depth\" is 1");
}
END_TEST

LIDO_TEST_MAIN("pool_tree", a_gate_and_two_leaves, children_of_a_node, the_parameters,
               the_output_may_be_negative, what_is_refused)
