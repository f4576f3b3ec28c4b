/* test_transposed_conv.c - sizes and sums by hand, the transpose of conv to the bit, and what is
 * refused. (Values and gradients on all shapes: test_registry.c; PyTorch: test_golden.c.) */
#include "layers/pool_check.h"

#include <stdio.h>

START_TEST(windows_add_up) {
    lido_rig rig =
        open_pool("{\"type\": \"transposed_conv\", \"filters\": 1, \"kernel\": 3, \"stride\": 2}",
                  "[2,1]", 1);
    set_values(&rig.x[0], 1, 10);
    set_values(&rig.w[0], 1, 2, 3);
    set_values(&rig.w[1], 100);
    set_values(&rig.dy, 1, 0, 0, 0, 2);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 101, 102, 113, 120, 130);
    assert_values(&rig.dx[0], 1, 6);
    assert_values(&rig.dw[0], 1, 0, 20);
    assert_values(&rig.dw[1], 3);
    lido_rig_free(&rig);
}
END_TEST

static void check_size(const char *options, const char *shape, int64_t height, int64_t width) {
    char json[256];
    snprintf(json, sizeof json, "{\"type\": \"transposed_conv\", \"filters\": 2, %s}", options);
    lido_rig rig = open_pool(json, shape, 1);
    const int64_t *axis = rig.needs.y.axis;
    ck_assert_msg(axis[1] == height && axis[2] == width, "%s: %d x %d", json, (int)axis[1],
                  (int)axis[2]);
    lido_rig_free(&rig);
}

START_TEST(sizes) {
    check_size("\"kernel\": 2, \"stride\": 2", "[3,5,1]", 6, 10);
    check_size("\"kernel\": 3, \"stride\": 2, \"padding\": 1", "[3,5,1]", 5, 9);
    check_size("\"kernel\": 3, \"stride\": 2, \"padding\": 1, \"output_padding\": [0, 1]",
               "[3,5,1]", 5, 10);
    check_size("\"kernel\": 3, \"dilation\": 3, \"output_padding\": 2", "[3,5,1]", 11, 13);
    check_size("\"kernel\": [3, 2], \"stride\": [1, 3], \"padding\": [[2, 0], [0, 1]]", "[3,5,1]",
               3, 13);
    check_size("\"kernel\": 3, \"stride\": [2, 4], \"padding\": \"same\"", "[3,5,1]", 6, 20);
}
END_TEST

/* Through conv with the weights of both alike: x of the one is dy of the other. */
START_TEST(is_the_transpose_of_conv) {
    lido_rig up = open_pool("{\"type\": \"transposed_conv\", \"filters\": 6, \"kernel\": [3, 2], "
                            "\"stride\": 2, \"padding\": 1, \"groups\": 2, \"bias\": false}",
                            "[4,5,8]", 3);
    lido_rig down = open_pool("{\"type\": \"conv\", \"filters\": 8, \"kernel\": [3, 2], "
                              "\"stride\": 2, \"padding\": 1, \"groups\": 2, \"bias\": false}",
                              "[7,8,6]", 3);
    ck_assert_int_eq(lido_count(&up.y), lido_count(&down.dx[0]));
    memcpy(lido_start(&down.dy), lido_start(&up.x[0]), up.x[0].bytes);
    memcpy(lido_start(&down.x[0]), lido_start(&up.dy), up.dy.bytes);
    memcpy(lido_start(&down.w[0]), lido_start(&up.w[0]), up.w[0].bytes);
    lido_rig_run(&up, &(lido_way){0});
    lido_rig_run(&down, &(lido_way){0});
    ck_assert_mem_eq(up.y.data, down.dx[0].data, up.y.bytes);
    ck_assert_mem_eq(up.dx[0].data, down.y.data, down.y.bytes);
    ck_assert_mem_eq(up.dw[0].data, down.dw[0].data, down.dw[0].bytes);
    lido_rig_free(&up);
    lido_rig_free(&down);
}
END_TEST

START_TEST(takes_the_fast_ways_of_conv) {
    lido_rig rig = open_pool("{\"type\": \"transposed_conv\", \"filters\": 16, \"kernel\": 3, "
                             "\"padding\": 1}",
                             "[12,12,16]", 1);
    ck_assert_str_eq(rig.needs.algorithm, "winograd_4x4");
    lido_rig_free(&rig);
}
END_TEST

/* An output cell of a 2x2 window with stride 2 is reached by one tap, of the 3x3 one by up to 4. */
START_TEST(fans) {
    lido_rig rig = open_pool("{\"type\": \"transposed_conv\", \"filters\": 6, \"kernel\": 2, "
                             "\"stride\": 2}",
                             "[4,4,10]", 1);
    ck_assert_int_eq(rig.needs.param[0].fan_in, 10);
    ck_assert_int_eq(rig.needs.param[0].fan_out, 24);
    lido_rig_free(&rig);
    rig = open_pool("{\"type\": \"transposed_conv\", \"filters\": 6, \"kernel\": 3, "
                    "\"stride\": 2, \"groups\": 2}",
                    "[4,4,10]", 1);
    ck_assert_int_eq(rig.needs.param[0].fan_in, 20);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(refusals) {
    static const struct {
        const char *options, *shape;
        lido_status status;
        const char *message;
    } refused[] = {
        {"\"kernel\": 3", "[4]", LIDO_SHAPE, "vector"},
        {"\"kernel\": 3, \"groups\": 2", "[4,3]", LIDO_SHAPE, "must divide"},
        {"\"kernel\": 3, \"stride\": 2, \"output_padding\": 2", "[4,3]", LIDO_SPEC,
         "less than the stride (2) or the dilation (1)"},
        {"\"kernel\": 3, \"padding\": \"same\", \"stride\": 2, \"output_padding\": 1", "[4,3]",
         LIDO_SPEC, "no meaning with \"same\""},
        {"\"kernel\": 3, \"padding\": 2", "[1,3]", LIDO_SHAPE, "leave nothing"},
        {"\"kernel\": 3, \"padding\": 3", "[9,3]", LIDO_SHAPE, "smaller than the window"},
        {"\"kernel\": [3, 3]", "[9,3]", LIDO_SPEC, "kernel"},
        {"\"kernel\": 1048576", "[1024,1024,1024,1]", LIDO_TOO_LARGE, ""},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char json[256];
        snprintf(json, sizeof json, "{\"type\": \"transposed_conv\", \"filters\": 2, %s}",
                 refused[i].options);
        assert_refused(json, refused[i].shape, refused[i].status, refused[i].message);
    }
}
END_TEST

LIDO_TEST_MAIN("transposed_conv", windows_add_up, sizes, is_the_transpose_of_conv,
               takes_the_fast_ways_of_conv, fans, refusals)
