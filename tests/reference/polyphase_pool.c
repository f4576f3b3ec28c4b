/* polyphase_pool.c - the norm of every polyphase component, and the cells of the largest. */
#include "reference/window.h"

#include <math.h>
#include <string.h>

void lido_reference_polyphase_pool(const lido_example *e, double *y);

/* Where output cell `row` of a component lies in the input. */
static int64_t position(const lido_example *e, int64_t component, int64_t row) {
    int64_t at = 0, offset[LIDO_MAX_AXES], cell[LIDO_MAX_AXES];
    for (int a = LIDO_MAX_AXES - 1; a >= 0; a--) {
        int64_t stride = e->x_shape->axis[a] / e->y_shape->axis[a];
        offset[a] = component % stride;
        component /= stride;
        cell[a] = row % e->y_shape->axis[a] * stride + offset[a];
        row /= e->y_shape->axis[a];
    }
    for (int a = 0; a < LIDO_MAX_AXES; a++) at = at * e->x_shape->axis[a] + cell[a];
    return at;
}

static double norm_of(const lido_example *e, int64_t component, const double *x) {
    const char *kind = lido_example_text(e, "norm");
    const int64_t channels = e->x_shape->channels;
    double sum = 0, most = 0;
    for (int64_t row = 0; row < lido_shape_positions(e->y_shape); row++)
        for (int64_t c = 0; c < channels; c++) {
            double value = fabs(x[position(e, component, row) * channels + c]);
            sum += strcmp(kind, "l1") == 0 ? value : value * value;
            most = fmax(most, value);
        }
    return strcmp(kind, "linf") == 0 ? most : sum;
}

void lido_reference_polyphase_pool(const lido_example *e, double *y) {
    const int64_t size = lido_shape_size(e->x_shape), channels = e->x_shape->channels;
    const int64_t rows = lido_shape_positions(e->y_shape);
    const int64_t components = lido_shape_positions(e->x_shape) / rows;
    for (int64_t n = 0; n < e->batch; n++) {
        const double *x = e->x[0] + n * size;
        int64_t best = 0;
        for (int64_t i = 1; i < components; i++)
            if (norm_of(e, i, x) > norm_of(e, best, x)) best = i;
        for (int64_t row = 0; row < rows; row++, y += channels)
            memcpy(y, x + position(e, best, row) * channels, (size_t)channels * sizeof *y);
    }
}
