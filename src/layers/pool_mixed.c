/* pool_mixed.c - y = a max + (1 - a) average (Lee et al. 2016). */
#include "layers/pool_mixture.h"

static const lido_option options[] = {
    LIDO_GRID_OPTIONS,
    {"a", LIDO_OPTION_REAL, offsetof(lido_mixture, a), "0.5", 0, 1,
     .doc = "share of the maximum; where learning starts"},
    {"learn", LIDO_OPTION_CHOICE, offsetof(lido_mixture, learn), "\"layer\"",
     .choices = lido_sharing_names,
     .doc = "learn a share for the layer, each channel, each output position, or none"},
    {0},
};

static const lido_reducer reducer = {.infer = lido_mixture_infer,
                                     .forward = lido_mixture_forward,
                                     .backward = lido_mixture_backward,
                                     .backward_params = lido_mixture_backward_params};

const lido_layer lido_layer_mixed_pool = {
    .name = "mixed_pool",
    .doc = "a times the maximum and 1 - a times the average of each window",
    .options = options,
    .config_size = sizeof(lido_mixture),
    .family = &reducer,
    LIDO_POOL_LAYER,
};
