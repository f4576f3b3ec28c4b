/* transposed_conv.c - each input cell adds its channels times w to the output cells of its window;
 * those cut off by the padding are lost. Weights are (taps, filters / groups, channels). */
#include "reference/window.h"

void lido_reference_transposed_conv(const lido_example *e, double *y);

/* The axis as of the convolution from y to x. */
static lido_reference_axis axis_of(const lido_example *e, int axis) {
    lido_example turned = *e;
    turned.x_shape = e->y_shape;
    turned.y_shape = e->x_shape;
    return lido_reference_axis_of(&turned, axis);
}

/* Index of the output position tap t of input position i reaches, or -1. */
static int64_t position(const lido_reference_axis of[], const int64_t i[], int64_t t) {
    int64_t tap[] = {t / of[2].kernel / of[1].kernel, t / of[2].kernel % of[1].kernel,
                     t % of[2].kernel};
    int64_t at = 0;
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        int64_t cell = lido_reference_cell(&of[a], i[a], tap[a]);
        if (cell < 0 || cell >= of[a].length) return -1;
        at = at * of[a].length + cell;
    }
    return at;
}

/* Adds to y[filters] what the channels of one input cell give through one tap. */
static void add_tap(const lido_example *e, const double *x, const double *w, double *y) {
    int64_t groups = (int64_t)lido_example_number(e, "groups"), channels = e->x_shape->channels;
    int64_t inputs = channels / groups, outputs = e->y_shape->channels / groups;
    for (int64_t c = 0; c < channels; c++)
        for (int64_t f = 0; f < outputs; f++)
            y[c / inputs * outputs + f] += x[c] * w[f * channels + c];
}

void lido_reference_transposed_conv(const lido_example *e, double *y) {
    const lido_reference_axis of[] = {axis_of(e, 0), axis_of(e, 1), axis_of(e, 2)};
    int64_t taps = of[0].kernel * of[1].kernel * of[2].kernel, filters = e->y_shape->channels;
    int64_t tap_weights =
        e->x_shape->channels * filters / (int64_t)lido_example_number(e, "groups");
    int64_t cells = lido_shape_positions(e->x_shape), size = lido_shape_size(e->y_shape);
    for (int64_t i = 0; i < e->batch * size; i++) y[i] = e->w[1] ? e->w[1][i % filters] : 0;
    for (int64_t row = 0; row < e->batch * cells; row++) {
        int64_t p = row % cells, i[] = {p / of[2].output / of[1].output,
                                        p / of[2].output % of[1].output, p % of[2].output};
        for (int64_t t = 0; t < taps; t++) {
            int64_t at = position(of, i, t);
            if (at >= 0)
                add_tap(e, e->x[0] + row * e->x_shape->channels, e->w[0] + t * tap_weights,
                        y + row / cells * size + at * filters);
        }
    }
}
