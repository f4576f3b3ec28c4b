/* blur_pool.c - y[o] = sum over taps of C(k-1, j) / 2^(k-1) for each axis times the cell at
 * o s - floor((k-1)/2) + j, or what the border says. */
#include "reference/window.h"

#include <math.h>

void lido_reference_blur_pool(const lido_example *e, double *y);

static double factorial(int64_t n) {
    return n < 2 ? 1 : (double)n * factorial(n - 1);
}

static double filter(int64_t kernel, int64_t j) {
    double chosen = factorial(kernel - 1) / factorial(j) / factorial(kernel - 1 - j);
    return chosen / pow(2, (double)(kernel - 1));
}

static double blur(const lido_example *e, const lido_reference_axis of[LIDO_MAX_AXES],
                   const int64_t o[LIDO_MAX_AXES], const double *x) {
    const char *mode = lido_example_text(e, "padding_mode");
    double sum = 0;
    int64_t j[LIDO_MAX_AXES];
    for (j[0] = 0; j[0] < of[0].kernel; j[0]++)
        for (j[1] = 0; j[1] < of[1].kernel; j[1]++)
            for (j[2] = 0; j[2] < of[2].kernel; j[2]++) {
                double weight = 1;
                int64_t position = 0;
                for (int a = 0; a < LIDO_MAX_AXES; a++) {
                    int64_t at = o[a] * of[a].stride - (of[a].kernel - 1) / 2 + j[a];
                    at = lido_reference_border(mode, at, of[a].length);
                    weight *= at < 0 ? 0 : filter(of[a].kernel, j[a]);
                    position = position * of[a].length + (at < 0 ? 0 : at);
                }
                sum += weight * x[position * e->x_shape->channels];
            }
    return sum;
}

void lido_reference_blur_pool(const lido_example *e, double *y) {
    const lido_reference_axis of[LIDO_MAX_AXES] = {
        lido_reference_axis_of(e, 0), lido_reference_axis_of(e, 1), lido_reference_axis_of(e, 2)};
    int64_t o[LIDO_MAX_AXES], size = lido_shape_size(e->x_shape);
    for (int64_t n = 0; n < e->batch; n++)
        for (o[0] = 0; o[0] < of[0].output; o[0]++)
            for (o[1] = 0; o[1] < of[1].output; o[1]++)
                for (o[2] = 0; o[2] < of[2].output; o[2]++)
                    for (int64_t c = 0; c < e->x_shape->channels; c++)
                        *y++ = blur(e, of, o, e->x[0] + n * size + c);
}
