/* test_polyphase_pool.c - which component is kept, ties and NaN, where gradients go, and that a
 * network of circular layers answers every circular shift the same. (Values and gradients on all
 * shapes: test_registry.c.) */
#include "layers/pool_check.h"

START_TEST(largest_norm_wins) {
    static const struct {
        const char *json;
        double y[2], dx[8];
    } cases[] = {
        /* component 0: 3 -3; 1: 1 5 (l1 6 6: the first; l2 18 26) */
        {"{\"type\": \"polyphase_pool\", \"norm\": \"l1\"}", {3, -3}, {7, 0, 8, 0}},
        {"{\"type\": \"polyphase_pool\"}", {1, 5}, {0, 7, 0, 8}},
        {"{\"type\": \"polyphase_pool\", \"norm\": \"linf\"}", {1, 5}, {0, 7, 0, 8}},
    };
    for (int i = 0; i < 3; i++) {
        lido_rig rig = open_pool(cases[i].json, "[4,1]", 1);
        start_with(&rig.x[0], VALUES(3, 1, -3, 5));
        start_with(&rig.dy, VALUES(7, 8));
        lido_rig_run(&rig, &(lido_way){0});
        assert_holds(&rig.y, cases[i].y, 2);
        assert_holds(&rig.dx[0], cases[i].dx, 4);
        lido_rig_run(&rig, &(lido_way){.evaluation = true});
        assert_holds(&rig.y, cases[i].y, 2);
        lido_rig_free(&rig);
    }
}
END_TEST

/* Each sample for itself, all channels together. */
START_TEST(samples_choose_channels_share) {
    lido_rig rig = open_pool("{\"type\": \"polyphase_pool\"}", "[2,2]", 2);
    start_with(&rig.x[0], VALUES(3, 0, 2, 2, 1, 0, 0, 2));
    start_with(&rig.dy, VALUES(1, 2, 3, 4));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, VALUES(3, 0, 0, 2));
    assert_holds(&rig.dx[0], VALUES(1, 2, 0, 0, 0, 0, 3, 4));
    lido_rig_free(&rig);
}
END_TEST

START_TEST(ties_keep_the_first_nan_wins) {
    lido_rig rig = open_pool("{\"type\": \"polyphase_pool\", \"stride\": [1, 3]}", "[1,3,1]", 1);
    start_with(&rig.x[0], VALUES(0, 0, 0));
    start_with(&rig.dy, VALUES(1));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.dx[0], VALUES(1, 0, 0));
    start_with(&rig.x[0], VALUES(1, -2, 2));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, VALUES(-2));
    start_with(&rig.x[0], VALUES(1, NAN, INFINITY));
    lido_rig_run(&rig, &(lido_way){.evaluation = true});
    assert_holds(&rig.y, VALUES(NAN));
    start_with(&rig.x[0], VALUES(INFINITY, 3, NAN));
    lido_rig_run(&rig, &(lido_way){.evaluation = true});
    assert_holds(&rig.y, VALUES(NAN));
    lido_rig_free(&rig);
}
END_TEST

/* Magnitudes are compared as bits: signs, zeros, infinity and NaN in the order of max pooling. */
START_TEST(largest_magnitudes) {
    lido_rig rig = open_pool("{\"type\": \"polyphase_pool\", \"norm\": \"linf\"}", "[2,3]", 1);
    static const double cases[][6] = {{1, -4, 2, 3, 3.5, 0},
                                      {-0.0, 0, 0, 0, 1e-40, 0},
                                      {5, 5, 5, 5, -INFINITY, 5},
                                      {INFINITY, 0, 0, 0, NAN, 0},
                                      {0, -NAN, 0, INFINITY, 0, 0}};
    static const int kept[] = {0, 1, 1, 1, 0};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        start_with(&rig.x[0], cases[i], 6);
        lido_rig_run(&rig, &(lido_way){.evaluation = true});
        assert_holds(&rig.y, cases[i] + 3 * kept[i], 3);
    }
    lido_rig_free(&rig);
}
END_TEST

START_TEST(ranks_agree) {
    assert_equal_layers("{\"type\": \"polyphase_pool\", \"stride\": 3}", "[9,3]",
                        "{\"type\": \"polyphase_pool\", \"stride\": [1, 1, 3]}", "[1,1,9,3]");
}
END_TEST

