/* bench.c - `lido bench`: how fast whole training steps, predictions, or one layer run, on random
 * data in memory. */
#define _POSIX_C_SOURCE 200809L
#include "cli/bench_data.h"
#include "cli/bench_pooling.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/spec_argument.h"

#include "base/machine.h"
#include "net/boxes.h"
#include "net/single.h"

#include <lido/lido.h>

#include <inttypes.h>
#include <stdlib.h>
#include <sys/resource.h>

typedef struct bench_options {
    lido_common common;
    const char *layer, *pooling;
    lido_list shape;
    int64_t batch; /* 0: the spec's */
    double seconds;
    bool inference;
} bench_options;

enum { BATCHES = 8, WARM_UP = 3, LEAST = 3 };

/* ---- timing --------------------------------------------------------------------------------- */

typedef void (*repeated)(void *context);

/* Mean seconds of a call, over at least `seconds` and LEAST calls, after WARM_UP unmeasured ones.
 */
static double time_of(repeated call, void *context, double seconds, int64_t *calls) {
    for (int i = 0; i < WARM_UP; i++) call(context);
    double started = lido_seconds(), spent = 0;
    *calls = 0;
    while (spent < seconds || *calls < LEAST) {
        call(context);
        (*calls)++;
        spent = lido_seconds() - started;
    }
    return spent / (double)*calls;
}

/* The most memory this process has held so far. */
static int64_t peak_bytes(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (int64_t)usage.ru_maxrss * 1024;
}

/* ---- random data ---------------------------------------------------------------------------- */

static int32_t *random_labels(uint64_t seed, uint64_t which, int64_t count, int64_t classes,
                              lido_error *error) {
    int32_t *labels = calloc((size_t)count, sizeof *labels);
    if (!labels) lido_fail(error, LIDO_MEMORY, "no memory for %" PRId64 " labels", count);
    lido_key key = lido_key_make(seed, "bench labels", which);
    for (int64_t i = 0; labels && i < count; i++)
        labels[i] = (int32_t)lido_random_below(key, 0, (uint64_t)i, (uint64_t)classes);
    return labels;
}

/* ---- a network ------------------------------------------------------------------------------ */

typedef struct network {
    lido_team *team;
    lido_spec *spec;
    lido_graph *graph;
    lido_net *net;
    lido_updater *updater; /* NULL: inference */
    lido_train_options train;
    int64_t batch, step;
    lido_real *x[BATCHES];
    lido_real *boxes; /* of every batch; NULL: the network has none */
    int32_t *labels[BATCHES];
} network;

static void free_network(network *of) {
    for (int i = 0; i < BATCHES; i++) {
        free(of->x[i]);
        free(of->labels[i]);
    }
    free(of->boxes);
    lido_updater_free(of->updater);
    lido_net_free(of->net);
    lido_graph_free(of->graph);
    lido_spec_free(of->spec);
    lido_team_stop(of->team);
}

/* What was asked for is what is measured: on so many cores, even where the caller was bound to
 * fewer; and never with more threads than cores, which would measure the scheduler. */
static lido_status start_team(const lido_common *common, lido_team **team, lido_error *error) {
    const int wanted = common->threads ? (int)common->threads : lido_cores();
    const int cores = lido_cores_claim(wanted);
    return lido_team_start(cores < wanted ? cores : wanted, team, error);
}

static lido_status make_updater(network *of, lido_error *error) {
    int segments, stretches = 0;
    const lido_segment *segment = lido_graph_segments(of->graph, &segments);
    lido_stretch *stretch = calloc((size_t)segments + 1, sizeof *stretch);
    if (!stretch) return lido_fail(error, LIDO_MEMORY, "out of memory");
    for (int i = 0; i < segments; i++)
        if (!segment[i].state)
            stretch[stretches++] = (lido_stretch){segment[i].count, segment[i].decay};
    lido_updater_options options = {.optimizer = of->train.optimizer,
                                    .config = of->train.optimizer_config,
                                    .stretch = stretch,
                                    .stretches = stretches,
                                    .clip = of->train.clip,
                                    .team = of->team};
    lido_status status = lido_updater_make(&options, &of->updater, error);
    free(stretch);
    return status;
}

