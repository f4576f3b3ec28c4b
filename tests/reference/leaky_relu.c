/* leaky_relu.c - y = x above zero, slope x below. */
#include "harness/reference.h"

void lido_reference_leaky_relu(const lido_example *e, double *y);

void lido_reference_leaky_relu(const lido_example *e, double *y) {
    int64_t count = e->batch * lido_shape_size(e->y_shape);
    double slope = lido_example_number(e, "slope");
    for (int64_t i = 0; i < count; i++) y[i] = e->x[0][i] * (e->x[0][i] > 0 ? 1 : slope);
}
