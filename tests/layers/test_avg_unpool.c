/* test_avg_unpool.c - spreading by hand, the transpose of avg_pool, and what is refused. (Values
 * and gradients on all shapes: test_registry.c; PyTorch: test_golden.c.) */
#include "layers/pool_check.h"

START_TEST(a_quarter_each) {
    lido_rig rig = open_pool("{\"type\": \"avg_unpool\", \"kernel\": 2}", "[1,2,1]", 1);
    start_with(&rig.x[0], VALUES(4, 8));
    start_with(&rig.dy, VALUES(1, 2, 3, 4, 5, 6, 7, 8));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, VALUES(1, 1, 2, 2, 1, 1, 2, 2));
    assert_holds(&rig.dx[0], VALUES(3.5, 5.5));
    lido_rig_free(&rig);
}
END_TEST

START_TEST(overlaps_add_and_gaps_are_zero) {
    lido_rig rig =
        open_pool("{\"type\": \"avg_unpool\", \"kernel\": 4, \"stride\": 2}", "[2,1]", 1);
    start_with(&rig.x[0], VALUES(4, 8));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, VALUES(1, 1, 3, 3, 2, 2));
    lido_rig_free(&rig);
    rig = open_pool("{\"type\": \"avg_unpool\", \"kernel\": 1, \"stride\": 3, \"output_size\": 6}",
                    "[2,1]", 1);
    start_with(&rig.x[0], VALUES(4, 8));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, VALUES(4, 0, 0, 8, 0, 0));
    lido_rig_free(&rig);
}
END_TEST

START_TEST(what_padding_takes_is_lost_if_it_counts) {
    lido_rig rig =
        open_pool("{\"type\": \"avg_unpool\", \"kernel\": 2, \"padding\": [[1, 0]]}", "[2,1]", 1);
    start_with(&rig.x[0], VALUES(4, 8));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, VALUES(2, 4, 4));
    lido_rig_free(&rig);
    rig = open_pool("{\"type\": \"avg_unpool\", \"kernel\": 2, \"padding\": [[1, 0]], "
                    "\"count_include_pad\": false}",
                    "[2,1]", 1);
    start_with(&rig.x[0], VALUES(4, 8));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, VALUES(4, 4, 4));
    lido_rig_free(&rig);
}
END_TEST

START_TEST(is_the_transpose_of_avg_pool) {
    lido_rig up = open_pool("{\"type\": \"avg_unpool\", \"kernel\": 3, \"stride\": 2, "
                            "\"padding\": 1, \"output_size\": [8, null]}",
                            "[4,3,7]", 2);
    lido_rig down = open_pool("{\"type\": \"avg_pool\", \"kernel\": 3, \"stride\": 2, "
                              "\"padding\": 1}",
                              "[8,5,7]", 2);
    ck_assert_int_eq(lido_count(&up.y), lido_count(&down.dx[0]));
    memcpy(lido_start(&down.dy), lido_start(&up.x[0]), up.x[0].bytes);
    memcpy(lido_start(&down.x[0]), lido_start(&up.dy), up.dy.bytes);
    lido_rig_run(&up, &(lido_way){0});
    lido_rig_run(&down, &(lido_way){0});
    ck_assert_mem_eq(up.y.data, down.dx[0].data, up.y.bytes);
    ck_assert_mem_eq(up.dx[0].data, down.y.data, down.y.bytes);
    lido_rig_free(&up);
    lido_rig_free(&down);
}
END_TEST

START_TEST(refusals) {
    assert_refused("{\"type\": \"avg_unpool\"}", "[4,1]", LIDO_SPEC, "\"kernel\" is missing");
    assert_refused("{\"type\": \"avg_unpool\", \"kernel\": 2}", "[4]", LIDO_SHAPE, "vector");
    assert_refused("{\"type\": \"avg_unpool\", \"kernel\": 2, \"output_size\": 10}", "[4,1]",
                   LIDO_SHAPE, "\"output_size\" 10, allowed: 7 to 9");
    assert_refused("{\"type\": \"avg_unpool\", \"kernel\": 2, \"padding\": 2}", "[4,1]", LIDO_SHAPE,
                   "smaller than the window's extent");
    assert_refused("{\"type\": \"avg_unpool\", \"kernel\": 2, \"padding\": \"same\", "
                   "\"output_size\": 8}",
                   "[4,1]", LIDO_SPEC, "no meaning with \"same\"");
}
END_TEST

LIDO_TEST_MAIN("avg_unpool", a_quarter_each, overlaps_add_and_gaps_are_zero,
               what_padding_takes_is_lost_if_it_counts, is_the_transpose_of_avg_pool, refusals)
