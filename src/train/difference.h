/* difference.h - where two JSON documents differ, to name the key that keeps a run from going on.
 */
#ifndef LIDO_TRAIN_DIFFERENCE_H
#define LIDO_TRAIN_DIFFERENCE_H

#include "base/json.h"

/* True when the documents differ somewhere other than at `except` (a path like "train.epochs";
 * NULL: nowhere else); the first place in the order of `ours` is written into text[size] as
 * "train.batch is 32, not 64" (ours, theirs). Numbers are compared as doubles. */
bool lido_json_difference(const lido_json *ours, const lido_json *theirs, const char *except,
                          char *text, size_t size);

#endif
