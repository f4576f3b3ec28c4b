/* test_switches.c - where the cells that were chosen lie: windows clipped by padding, dilated,
 * numbers of each size, the indices of other engines; which layers have switches, and when. */
#include "layers/pool_check.h"

#include "kernels/window.h"
#include "layers/switches.h"

/* The rig's layer on values that rise along the map, and its switches. */
static void check(const char *json, const char *shape, const int64_t *wanted, int64_t count) {
    lido_rig rig = open_pool(json, shape, 1);
    ck_assert_int_eq(lido_count(&rig.y), count);
    for (int64_t i = 0; i < lido_count(&rig.x[0]); i++) lido_start(&rig.x[0])[i] = (lido_real)i;
    lido_rig_run(&rig, &(lido_way){0});
    for (int64_t i = 0; i < count; i++) ck_assert_int_eq(rig.switches[i], wanted[i]);
    lido_rig_free(&rig);
}

#define CHECK(json, shape, ...)                  \
    check(json, shape, (int64_t[]){__VA_ARGS__}, \
          (int64_t)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)))

START_TEST(cells_of_the_plane) {
    CHECK("{\"type\": \"max_pool\", \"kernel\": 2}", "[4,4,1]", 5, 7, 13, 15);
    CHECK("{\"type\": \"max_pool\", \"kernel\": 2}", "[2,4,2]", 5, 5, 7, 7); /* not of the tensor */
    CHECK("{\"type\": \"min_pool\", \"kernel\": 3, \"stride\": 2, \"padding\": 1}", "[4,4,1]", 0, 1,
          4, 5);
    CHECK("{\"type\": \"max_pool\", \"kernel\": 2, \"dilation\": 2, \"stride\": 1}", "[3,4,1]", 10,
          11);
    CHECK("{\"type\": \"max_pool\", \"kernel\": 2}", "[2,2,2,1]", 7);
    CHECK("{\"type\": \"max_pool\", \"global\": true}", "[20,20,1]", 399);     /* in two bytes */
    CHECK("{\"type\": \"max_pool\", \"global\": true}", "[300,300,1]", 89999); /* in four */
    CHECK("{\"type\": \"max_pool\", \"levels\": [1, 2]}", "[4,4,1]", 15, 5, 7, 13, 15);
    CHECK("{\"type\": \"lp_pool\", \"kernel\": 2, \"max_norm\": true}", "[2,2,1]", 3);
}
END_TEST

/* A window of zeros draws no cell, nor has an empty bin one. */
START_TEST(no_cell) {
    lido_rig rig;
    assert_ok(lido_rig_open("{\"type\": \"stochastic_pool\", \"kernel\": 2}", "[2,4,1]", 1, true,
                            &rig, &error));
    set_values(&rig.x[0], 0, 0, 0, 0, 0, 0, 0, 3);
    lido_rig_run(&rig, &(lido_way){0});
    ck_assert(rig.switches[0] == -1 && rig.switches[1] == 7);
    lido_rig_free(&rig);
    assert_ok(lido_rig_open("{\"type\": \"roi_pool\", \"output_size\": 1}", "[3,3,1][2,5]", 1,
                            false, &rig, &error));
    set_values(&rig.x[1], 0, 1, 1, 2, 2, 0, 9, 9, 12, 12);
    for (int i = 0; i < 9; i++) lido_start(&rig.x[0])[i] = (lido_real)(9 - i);
    lido_rig_run(&rig, &(lido_way){0});
    ck_assert(rig.switches[0] == 4 && rig.switches[1] == -1);
    lido_rig_free(&rig);
}
END_TEST

/* Two samples of [2,3,2]: planes of 6, ((n 2 + c) 6) before the cell. */
START_TEST(indices_of_onnx) {
    lido_shape x;
    assert_ok(lido_shape_make((int64_t[]){2, 3, 2}, 3, &x, &error));
    int64_t switches[] = {5, 4, 0, -1, 1, 3, -1, 2};
    static const int64_t wanted[] = {5, 6 + 4, 0, -1, 12 + 1, 18 + 3, -1, 18 + 2};
    lido_switches_to_onnx(&x, 2, 4, switches);
    ck_assert_mem_eq(switches, wanted, sizeof wanted);
}
END_TEST

/* Numbers of one, two and four bytes say the same. */
START_TEST(numbers_of_each_size) {
    static const uint8_t one[] = {3, 0, 2, 1};
    static const uint16_t two[] = {3, 0, 2, 1};
    static const uint32_t four[] = {3, 0, 2, 1};
    static const void *const numbers[] = {one, two, four};
    static const int64_t o[LIDO_MAX_AXES] = {0, 0, 1};
    lido_window single = {.count = 1},
                pair[] = {{.start = 0, .count = 2}, {.start = 3, .count = 2}};
    lido_grid grid = {.axis = {{.length = 1, .outputs = 1, .kernel = 1, .step = 1, .at = &single},
                               {.length = 2, .outputs = 1, .kernel = 2, .step = 1, .at = pair},
                               {.length = 5, .outputs = 2, .kernel = 2, .step = 1, .at = pair}}};
    int64_t list[4], position[2];
    lido_grid_finish(&grid, list);
    for (int i = 0; i < 3; i++) {
        lido_switch_positions(&grid, numbers[i], (size_t)1 << i, o, 2, position);
        ck_assert(position[0] == 5 + 3 && position[1] == 4); /* cells 2 and 1 */
    }
}
END_TEST

START_TEST(who_has_them) {
    static const struct {
        const char *json;
        bool evaluation, training;
    } layers[] = {
        {"{\"type\": \"max_pool\", \"kernel\": 2}", true, true},
        {"{\"type\": \"min_pool\", \"fractional\": {\"ratio\": 0.5, \"kernel\": 2}}", true, true},
        {"{\"type\": \"max_pool\", \"stochastic_grid\": {\"cell\": 2, \"keep\": 1}}", false, true},
        {"{\"type\": \"stochastic_pool\", \"kernel\": 2}", false, true},
        {"{\"type\": \"stochastic_pool\", \"kernel\": 2, \"training\": \"weighted\"}", false,
         false},
        {"{\"type\": \"lp_pool\", \"kernel\": 2}", false, false},
        {"{\"type\": \"avg_pool\", \"kernel\": 2}", false, false},
        {"{\"type\": \"median_pool\", \"kernel\": 2}", false, false},
    };
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        lido_rig rig;
        assert_ok(lido_rig_open(layers[i].json, "[4,4,1]", 1, true, &rig, &error));
        ck_assert_msg(rig.needs.switches[0] == layers[i].evaluation, "%s", layers[i].json);
        ck_assert_msg(rig.needs.switches[1] == layers[i].training, "%s", layers[i].json);
        lido_rig_free(&rig);
    }
}
END_TEST

LIDO_TEST_MAIN("switches", cells_of_the_plane, no_cell, indices_of_onnx, numbers_of_each_size,
               who_has_them)
