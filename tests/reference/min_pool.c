/* min_pool.c - the smallest value of each window. */
#include "reference/pool.h"

void lido_reference_min_pool(const lido_example *e, double *y);

static double smallest(const lido_example *e, const lido_reference_window *window) {
    (void)e;
    double best = window->value[0];
    for (int64_t i = 1; i < window->count; i++)
        if (window->value[i] < best || window->value[i] != window->value[i])
            best = window->value[i];
    return best;
}

void lido_reference_min_pool(const lido_example *e, double *y) {
    lido_reference_pool(e, smallest, y);
}
