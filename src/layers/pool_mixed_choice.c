/* pool_mixed_choice.c - in training the maximum with probability a, else the average, drawn for
 * each sample and channel; in evaluation a max + (1 - a) average (Yu et al. 2014). The probability
 * is given or learned; what one draw came to says nothing of how a should change, so its gradient
 * is that of the expected output, dy (max - average). */
#include "layers/pool_mixture.h"

static const char *const sharings[] = {"none", "layer", "channel", NULL};

static const lido_option options[] = {
    LIDO_GRID_OPTIONS,
    {"a", LIDO_OPTION_REAL, offsetof(lido_mixture, a), "0.5", 0, 1,
     .doc = "probability of the maximum; where learning starts"},
    {"learn", LIDO_OPTION_CHOICE, offsetof(lido_mixture, learn), "\"none\"", .choices = sharings,
     .doc = "learn a probability for the layer or each channel, or none"},
    {0},
};

static lido_status infer(const lido_site *site, const lido_grid *grid, lido_pool_demand *demand,
                         lido_error *error) {
    demand->draws = site->x->channels;
    demand->decides = "maximum or average of each channel";
    demand->reads_draws = true;
    return lido_mixture_infer(site, grid, demand, error);
}

static const lido_reducer reducer = {.infer = infer,
                                     .forward = lido_mixture_forward,
                                     .backward = lido_mixture_backward,
                                     .backward_params = lido_mixture_backward_params};

const lido_layer lido_layer_mixed_choice_pool = {
    .name = "mixed_choice_pool",
    .doc = "the maximum or the average, drawn for each sample and channel",
    .options = options,
    .config_size = sizeof(lido_mixture),
    .family = &reducer,
    LIDO_POOL_LAYER,
};
