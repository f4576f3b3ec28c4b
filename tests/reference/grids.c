/* grids.c - the windows of each grid, and of each sample where they are drawn. */
#include "reference/grids.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 4096 /* of an axis with drawn windows */ };

/* One axis with windows of its own; they outlive the call of a test's reducer. */
typedef struct drawn_axis {
    int64_t start[LONGEST], count[LONGEST];
} drawn_axis;

static bool is_missing(const lido_example *e, int axis) {
    return axis < LIDO_MAX_AXES - e->x_shape->rank;
}

/* A member of an option that is an object, for one axis; `otherwise` when it is not written. */
static double member(const lido_json *object, const lido_example *e, const char *name, int axis,
                     double otherwise) {
    const lido_json *value = lido_json_get(object, name);
    if (is_missing(e, axis)) return 1;
    if (lido_json_kind_of(value) == LIDO_JSON_ARRAY) {
        const lido_json *element = lido_json_first(value);
        const bool each = lido_json_count(value) > 1;
        for (int i = LIDO_MAX_AXES - e->x_shape->rank; each && i < axis; i++)
            element = lido_json_next(element);
        value = element;
    }
    return value ? lido_json_number(value) : otherwise;
}

static float draw_number(const lido_example *e, int64_t i) {
    uint32_t word[4];
    uint64_t counter = (uint64_t)e->draw.sample[0] * ((uint64_t)1 << 32);
    lido_random(e->draw.key, e->draw.step, counter + (uint64_t)i / 4, word);
    return lido_uniform(word[i % 4]);
}

/* ---- fractional ---------------------------------------------------------------------------- */

typedef struct fraction {
    int64_t outputs, kernel;
    bool overlap, shuffled;
} fraction;

static fraction fraction_of(const lido_example *e, int axis) {
    const lido_json *object = lido_json_get(e->options, "fractional");
    const int64_t length = e->x_shape->axis[axis];
    const double ratio = member(object, e, "ratio", axis, 0);
    fraction f = {.overlap = lido_json_bool(lido_json_get(object, "overlap")),
                  .shuffled =
                      strcmp(lido_json_string(lido_json_get(object, "mode")), "random") == 0};
    f.outputs = (int64_t)member(object, e, "output_size", axis, floor((double)length * ratio));
    f.kernel = (int64_t)member(object, e, "kernel", axis, (double)(length / f.outputs + 1));
    return f;
}

static int64_t fraction_draws(const lido_example *e, int axis) {
    const fraction f = fraction_of(e, axis);
    if (is_missing(e, axis)) return 0;
    if (!f.shuffled) return 1;
    int64_t steps = f.overlap ? f.outputs - 1 : f.outputs;
    return steps > 1 ? steps - 1 : 0;
}

/* Where window j begins, in float. */
static int64_t shifted(int64_t j, float u, float alpha) {
    volatile float sum = (float)j + u;
    volatile float far = sum * alpha, near = u * alpha;
    return (int64_t)far - (int64_t)near;
}

static void begin_shifted(const lido_example *e, const fraction *f, int64_t length, int64_t first,
                          drawn_axis *axis) {
    const float u = draw_number(e, first);
    const float alpha = f->overlap ? (float)(length - f->kernel) / (float)(f->outputs - 1)
                                   : (float)length / (float)f->outputs;
    for (int64_t j = 0; j < f->outputs; j++) axis->start[j] = j ? shifted(j, u, alpha) : 0;
    if (f->overlap) axis->start[f->outputs - 1] = length - f->kernel;
}

static void begin_shuffled(const lido_example *e, const fraction *f, int64_t length, int64_t first,
                           drawn_axis *axis) {
    int64_t step[LONGEST] = {0}, steps = f->overlap ? f->outputs - 1 : f->outputs;
    int64_t longer = length % f->outputs - f->overlap;
    for (int64_t j = 0; j < steps; j++) step[j] = length / f->outputs + (j < longer);
    for (int64_t j = steps - 1; j > 0; j--) {
        int64_t other = (int64_t)((double)draw_number(e, first++) * (double)(j + 1));
        int64_t kept = step[j];
        step[j] = step[other];
        step[other] = kept;
    }
    axis->start[0] = 0;
    for (int64_t j = 1; j < f->outputs; j++) axis->start[j] = axis->start[j - 1] + step[j - 1];
}

static lido_reference_axis draw_fraction(const lido_example *e, int a, int64_t first,
                                         drawn_axis *axis) {
    const fraction f = fraction_of(e, a);
    const int64_t length = e->x_shape->axis[a];
    if (is_missing(e, a))
        axis->start[0] = 0;
    else
        (f.shuffled ? begin_shuffled : begin_shifted)(e, &f, length, first, axis);
    int64_t largest = 1;
    for (int64_t j = 0; j < f.outputs; j++) {
        int64_t next = j + 1 < f.outputs ? axis->start[j + 1] : length;
        axis->count[j] = is_missing(e, a) ? 1 : f.overlap ? f.kernel : next - axis->start[j];
        if (axis->count[j] > largest) largest = axis->count[j];
    }
    return (lido_reference_axis){.length = length,
                                 .output = f.outputs,
                                 .kernel = largest,
                                 .start = axis->start,
                                 .count = axis->count};
}

/* ---- the stochastic grid ------------------------------------------------------------------- */

