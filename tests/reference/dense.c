/* dense.c - y[u] = b[u] + sum over i of x[i] w[i][u]. */
#include "harness/reference.h"

void lido_reference_dense(const lido_example *e, double *y);

void lido_reference_dense(const lido_example *e, double *y) {
    int64_t in = e->x_shape[0].channels, units = e->y_shape->channels;
    for (int64_t n = 0; n < e->batch; n++)
        for (int64_t u = 0; u < units; u++) {
            double sum = e->w[1] ? e->w[1][u] : 0;
            for (int64_t i = 0; i < in; i++) sum += e->x[0][n * in + i] * e->w[0][i * units + u];
            y[n * units + u] = sum;
        }
}
