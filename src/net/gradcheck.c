/* gradcheck.c - gradients of a whole network against central differences of its forward pass.
 *
 * An entry that disagrees is looked at again with smaller steps, so that a kink near the point is
 * not taken for an error; it is called a kink only when the one-sided differences stay apart at
 * every step and the analytic value lies between them. */
#include "net/boxes.h"

#include <lido/net.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEFAULT_BATCH = 2, DEFAULT_LIMIT = 1000, STEP_SIZES = 3 };

static const double default_step = sizeof(lido_real) == sizeof(double) ? 1e-5 : 1e-2;
static const double default_tolerance = sizeof(lido_real) == sizeof(double) ? 1e-6 : 5e-2;

/* One-sided differences further apart than this, relative to the larger, are no curvature. */
static const double kink_gap = 1e-3;

typedef struct checker {
    const lido_graph *graph;
    lido_gradcheck_options options; /* defaults filled in */
    lido_gradcheck_result *result;
    lido_net *net;
    lido_batch batch;
    int64_t x_count, y_count;
    lido_real *x;         /* the input, the batch's */
    lido_real *boxes;     /* NULL: the network has none */
    lido_real *r;         /* f = sum(y r) */
    lido_real *dx;        /* analytic */
    lido_real *y;         /* at the point itself */
    lido_real *y_forward; /* a step further */
} checker;

/* values[i] = value of i-th uniform number of the stream in [-scale, scale), added to what is there
 * when `add`. */
static void fill(uint64_t seed, const char *purpose, double scale, bool add, lido_real *values,
                 int64_t count) {
    lido_key key = lido_key_make(seed, purpose, 0);
    for (int64_t i = 0; i < count; i++) {
        uint32_t word[4];
        lido_random(key, 0, (uint64_t)i, word);
        lido_real value = (lido_real)(scale * (2 * (double)lido_uniform(word[0]) - 1));
        values[i] = add ? values[i] + value : value;
    }
}

/* sum((y_after - y_before) r), the change of f without the cancellation of two large sums. */
static double change(const checker *c, const lido_real *after, const lido_real *before) {
    double sum = 0;
    for (int64_t i = 0; i < c->y_count; i++)
        sum += ((double)after[i] - (double)before[i]) * (double)c->r[i];
    return sum;
}

static void copy_output(const checker *c, lido_real *y) {
    const lido_real *output = lido_net_forward_training(c->net, &c->batch);
    for (int64_t i = 0; i < c->y_count; i++) y[i] = output[i];
}

typedef struct differences {
    double before, after, central;
} differences;

/* Differences of f as *value moves by step either way. */
static differences differ(const checker *c, lido_real *value, double step) {
    const lido_real kept = *value;
    volatile lido_real up = (lido_real)((double)kept + step),
                       down = (lido_real)((double)kept - step);
    double step_up = (double)up - (double)kept, step_down = (double)kept - (double)down;
    *value = up;
    copy_output(c, c->y_forward);
    *value = down;
    const lido_real *backward = lido_net_forward_training(c->net, &c->batch);
    differences d = {
        .before = change(c, c->y, backward) / step_down,
        .after = change(c, c->y_forward, c->y) / step_up,
        .central = change(c, c->y_forward, backward) / (step_up + step_down),
    };
    *value = kept;
    return d;
}

static double relative(double a, double b) {
    return fabs(a - b) / fmax(1, fmax(fabs(a), fabs(b)));
}

static bool is_kink(const differences *d, double analytic, double tolerance) {
    double low = fmin(d->before, d->after), high = fmax(d->before, d->after);
    double slack = tolerance * fmax(1, fmax(fabs(low), fabs(high)));
    return relative(low, high) > kink_gap && analytic >= low - slack && analytic <= high + slack;
}

static void note(checker *c, const char *segment, int64_t index, double analytic, double numeric) {
    double error = relative(analytic, numeric);
    if (!(error <= c->options.tolerance)) c->result->failed++;
    if (error <= c->result->error || isnan(c->result->error)) return;
    c->result->error = error;
    c->result->analytic = analytic;
    c->result->numeric = numeric;
    c->result->index = index;
    snprintf(c->result->segment, sizeof c->result->segment, "%s", segment);
}

static void check_entry(checker *c, const char *segment, int64_t index, lido_real *value,
                        double analytic) {
    bool kink = true;
    double step = c->options.step, numeric = 0;
    c->result->checked++;
    for (int i = 0; i < STEP_SIZES; i++, step /= 10) {
        differences d = differ(c, value, step);
        if (i == 0 || relative(analytic, d.central) < relative(analytic, numeric))
            numeric = d.central;
        if (relative(analytic, numeric) <= c->options.tolerance) break;
        kink &= is_kink(&d, analytic, c->options.tolerance);
    }
    if (kink && !(relative(analytic, numeric) <= c->options.tolerance))
        c->result->kinks++;
    else
        note(c, segment, index, analytic, numeric);
}

