/* test_conv_partials.c - how a batch is cut into chunks of images. (The sums themselves are those
 * of every convolution: test_conv.c, test_registry.c.) */
#include "lido_check.h"

#include "layers/conv.h"

/* With few weights, some and many. */
static const lido_conv convs[] = {
    {.taps = 25, .channels = 1, .filters = 6, .groups = 1, .positions = 784},
    {.taps = 9, .channels = 32, .filters = 32, .groups = 1, .positions = 100},
    {.taps = 9, .channels = 130, .filters = 256, .groups = 2, .positions = 4},
};
enum { CONVS = sizeof convs / sizeof *convs };

START_TEST(chunks_cover_the_batch) {
    for (int64_t batch = 1; batch <= 200; batch++) {
        const int64_t chunks = lido_conv_chunks(&convs[_i], batch);
        const int64_t images = lido_conv_chunk_images(&convs[_i], batch);
        ck_assert(chunks * images >= batch);
        ck_assert((chunks - 1) * images < batch);
    }
}
END_TEST

START_TEST(fewer_weights_are_cut_into_more_chunks) {
    static const int64_t wanted[CONVS] = {64, 14, 8};
    ck_assert_int_eq(lido_conv_most_chunks(&convs[_i], 1000), wanted[_i]);
}
END_TEST

/* Memory is booked for the largest batch, and the last of an epoch is smaller. */
START_TEST(a_smaller_batch_has_no_more_chunks_than_booked) {
    for (int64_t largest = 1; largest <= 200; largest++)
        for (int64_t batch = 1; batch <= largest; batch++)
            if (lido_conv_chunks(&convs[_i], batch) > lido_conv_most_chunks(&convs[_i], largest))
                ck_abort_msg("%lld after %lld", (long long)batch, (long long)largest);
}
END_TEST

START_TEST(rows_are_added_up) {
    const lido_real dy[] = {1, 2, -1, 3, 4, -1};
    lido_real sum[] = {10, 20};
    lido_conv_add_rows(sum, dy, 2, 2, 3);
    ck_assert(sum[0] == 14 && sum[1] == 26);
}
END_TEST

/* Narrow rows without a gap, which are taken many at once, and some left over. */
START_TEST(many_narrow_rows_are_added_up) {
    enum { ROWS = 1000, FILTERS = 3 };
    lido_real dy[ROWS * FILTERS], sum[FILTERS] = {1, 2, 3};
    for (int i = 0; i < ROWS * FILTERS; i++) dy[i] = (lido_real)(i % FILTERS + i / FILTERS % 5);
    lido_conv_add_rows(sum, dy, ROWS, FILTERS, FILTERS);
    for (int f = 0; f < FILTERS; f++) ck_assert(sum[f] == (lido_real)(f + 1 + ROWS * (f + 2)));
}
END_TEST

/* Every piece of a sum, once: panels of chunks cover all channels and filters. */
START_TEST(panels_cover_the_weights) {
    lido_conv conv = {.taps = 1, .channels = 130, .filters = 70, .groups = 1, .positions = 9};
    const int64_t batch = 13, images = lido_conv_chunk_images(&conv, batch);
    int64_t covered = 0;
    for (int64_t i = 0; i < lido_conv_panels(&conv, batch); i++) {
        const lido_conv_panel a = lido_conv_panel_at(&conv, batch, i);
        ck_assert(a.image == a.chunk * images && a.images >= 1 && a.image + a.images <= batch);
        ck_assert(a.in + a.ins <= conv.channels && a.out + a.outs <= conv.filters);
        covered += a.images * a.ins * a.outs;
    }
    ck_assert_int_eq(covered, batch * conv.channels * conv.filters);
}
END_TEST

START_TEST(the_bias_of_a_panel) {
    enum { CHANNELS = 65, FILTERS = 66, POSITIONS = 2 };
    lido_conv conv = {
        .taps = 1, .channels = CHANNELS, .filters = FILTERS, .groups = 1, .positions = POSITIONS};
    lido_real *scratch = calloc((size_t)lido_conv_partial(&conv), sizeof *scratch);
    ck_assert_ptr_nonnull(scratch);
    lido_real dy[POSITIONS * FILTERS];
    for (int i = 0; i < POSITIONS * FILTERS; i++) dy[i] = (lido_real)i;
    lido_call call = {.scratch = scratch, .dy = dy, .batch = 1};
    for (int64_t i = 0; i < lido_conv_panels(&conv, 1); i++) {
        const lido_conv_panel a = lido_conv_panel_at(&conv, 1, i);
        lido_conv_panel_bias(&conv, &call, &a);
    }
    for (int f = 0; f < FILTERS; f++)
        ck_assert(scratch[CHANNELS * FILTERS + f] == (lido_real)(2 * f + FILTERS));
    ck_assert(lido_conv_panel_sum(&conv, &call, &(lido_conv_panel){.in = 64, .out = 64}) ==
              scratch + 64 * FILTERS + 64);
    free(scratch);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("conv_partials");
    TCase *tcase = tcase_create("conv_partials");
    tcase_add_loop_test(tcase, chunks_cover_the_batch, 0, CONVS);
    tcase_add_loop_test(tcase, fewer_weights_are_cut_into_more_chunks, 0, CONVS);
    tcase_add_loop_test(tcase, a_smaller_batch_has_no_more_chunks_than_booked, 0, CONVS);
    tcase_add_test(tcase, rows_are_added_up);
    tcase_add_test(tcase, many_narrow_rows_are_added_up);
    tcase_add_test(tcase, panels_cover_the_weights);
    tcase_add_test(tcase, the_bias_of_a_panel);
    suite_add_tcase(suite, tcase);
    return lido_check_run(suite);
}
