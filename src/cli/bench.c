/* bench.c - `lido bench`: how fast whole training steps, predictions, or one layer run, on random
 * data in memory. */
#include "cli/bench_layer.h"
#include "cli/bench_measure.h"
#include "cli/bench_network.h"
#include "cli/bench_pooling.h"
#include "cli/bench_profile.h"
#include "cli/command.h"
#include "cli/output.h"

#include <inttypes.h>

typedef struct bench_options {
    lido_common common;
    const char *layer, *pooling;
    lido_list shape;
    int64_t batch; /* 0: the spec's */
    double seconds;
    bool inference, profile;
} bench_options;

/* ---- whole steps ---------------------------------------------------------------------------- */

typedef struct steps_result {
    int64_t steps, batch, peak_bytes;
    double seconds; /* of one */
    lido_work work;
    lido_bench_machine machine;
} steps_result;

/* What lido_net_watch tells the counting of work. */
typedef struct counting {
    const lido_graph *graph;
    lido_work work;
} counting;

static void count_work(void *context, int layer, const lido_call *call) {
    counting *of = context;
    const lido_work work = lido_work_shown(of->graph, layer, call);
    of->work.multiply_adds += work.multiply_adds;
    of->work.bytes += work.bytes;
}

static void measure_steps(lido_bench_network *network, double seconds, steps_result *result) {
    counting counted = {.graph = network->graph};
    lido_net_watch(network->net, count_work, &counted);
    lido_bench_network_step(network);
    lido_net_watch(network->net, NULL, NULL);
    result->work = counted.work;
    result->batch = network->batch;
    lido_bench_peak(network->team, &result->machine);
    result->seconds = lido_bench_time(lido_bench_network_step, network, seconds, &result->steps);
    lido_bench_peak(network->team, &result->machine);
    result->peak_bytes = lido_bench_peak_bytes();
}

static lido_status tell_steps(const steps_result *result, const lido_output *output,
                              lido_error *error) {
    const double rate = (double)result->batch / result->seconds;
    const lido_bench_speed speed =
        lido_bench_speed_of(result->work, result->seconds, &result->machine);
    char count[LIDO_NUMBER_SIZE], bytes[LIDO_NUMBER_SIZE], text[128];
    lido_say(output, "  images/s   %s\n", lido_text_count((int64_t)(rate + 0.5), count));
    lido_say(output, "  ms a step  %.3f\n", 1e3 * result->seconds);
    lido_say(output, "  speed      %s\n", lido_bench_speed_text(&speed, text, sizeof text));
    lido_bench_machine_say(&result->machine, output);
    lido_say(output, "  memory     %s at most\n", lido_text_bytes(result->peak_bytes, bytes));
    lido_json *json = lido_json_object();
    lido_json_add_number(json, "images_per_second", rate);
    lido_json_add_number(json, "ms_per_step", 1e3 * result->seconds);
    lido_json_add_number(json, "peak_bytes", (double)result->peak_bytes);
    lido_bench_speed_json(&speed, "", json);
    lido_bench_machine_json(&result->machine, json);
    return lido_output_json(output, json, error);
}

/* The copy is timed when the network is gone, so that it takes no memory beyond that. */
static lido_status bench_steps(lido_bench_network *network, double seconds,
                               const lido_output *output, lido_error *error) {
    lido_team *const team = network->team;
    const int64_t bytes = lido_bench_network_bytes(network);
    steps_result result = {0};
    measure_steps(network, seconds, &result);
    lido_say(output, "%s, %s, batch %" PRId64 ", mean of %" PRId64 "\n",
             lido_spec_name(network->spec), network->updater ? "training steps" : "prediction",
             result.batch, result.steps);
    lido_bench_network_free(network);
    *network = (lido_bench_network){0};
    lido_status status = lido_bench_copied(team, bytes, &result.machine, error);
    return status ? status : tell_steps(&result, output, error);
}

