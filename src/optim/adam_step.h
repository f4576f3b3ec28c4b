/* adam_step.h - what adam.c and adamw.c share: options and the loop, which differ only in where
 * the weight decay enters. Kingma & Ba 2015 as in PyTorch, epsilon outside the root of the
 * corrected mean square:
 *   m = beta1 m + (1 - beta1) g,  s = beta2 s + (1 - beta2) g^2
 *   p -= lr (m / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + epsilon) */
#ifndef LIDO_OPTIM_ADAM_STEP_H
#define LIDO_OPTIM_ADAM_STEP_H

#include "optim/options.h"

typedef struct lido_adam_config {
    lido_optimizer_common common;
    double beta1, beta2, epsilon;
} lido_adam_config;

#define LIDO_ADAM_OPTIONS                                                                \
    {.name = "beta1",                                                                    \
     .kind = LIDO_OPTION_REAL,                                                           \
     .offset = offsetof(lido_adam_config, beta1),                                        \
     .fallback = "0.9",                                                                  \
     .min = 0,                                                                           \
     .max = LIDO_BELOW_ONE,                                                              \
     .doc = "share of the running mean gradient that is kept"},                          \
        {.name = "beta2",                                                                \
         .kind = LIDO_OPTION_REAL,                                                       \
         .offset = offsetof(lido_adam_config, beta2),                                    \
         .fallback = "0.999",                                                            \
         .min = 0,                                                                       \
         .max = LIDO_BELOW_ONE,                                                          \
         .doc = "share of the running mean square that is kept"},                        \
    {                                                                                    \
        .name = "epsilon", .kind = LIDO_OPTION_REAL,                                     \
        .offset = offsetof(lido_adam_config, epsilon), .fallback = "1e-8", .min = 1e-30, \
        .max = INFINITY, .doc = "added to the root of the mean square"                   \
    }

/* The loop: `added` of the parameter is added to its gradient (L2), and the parameter is first
 * multiplied by `kept` (decoupled decay). */
void lido_adam_step(const lido_update *update, double added, double kept);

#endif
