/* gem_pool.c - the generalised mean of each window. */
#include "reference/pool.h"

#include <math.h>

void lido_reference_gem_pool(const lido_example *e, double *y);

static double mean(const lido_example *e, const lido_reference_window *window) {
    double p = lido_reference_exponent(e, "p", window->channel), sum = 0;
    double eps = lido_example_number(e, "eps");
    for (int64_t i = 0; i < window->count; i++) sum += pow(fmax(window->value[i], eps), p);
    return pow(sum / (double)window->count, 1 / p);
}

void lido_reference_gem_pool(const lido_example *e, double *y) {
    lido_reference_pool(e, mean, y);
}
