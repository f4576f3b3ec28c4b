/* test_conv_partials.c - how a batch is cut into chunks of images. (The sums themselves are those
 * of every convolution: test_conv.c, test_registry.c.) */
#include "lido_check.h"

#include "layers/conv.h"

START_TEST(chunks_cover_the_batch) {
    for (int64_t batch = 1; batch <= 100; batch++) {
        int64_t chunks = lido_conv_chunks(batch), images = lido_conv_chunk_images(batch);
        ck_assert(chunks * images >= batch);
        ck_assert((chunks - 1) * images < batch);
    }
}
END_TEST

/* Memory is booked for the largest batch, and the last of an epoch is smaller. */
START_TEST(a_smaller_batch_has_no_more_chunks_than_booked) {
    for (int64_t largest = 1; largest <= 100; largest++)
        for (int64_t batch = 1; batch <= largest; batch++)
            ck_assert(lido_conv_chunks(batch) <= lido_conv_most_chunks(largest));
}
END_TEST

START_TEST(rows_are_added_up) {
    const lido_real dy[] = {1, 2, -1, 3, 4, -1};
    lido_real sum[] = {10, 20};
    lido_conv_add_rows(sum, dy, 2, 2, 3);
    ck_assert(sum[0] == 14 && sum[1] == 26);
}
END_TEST

LIDO_TEST_MAIN("conv_partials", chunks_cover_the_batch,
               a_smaller_batch_has_no_more_chunks_than_booked, rows_are_added_up)
