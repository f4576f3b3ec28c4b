/* avg_unpool.c - each input value, divided by the number of its window's cells, is added to those
 * inside the output. */
#include "reference/window.h"

void lido_reference_avg_unpool(const lido_example *e, double *y);

/* The axis as of the pooling from y to x. */
static lido_reference_axis axis_of(const lido_example *e, int axis) {
    lido_example turned = *e;
    turned.x_shape = e->y_shape;
    turned.y_shape = e->x_shape;
    return lido_reference_axis_of(&turned, axis);
}

static bool counts_padding(const lido_example *e) {
    const lido_json *written = lido_json_get(e->options, "count_include_pad");
    if (lido_json_kind_of(written) == LIDO_JSON_BOOL) return lido_json_bool(written);
    return lido_example_text(e, "padding") == NULL;
}

/* The cells of window i along one axis that count. */
static int64_t counted(const lido_reference_axis *of, int64_t i, bool padding) {
    int64_t count = 0, first = padding ? -of->before : 0;
    for (int64_t t = 0; t < of->kernel; t++) {
        int64_t cell = lido_reference_cell(of, i, t);
        count += cell >= first && cell < of->length + (padding ? of->after : 0);
    }
    return count;
}

void lido_reference_avg_unpool(const lido_example *e, double *y) {
    const lido_reference_axis of[] = {axis_of(e, 0), axis_of(e, 1), axis_of(e, 2)};
    int64_t cells = lido_shape_positions(e->x_shape), channels = e->x_shape->channels;
    int64_t taps = of[0].kernel * of[1].kernel * of[2].kernel;
    for (int64_t i = 0; i < e->batch * lido_shape_size(e->y_shape); i++) y[i] = 0;
    for (int64_t row = 0; row < e->batch * cells; row++) {
        int64_t p = row % cells, i[] = {p / of[2].output / of[1].output,
                                        p / of[2].output % of[1].output, p % of[2].output};
        double divisor = 1;
        for (int a = 0; a < LIDO_MAX_AXES; a++)
            divisor *= (double)counted(&of[a], i[a], counts_padding(e));
        for (int64_t t = 0; t < taps; t++) {
            int64_t d = lido_reference_cell(&of[0], i[0], t / of[2].kernel / of[1].kernel);
            int64_t h = lido_reference_cell(&of[1], i[1], t / of[2].kernel % of[1].kernel);
            int64_t w = lido_reference_cell(&of[2], i[2], t % of[2].kernel);
            if (d < 0 || h < 0 || w < 0) continue;
            if (d >= of[0].length || h >= of[1].length || w >= of[2].length) continue;
            int64_t at = ((row / cells * of[0].length + d) * of[1].length + h) * of[2].length + w;
            for (int64_t c = 0; c < channels; c++)
                y[at * channels + c] += e->x[0][row * channels + c] / divisor;
        }
    }
}