/* Windows at the cells that are kept, or (everywhere) at each. */
static lido_reference_axis draw_kept(const lido_example *e, int a, int64_t first, bool everywhere,
                                     drawn_axis *axis) {
    const lido_json *object = lido_json_get(e->options, "stochastic_grid");
    const int64_t length = e->x_shape->axis[a], cell = (int64_t)member(object, e, "cell", a, 1);
    const int64_t keep = (int64_t)member(object, e, "keep", a, 1);
    const int64_t kernel = (int64_t)member(object, e, "kernel", a, (double)(cell / keep));
    int64_t outputs = 0, chosen = 0;
    for (int64_t i = 0; i < length; i++) {
        if (i % cell == 0) chosen = 0;
        const double chance = (double)(keep - chosen) / (double)(cell - i % cell);
        if (!everywhere && cell > 1 && (double)draw_number(e, first + i) >= chance) continue;
        chosen++;
        axis->start[outputs] = i;
        axis->count[outputs++] = i + kernel > length ? length - i : kernel;
    }
    return (lido_reference_axis){.length = length,
                                 .output = outputs,
                                 .kernel = kernel,
                                 .start = axis->start,
                                 .count = axis->count};
}

/* y[o] = the mean of a cell / keep square of `every`, outputs of windows at every cell. */
static void average(const lido_example *e, const double *every, double *y) {
    const lido_json *object = lido_json_get(e->options, "stochastic_grid");
    const int64_t *length = e->x_shape->axis, channels = e->x_shape->channels;
    int64_t step[LIDO_MAX_AXES], i[LIDO_MAX_AXES], at = 0;
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        step[a] = (int64_t)(member(object, e, "cell", a, 1) / member(object, e, "keep", a, 1));
    for (int64_t k = 0; k < lido_shape_size(e->y_shape); k++) y[k] = 0;
    for (i[0] = 0; i[0] < length[0]; i[0]++)
        for (i[1] = 0; i[1] < length[1]; i[1]++)
            for (i[2] = 0; i[2] < length[2]; i[2]++)
                for (int64_t c = 0; c < channels; c++) {
                    int64_t o = 0;
                    for (int a = 0; a < LIDO_MAX_AXES; a++)
                        o = o * (length[a] / step[a]) + i[a] / step[a];
                    y[o * channels + c] += every[at++] / (double)(step[0] * step[1] * step[2]);
                }
}

/* ---- all grids ----------------------------------------------------------------------------- */

int64_t lido_reference_grid_draws(const lido_example *e) {
    int64_t draws = 0;
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        if (lido_json_get(e->options, "fractional")) draws += fraction_draws(e, a);
        if (lido_json_get(e->options, "stochastic_grid") && !is_missing(e, a))
            draws += e->x_shape->axis[a];
    }
    return draws;
}

static void on_fraction(const lido_example *e, lido_reference_on_grid pool, const void *context,
                        double *y) {
    drawn_axis *drawn = malloc(LIDO_MAX_AXES * sizeof *drawn);
    lido_reference_axis of[LIDO_MAX_AXES];
    int64_t first = 0;
    if (!drawn) abort();
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        of[a] = draw_fraction(e, a, first, &drawn[a]);
        first += fraction_draws(e, a);
    }
    pool(e, of, context, y);
    free(drawn);
}

static void on_stochastic(const lido_example *e, lido_reference_on_grid pool, const void *context,
                          double *y) {
    drawn_axis *drawn = malloc(LIDO_MAX_AXES * sizeof *drawn);
    double *every = malloc((size_t)lido_shape_size(e->x_shape) * sizeof *every);
    lido_reference_axis of[LIDO_MAX_AXES];
    int64_t first = 0;
    if (!drawn || !every) abort();
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        of[a] = draw_kept(e, a, first, !e->training, &drawn[a]);
        first += is_missing(e, a) ? 0 : e->x_shape->axis[a];
    }
    pool(e, of, context, e->training ? y : every);
    if (!e->training) average(e, every, y);
    free(every);
    free(drawn);
}

static void on_levels(const lido_example *e, lido_reference_on_grid pool, const void *context,
                      double *y) {
    const lido_json *level = lido_json_first(lido_json_get(e->options, "levels"));
    for (; level; level = lido_json_next(level)) {
        lido_reference_axis of[LIDO_MAX_AXES];
        int64_t size = e->x_shape->channels;
        for (int a = 0; a < LIDO_MAX_AXES; a++) {
            of[a] = lido_reference_axis_of(e, a);
            of[a].output = is_missing(e, a) ? 1 : (int64_t)lido_json_number(level);
            size *= of[a].output;
        }
        pool(e, of, context, y);
        y += size;
    }
}

static void on_fixed(const lido_example *e, lido_reference_on_grid pool, const void *context,
                     double *y) {
    const lido_reference_axis of[LIDO_MAX_AXES] = {
        lido_reference_axis_of(e, 0), lido_reference_axis_of(e, 1), lido_reference_axis_of(e, 2)};
    pool(e, of, context, y);
}

void lido_reference_grids(const lido_example *e, lido_reference_on_grid pool, const void *context,
                          double *y) {
    static const struct {
        const char *key;
        void (*on)(const lido_example *e, lido_reference_on_grid pool, const void *context,
                   double *y);
    } kinds[] = {{"levels", on_levels},
                 {"fractional", on_fraction},
                 {"stochastic_grid", on_stochastic},
                 {NULL, on_fixed}};
    size_t kind = 0;
    while (kinds[kind].key && !lido_json_get(e->options, kinds[kind].key)) kind++;
    lido_example one = *e;
    one.batch = 1;
    for (int64_t n = 0; n < e->batch; n++) {
        kinds[kind].on(&one, pool, context, y);
        for (int i = 0; i < e->inputs; i++) one.x[i] += lido_shape_size(&e->x_shape[i]);
        one.draw.sample++;
        y += lido_shape_size(e->y_shape);
    }
}
