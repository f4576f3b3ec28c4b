/* upsample.c - every output cell from all input cells, each with the weight that its distance to
 * the output's position gives it. */
#include "harness/reference.h"

#include <math.h>
#include <string.h>

void lido_reference_upsample(const lido_example *e, double *y);

/* The weight of input cell i in output cell o. */
static double weight(const lido_example *e, int axis, int64_t o, int64_t i) {
    const char *mode = lido_example_text(e, "mode");
    double length = (double)e->x_shape->axis[axis], output = (double)e->y_shape->axis[axis];
    if (strcmp(mode, "repeat") == 0)
        return i == o * e->x_shape->axis[axis] / e->y_shape->axis[axis];
    double at = ((double)o + 0.5) * length / output;
    if (strcmp(mode, "nearest") == 0) return (double)i <= at && at < (double)i + 1;
    at -= 0.5;
    if (lido_example_number(e, "align_corners") != 0)
        at = output > 1 ? (double)o * (length - 1) / (output - 1) : 0;
    at = fmin(fmax(at, 0), length - 1);
    return fmax(0, 1 - fabs(at - (double)i));
}

/* Adds to y[channels] the row of input cells at (d, h), each as output cell ow shows it. */
static void add_row(const lido_example *e, const double *row, double share, int64_t ow, double *y) {
    int64_t channels = e->x_shape->channels;
    for (int64_t w = 0; w < e->x_shape->axis[2]; w++) {
        double of_cell = share * weight(e, 2, ow, w);
        for (int64_t c = 0; c < channels && of_cell > 0; c++)
            y[c] += of_cell * row[w * channels + c];
    }
}

void lido_reference_upsample(const lido_example *e, double *y) {
    const int64_t *length = e->x_shape->axis, *output = e->y_shape->axis;
    int64_t channels = e->y_shape->channels;
    for (int64_t row = 0; row < e->batch * lido_shape_positions(e->y_shape); row++) {
        int64_t p = row % lido_shape_positions(e->y_shape);
        int64_t n = row / lido_shape_positions(e->y_shape);
        int64_t o[] = {p / output[2] / output[1], p / output[2] % output[1], p % output[2]};
        const double *x = e->x[0] + n * lido_shape_size(e->x_shape);
        for (int64_t c = 0; c < channels; c++) y[row * channels + c] = 0;
        for (int64_t i = 0; i < length[0] * length[1]; i++) {
            double share = weight(e, 0, o[0], i / length[1]) * weight(e, 1, o[1], i % length[1]);
            if (share > 0)
                add_row(e, x + i * length[2] * channels, share, o[2], y + row * channels);
        }
    }
}
