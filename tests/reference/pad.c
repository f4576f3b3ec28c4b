/* pad.c - y[o] = x[o - before], or what the mode says where that lies outside. */
#include "reference/window.h"

void lido_reference_pad(const lido_example *e, double *y);

static int64_t before_of(const lido_example *e, int a) {
    const lido_json *value = lido_json_get(e->options, "padding");
    int missing = LIDO_MAX_AXES - e->x_shape->rank;
    if (a < missing) return 0;
    if (lido_json_kind_of(value) == LIDO_JSON_NUMBER) return (int64_t)lido_json_number(value);
    const lido_json *pair = lido_json_first(value);
    for (int i = missing; i < a && lido_json_next(pair); i++) pair = lido_json_next(pair);
    return (int64_t)lido_json_number(lido_json_first(pair));
}

void lido_reference_pad(const lido_example *e, double *y) {
    const char *mode = lido_example_text(e, "mode");
    const int64_t *in = e->x_shape->axis, *out = e->y_shape->axis, c = e->x_shape->channels;
    const int64_t before[] = {before_of(e, 0), before_of(e, 1), before_of(e, 2)};
    for (int64_t row = 0; row < e->batch * lido_shape_positions(e->y_shape); row++) {
        int64_t n = row / lido_shape_positions(e->y_shape);
        int64_t d = lido_reference_border(mode, row / out[2] / out[1] % out[0] - before[0], in[0]);
        int64_t h = lido_reference_border(mode, row / out[2] % out[1] - before[1], in[1]);
        int64_t w = lido_reference_border(mode, row % out[2] - before[2], in[2]);
        bool inside = d >= 0 && h >= 0 && w >= 0;
        const double *from = e->x[0] + (((n * in[0] + d) * in[1] + h) * in[2] + w) * c;
        for (int64_t i = 0; i < c; i++) *y++ = inside ? from[i] : 0;
    }
}
