/* squeeze_excite.c - each channel times sigmoid(W2 relu(W1 mean + b1) + b2). */
#include "harness/reference.h"

#include <math.h>
#include <stdlib.h>

void lido_reference_squeeze_excite(const lido_example *e, double *y);

/* Before its sigmoid, the factor of channel c. */
static double logit(const lido_example *e, const double *mean, int64_t hidden, int64_t c) {
    int64_t channels = e->x_shape->channels;
    double sum = e->w[3][c];
    for (int64_t j = 0; j < hidden; j++) {
        double h = e->w[1][j];
        for (int64_t i = 0; i < channels; i++) h += mean[i] * e->w[0][i * hidden + j];
        sum += fmax(h, 0) * e->w[2][j * channels + c];
    }
    return sum;
}

void lido_reference_squeeze_excite(const lido_example *e, double *y) {
    int64_t channels = e->x_shape->channels, positions = lido_shape_positions(e->x_shape);
    int64_t hidden = channels / (int64_t)lido_example_number(e, "reduction");
    double *mean = malloc((size_t)channels * sizeof *mean);
    for (int64_t n = 0; n < e->batch; n++) {
        const double *x = e->x[0] + n * positions * channels;
        for (int64_t c = 0; c < channels; c++) {
            mean[c] = 0;
            for (int64_t p = 0; p < positions; p++) mean[c] += x[p * channels + c];
            mean[c] /= (double)positions;
        }
        for (int64_t c = 0; c < channels; c++) {
            double factor = 1 / (1 + exp(-logit(e, mean, hidden, c)));
            for (int64_t p = 0; p < positions; p++)
                y[(n * positions + p) * channels + c] = x[p * channels + c] * factor;
        }
    }
    free(mean);
}
