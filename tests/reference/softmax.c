/* softmax.c - y = exp(x) / sum exp(x) over channels. */
#include "harness/reference.h"

#include <math.h>

void lido_reference_softmax(const lido_example *e, double *y);

void lido_reference_softmax(const lido_example *e, double *y) {
    int64_t rows = e->batch * lido_shape_positions(e->y_shape), channels = e->y_shape->channels;
    for (int64_t r = 0; r < rows; r++) {
        const double *x = e->x[0] + r * channels;
        double sum = 0;
        for (int64_t c = 0; c < channels; c++) sum += exp(x[c]);
        for (int64_t c = 0; c < channels; c++) y[r * channels + c] = exp(x[c]) / sum;
    }
}
