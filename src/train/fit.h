/* fit.h - whether a data set can be fed to a network. */
#ifndef LIDO_TRAIN_FIT_H
#define LIDO_TRAIN_FIT_H

#include <lido/data.h>
#include <lido/net.h>

/* LIDO_SHAPE, naming the set, unless its pictures can become the network's input (larger ones only
 * when crop_allowed), it has a label for each position of the output, and every label is one of its
 * classes. Training wants as many outputs as classes (`exact`), evaluation at least as many. */
lido_status lido_fit_check(const lido_graph *graph, const lido_batch_rule *rule, bool crop_allowed,
                           bool exact, lido_error *error);

#endif
