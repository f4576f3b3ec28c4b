/* adam_step.c - the loop of Adam and AdamW. */
#include "optim/adam_step.h"

#include "kernels/clones.h"

#include <tgmath.h>

LIDO_CLONES
void lido_adam_step(const lido_update *u, double added, double kept) {
    const lido_adam_config *config = u->config;
    const double correct1 = 1 - pow(config->beta1, (double)u->step);
    const double correct2 = 1 - pow(config->beta2, (double)u->step);
    const lido_real beta1 = (lido_real)config->beta1, rest1 = (lido_real)(1 - config->beta1);
    const lido_real beta2 = (lido_real)config->beta2, rest2 = (lido_real)(1 - config->beta2);
    const lido_real lr = (lido_real)(u->lr / correct1), epsilon = (lido_real)config->epsilon;
    const lido_real root = (lido_real)(1 / sqrt(correct2)), scale = (lido_real)u->scale;
    const lido_real l2 = (lido_real)added, shrink = (lido_real)kept;
    lido_real *restrict value = u->value, *restrict mean = u->slot[0],
                        *restrict square = u->slot[1];
    const lido_real *restrict gradient = u->gradient;
    for (int64_t i = 0; i < u->count; i++) {
        lido_real g = scale * gradient[i] + l2 * value[i];
        lido_real m = beta1 * mean[i] + rest1 * g;
        lido_real s = beta2 * square[i] + rest2 * g * g;
        mean[i] = m;
        square[i] = s;
        value[i] = shrink * value[i] - lr * m / (root * sqrt(s) + epsilon);
    }
}
