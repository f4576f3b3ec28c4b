/* test_max_unpool.c - values back to where they were, by hand: sizes, padding, cells chosen twice,
 * NaN, and what is refused. (Values and gradients on all shapes: test_registry.c; in networks:
 * tests/net/test_borrow.c.) */
#include "layers/pool_check.h"

#include <stdio.h>

/* A max_unpool of a max_pool with these options on such an input. */
static void write_layer(char json[512], const char *options, const char *pool, const char *input) {
    snprintf(json, 512,
             "{\"type\": \"max_unpool\", \"of\": \"p\"%s, "
             "\"layer\": {\"type\": \"max_pool\", %s, \"input\": %s}}",
             options, pool, input);
}

static lido_rig open_unpool(const char *options, const char *pool, const char *input,
                            const char *shape) {
    char json[512];
    write_layer(json, options, pool, input);
    return open_pool(json, shape, 1);
}

START_TEST(values_go_back) {
    lido_rig rig = open_unpool("", "\"kernel\": 2", "[4,4,1]", "[2,2,1]");
    start_with(&rig.of->x[0], VALUES(1, 1, 2, 4, 5, 6, 7, 8, 3, 2, 1, 0, 1, 2, 3, 4));
    start_with(&rig.x[0], VALUES(10, 20, 30, 40));
    start_with(&rig.dy, VALUES(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16));
    for (int evaluation = 1; evaluation >= 0; evaluation--) {
        lido_rig_run(&rig, &(lido_way){.evaluation = evaluation});
        assert_holds(&rig.y, VALUES(0, 0, 0, 0, 0, 10, 0, 20, 30, 0, 0, 0, 0, 0, 0, 40));
    }
    assert_holds(&rig.dx[0], VALUES(6, 8, 9, 16));
    lido_rig_free(&rig);
}
END_TEST

/* Windows of 3 at stride 2 over 5 cells whose middle is the largest of both. */
static lido_rig open_overlapping(const char *options) {
    lido_rig rig = open_unpool(options, "\"kernel\": 3, \"stride\": 2", "[5,1]", "[2,1]");
    start_with(&rig.of->x[0], VALUES(1, 2, 9, 2, 1));
    start_with(&rig.x[0], VALUES(10, 20));
    start_with(&rig.dy, VALUES(1, 2, 3, 4, 5));
    lido_rig_run(&rig, &(lido_way){0});
    return rig;
}

START_TEST(a_cell_chosen_twice) {
    lido_rig rig = open_overlapping("");
    assert_holds(&rig.y, VALUES(0, 0, 30, 0, 0));
    assert_holds(&rig.dx[0], VALUES(3, 3));
    lido_rig_free(&rig);
    rig = open_overlapping(", \"on_duplicate\": \"last\"");
    assert_holds(&rig.y, VALUES(0, 0, 20, 0, 0));
    assert_holds(&rig.dx[0], VALUES(0, 3));
    lido_rig_free(&rig);
}
END_TEST

static void check_size(const char *options, const char *pool, const char *input, const char *shape,
                       int64_t width) {
    lido_rig rig = open_unpool(options, pool, input, shape);
    ck_assert_int_eq(rig.needs.y.axis[2], width);
    lido_rig_run(&rig, &(lido_way){0});
    ck_assert(fabs(sum_of(&rig.y) - sum_of(&rig.x[0])) < 1e-5);
    lido_rig_free(&rig);
}

START_TEST(sizes) {
    check_size("", "\"kernel\": 2", "[8,1]", "[4,1]", 8);
    check_size("", "\"kernel\": 2", "[9,1]", "[4,1]", 8);
    check_size(", \"output_size\": 9", "\"kernel\": 2", "[9,1]", "[4,1]", 9);
    check_size(", \"output_size\": 7", "\"kernel\": 2, \"ceil\": true", "[7,1]", "[4,1]", 7);
    check_size("", "\"kernel\": 3, \"stride\": 2, \"padding\": 1", "[7,1]", "[4,1]", 7);
    check_size(", \"output_size\": 8", "\"kernel\": 3, \"stride\": 2, \"padding\": 1", "[8,1]",
               "[4,1]", 8);
    check_size("", "\"kernel\": 2, \"stride\": 1, \"dilation\": 3", "[8,1]", "[5,1]", 8);
}
END_TEST

START_TEST(padding_is_never_written) {
    lido_rig rig =
        open_unpool("", "\"kernel\": 3, \"stride\": 2, \"padding\": 1", "[3,1]", "[2,1]");
    start_with(&rig.of->x[0], VALUES(-1, -2, NAN));
    start_with(&rig.x[0], VALUES(10, 20));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, VALUES(10, 0, 20));
    lido_rig_free(&rig);
}
END_TEST

static void check_refused(const char *options, const char *pool, const char *input,
                          const char *shape, lido_status status, const char *text) {
    char json[512];
    write_layer(json, options, pool, input);
    assert_refused(json, shape, status, text);
}

START_TEST(refusals) {
    check_refused("", "\"global\": true, \"keepdims\": true", "[4,1]", "[1,1]", LIDO_SPEC,
                  "a max_pool without \"kernel\"");
    check_refused("", "\"kernel\": 2", "[4,1]", "[3,1]", LIDO_SHAPE,
                  "the input is [3,1], but the max_pool named by \"of\" has a switch for each of "
                  "[2,1]");
    check_refused(", \"output_size\": 6", "\"kernel\": 2", "[4,1]", "[2,1]", LIDO_SHAPE,
                  "\"output_size\" 6, allowed: 3 to 5");
    check_refused(", \"output_size\": 3", "\"kernel\": 2", "[4,1]", "[2,1]", LIDO_SHAPE,
                  "an \"output_size\" of at least 4");
    check_refused("", "\"kernel\": 3, \"stride\": 2, \"padding\": 1", "[6,1]", "[3,1]", LIDO_SHAPE,
                  "an \"output_size\" of at least 6");
    check_refused(", \"on_duplicate\": \"error\"", "\"kernel\": 3, \"stride\": 2", "[5,1]", "[2,1]",
                  LIDO_SPEC, "windows of 3 cells overlap at a stride of 2");
    assert_refused("{\"type\": \"max_unpool\"}", "[2,1]", LIDO_SPEC, "\"of\" is missing");
}
END_TEST

LIDO_TEST_MAIN("max_unpool", values_go_back, a_cell_chosen_twice, sizes, padding_is_never_written,
               refusals)
