/* relu.c - y = max(x, 0). */
#include "harness/reference.h"

void lido_reference_relu(const lido_example *e, double *y);

void lido_reference_relu(const lido_example *e, double *y) {
    int64_t count = e->batch * lido_shape_size(e->y_shape);
    for (int64_t i = 0; i < count; i++) y[i] = e->x[0][i] > 0 ? e->x[0][i] : 0;
}
