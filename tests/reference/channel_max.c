/* channel_max.c - the largest of each group of neighbouring channels. */
#include "harness/reference.h"

void lido_reference_channel_max(const lido_example *e, double *y);

void lido_reference_channel_max(const lido_example *e, double *y) {
    int64_t size = (int64_t)lido_example_number(e, "size"), in = e->x_shape->channels;
    int64_t rows = e->batch * lido_shape_positions(e->x_shape);
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < in / size; c++) {
            double best = e->x[0][r * in + c * size];
            for (int64_t i = 1; i < size; i++) {
                double value = e->x[0][r * in + c * size + i];
                if (value > best || value != value) best = value;
            }
            y[r * (in / size) + c] = best;
        }
}