static lido_status make_boxes(network *of, uint64_t seed, lido_error *error) {
    const lido_shape *boxes = lido_graph_boxes(of->graph);
    if (!boxes) return LIDO_OK;
    int64_t rows = of->batch * boxes->axis[2];
    of->boxes = calloc((size_t)rows, (size_t)boxes->channels * sizeof *of->boxes);
    if (!of->boxes) return lido_fail(error, LIDO_MEMORY, "no memory for %" PRId64 " boxes", rows);
    lido_boxes_random(seed, lido_graph_input(of->graph), rows, of->boxes);
    return LIDO_OK;
}

static lido_status make_data(network *of, uint64_t seed, lido_error *error) {
    const lido_shape *input = lido_graph_input(of->graph), *output = lido_graph_output(of->graph);
    int64_t count = of->batch * lido_shape_size(input);
    int64_t rows = of->batch * lido_shape_positions(output);
    for (uint64_t i = 0; i < BATCHES; i++) {
        of->x[i] = lido_bench_magnitudes(seed, i, count, error);
        of->labels[i] = random_labels(seed, i, rows, output->channels, error);
        if (!of->x[i] || !of->labels[i]) return LIDO_MEMORY;
    }
    return make_boxes(of, seed, error);
}

static lido_status make_network(network *of, const char *path, const bench_options *options,
                                lido_error *error) {
    uint64_t seed = options->common.seed >= 0 ? (uint64_t)options->common.seed : 0;
    lido_status status = start_team(&options->common, &of->team, error);
    if (!status) status = lido_spec_argument(&options->common, path, &of->spec, error);
    if (!status) status = lido_train_options_read(of->spec, &of->train, error);
    if (!status) status = lido_graph_make(of->spec, &of->graph, error);
    if (status) return status;
    of->batch = options->batch ? options->batch : of->train.batch;
    lido_net_options net_options = {.batch = of->batch,
                                    .training = !options->inference,
                                    .team = of->team,
                                    .seed = seed,
                                    .loss = of->train.loss};
    status = lido_net_make(of->graph, &net_options, &of->net, error);
    if (!status && !options->inference) status = make_updater(of, error);
    if (!status) status = make_data(of, seed, error);
    return status;
}

static lido_batch next_batch(network *of) {
    int turn = (int)(of->step++ % BATCHES);
    return (lido_batch){.count = of->batch,
                        .x = of->x[turn],
                        .boxes = of->boxes,
                        .labels = of->labels[turn],
                        .step = (uint64_t)of->step};
}

/* One whole training step, as in training: forward, loss, backward, update. */
static void train_step(void *context) {
    network *of = context;
    lido_result result;
    lido_batch batch = next_batch(of);
    lido_net_gradients(of->net, &batch, &result);
    const lido_optimizer_common *common = (const void *)of->train.optimizer_config;
    lido_updater_step(of->updater, lido_net_params(of->net), lido_net_gradient(of->net), common->lr,
                      of->step);
}

static void predict_step(void *context) {
    network *of = context;
    lido_batch batch = next_batch(of);
    batch.labels = NULL;
    lido_net_forward(of->net, &batch, NULL);
}

