/* rmsprop.c - RMSprop (Tieleman & Hinton 2012), with epsilon outside the root as in PyTorch (Keras
 * has it inside):
 *   g = gradient + decay p,  s = rho s + (1 - rho) g^2,  p -= lr g / (sqrt(s) + epsilon) */
#include "kernels/clones.h"
#include "optim/options.h"

#include <tgmath.h>

typedef struct rmsprop_config {
    lido_optimizer_common common;
    double rho, epsilon;
} rmsprop_config;

static const lido_option options[] = {
    LIDO_OPTIMIZER_OPTIONS(rmsprop_config, "0.001", "0", LIDO_DECAY_L2),
    {.name = "rho",
     .kind = LIDO_OPTION_REAL,
     .offset = offsetof(rmsprop_config, rho),
     .fallback = "0.9",
     .min = 0,
     .max = LIDO_BELOW_ONE,
     .doc = "share of the running mean square that is kept"},
    {.name = "epsilon",
     .kind = LIDO_OPTION_REAL,
     .offset = offsetof(rmsprop_config, epsilon),
     .fallback = "1e-8",
     .min = 1e-30,
     .max = INFINITY,
     .doc = "added to the root of the mean square"},
    {0},
};

LIDO_CLONES
static void update(const lido_update *u) {
    const rmsprop_config *config = u->config;
    const lido_real scale = (lido_real)u->scale, decay = (lido_real)u->decay;
    const lido_real lr = (lido_real)u->lr, epsilon = (lido_real)config->epsilon;
    const lido_real rho = (lido_real)config->rho, rest = (lido_real)(1 - config->rho);
    lido_real *restrict value = u->value, *restrict square = u->slot[0];
    const lido_real *restrict gradient = u->gradient;
    for (int64_t i = 0; i < u->count; i++) {
        lido_real g = scale * gradient[i] + decay * value[i];
        lido_real s = rho * square[i] + rest * g * g;
        square[i] = s;
        value[i] -= lr * g / (sqrt(s) + epsilon);
    }
}

const lido_optimizer lido_optimizer_rmsprop = {
    .name = "rmsprop",
    .doc = "steps divided by the root of a running mean of squared gradients",
    .options = options,
    .config_size = sizeof(rmsprop_config),
    .slots = 1,
    .update = update,
};
