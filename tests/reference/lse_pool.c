/* lse_pool.c - the log-sum-exp of each window. */
#include "reference/pool.h"

#include <math.h>

void lido_reference_lse_pool(const lido_example *e, double *y);

/* Around the first value, so that a small r keeps its digits. */
static double mean(const lido_example *e, const lido_reference_window *window) {
    double r = lido_reference_exponent(e, "r", window->channel);
    double origin = window->value[0], sum = 0;
    for (int64_t i = 0; i < window->count; i++) sum += expm1(r * (window->value[i] - origin));
    return origin + log1p(sum / (double)window->count) / r;
}

void lido_reference_lse_pool(const lido_example *e, double *y) {
    lido_reference_pool(e, mean, y);
}
