/* window.c - where the cells of a window lie, worked out from the options alone. */
#include "reference/window.h"

#include <math.h>
#include <string.h>

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

static void explicit_padding(const lido_example *e, int a, lido_reference_axis *of) {
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

/* The default stride of the engine, and its padding where that is a total. */
static void apply_semantics(const lido_example *e, int a, lido_reference_axis *of) {
    const char *engine = lido_example_text(e, "semantics");
    if (!engine || a < LIDO_MAX_AXES - e->x_shape->rank) return;
    const bool darknet = strcmp(engine, "darknet") == 0, onnx = strcmp(engine, "onnx") == 0;
    if (darknet || onnx) of->stride = per_axis(e, "stride", a, 1);
    if (!darknet) return;
    int64_t total = per_axis(e, "padding", a, of->kernel - 1);
    of->before = total / 2;
    of->after = total - of->before;
}

static void same_padding(lido_reference_axis *of) {
    int64_t extent = of->dilation * (of->kernel - 1) + 1;
    int64_t total = (of->output - 1) * of->stride + extent - of->length;
    if (total < 0) total = 0;
    of->before = total / 2;
    of->after = total - of->before;
}

lido_reference_axis lido_reference_axis_of(const lido_example *e, int a) {
    lido_reference_axis of = {.length = e->x_shape->axis[a], .output = e->y_shape->axis[a]};
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
    apply_semantics(e, a, &of);
    return of;
}

int64_t lido_reference_cell(const lido_reference_axis *of, int64_t o, int64_t i) {
    if (of->start) return i < of->count[o] ? of->start[o] + i : of->length;
    if (!of->adaptive) return o * of->stride - of->before + i * of->dilation;
    int64_t at = o * of->length / of->output + i;
    bool within = at * of->output < (o + 1) * of->length;
    return within ? at : of->length;
}

int64_t lido_reference_border(const char *mode, int64_t at, int64_t length) {
    if (at >= 0 && at < length) return at;
    if (strcmp(mode, "zero") == 0) return -1;
    if (strcmp(mode, "edge") == 0) return at < 0 ? 0 : length - 1;
    if (strcmp(mode, "circular") == 0) return (at + length) % length;
    int64_t period = 2 * (length - 1), folded = (at + period) % period;
    return folded < length ? folded : period - folded;
}
