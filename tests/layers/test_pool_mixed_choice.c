/* test_pool_mixed_choice.c - the maximum or the average by a draw for each sample and channel,
 * their mixture in evaluation, and the gradient of a learned probability. */
#include "layers/pool_check.h"

#include "layers/draws.h"

enum { BATCH = 40, CHANNELS = 5 };

/* Every window holds 0 and 4: 4 where the maximum was drawn, else 2. */
START_TEST(one_draw_for_each_sample_and_channel) {
    lido_rig rig =
        open_pool("{\"type\": \"mixed_choice_pool\", \"kernel\": 2, \"a\": 0.25}", "[6,5]", BATCH);
    const lido_draw from = lido_rig_draw(&rig);
    float u[CHANNELS];
    int drawn = 0;
    ck_assert_int_eq(rig.needs.draws, CHANNELS);
    for (int64_t i = 0; i < lido_count(&rig.x[0]); i++)
        lido_start(&rig.x[0])[i] = i / CHANNELS % 2 == 0 ? 0 : 4;
    start_with(&rig.dy, VALUES(8));
    lido_rig_run(&rig, &(lido_way){0});
    for (int64_t n = 0; n < BATCH; n++) {
        lido_draws(&from, n, CHANNELS, u);
        for (int64_t i = 0; i < 3 * CHANNELS; i++) {
            const bool max = u[i % CHANNELS] < 0.25F;
            const int64_t zero = (n * 6 + i / CHANNELS * 2) * CHANNELS + i % CHANNELS;
            ck_assert(lido_reals(&rig.y)[n * 3 * CHANNELS + i] == (max ? 4 : 2));
            ck_assert(lido_reals(&rig.dx[0])[zero] == (max ? 0 : 4));
            ck_assert(lido_reals(&rig.dx[0])[zero + CHANNELS] == (max ? 8 : 4));
            drawn += max;
        }
    }
    ck_assert_double_eq_tol((double)drawn / (3 * BATCH * CHANNELS), 0.25, 0.13);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(evaluation_mixes) {
    lido_rig rig =
        open_pool("{\"type\": \"mixed_choice_pool\", \"kernel\": 2, \"a\": 0.25}", "[2,1]", 1);
    set_values(&rig.x[0], 0, 4);
    lido_rig_run(&rig, &(lido_way){.evaluation = true});
    assert_values(&rig.y, 2.5);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(certain_choices) {
    lido_rig rig =
        open_pool("{\"type\": \"mixed_choice_pool\", \"kernel\": 2, \"a\": 1}", "[2,3]", 7);
    lido_rig max = open_pool("{\"type\": \"max_pool\", \"kernel\": 2}", "[2,3]", 7);
    lido_rig_run(&rig, &(lido_way){0});
    lido_rig_run(&max, &(lido_way){0});
    ck_assert_mem_eq(rig.y.data, max.y.data, rig.y.bytes);
    ck_assert_mem_eq(rig.dx[0].data, max.dx[0].data, rig.dx[0].bytes);
    lido_rig_free(&rig);
    lido_rig_free(&max);
}
END_TEST

/* Whatever was drawn: dlogit = a (1 - a) dy (max - average), summed. */
static void check_learned(const char *learn, int64_t count) {
    char json[128] = "{\"type\": \"mixed_choice_pool\", \"kernel\": 2, \"learn\": \"";
    strcat(strcat(json, learn), "\"}");
    lido_rig rig = open_pool(json, "[6,5]", 3);
    double wanted[CHANNELS] = {0};
    ck_assert_int_eq(lido_count(&rig.w[0]), count);
    lido_rig_run(&rig, &(lido_way){0});
    for (int64_t i = 0; i < lido_count(&rig.y); i++) {
        const int64_t c = i % CHANNELS, k = count == 1 ? 0 : c;
        const lido_real *x = lido_start(&rig.x[0]) + i / CHANNELS * 2 * CHANNELS + c;
        double a = 1 / (1 + exp(-(double)lido_start(&rig.w[0])[k]));
        double max = fmax((double)x[0], (double)x[CHANNELS]);
        double mean = ((double)x[0] + (double)x[CHANNELS]) / 2;
        wanted[k] += a * (1 - a) * (double)lido_start(&rig.dy)[i] * (max - mean);
    }
    for (int64_t k = 0; k < count; k++)
        ck_assert_double_eq_tol((double)lido_reals(&rig.dw[0])[k], wanted[k], 1e-6);
    lido_rig_free(&rig);
}

START_TEST(a_learned_probability) {
    check_learned("layer", 1);
    check_learned("channel", CHANNELS);
}
END_TEST

/* In training the draw follows the learned probability: far out it is certain. */
START_TEST(the_learned_probability_is_drawn_with) {
    lido_rig rig = open_pool(
        "{\"type\": \"mixed_choice_pool\", \"kernel\": 2, \"learn\": \"channel\"}", "[2,2]", 30);
    for (int64_t i = 0; i < lido_count(&rig.x[0]); i++)
        lido_start(&rig.x[0])[i] = i / 2 % 2 == 0 ? 0 : 4;
    set_values(&rig.w[0], 50, -50);
    lido_rig_run(&rig, &(lido_way){0});
    for (int64_t i = 0; i < lido_count(&rig.y); i++)
        ck_assert(lido_reals(&rig.y)[i] == (i % 2 == 0 ? 4 : 2));
    lido_rig_free(&rig);
}
END_TEST

START_TEST(no_share_of_positions) {
    assert_refused("{\"type\": \"mixed_choice_pool\", \"kernel\": 2, \"learn\": \"position\"}",
                   "[4,4,1]", LIDO_SPEC, "none, layer, channel");
}
END_TEST

LIDO_TEST_MAIN("pool_mixed_choice", one_draw_for_each_sample_and_channel, evaluation_mixes,
               certain_choices, a_learned_probability, the_learned_probability_is_drawn_with,
               no_share_of_positions)
