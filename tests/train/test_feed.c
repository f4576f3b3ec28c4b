#include "data_helpers.h"

#include "train/feed.h"

START_TEST(a_batch_is_what_its_samples_are) {
    lido_dataset *set = columns_set(10, 5, 5);
    lido_batch_rule rule = plain_rule(set);
    lido_feed feed;
    lido_error error;
    const int64_t samples[] = {7, 2, 9};
    assert_ok(lido_feed_make(&rule, 4, &feed, &error));
    lido_batch batch = lido_feed_fill(&feed, 1, samples, 3);
    ck_assert_int_eq(batch.count, 3);
    ck_assert_ptr_eq(batch.sample, samples);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(batch.labels[i], set->labels[samples[i]]);
        for (int p = 0; p < 25; p++)
            ck_assert_double_eq_tol((double)batch.x[i * 25 + p],
                                    set->pixels[samples[i] * 25 + p] / 255.0, 1e-7);
    }
    ck_assert_ptr_eq(lido_feed_fill(&feed, 2, samples, 1).x, batch.x);
    lido_feed_free(&feed);
    lido_feed_free(&feed);
    lido_dataset_free(set);
}
END_TEST

START_TEST(too_much_is_refused) {
    lido_dataset *set = columns_set(10, 5, 5);
    lido_batch_rule rule = plain_rule(set);
    lido_feed feed;
    lido_error error;
    assert_fails(lido_feed_make(&rule, INT64_MAX / 8, &feed, &error), LIDO_TOO_LARGE, "a batch of");
    ck_assert_ptr_null(feed.x);
    lido_dataset_free(set);
}
END_TEST

LIDO_TEST_MAIN("feed", a_batch_is_what_its_samples_are, too_much_is_refused)
