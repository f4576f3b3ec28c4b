/* soft_pool.c - the mean of each window weighted by the softmax of its values. */
#include "reference/pool.h"

#include <math.h>

void lido_reference_soft_pool(const lido_example *e, double *y);

static double mean(const lido_example *e, const double *value, int64_t count, int64_t padded) {
    (void)e, (void)padded;
    double total = 0, weights = 0;
    for (int64_t i = 0; i < count; i++) {
        total += exp(value[i]) * value[i];
        weights += exp(value[i]);
    }
    return total / weights;
}

void lido_reference_soft_pool(const lido_example *e, double *y) {
    lido_reference_pool(e, mean, y);
}
