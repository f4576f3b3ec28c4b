/* feed.c - the memory of one batch, filled again and again. */
#include "train/feed.h"

#include <stdlib.h>

lido_status lido_feed_make(const lido_batch_rule *rule, int64_t batch, lido_feed *feed,
                           lido_error *error) {
    *feed = (lido_feed){.rule = rule};
    int64_t values, labels, bytes;
    if (!lido_mul(lido_shape_size(&rule->input), batch, &values) ||
        !lido_mul(rule->set->labels_each, batch, &labels) ||
        !lido_mul(values, (int64_t)sizeof(lido_real), &bytes) ||
        !lido_mul(labels, (int64_t)sizeof(int32_t), &bytes))
        return lido_fail(error, LIDO_TOO_LARGE, "a batch of %lld pictures is too large",
                         (long long)batch);
    feed->x = malloc((size_t)values * sizeof *feed->x);
    feed->labels = malloc((size_t)labels * sizeof *feed->labels);
    if (feed->x && feed->labels) return LIDO_OK;
    lido_feed_free(feed);
    return lido_fail(error, LIDO_MEMORY, "out of memory for a batch of %lld pictures",
                     (long long)batch);
}

void lido_feed_free(lido_feed *feed) {
    free(feed->x);
    free(feed->labels);
    *feed = (lido_feed){0};
}

lido_batch lido_feed_fill(lido_feed *feed, int64_t epoch, const int64_t *samples, int64_t count) {
    lido_batch_fill(feed->rule, (uint64_t)epoch, samples, count, feed->x, feed->labels);
    return (lido_batch){.count = count, .x = feed->x, .labels = feed->labels, .sample = samples};
}
