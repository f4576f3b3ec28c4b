/* dgm_pool.c - y = X alpha with (X'X + lambda I) alpha = 1, by Gaussian elimination. */
#include "harness/reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void lido_reference_dgm_pool(const lido_example *e, double *y);

/* b = a^-1 b, a[n][n] positive definite: no pivoting. */
static void eliminate(double *a, double *b, int64_t n) {
    for (int64_t k = 0; k < n; k++)
        for (int64_t i = k + 1; i < n; i++) {
            double factor = a[i * n + k] / a[k * n + k];
            for (int64_t j = k; j < n; j++) a[i * n + j] -= factor * a[k * n + j];
            b[i] -= factor * b[k];
        }
    for (int64_t i = n - 1; i >= 0; i--) {
        for (int64_t j = i + 1; j < n; j++) b[i] -= a[i * n + j] * b[j];
        b[i] /= a[i * n + i];
    }
}

static void pool(const double *x, int64_t positions, int64_t channels, double lambda, double *y) {
    double *a = malloc((size_t)(positions * (positions + 1)) * sizeof *a);
    if (!a) abort();
    double *alpha = a + positions * positions;
    for (int64_t i = 0; i < positions; i++) {
        alpha[i] = 1;
        for (int64_t j = 0; j < positions; j++) {
            a[i * positions + j] = i == j ? lambda : 0;
            for (int64_t c = 0; c < channels; c++)
                a[i * positions + j] += x[i * channels + c] * x[j * channels + c];
        }
    }
    eliminate(a, alpha, positions);
    for (int64_t c = 0; c < channels; c++) {
        y[c] = 0;
        for (int64_t i = 0; i < positions; i++) y[c] += alpha[i] * x[i * channels + c];
    }
    free(a);
}

void lido_reference_dgm_pool(const lido_example *e, double *y) {
    bool learned = strcmp(lido_example_text(e, "learn"), "layer") == 0;
    double lambda = learned ? exp(e->w[0][0]) : lido_example_number(e, "lambda");
    int64_t positions = lido_shape_positions(e->x_shape), channels = e->x_shape->channels;
    for (int64_t n = 0; n < e->batch; n++)
        pool(e->x[0] + n * positions * channels, positions, channels, lambda, y + n * channels);
}
