/* batch_norm.c - (x - mean) / sqrt(variance + eps), scaled and shifted; the statistics are the
 * batch's in training, the running ones in evaluation. */
#include "harness/reference.h"

#include <math.h>

void lido_reference_batch_norm(const lido_example *e, double *y);

void lido_reference_batch_norm(const lido_example *e, double *y) {
    int64_t rows = e->batch * lido_shape_positions(e->y_shape), channels = e->y_shape->channels;
    double eps = lido_example_number(e, "eps");
    for (int64_t c = 0; c < channels; c++) {
        const double *x = e->x[0] + c;
        double mean = 0, variance = 0;
        for (int64_t r = 0; r < rows; r++) mean += x[r * channels] / (double)rows;
        for (int64_t r = 0; r < rows; r++)
            variance += (x[r * channels] - mean) * (x[r * channels] - mean) / (double)rows;
        if (!e->training) mean = e->state[0][c], variance = e->state[1][c];
        double scale = e->w[0] ? e->w[0][c] : 1, shift = e->w[1] ? e->w[1][c] : 0;
        for (int64_t r = 0; r < rows; r++)
            y[r * channels + c] = (x[r * channels] - mean) / sqrt(variance + eps) * scale + shift;
    }
}