static lido_status bench_network(const char *path, const bench_options *options,
                                 const lido_output *output, lido_error *error) {
    network of = {.team = NULL};
    lido_status status = make_network(&of, path, options, error);
    if (status) {
        free_network(&of);
        return status;
    }
    int64_t steps;
    double seconds =
        time_of(options->inference ? predict_step : train_step, &of, options->seconds, &steps);
    double rate = (double)of.batch / seconds;
    int64_t peak = peak_bytes();

    char count[LIDO_NUMBER_SIZE], bytes[LIDO_NUMBER_SIZE];
    lido_say(output, "%s, %s, batch %" PRId64 ", mean of %" PRId64 "\n", lido_spec_name(of.spec),
             options->inference ? "prediction" : "training steps", of.batch, steps);
    lido_say(output, "  images/s   %s\n", lido_text_count((int64_t)(rate + 0.5), count));
    lido_say(output, "  ms a step  %.3f\n", 1e3 * seconds);
    lido_say(output, "  peak       %s\n", lido_text_bytes(peak, bytes));
    lido_json *json = lido_json_object();
    lido_json_add_number(json, "images_per_second", rate);
    lido_json_add_number(json, "ms_per_step", 1e3 * seconds);
    lido_json_add_number(json, "peak_bytes", (double)peak);
    free_network(&of);
    return lido_output_json(output, json, error);
}

/* ---- a layer -------------------------------------------------------------------------------- */

typedef struct single_run {
    lido_team *team;
    lido_single *single;
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
    lido_team_stop(of->team);
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
                                   const bench_options *options, lido_error *error) {
    int64_t batch;
    lido_shape shape[LIDO_MAX_INPUTS];
    lido_status status = lido_shape_argument(&options->shape, &batch, &shape[0], error);
    if (!status) status = start_team(&options->common, &of->team, error);
    if (status) return status;
    of->inputs = inputs_of(layer);
    bool nonnegative[LIDO_MAX_INPUTS];
    for (int i = 0; i < of->inputs; i++) {
        shape[i] = shape[0];
        nonnegative[i] = true;
    }
    uint64_t seed = options->common.seed >= 0 ? (uint64_t)options->common.seed : 0;
    lido_single_options settings = {
        .batch = batch, .team = of->team, .seed = seed, .nonnegative = nonnegative};
    status = lido_single_make(layer, name, of->inputs, shape, &settings, &of->single, error);
    if (status) return status;
    int64_t size = batch * lido_shape_size(&shape[0]);
    for (int i = 0; i < of->inputs; i++) {
        of->x[i] = lido_bench_magnitudes(seed, (uint64_t)i, size, error);
        of->dx[i] = lido_bench_normal(seed, (uint64_t)i, size, error);
        if (!of->x[i] || !of->dx[i]) return LIDO_MEMORY;
    }
    of->dy = lido_bench_normal(seed, LIDO_MAX_INPUTS,
                               batch * lido_shape_size(lido_single_output(of->single)), error);
    return of->dy ? LIDO_OK : LIDO_MEMORY;
}

static lido_status bench_layer(const bench_options *options, const lido_output *output,
                               lido_error *error) {
    single_run of = {.inputs = 0};
    lido_json *layer = NULL;
    const char *name;
    lido_status status = lido_document_argument(options->layer, &layer, &name, error);
    if (!status) status = make_single_run(&of, layer, name, options, error);
    lido_json_free(layer);
    if (status) {
        free_single_run(&of);
        return status;
    }
    int64_t calls;
    double predicting = time_of(forward, &of, options->seconds / 2, &calls);
    double training = time_of(forward_and_backward, &of, options->seconds / 2, &calls);
    double rest = training > predicting ? training - predicting : 0;
    free_single_run(&of);

    lido_say(output, "  forward    %9.3f ms, as in prediction\n", 1e3 * predicting);
    lido_say(output, "  backward   %9.3f ms more for a training forward and backward\n",
             1e3 * rest);
    lido_json *json = lido_json_object();
    lido_json_add_number(json, "forward_ms", 1e3 * predicting);
    lido_json_add_number(json, "backward_ms", 1e3 * rest);
    lido_json_add_number(json, "peak_bytes", (double)peak_bytes());
    return lido_output_json(output, json, error);
}

/* ---- the pooling family --------------------------------------------------------------------- */

