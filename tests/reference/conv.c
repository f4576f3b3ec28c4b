/* conv.c - the sum over taps and channels of x w, plus the bias; what lies outside the input is as
 * `padding_mode` says. Filters of group i see the channels of group i. */
#include "reference/window.h"

void lido_reference_conv(const lido_example *e, double *y);

/* Index of the position tap t of output o sees, or -1. */
static int64_t position(const lido_example *e, const lido_reference_axis of[], const int64_t o[],
                        int64_t t) {
    const char *mode = lido_example_text(e, "padding_mode");
    int64_t tap[] = {t / of[2].kernel / of[1].kernel, t / of[2].kernel % of[1].kernel,
                     t % of[2].kernel};
    int64_t at = 0;
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        int64_t cell = lido_reference_cell(&of[a], o[a], tap[a]);
        cell = lido_reference_border(mode, cell, of[a].length);
        if (cell < 0) return -1;
        at = at * of[a].length + cell;
    }
    return at;
}

/* Adds to y[filters] what the channels at one position give through one tap. */
static void add_tap(const lido_example *e, const double *x, const double *w, double *y) {
    int64_t groups = (int64_t)lido_example_number(e, "groups"), filters = e->y_shape->channels;
    int64_t inputs = e->x_shape->channels / groups, outputs = filters / groups;
    for (int64_t f = 0; f < filters; f++)
        for (int64_t c = 0; c < inputs; c++)
            y[f] += x[f / outputs * inputs + c] * w[c * filters + f];
}

void lido_reference_conv(const lido_example *e, double *y) {
    const lido_reference_axis of[] = {lido_reference_axis_of(e, 0), lido_reference_axis_of(e, 1),
                                      lido_reference_axis_of(e, 2)};
    int64_t taps = of[0].kernel * of[1].kernel * of[2].kernel, filters = e->y_shape->channels;
    int64_t tap_weights =
        e->x_shape->channels / (int64_t)lido_example_number(e, "groups") * filters;
    int64_t positions = lido_shape_positions(e->y_shape);
    for (int64_t row = 0; row < e->batch * positions; row++, y += filters) {
        int64_t p = row % positions, o[] = {p / of[2].output / of[1].output,
                                            p / of[2].output % of[1].output, p % of[2].output};
        const double *x = e->x[0] + row / positions * lido_shape_size(e->x_shape);
        for (int64_t f = 0; f < filters; f++) y[f] = e->w[1] ? e->w[1][f] : 0;
        for (int64_t t = 0; t < taps; t++) {
            int64_t at = position(e, of, o, t);
            if (at >= 0) add_tap(e, x + at * e->x_shape->channels, e->w[0] + t * tap_weights, y);
        }
    }
}
