/* tree_pool.c - node i: v.x for a leaf, z times node 2 i + 1 and 1 - z times node 2 i + 2 for a
 * gate with z = 1 / (1 + exp(-w.x)). */
#include "reference/pool.h"

#include <string.h>

void lido_reference_tree_pool(const lido_example *e, double *y);

/* Weights number i of a parameter times the window. */
static double product(const lido_example *e, const lido_reference_window *window, int param,
                      int64_t i) {
    bool each = strcmp(lido_example_text(e, "learn"), "channel") == 0;
    int64_t step = each ? e->x_shape->channels : 1;
    const double *w = e->w[param] + i * window->cells * step + (each ? window->channel : 0);
    return lido_reference_product(window, w, step);
}

static double node(const lido_example *e, const lido_reference_window *window, int64_t i,
                   int64_t gates) {
    if (i >= gates) return product(e, window, 1, i - gates);
    double z = lido_reference_logistic(product(e, window, 0, i));
    return z * node(e, window, 2 * i + 1, gates) + (1 - z) * node(e, window, 2 * i + 2, gates);
}

static double reduce(const lido_example *e, const lido_reference_window *window) {
    int64_t gates = ((int64_t)1 << ((int64_t)lido_example_number(e, "depth") - 1)) - 1;
    return node(e, window, 0, gates);
}

void lido_reference_tree_pool(const lido_example *e, double *y) {
    lido_reference_pool(e, reduce, y);
}
