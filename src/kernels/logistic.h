/* logistic.h - the logistic function and its inverse: how shares in (0, 1) are learned. */
#ifndef LIDO_KERNELS_LOGISTIC_H
#define LIDO_KERNELS_LOGISTIC_H

#include "kernels/exponential.h"

/* 1 / (1 + e^-x) */
LIDO_INLINE lido_real lido_logistic(lido_real x) {
    return 1 / (1 + lido_exp(-x));
}

/* The x of which p in (0, 1) is the logistic function. */
static inline double lido_logit(double p) {
    return log(p) - log1p(-p);
}

#endif
