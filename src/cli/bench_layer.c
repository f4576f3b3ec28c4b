/* bench_layer.c - one layer on random inputs that are never negative. */
#include "cli/bench_layer.h"

#include "cli/bench_data.h"
#include "cli/bench_measure.h"
#include "cli/spec_argument.h"
#include "net/single.h"

#include <stdlib.h>

/* ---- a layer to run ------------------------------------------------------------------------- */

typedef struct single_run {
    lido_single *single;
    int64_t size; /* of each input, all samples */
    int inputs;
    lido_real *x[LIDO_MAX_INPUTS], *dx[LIDO_MAX_INPUTS], *dy;
} single_run;

static void free_single_run(single_run *of) {
    lido_single_free(of->single);
    for (int i = 0; i < of->inputs; i++) {
        free(of->x[i]);
        free(of->dx[i]);
    }
    free(of->dy);
}

static void forward(void *context) {
    single_run *of = context;
    lido_single_forward(of->single, (const lido_real *const *)of->x, false);
}

static void forward_and_backward(void *context) {
    single_run *of = context;
    lido_single_forward(of->single, (const lido_real *const *)of->x, true);
    lido_single_backward(of->single, of->dy, of->dx);
}

/* As many equal inputs as the layer takes at least. */
static int inputs_of(const lido_json *layer) {
    const char *type = lido_json_string(lido_json_get(layer, "type"));
    const lido_layer *found = type ? lido_layer_find(type) : NULL;
    return found && found->min_inputs > 1 ? found->min_inputs : 1;
}

/* On inputs that are never negative, as after a relu: stochastic pooling takes no others. */
static lido_status make_single_run(single_run *of, const lido_json *layer, const char *name,
                                   const lido_bench_layer_options *options, lido_error *error) {
    int64_t batch;
    lido_shape shape[LIDO_MAX_INPUTS];
    lido_status status = lido_shape_argument(options->dims, &batch, &shape[0], error);
    if (status) return status;
    of->inputs = inputs_of(layer);
    bool nonnegative[LIDO_MAX_INPUTS];
    for (int i = 0; i < of->inputs; i++) {
        shape[i] = shape[0];
        nonnegative[i] = true;
    }
    const uint64_t seed = options->seed;
    lido_single_options settings = {
        .batch = batch, .team = options->team, .seed = seed, .nonnegative = nonnegative};
    status = lido_single_make(layer, name, of->inputs, shape, &settings, &of->single, error);
    if (status) return status;
    of->size = batch * lido_shape_size(&shape[0]);
    for (int i = 0; i < of->inputs; i++) {
        of->x[i] = lido_bench_magnitudes(seed, (uint64_t)i, of->size, error);
        of->dx[i] = lido_bench_normal(seed, (uint64_t)i, of->size, error);
        if (!of->x[i] || !of->dx[i]) return LIDO_MEMORY;
    }
    of->dy = lido_bench_normal(seed, LIDO_MAX_INPUTS,
                               batch * lido_shape_size(lido_single_output(of->single)), error);
    return of->dy ? LIDO_OK : LIDO_MEMORY;
}

/* ---- measuring ------------------------------------------------------------------------------ */

typedef struct layer_times {
    double forward, backward; /* seconds; backward: beyond the forward of prediction */
    lido_bench_machine machine;
} layer_times;

static lido_status time_layer(single_run *of, const lido_bench_layer_options *options,
                              layer_times *times, lido_error *error) {
    int64_t calls;
    lido_bench_peak(options->team, &times->machine);
    times->forward = lido_bench_time(forward, of, options->seconds / 2, &calls);
    const double both = lido_bench_time(forward_and_backward, of, options->seconds / 2, &calls);
    times->backward = both > times->forward ? both - times->forward : 0;
    lido_bench_peak(options->team, &times->machine);
    const int64_t bytes = 2 * of->size * (int64_t)sizeof(lido_real);
    return lido_bench_copied(options->team, bytes, &times->machine, error);
}

static void tell_way(const single_run *of, const layer_times *times, bool backward,
                     const lido_output *output, lido_json *json) {
    const double seconds = backward ? times->backward : times->forward;
    const lido_bench_speed speed =
        lido_bench_speed_of(lido_single_work(of->single, backward), seconds, &times->machine);
    char text[128];
    lido_say(output,
             backward ? "  backward   %9.3f ms more for a training forward and backward\n"
                      : "  forward    %9.3f ms, as in prediction\n",
             1e3 * seconds);
    lido_say(output, "             %s\n", lido_bench_speed_text(&speed, text, sizeof text));
    lido_json_add_number(json, backward ? "backward_ms" : "forward_ms", 1e3 * seconds);
    lido_bench_speed_json(&speed, backward ? "backward_" : "forward_", json);
}

static lido_status tell(const single_run *of, const layer_times *times, int64_t peak_bytes,
                        const lido_output *output, lido_error *error) {
    lido_json *json = lido_json_object();
    tell_way(of, times, false, output, json);
    tell_way(of, times, true, output, json);
    lido_bench_machine_say(&times->machine, output);
    lido_bench_machine_json(&times->machine, json);
    lido_json_add_number(json, "peak_bytes", (double)peak_bytes);
    return lido_output_json(output, json, error);
}

lido_status lido_bench_layer(const lido_bench_layer_options *options, const lido_output *output,
                             lido_error *error) {
    single_run of = {.inputs = 0};
    layer_times times = {.forward = 0};
    lido_json *layer = NULL;
    const char *name;
    lido_status status = lido_document_argument(options->layer, &layer, &name, error);
    if (!status) status = make_single_run(&of, layer, name, options, error);
    if (!status) status = time_layer(&of, options, &times, error);
    if (!status) status = tell(&of, &times, lido_bench_peak_bytes(), output, error);
    lido_json_free(layer);
    free_single_run(&of);
    return status;
}
