/* multiply.c - the product of two inputs, the second of one shape with the first or one factor for
 * each channel. */
#include "harness/reference.h"

void lido_reference_multiply(const lido_example *e, double *y);

void lido_reference_multiply(const lido_example *e, double *y) {
    int64_t positions = lido_shape_positions(e->y_shape), channels = e->y_shape->channels;
    bool same = lido_shape_equal(&e->x_shape[0], &e->x_shape[1]);
    for (int64_t n = 0; n < e->batch; n++)
        for (int64_t p = 0; p < positions; p++)
            for (int64_t c = 0; c < channels; c++) {
                int64_t i = (n * positions + p) * channels + c;
                y[i] = e->x[0][i] * e->x[1][same ? i : n * channels + c];
            }
}
