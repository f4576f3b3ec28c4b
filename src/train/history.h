/* history.h - history.csv and history.jsonl: a row an epoch. Kept whole in memory and written
 * whole, atomically, so a file never holds half a row. */
#ifndef LIDO_TRAIN_HISTORY_H
#define LIDO_TRAIN_HISTORY_H

#include "base/json.h"

#include <lido/train.h>

typedef struct lido_history {
    char *csv, *jsonl; /* malloc'ed text of the two files */
} lido_history;

/* The header and no rows. LIDO_MEMORY. */
lido_status lido_history_new(lido_history *history, lido_error *error);
/* The first `epochs` rows of the files in the run's folder; later ones, of an epoch whose
 * checkpoint was not written, are dropped. LIDO_CORRUPT when a row is missing. */
lido_status lido_history_read(const char *folder, int64_t epochs, lido_history *history,
                              lido_error *error);
void lido_history_free(lido_history *history); /* harmless on a zeroed struct */

/* `learned` is that of lido_learned_document, taken over; it goes into the row of history.jsonl
 * unless it is {}. */
lido_status lido_history_add(lido_history *history, const lido_epoch *epoch, lido_json *learned,
                             lido_error *error);
lido_status lido_history_write(const lido_history *history, const char *folder, lido_error *error);

#endif