static lido_status bench_network(const char *path, const bench_options *options, lido_team *team,
                                 const lido_output *output, lido_error *error) {
    const lido_bench_network_options settings = {.common = &options->common,
                                                 .batch = options->batch,
                                                 .inference = options->inference,
                                                 .seed = lido_bench_seed(&options->common),
                                                 .team = team};
    lido_bench_network network;
    lido_status status = lido_bench_network_make(path, &settings, &network, error);
    if (!status)
        status = options->profile ? lido_bench_profile(&network, options->seconds, output, error)
                                  : bench_steps(&network, options->seconds, output, error);
    lido_bench_network_free(&network);
    return status;
}

/* ---- layers --------------------------------------------------------------------------------- */

static lido_status bench_layer(const bench_options *options, lido_team *team,
                               const lido_output *output, lido_error *error) {
    const lido_bench_layer_options bench = {.layer = options->layer,
                                            .dims = &options->shape,
                                            .seconds = options->seconds,
                                            .seed = lido_bench_seed(&options->common),
                                            .team = team};
    return lido_bench_layer(&bench, output, error);
}

static lido_status bench_pooling(const bench_options *options, lido_team *team,
                                 const lido_output *output, lido_error *error) {
    const lido_bench_pooling bench = {.dims = &options->shape,
                                      .type = options->pooling,
                                      .seconds = options->seconds,
                                      .seed = lido_bench_seed(&options->common),
                                      .team = team};
    return lido_bench_pooling_run(&bench, output, error);
}

/* ---- the command ---------------------------------------------------------------------------- */

static lido_status check_usage(const bench_options *options, int specs, lido_error *error) {
    if (specs + (options->layer != NULL) + (options->pooling != NULL) != 1)
        return lido_fail(error, LIDO_USAGE, "give either a SPEC or --layer or --pooling");
    if (specs == 1 && options->shape.count)
        return lido_fail(error, LIDO_USAGE,
                         "--shape is for --layer and --pooling; a spec has an input");
    const bool is_network = options->batch || options->inference || options->profile ||
                            options->common.conv_algorithm >= 0;
    if (specs == 1 || (options->shape.count && !is_network)) return LIDO_OK;
    return lido_fail(error, LIDO_USAGE,
                     "--layer and --pooling need --shape N,H,W,C, and take no --batch, "
                     "--inference, --profile or --conv-algorithm");
}

static lido_status run(const void *given, const lido_operands *operands, lido_error *error) {
    const bench_options *options = given;
    lido_output output = lido_output_of(&options->common);
    lido_team *team = NULL;
    lido_status status = check_usage(options, operands->count, error);
    if (!status) status = lido_bench_team(&options->common, &team, error);
    if (status) return status;
    if (operands->count == 1)
        status = bench_network(operands->at[0], options, team, &output, error);
    else if (options->layer)
        status = bench_layer(options, team, &output, error);
    else
        status = bench_pooling(options, team, &output, error);
    lido_team_stop(team);
    return status;
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
    {.name = "profile",
     .kind = LIDO_FLAG_SWITCH,
     .offset = offsetof(bench_options, profile),
     .doc =
         "tell the time of each layer, forward and backward, and into how many pieces it is cut"},
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
        "never negative, as after a relu.\n\nThe peak is that of multiply-adds on registers and "
        "nothing else, on the same threads and in the same run; the copy is of as many bytes as "
        "the network takes (of a layer, as its input), by memcpy. A convolution counts for the "
        "products of its definition, so that a way that needs fewer can go beyond the peak; "
        "backward counts them once for each gradient. The bytes are those of inputs, outputs, "
        "weights and their gradients, each once; those still in a cache can go beyond the "
        "copy.\n\nOf a pooling type the shortest time of "
        "each pass counts, taken in turn with that of avg_pool on the same grid (\"x "
        "average\") and with a copy of the input by memcpy; \"of copy\" is the bytes of "
        "input and output over what that copy moves in the same time.",
    .max_operands = 1,
    .flags = flags,
    .options_size = sizeof(bench_options),
    .run = run,
};
