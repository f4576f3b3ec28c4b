/* concat.c - the channels of every input, one after the other, at each position. */
#include "harness/reference.h"

void lido_reference_concat(const lido_example *e, double *y);

void lido_reference_concat(const lido_example *e, double *y) {
    int64_t rows = e->batch * lido_shape_positions(e->y_shape);
    for (int64_t r = 0; r < rows; r++)
        for (int k = 0; k < e->inputs; k++) {
            int64_t channels = e->x_shape[k].channels;
            for (int64_t c = 0; c < channels; c++) *y++ = e->x[k][r * channels + c];
        }
}
