/* local_response_norm.c - each channel divided by a power of its neighbours' mean square; a channel
 * that does not exist counts as zero. */
#include "harness/reference.h"

#include <math.h>

void lido_reference_local_response_norm(const lido_example *e, double *y);

void lido_reference_local_response_norm(const lido_example *e, double *y) {
    int64_t n = (int64_t)lido_example_number(e, "size"), channels = e->x_shape->channels;
    double alpha = lido_example_number(e, "alpha"), beta = lido_example_number(e, "beta");
    for (int64_t i = 0; i < e->batch * lido_shape_size(e->x_shape); i++) {
        int64_t c = i % channels;
        double sum = 0;
        for (int64_t j = c - n / 2; j < c - n / 2 + n; j++)
            if (j >= 0 && j < channels) sum += e->x[0][i - c + j] * e->x[0][i - c + j];
        y[i] = e->x[0][i] / pow(lido_example_number(e, "k") + alpha / (double)n * sum, beta);
    }
}
