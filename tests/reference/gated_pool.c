/* gated_pool.c - z max + (1 - z) mean with z = 1 / (1 + exp(-w.x)). */
#include "reference/pool.h"

#include <string.h>

void lido_reference_gated_pool(const lido_example *e, double *y);

static double reduce(const lido_example *e, const lido_reference_window *window) {
    bool each = strcmp(lido_example_text(e, "learn"), "channel") == 0;
    const double *w = e->w[0] + (each ? window->channel : 0);
    double product = lido_reference_product(window, w, each ? e->x_shape->channels : 1);
    double z = lido_reference_logistic(product);
    return z * lido_reference_max(window) + (1 - z) * lido_reference_mean(window);
}

void lido_reference_gated_pool(const lido_example *e, double *y) {
    lido_reference_pool(e, reduce, y);
}
