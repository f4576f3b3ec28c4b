/* test_pool_grid.c - grids in several levels and drawn for each sample: their order, what they
 * tell, and what is refused. (Values and gradients: test_registry.c.) */
#include "layers/pool_check.h"

#include <stdio.h>

/* 1, 2, ... 16 on a 4x4 map: the whole, then four quarters. */
START_TEST(levels_follow_one_another) {
    lido_rig rig = open_pool("{\"type\": \"max_pool\", \"levels\": [1, 2]}", "[4,4,1]", 1);
    start_with(&rig.x[0], VALUES(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16));
    start_with(&rig.dy, VALUES(1, 2, 4, 8, 16));
    lido_rig_run(&rig, &(lido_way){0});
    ck_assert_int_eq(rig.needs.y.rank, 0);
    assert_holds(&rig.y, VALUES(16, 6, 8, 14, 16));
    assert_holds(&rig.dx[0], VALUES(0, 0, 0, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 8, 0, 17));
    lido_rig_free(&rig);
}
END_TEST

/* A window of two cells at each of four, then pairs averaged. */
START_TEST(evaluation_averages) {
    lido_rig rig = open_pool(
        "{\"type\": \"max_pool\", \"stochastic_grid\": {\"cell\": 2, \"keep\": 1}}", "[4,1]", 1);
    start_with(&rig.x[0], VALUES(1, 5, 2, 3));
    lido_rig_run(&rig, &(lido_way){.evaluation = true});
    assert_holds(&rig.y, VALUES(5, 3));
    lido_rig_free(&rig);
}
END_TEST

static void check_needs(const char *json, int64_t draws, int64_t extent, int64_t stride) {
    lido_rig rig = open_pool(json, "[10,12,3]", 2);
    ck_assert_int_eq(rig.needs.draws, draws);
    ck_assert_int_eq(rig.needs.extent[2], extent);
    ck_assert_int_eq(rig.needs.stride[2], stride);
    ck_assert(!rig.needs.whole_map);
    lido_rig_free(&rig);
}

#define LIDO_MAX "{\"type\": \"max_pool\", "

START_TEST(needs_are_told) {
    check_needs(LIDO_MAX "\"fractional\": {\"ratio\": 0.5, \"kernel\": 3}}", 2, 3, 2);
    check_needs(LIDO_MAX "\"fractional\": {\"output_size\": 7, \"mode\": \"random\"}}", 10, 2, 2);
    check_needs(LIDO_MAX "\"fractional\": {\"output_size\": 7, \"mode\": \"random\", "
                         "\"overlap\": false}}",
                12, 3, 2);
    check_needs(LIDO_MAX "\"stochastic_grid\": {\"cell\": 2, \"keep\": 1, \"kernel\": 3}}", 22, 4,
                2);
    check_needs(LIDO_MAX "\"levels\": [4, 2]}", 0, 6, 6);
}
END_TEST

START_TEST(conflicts_are_refused) {
    static const struct {
        const char *options;
        lido_status status;
        const char *text;
    } refused[] = {
        {"\"kernel\": 2, \"levels\": [1]", LIDO_SPEC, "\"kernel\" and \"levels\" conflict"},
        {"\"levels\": [1, 2], \"stride\": 2", LIDO_SPEC, "\"stride\" has no meaning"},
        {"\"levels\": []", LIDO_SPEC, "\"levels\""},
        {"\"fractional\": {\"kernel\": 2}", LIDO_SPEC, "neither"},
        {"\"fractional\": {\"kernel\": 2, \"ratio\": 0.5, \"output_size\": 3}", LIDO_SPEC, "both"},
        {"\"fractional\": {\"ratio\": 0.5}", LIDO_SPEC, "\"kernel\" is missing"},
        {"\"fractional\": {\"ratio\": 0.05, \"kernel\": 2}", LIDO_SHAPE, "0 windows along an axis"},
        {"\"fractional\": {\"output_size\": 9, \"kernel\": 3}", LIDO_SHAPE,
         "9 windows of 3 do not fit an axis of 10"},
        {"\"fractional\": {\"output_size\": 11, \"overlap\": false}", LIDO_SHAPE,
         "11 windows along an axis of 10"},
        {"\"fractional\": {\"output_size\": 5, \"mode\": \"random\"}", LIDO_SHAPE,
         "5 windows in random order divide an axis of 10"},
        {"\"fractional\": {\"output_size\": 7, \"mode\": \"random\", \"kernel\": 3}", LIDO_SPEC,
         "allowed: 2"},
        {"\"fractional\": {\"output_size\": 7, \"overlap\": false, \"kernel\": 2}", LIDO_SPEC,
         "no meaning with \"overlap\": false"},
        {"\"fractional\": {\"output_size\": 7, \"mode\": \"pseud\"}", LIDO_SPEC, "did you mean"},
        {"\"stochastic_grid\": {\"cell\": 4, \"keep\": 3}", LIDO_SPEC, "divisor of the cell of 4"},
        {"\"stochastic_grid\": {\"cell\": 4, \"keep\": 2}", LIDO_SHAPE,
         "cells of 4 and windows of 2 do not fit an axis of 10"},
        {"\"stochastic_grid\": {\"cell\": 2}", LIDO_SPEC, "\"keep\" is missing"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char json[256];
        snprintf(json, sizeof json, LIDO_MAX "%s}", refused[i].options);
        assert_refused(json, "[10,12,1]", refused[i].status, refused[i].text);
    }
}
END_TEST

LIDO_TEST_MAIN("pool_grid", levels_follow_one_another, evaluation_averages, needs_are_told,
               conflicts_are_refused)