/* Every entry, or `limit` of them, one from each of as many equal parts. */
static void check_segment(checker *c, const char *segment, lido_real *value,
                          const lido_real *analytic, int64_t count) {
    lido_key key = lido_key_make(c->options.seed, segment, 0);
    int64_t picks = count < c->options.limit ? count : c->options.limit;
    for (int64_t i = 0; i < picks; i++) {
        int64_t first = (int64_t)((double)count / (double)picks * (double)i);
        int64_t end = (int64_t)((double)count / (double)picks * (double)(i + 1));
        int64_t index = first;
        if (picks < count)
            index += (int64_t)lido_random_below(key, 0, (uint64_t)i, (uint64_t)(end - first));
        check_entry(c, segment, index, &value[index], (double)analytic[index]);
    }
}

static void check_all(checker *c) {
    lido_real *params = lido_net_params(c->net);
    fill(c->options.seed, "gradcheck params", 0.1, true, params, lido_graph_params(c->graph));
    fill(c->options.seed, "gradcheck input", 1, false, c->x, c->x_count);
    fill(c->options.seed, "gradcheck upstream", 1, false, c->r, c->y_count);
    copy_output(c, c->y);
    /* Twice: what is left of the first run must not show in the second. */
    lido_net_backward_from(c->net, &c->batch, c->r);
    const lido_real *dx = lido_net_backward_from(c->net, &c->batch, c->r);
    for (int64_t i = 0; i < c->x_count; i++) c->dx[i] = dx[i];

    int segments;
    const lido_segment *segment = lido_graph_segments(c->graph, &segments);
    for (int i = 0; i < segments; i++)
        if (!segment[i].state)
            check_segment(c, segment[i].name, params + segment[i].offset,
                          lido_net_gradient(c->net) + segment[i].offset, segment[i].count);
    check_segment(c, "input", c->x, c->dx, c->x_count);
}

static lido_status allocate(checker *c, lido_error *error) {
    /* The net has been made, so batch times either size fits. */
    c->x_count = c->options.batch * lido_shape_size(lido_graph_input(c->graph));
    c->y_count = c->options.batch * lido_shape_size(lido_graph_output(c->graph));
    c->x = malloc((size_t)c->x_count * sizeof *c->x);
    c->dx = malloc((size_t)c->x_count * sizeof *c->dx);
    c->r = malloc((size_t)c->y_count * sizeof *c->r);
    c->y = malloc((size_t)c->y_count * sizeof *c->y);
    c->y_forward = malloc((size_t)c->y_count * sizeof *c->y_forward);
    const lido_shape *boxes = lido_graph_boxes(c->graph);
    int64_t rows = boxes ? c->options.batch * boxes->axis[2] : 0;
    if (boxes) c->boxes = malloc((size_t)(rows * boxes->channels) * sizeof *c->boxes);
    if (c->boxes) lido_boxes_random(c->options.seed, lido_graph_input(c->graph), rows, c->boxes);
    if (c->x && c->dx && c->r && c->y && c->y_forward && (c->boxes || !boxes)) return LIDO_OK;
    return lido_fail(error, LIDO_MEMORY, "out of memory in the gradient check");
}

static lido_gradcheck_options with_defaults(const lido_gradcheck_options *options) {
    lido_gradcheck_options filled = *options;
    if (filled.batch == 0) filled.batch = DEFAULT_BATCH;
    if (filled.limit == 0) filled.limit = DEFAULT_LIMIT;
    if (filled.step == 0) filled.step = default_step;
    if (filled.tolerance == 0) filled.tolerance = default_tolerance;
    return filled;
}

lido_status lido_gradcheck(const lido_graph *graph, const lido_gradcheck_options *options,
                           lido_gradcheck_result *result, lido_error *error) {
    *result = (lido_gradcheck_result){0};
    checker c = {.graph = graph, .options = with_defaults(options), .result = result};
    lido_net_options net_options = {.batch = c.options.batch,
                                    .training = true,
                                    .team = c.options.team,
                                    .seed = c.options.seed,
                                    .input_gradient = true};
    lido_status status = lido_net_make(graph, &net_options, &c.net, error);
    if (!status) status = allocate(&c, error);
    if (!status) {
        c.batch = (lido_batch){.count = c.options.batch, .x = c.x, .boxes = c.boxes};
        check_all(&c);
    }
    lido_net_free(c.net);
    free(c.x);
    free(c.boxes);
    free(c.dx);
    free(c.r);
    free(c.y);
    free(c.y_forward);
    return status;
}
