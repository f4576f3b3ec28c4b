/* pool.c - six plain loops over outputs and cells, whatever the grid. */
#include "reference/pool.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Cell i of window o lies at first(o) + i * dilation. */
typedef struct axis {
    int64_t length, output, kernel, stride, dilation, before, after;
    bool adaptive;
} axis;

/* The option's number for axis a of the (D, H, W); `otherwise` when it is not there. */
static int64_t per_axis(const lido_example *e, const char *option, int a, int64_t otherwise) {
    const lido_json *value = lido_json_get(e->options, option);
    int missing = LIDO_MAX_AXES - e->x_shape->rank;
    if (!value || a < missing) return otherwise;
    if (lido_json_kind_of(value) == LIDO_JSON_ARRAY) {
        const lido_json *element = lido_json_first(value);
        bool each = lido_json_count(value) > 1;
        for (int i = missing; each && i < a; i++) element = lido_json_next(element);
        value = element;
    }
    return isnan(lido_json_number(value)) ? otherwise : (int64_t)lido_json_number(value);
}

static void explicit_padding(const lido_example *e, int a, axis *of) {
    const lido_json *value = lido_json_get(e->options, "padding");
    of->before = of->after = per_axis(e, "padding", a, 0);
    const lido_json *pair = lido_json_first(value);
    if (lido_json_kind_of(pair) != LIDO_JSON_ARRAY) return;
    of->before = of->after = 0;
    if (a < LIDO_MAX_AXES - e->x_shape->rank) return;
    for (int i = LIDO_MAX_AXES - e->x_shape->rank; i < a && lido_json_next(pair); i++)
        pair = lido_json_next(pair);
    of->before = (int64_t)lido_json_number(lido_json_first(pair));
    of->after = (int64_t)lido_json_number(lido_json_next(lido_json_first(pair)));
}

static void same_padding(axis *of) {
    int64_t extent = of->dilation * (of->kernel - 1) + 1;
    int64_t total = (of->output - 1) * of->stride + extent - of->length;
    if (total < 0) total = 0;
    of->before = total / 2;
    of->after = total - of->before;
}

static axis axis_of(const lido_example *e, int a) {
    axis of = {.length = e->x_shape->axis[a], .output = e->y_shape->axis[a]};
    of.adaptive = !lido_json_get(e->options, "kernel");
    if (of.adaptive) {
        of.kernel = of.length;
        of.dilation = 1;
        return of;
    }
    of.kernel = per_axis(e, "kernel", a, 1);
    of.stride = per_axis(e, "stride", a, of.kernel);
    of.dilation = per_axis(e, "dilation", a, 1);
    const char *word = lido_example_text(e, "padding");
    if (!word)
        explicit_padding(e, a, &of);
    else if (strcmp(word, "same") == 0)
        same_padding(&of);
    return of;
}

/* Where cell i of window o lies; beyond length + after when the window has no such cell. */
static int64_t cell(const axis *of, int64_t o, int64_t i) {
    if (!of->adaptive) return o * of->stride - of->before + i * of->dilation;
    int64_t at = o * of->length / of->output + i;
    bool within = at * of->output < (o + 1) * of->length;
    return within ? at : of->length;
}

static double reduce_window(const lido_example *e, const axis of[LIDO_MAX_AXES],
                            const int64_t o[LIDO_MAX_AXES], const double *x, double *value,
                            lido_reference_reducer reduce) {
    int64_t count = 0, padded = 0, i[LIDO_MAX_AXES], channels = e->x_shape->channels;
    for (i[0] = 0; i[0] < of[0].kernel; i[0]++)
        for (i[1] = 0; i[1] < of[1].kernel; i[1]++)
            for (i[2] = 0; i[2] < of[2].kernel; i[2]++) {
                bool inside = true, counts = true;
                int64_t at = 0;
                for (int a = 0; a < LIDO_MAX_AXES; a++) {
                    int64_t position = cell(&of[a], o[a], i[a]);
                    inside &= position >= 0 && position < of[a].length;
                    counts &= position < of[a].length + of[a].after;
                    at = at * of[a].length + position;
                }
                padded += counts;
                if (inside) value[count++] = x[at * channels];
            }
    return reduce(e, value, count, padded);
}

void lido_reference_pool(const lido_example *e, lido_reference_reducer reduce, double *y) {
    const axis of[LIDO_MAX_AXES] = {axis_of(e, 0), axis_of(e, 1), axis_of(e, 2)};
    int64_t o[LIDO_MAX_AXES], size = lido_shape_size(e->x_shape);
    double *value = malloc((size_t)(of[0].kernel * of[1].kernel * of[2].kernel) * sizeof *value);
    if (!value) abort();
    for (int64_t n = 0; n < e->batch; n++)
        for (o[0] = 0; o[0] < of[0].output; o[0]++)
            for (o[1] = 0; o[1] < of[1].output; o[1]++)
                for (o[2] = 0; o[2] < of[2].output; o[2]++)
                    for (int64_t c = 0; c < e->x_shape->channels; c++)
                        *y++ = reduce_window(e, of, o, e->x[0] + n * size + c, value, reduce);
    free(value);
}
