/* pool_mixture.h - y = a max + (1 - a) average, the reducer of mixed_pool and mixed_choice_pool.
 * The share a is given, or learned as the logistic function of a parameter "logit", which keeps it
 * in (0, 1). Where the reducer draws (mixed choice), a channel of a sample has a = 1 in training
 * when its random number is below its share, else 0. */
#ifndef LIDO_LAYERS_POOL_MIXTURE_H
#define LIDO_LAYERS_POOL_MIXTURE_H

#include "layers/pool.h"

typedef enum lido_sharing {
    LIDO_SHARE_GIVEN,
    LIDO_SHARE_LAYER,
    LIDO_SHARE_CHANNEL,
    LIDO_SHARE_POSITION, /* one for each output position */
    LIDO_SHARINGS
} lido_sharing;

/* Their names, ended by NULL. */
extern const char *const lido_sharing_names[LIDO_SHARINGS + 1];

typedef struct lido_mixture {
    lido_grid_config grid;
    double a; /* given, or where learning starts */
    int learn;
} lido_mixture;

/* The functions of a lido_reducer; infer leaves draws alone. The gradient of a learned share is
 * dy (max - average), drawn or not. */
lido_status lido_mixture_infer(const lido_site *site, const lido_grid *grid,
                               lido_pool_demand *demand, lido_error *error);
void lido_mixture_forward(const lido_pool_piece *piece);
void lido_mixture_backward(const lido_pool_piece *piece);
void lido_mixture_backward_params(const lido_pool_piece *piece);

#endif