/* ---- shifts -------------------------------------------------------------------------------- */

enum { HEIGHT = 6, WIDTH = 8, CHANNELS = 2, LAYERS = 4 };

/* A picture of multiples of 1/64, so that no sum is rounded and equal means equal, shifted. */
static lido_real pixel(int64_t h, int64_t w, int64_t c) {
    const int64_t at = (h % HEIGHT * WIDTH + w % WIDTH) * CHANNELS + c;
    return (lido_real)((at * 37 + at * at * 11) % 129 - 64) / 64;
}

static void draw_shifted(const lido_buffer *x, int64_t down, int64_t right) {
    for (int64_t i = 0; i < lido_count(x); i++)
        lido_start(x)[i] =
            pixel(i / CHANNELS / WIDTH + down, i / CHANNELS % WIDTH + right, i % CHANNELS);
}

static void feed(lido_rig *chain) {
    for (int i = 0; i < LAYERS; i++) {
        if (i > 0) memcpy(lido_start(&chain[i].x[0]), chain[i - 1].y.data, chain[i - 1].y.bytes);
        lido_rig_run(&chain[i], &(lido_way){.evaluation = true});
    }
}

/* How many shifts change what conv, relu, `sampling` and the mean of the map say. */
static int changed_by_shifts(const char *sampling) {
    lido_rig chain[LAYERS] = {
        open_pool("{\"type\": \"conv\", \"filters\": 3, \"kernel\": 3, \"padding\": 1, "
                  "\"padding_mode\": \"circular\", \"bias\": false}",
                  "[6,8,2]", 1),
        open_pool("{\"type\": \"relu\"}", "[6,8,3]", 1),
        open_pool(sampling, "[6,8,3]", 1),
        open_pool("{\"type\": \"sum_pool\", \"global\": true}", "[3,4,3]", 1),
    };
    for (int64_t i = 0; i < lido_count(&chain[0].w[0]); i++)
        lido_start(&chain[0].w[0])[i] = (lido_real)((i * 29) % 17 - 8) / 8;
    lido_real first[3];
    int changed = 0;
    for (int64_t shift = 0; shift < HEIGHT * WIDTH; shift++) {
        draw_shifted(&chain[0].x[0], shift / WIDTH, shift % WIDTH);
        feed(chain);
        if (shift == 0) memcpy(first, chain[3].y.data, sizeof first);
        changed += memcmp(first, chain[3].y.data, sizeof first) != 0;
    }
    for (int i = 0; i < LAYERS; i++) lido_rig_free(&chain[i]);
    return changed;
}

START_TEST(shifts_change_nothing) {
    ck_assert_int_eq(changed_by_shifts("{\"type\": \"polyphase_pool\"}"), 0);
    ck_assert_int_eq(changed_by_shifts("{\"type\": \"polyphase_pool\", \"norm\": \"l1\"}"), 0);
    ck_assert_int_eq(changed_by_shifts("{\"type\": \"polyphase_pool\", \"norm\": \"linf\"}"), 0);
    /* and what they change otherwise: 36 of 48 shifts are not by multiples of 2 */
    ck_assert_int_eq(changed_by_shifts("{\"type\": \"max_pool\", \"kernel\": 1, \"stride\": 2}"),
                     36);
}
END_TEST

START_TEST(refusals) {
    assert_refused("{\"type\": \"polyphase_pool\"}", "[6,7,1]", LIDO_SHAPE,
                   "an axis of 7 is not a multiple of the stride 2");
    assert_refused("{\"type\": \"polyphase_pool\", \"stride\": 9}", "[4,1]", LIDO_SHAPE,
                   "not a multiple");
    assert_refused("{\"type\": \"polyphase_pool\"}", "[4]", LIDO_SHAPE, "vector");
    assert_refused("{\"type\": \"polyphase_pool\", \"norm\": \"l3\"}", "[4,1]", LIDO_SPEC,
                   "\"norm\" is \"l3\", allowed: one of l1, l2, linf");
}
END_TEST

LIDO_TEST_MAIN("polyphase_pool", largest_norm_wins, samples_choose_channels_share,
               ties_keep_the_first_nan_wins, largest_magnitudes, ranks_agree, shifts_change_nothing,
               refusals)
