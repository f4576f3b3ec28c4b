/* feed.h - the memory of one batch, filled again and again. */
#ifndef LIDO_TRAIN_FEED_H
#define LIDO_TRAIN_FEED_H

#include <lido/data.h>
#include <lido/net.h>

typedef struct lido_feed {
    const lido_batch_rule *rule;
    lido_real *x;
    lido_real *boxes; /* NULL: the set has none */
    int32_t *labels;
} lido_feed;

/* Room for `batch` samples by the rule, which must outlive the feed. LIDO_MEMORY, LIDO_TOO_LARGE.
 */
lido_status lido_feed_make(const lido_batch_rule *rule, int64_t batch, lido_feed *feed,
                           lido_error *error);
/* Harmless on a zeroed struct. */
void lido_feed_free(lido_feed *feed);

/* The batch of the listed samples, in the feed's memory; `epoch` is that of augmentation. */
lido_batch lido_feed_fill(lido_feed *feed, int64_t epoch, const int64_t *samples, int64_t count);

#endif
