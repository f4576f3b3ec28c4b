/* midrange_pool.c - halfway between the largest and the smallest value. */
#include "reference/pool.h"

#include <math.h>

void lido_reference_midrange_pool(const lido_example *e, double *y);

static double midrange(const lido_example *e, const lido_reference_window *window) {
    (void)e;
    double high = window->value[0], low = window->value[0];
    for (int64_t i = 1; i < window->count; i++) {
        high = fmax(high, window->value[i]);
        low = fmin(low, window->value[i]);
    }
    return (high + low) / 2;
}

void lido_reference_midrange_pool(const lido_example *e, double *y) {
    lido_reference_pool(e, midrange, y);
}
