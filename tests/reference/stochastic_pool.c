/* stochastic_pool.c - the first value whose running sum passes u times the sum, or sum x^2 / sum x.
 * Number e of a sample's draws decides its output element e. */
#include "reference/pool.h"

#include <string.h>

void lido_reference_stochastic_pool(const lido_example *e, double *y);

static double weighted(const lido_reference_window *window) {
    double total = 0, squares = 0;
    for (int64_t i = 0; i < window->count; i++) {
        total += window->value[i];
        squares += window->value[i] * window->value[i];
    }
    return total > 0 ? squares / total : 0;
}

static double reduce(const lido_example *e, const lido_reference_window *window) {
    if (!e->training || strcmp(lido_example_text(e, "training"), "weighted") == 0)
        return weighted(window);
    int64_t size = lido_shape_size(e->y_shape);
    double u = lido_reference_draw(e, window->element % size);
    double limit = u * lido_reference_mean(window) * (double)window->count, running = 0;
    for (int64_t i = 0; i < window->count; i++) {
        running += window->value[i];
        if (running > limit) return window->value[i];
    }
    return 0;
}

void lido_reference_stochastic_pool(const lido_example *e, double *y) {
    lido_reference_pool(e, reduce, y);
}
