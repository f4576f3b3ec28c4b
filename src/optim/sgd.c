/* sgd.c - stochastic gradient descent with momentum (Polyak 1964) or Nesterov's, by PyTorch's
 * formulas:
 *   g = gradient + decay p,  v = momentum v + g,  p -= lr v  (Nesterov: lr (g + momentum v)) */
#include "kernels/clones.h"
#include "optim/options.h"

typedef struct sgd_config {
    lido_optimizer_common common;
    double momentum;
    bool nesterov;
} sgd_config;

static const lido_option options[] = {
    LIDO_OPTIMIZER_OPTIONS(sgd_config, "0.01", "0", LIDO_DECAY_L2),
    {.name = "momentum",
     .kind = LIDO_OPTION_REAL,
     .offset = offsetof(sgd_config, momentum),
     .fallback = "0",
     .min = 0,
     .max = 1,
     .doc = "share of the last step that is kept"},
    {.name = "nesterov",
     .kind = LIDO_OPTION_BOOL,
     .offset = offsetof(sgd_config, nesterov),
     .fallback = "false",
     .doc = "look one momentum step ahead; needs momentum"},
    {0},
};

static lido_status check(const void *config, lido_error *error) {
    const sgd_config *c = config;
    if (!c->nesterov || c->momentum > 0) return LIDO_OK;
    return lido_fail(error, LIDO_SPEC, "\"nesterov\" is true, but \"momentum\" is 0");
}

LIDO_CLONES
static void update(const lido_update *u) {
    const sgd_config *config = u->config;
    const lido_real scale = (lido_real)u->scale, decay = (lido_real)u->decay;
    const lido_real lr = (lido_real)u->lr, momentum = (lido_real)config->momentum;
    const lido_real fresh = config->nesterov ? 1 : 0, kept = config->nesterov ? momentum : 1;
    lido_real *restrict value = u->value, *restrict velocity = u->slot[0];
    const lido_real *restrict gradient = u->gradient;
    for (int64_t i = 0; i < u->count; i++) {
        lido_real g = scale * gradient[i] + decay * value[i];
        lido_real v = momentum * velocity[i] + g;
        velocity[i] = v;
        value[i] -= lr * (fresh * g + kept * v);
    }
}

const lido_optimizer lido_optimizer_sgd = {
    .name = "sgd",
    .doc = "stochastic gradient descent, plain, with momentum or with Nesterov's",
    .options = options,
    .config_size = sizeof(sgd_config),
    .slots = 1,
    .check = check,
    .update = update,
};
