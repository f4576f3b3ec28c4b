/* test_pool_gated.c - gated pooling: exact values, its parameter, and the grids that have no gate.
 * (Values and gradients on all grids: test_registry.c.) */
#include "layers/pool_check.h"

/* An open, a shut and a half open gate: x = (1, 3), max 3, average 2. */
START_TEST(the_gate_mixes) {
    lido_rig rig = open_pool("{\"type\": \"gated_pool\", \"kernel\": 2}", "[2,1]", 1);
    set_values(&rig.x[0], 1, 3);
    set_values(&rig.dy, 8);
    set_values(&rig.w[0], 0, 0);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 2.5);
    assert_values(&rig.dx[0], 2, 6);
    assert_values(&rig.dw[0], 2, 6);
    set_values(&rig.w[0], 30, 30);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 3);
    assert_values(&rig.dx[0], 0, 8);
    set_values(&rig.w[0], -30, -30);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 2);
    assert_values(&rig.dx[0], 4, 4);
    lido_rig_free(&rig);
}
END_TEST

/* Weights belong to cells of the kernel, so the first window has but its second one. */
START_TEST(padding_contributes_nothing) {
    lido_rig rig =
        open_pool("{\"type\": \"gated_pool\", \"kernel\": 2, \"stride\": 2, \"padding\": [[1, 0]]}",
                  "[3,1]", 1);
    set_values(&rig.x[0], 5, 1, 3);
    set_values(&rig.dy, 8, 8);
    set_values(&rig.w[0], 3, -1);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 5, 2.5);
    assert_values(&rig.dw[0], 2, 6);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(the_parameter) {
    lido_rig rig = open_pool("{\"type\": \"gated_pool\", \"kernel\": [2, 3]}", "[4,6,5]", 1);
    const lido_param *gate = &rig.needs.param[0];
    ck_assert(gate->rank == 2 && gate->dim[0] == 2 && gate->dim[1] == 3 && gate->decay);
    ck_assert_int_eq(gate->init, LIDO_INIT_ZEROS);
    lido_rig_free(&rig);
    rig = open_pool("{\"type\": \"gated_pool\", \"kernel\": [2, 3], \"learn\": \"channel\"}",
                    "[4,6,5]", 1);
    ck_assert(rig.needs.param[0].rank == 3 && rig.needs.param[0].dim[2] == 5);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(not_a_number) {
    lido_rig rig = open_pool("{\"type\": \"gated_pool\", \"kernel\": 2}", "[4,1]", 1);
    set_values(&rig.x[0], 1, NAN, 2, 2);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, NAN, 2);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(grids_without_one_kernel_are_refused) {
    assert_refused("{\"type\": \"gated_pool\", \"output_size\": 2}", "[5,5,1]", LIDO_SPEC,
                   "gated_pool has no meaning with \"output_size\": its windows differ in size, "
                   "but there is a weight for each cell of a window");
}
END_TEST

LIDO_TEST_MAIN("pool_gated", the_gate_mixes, padding_contributes_nothing, the_parameter,
               not_a_number, grids_without_one_kernel_are_refused)
