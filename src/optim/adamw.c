/* adamw.c - AdamW (Loshchilov & Hutter 2019): Adam whose weight decay shrinks the weights
 * themselves, p *= 1 - lr decay, instead of passing through the gradient. */
#include "optim/adam_step.h"

static const lido_option options[] = {
    LIDO_OPTIMIZER_OPTIONS(lido_adam_config, "0.001", "0.01", LIDO_DECAY_DECOUPLED),
    LIDO_ADAM_OPTIONS,
    {0},
};

static void update(const lido_update *u) {
    lido_adam_step(u, 0, 1 - u->lr * u->decay);
}

const lido_optimizer lido_optimizer_adamw = {
    .name = "adamw",
    .doc = "Adam with decoupled weight decay",
    .options = options,
    .config_size = sizeof(lido_adam_config),
    .slots = 2,
    .update = update,
};
