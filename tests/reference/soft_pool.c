/* soft_pool.c - the mean of each window weighted by the softmax of its values. */
#include "reference/pool.h"

#include <math.h>

void lido_reference_soft_pool(const lido_example *e, double *y);

static double mean(const lido_example *e, const lido_reference_window *window) {
    (void)e;
    double total = 0, weights = 0;
    for (int64_t i = 0; i < window->count; i++) {
        total += exp(window->value[i]) * window->value[i];
        weights += exp(window->value[i]);
    }
    return total / weights;
}

void lido_reference_soft_pool(const lido_example *e, double *y) {
    lido_reference_pool(e, mean, y);
}
