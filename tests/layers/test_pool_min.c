/* test_pool_min.c - min pooling is max pooling of -x, to the bit, gradient and switches included.
 */
#include "layers/pool_check.h"

#include <stdio.h>

START_TEST(the_classic) {
    lido_rig rig = open_pool("{\"type\": \"min_pool\", \"kernel\": 2}", "[4,4,1]", 1);
    start_with(&rig.x[0], VALUES(1, 1, 2, 4, 5, 6, 7, 8, 3, 2, 1, 0, 1, 2, 3, 4));
    start_with(&rig.dy, VALUES(1, 2, 3, 4));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, VALUES(1, 2, 1, 0));
    assert_holds(&rig.dx[0], VALUES(1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 4, 3, 0, 0, 0));
    lido_rig_free(&rig);
}
END_TEST

START_TEST(nan_and_infinity) {
    lido_rig rig = open_pool(
        "{\"type\": \"min_pool\", \"kernel\": 3, \"stride\": 3, \"padding\": 1}", "[7,1]", 1);
    start_with(&rig.x[0], VALUES(INFINITY, INFINITY, NAN, 1, NAN, 4, 4));
    start_with(&rig.dy, VALUES(1, 2, 3));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, VALUES(INFINITY, NAN, 4));
    assert_holds(&rig.dx[0], VALUES(1, 0, 0, 0, 2, 3, 0));
    lido_rig_free(&rig);
}
END_TEST

/* The layer's options after its type. */
static void check_mirrored(const char *options, const char *shape) {
    char json[2][256];
    snprintf(json[0], sizeof json[0], "{\"type\": \"min_pool\", %s}", options);
    snprintf(json[1], sizeof json[1], "{\"type\": \"max_pool\", %s}", options);
    lido_rig min = open_pool(json[0], shape, 2), max = open_pool(json[1], shape, 2);
    for (int64_t i = 0; i < lido_count(&min.x[0]); i++) {
        lido_real tied = (lido_real)((i * 7919) % 11) - 5;
        lido_start(&min.x[0])[i] = tied;
        lido_start(&max.x[0])[i] = -tied;
    }
    lido_rig_run(&min, &(lido_way){0});
    lido_rig_run(&max, &(lido_way){0});
    for (int64_t i = 0; i < lido_count(&min.y); i++)
        ck_assert(lido_reals(&min.y)[i] == -lido_reals(&max.y)[i]);
    ck_assert_mem_eq(min.dx[0].data, max.dx[0].data, min.dx[0].bytes);
    lido_rig_free(&min);
    lido_rig_free(&max);
}

START_TEST(max_of_the_negative) {
    check_mirrored("\"kernel\": 2", "[8,9,3]");
    check_mirrored("\"kernel\": 3, \"stride\": 2, \"padding\": 1", "[9,11,16]");
    check_mirrored("\"output_size\": [3, 4]", "[8,9,7]");
    check_mirrored("\"global\": true", "[18,17,5]");
}
END_TEST

LIDO_TEST_MAIN("pool_min", the_classic, nan_and_infinity, max_of_the_negative)
