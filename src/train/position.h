/* position.h - how far a run is: what a checkpoint says beside its arrays. */
#ifndef LIDO_TRAIN_POSITION_H
#define LIDO_TRAIN_POSITION_H

#include <lido/train.h>

typedef struct lido_position {
    int64_t epoch, step;             /* finished in all */
    double best_accuracy, best_loss; /* of the best validation so far */
    int64_t best_epoch;              /* 0: none yet */
    int64_t waited;                  /* epochs since then */
    int64_t training, validation;    /* pictures of the two parts */
} lido_position;

#endif