static lido_status bench_pooling(const bench_options *options, const lido_output *output,
                                 lido_error *error) {
    lido_team *team;
    lido_status status = start_team(&options->common, &team, error);
    if (status) return status;
    const lido_bench_pooling bench = {
        .dims = &options->shape,
        .type = options->pooling,
        .seconds = options->seconds,
        .seed = options->common.seed >= 0 ? (uint64_t)options->common.seed : 0,
        .team = team};
    status = lido_bench_pooling_run(&bench, output, error);
    lido_team_stop(team);
    return status;
}

/* ---- the command ---------------------------------------------------------------------------- */

static lido_status run(const void *given, const lido_operands *operands, lido_error *error) {
    const bench_options *options = given;
    lido_output output = lido_output_of(&options->common);
    if ((operands->count == 1) + (options->layer != NULL) + (options->pooling != NULL) != 1)
        return lido_fail(error, LIDO_USAGE, "give either a SPEC or --layer or --pooling");
    if (operands->count == 1) {
        if (options->shape.count)
            return lido_fail(error, LIDO_USAGE,
                             "--shape is for --layer and --pooling; a spec has an input");
        return bench_network(operands->at[0], options, &output, error);
    }
    if (!options->shape.count || options->batch || options->inference ||
        options->common.conv_algorithm >= 0)
        return lido_fail(error, LIDO_USAGE,
                         "--layer and --pooling need --shape N,H,W,C, and take no --batch, "
                         "--inference or --conv-algorithm");
    return options->layer ? bench_layer(options, &output, error)
                          : bench_pooling(options, &output, error);
}

static const lido_flag flags[] = {
    {.name = "layer",
     .kind = LIDO_FLAG_TEXT,
     .offset = offsetof(bench_options, layer),
     .value = "JSON",
     .doc = "time one layer: a layer object as in a spec, or a file of one"},
    {.name = "pooling",
     .kind = LIDO_FLAG_TEXT,
     .offset = offsetof(bench_options, pooling),
     .value = "TYPE",
     .doc = "time a pooling type (\"all\": each of them) on every kind of grid, beside avg_pool"},
    {.name = "shape",
     .kind = LIDO_FLAG_DIMS,
     .offset = offsetof(bench_options, shape),
     .value = "N,H,W,C",
     .doc = "input of that layer or type"},
    {.name = "batch",
     .kind = LIDO_FLAG_INT,
     .offset = offsetof(bench_options, batch),
     .value = "B",
     .min = 1,
     .max = 1 << 24,
     .doc = "samples a step, instead of the spec's"},
    {.name = "seconds",
     .kind = LIDO_FLAG_REAL,
     .offset = offsetof(bench_options, seconds),
     .value = "S",
     .fallback = 2,
     .min = 0,
     .max = 86400,
     .doc = "measure for S seconds (2); each pair of --pooling for so long"},
    {.name = "inference",
     .kind = LIDO_FLAG_SWITCH,
     .offset = offsetof(bench_options, inference),
     .doc = "time predictions instead of training steps"},
    LIDO_FLAG_CONV_ALGORITHM,
    LIDO_FLAG_SEED("seed of weights and data (0)"),
    LIDO_FLAG_THREADS,
    LIDO_FLAGS_OUTPUT,
    {.name = NULL}};

extern const lido_command lido_command_bench;
const lido_command lido_command_bench = {
    .name = "bench",
    .operands = "SPEC | --layer JSON | --pooling TYPE",
    .doc = "Times whole training steps, predictions, or one layer, on random data in memory.",
    .details =
        "A training step is forward, loss, backward and the spec's update, on eight batches "
        "in turn. Of a layer, \"forward\" is a forward as in prediction, and \"backward\" "
        "is what a forward in training and its backward take beyond that. Inputs of layers are "
        "never negative, as after a relu.\n\nOf a pooling type the shortest time of "
        "each pass counts, taken in turn with that of avg_pool on the same grid (\"x "
        "average\") and with a copy of the input by memcpy; \"of copy\" is the bytes of "
        "input and output over what that copy moves in the same time.",
    .max_operands = 1,
    .flags = flags,
    .options_size = sizeof(bench_options),
    .run = run,
};
