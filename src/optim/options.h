/* options.h - the rows that open every optimiser's option table. */
#ifndef LIDO_OPTIM_OPTIONS_H
#define LIDO_OPTIM_OPTIONS_H

#include <lido/optim.h>

#include <math.h>

/* `type` is the configuration struct, whose first member is `lido_optimizer_common common`. */
#define LIDO_OPTIMIZER_OPTIONS(type, lr_text, decay_text, decay_doc)                     \
    {.name = "lr",                                                                       \
     .kind = LIDO_OPTION_REAL,                                                           \
     .offset = offsetof(type, common.lr),                                                \
     .fallback = lr_text,                                                                \
     .min = 0,                                                                           \
     .max = INFINITY,                                                                    \
     .doc = "learning rate, which the schedule multiplies"},                             \
    {                                                                                    \
        .name = "weight_decay", .kind = LIDO_OPTION_REAL,                                \
        .offset = offsetof(type, common.weight_decay), .fallback = decay_text, .min = 0, \
        .max = INFINITY, .doc = decay_doc                                                \
    }

#define LIDO_DECAY_L2 "decay * weight added to the gradient; not to biases and norms"
#define LIDO_DECAY_DECOUPLED "weights times 1 - lr * decay at each step; not biases and norms"

/* The largest double below 1, for rates of averages. */
#define LIDO_BELOW_ONE 0x1.fffffffffffffp-1

#endif
