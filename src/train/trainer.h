/* trainer.h - everything a run holds in memory: made before the first step, which then allocates
 * nothing. */
#ifndef LIDO_TRAIN_TRAINER_H
#define LIDO_TRAIN_TRAINER_H

#include "train/feed.h"
#include "train/position.h"

typedef struct lido_trainer {
    const lido_train_options *train;
    const lido_run_options *options;
    lido_graph *graph;
    lido_net *net;
    lido_updater *updater;
    lido_dataset *set, *test; /* test NULL: there is none */
    lido_batch_rule rule;     /* of training */
    lido_batch_rule plain;    /* of validation: the same set, nothing changed at random */
    lido_batch_rule test_rule;
    lido_feed feed;
    int64_t *held_out; /* held_out[position.validation]: samples of the set */
    int64_t *kept;     /* kept[position.training]: behind them, the samples trained on */
    int64_t *order;    /* order[position.training]: of one epoch */
    int64_t batch;     /* at most the pictures there are */
    int64_t steps_an_epoch;
    lido_position position;
} lido_trainer;

/* Loads the data, makes the network and checks that they fit. The position is that of a run not yet
 * begun. On failure the trainer is left as lido_trainer_free accepts it. */
lido_status lido_trainer_make(const lido_spec *spec, const lido_train_options *train,
                              const lido_run_options *options, lido_trainer *trainer,
                              lido_error *error);
void lido_trainer_free(lido_trainer *trainer);

/* One pass over the training part, or what the run's steps leave of it: position.step goes on,
 * position.epoch does not. *score is the running mean over the batches, *lr that of the last step.
 * LIDO_NOT_FINITE, LIDO_INTERRUPTED. */
lido_status lido_trainer_epoch(lido_trainer *trainer, lido_score *score, double *lr,
                               lido_error *error);

/* Loss and accuracy of the weights as they are on the part held out, or on the test split; rows 0
 * when there is none. LIDO_INTERRUPTED, LIDO_MEMORY. */
lido_status lido_trainer_validate(lido_trainer *trainer, lido_score *score, lido_error *error);
lido_status lido_trainer_test(lido_trainer *trainer, lido_score *score, lido_error *error);

#endif
