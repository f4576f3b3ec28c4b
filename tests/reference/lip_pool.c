/* lip_pool.c - the mean of each window weighted by e^g. */
#include "reference/pool.h"

#include <math.h>

void lido_reference_lip_pool(const lido_example *e, double *y);

static double mean(const lido_example *e, const lido_reference_window *window) {
    const double *map = e->x[e->inputs > 1 ? 1 : 0];
    double total = 0, weights = 0;
    for (int64_t i = 0; i < window->count; i++) {
        double w = exp(map[window->place[i]]);
        total += w * window->value[i];
        weights += w;
    }
    return total / weights;
}

void lido_reference_lip_pool(const lido_example *e, double *y) {
    lido_reference_pool(e, mean, y);
}
