/* adam.c - Adam (Kingma & Ba 2015); weight decay is added to the gradient. */
#include "optim/adam_step.h"

static const lido_option options[] = {
    LIDO_OPTIMIZER_OPTIONS(lido_adam_config, "0.001", "0", LIDO_DECAY_L2),
    LIDO_ADAM_OPTIONS,
    {0},
};

static void update(const lido_update *u) {
    lido_adam_step(u, u->decay, 1);
}

const lido_optimizer lido_optimizer_adam = {
    .name = "adam",
    .doc = "steps by running means of the gradient and of its square",
    .options = options,
    .config_size = sizeof(lido_adam_config),
    .slots = 2,
    .update = update,
};
