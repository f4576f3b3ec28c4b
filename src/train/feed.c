/* feed.c - the memory of one batch, filled again and again. */
#include "train/feed.h"

#include <stdlib.h>

/* The set's boxes as they are: nothing moves the pictures of a set that has them. */
static void fill_boxes(lido_feed *feed, const int64_t *samples, int64_t count) {
    const lido_dataset *set = feed->rule->set;
    int64_t each = set->labels_each * LIDO_BOX_NUMBERS;
    for (int64_t i = 0; i < count; i++)
        for (int64_t k = 0; k < each; k++)
            feed->boxes[i * each + k] = (lido_real)set->boxes[samples[i] * each + k];
}

lido_status lido_feed_make(const lido_batch_rule *rule, int64_t batch, lido_feed *feed,
                           lido_error *error) {
    *feed = (lido_feed){.rule = rule};
    int64_t values, labels, boxes, bytes;
    if (!lido_mul(lido_shape_size(&rule->input), batch, &values) ||
        !lido_mul(rule->set->labels_each, batch, &labels) ||
        !lido_mul(labels, LIDO_BOX_NUMBERS, &boxes) ||
        !lido_mul(values, (int64_t)sizeof(lido_real), &bytes) ||
        !lido_mul(boxes, (int64_t)sizeof(lido_real), &bytes))
        return lido_fail(error, LIDO_TOO_LARGE, "a batch of %lld pictures is too large",
                         (long long)batch);
    bool boxed = rule->set->boxes != NULL;
    feed->x = malloc((size_t)values * sizeof *feed->x);
    feed->labels = malloc((size_t)labels * sizeof *feed->labels);
    if (boxed) feed->boxes = malloc((size_t)boxes * sizeof *feed->boxes);
    if (feed->x && feed->labels && (feed->boxes || !boxed)) return LIDO_OK;
    lido_feed_free(feed);
    return lido_fail(error, LIDO_MEMORY, "out of memory for a batch of %lld pictures",
                     (long long)batch);
}

void lido_feed_free(lido_feed *feed) {
    free(feed->x);
    free(feed->boxes);
    free(feed->labels);
    *feed = (lido_feed){0};
}

lido_batch lido_feed_fill(lido_feed *feed, int64_t epoch, const int64_t *samples, int64_t count) {
    lido_batch_fill(feed->rule, (uint64_t)epoch, samples, count, feed->x, feed->labels);
    if (feed->boxes) fill_boxes(feed, samples, count);
    return (lido_batch){.count = count,
                        .x = feed->x,
                        .boxes = feed->boxes,
                        .labels = feed->labels,
                        .sample = samples};
}
