/* gradcheck.c - `lido gradcheck SPEC-or-LAYER`: analytic gradients against central differences.
 * Runs in the program in double precision (see sibling.h). */
#include "cli/command.h"
#include "cli/output.h"
#include "cli/spec_argument.h"

#include <lido/lido.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct gradcheck_options {
    lido_common common;
    int64_t batch, limit; /* 0: not given */
    lido_list shape;
} gradcheck_options;

static const double tolerance = 1e-6;

/* ---- what is checked ------------------------------------------------------------------------ */

static lido_status read_layer(const lido_json *layer, const char *name,
                              const gradcheck_options *options, int64_t *batch, lido_spec **spec,
                              lido_error *error) {
    static const lido_list fallback = {4, {2, 7, 6, 3}};
    lido_shape shape;
    lido_status status = lido_shape_argument(options->shape.count ? &options->shape : &fallback,
                                             batch, &shape, error);
    if (status) return status;
    char *text = lido_layer_spec(layer, &shape);
    status = text ? lido_spec_parse(text, strlen(text), name, spec, error)
                  : lido_fail(error, LIDO_MEMORY, "out of memory");
    free(text);
    return status;
}

static lido_status read_spec(const char *given, const gradcheck_options *options, int64_t *batch,
                             lido_spec **spec, lido_error *error) {
    lido_json *document = NULL;
    const char *name;
    lido_status status = lido_document_argument(given, &document, &name, error);
    if (status) return status;
    if (!lido_json_get(document, "layers"))
        status = read_layer(document, name, options, batch, spec, error);
    else if (options->shape.count)
        status = lido_fail(error, LIDO_USAGE, "--shape is for a single layer; a spec has an input");
    else if (name == given)
        status = lido_spec_read(given, spec, error);
    else
        status = lido_spec_parse(given, strlen(given), name, spec, error);
    lido_json_free(document);
    return status;
}

/* ---- result --------------------------------------------------------------------------------- */

static void say_result(const lido_output *output, const lido_gradcheck_result *result) {
    char checked[LIDO_NUMBER_SIZE], kinks[LIDO_NUMBER_SIZE], failed[LIDO_NUMBER_SIZE];
    lido_say(output, "  checked     %s entries, %s at kinks left out\n",
             lido_text_count(result->checked, checked), lido_text_count(result->kinks, kinks));
    lido_say(output, "  failed      %s (error above %g)\n", lido_text_count(result->failed, failed),
             tolerance);
    lido_say(output, "  worst       %s[%" PRId64 "]\n", result->segment, result->index);
    lido_say(output, "  analytic    %+.12e\n  numeric     %+.12e\n  error       %.3e\n",
             result->analytic, result->numeric, result->error);
}

static lido_json *result_json(const lido_gradcheck_result *result) {
    lido_json *json = lido_json_object();
    lido_json_add_bool(json, "passed", result->failed == 0);
    lido_json_add_number(json, "error", result->error);
    lido_json_add_string(json, "segment", result->segment);
    lido_json_add_number(json, "index", (double)result->index);
    lido_json_add_number(json, "analytic", result->analytic);
    lido_json_add_number(json, "numeric", result->numeric);
    lido_json_add_number(json, "checked", (double)result->checked);
    lido_json_add_number(json, "failed", (double)result->failed);
    lido_json_add_number(json, "kinks", (double)result->kinks);
    lido_json_add_number(json, "tolerance", tolerance);
    return json;
}

static lido_status check(const lido_spec *spec, const gradcheck_options *options, int64_t batch,
                         const lido_output *output, lido_error *error) {
    lido_graph *graph = NULL;
    lido_gradcheck_result result;
    lido_gradcheck_options settings = {
        .batch = options->batch ? options->batch : batch,
        .seed = options->common.seed >= 0 ? (uint64_t)options->common.seed : 0,
        .limit = options->limit,
        .tolerance = tolerance};
    lido_status status = lido_graph_make(spec, &graph, error);
    if (!status) status = lido_team_start((int)options->common.threads, &settings.team, error);
    if (!status) status = lido_gradcheck(graph, &settings, &result, error);
    lido_team_stop(settings.team);
    lido_graph_free(graph);
    if (status) return status;

    lido_say(output, "%s\n", lido_spec_name(spec));
    say_result(output, &result);
    status = lido_output_json(output, result_json(&result), error);
    if (!status && result.failed > 0)
        status = lido_fail(error, LIDO_MISMATCH,
                           "%s[%" PRId64 "]: analytic %g, numeric %g: error %.3g, allowed: %g",
                           result.segment, result.index, result.analytic, result.numeric,
                           result.error, tolerance);
    return status;
}

static lido_status run(const void *given, const lido_operands *operands, lido_error *error) {
    const gradcheck_options *options = given;
    lido_output output = lido_output_of(&options->common);
    lido_spec *spec = NULL;
    int64_t batch = 0;
    lido_status status = read_spec(operands->at[0], options, &batch, &spec, error);
    if (!status) status = check(spec, options, batch, &output, error);
    lido_spec_free(spec);
    return status;
}

static const lido_flag flags[] = {
    {.name = "batch",
     .kind = LIDO_FLAG_INT,
     .offset = offsetof(gradcheck_options, batch),
     .value = "B",
     .min = 1,
     .max = 4096,
     .doc = "samples to check with (2)"},
    {.name = "limit",
     .kind = LIDO_FLAG_INT,
     .offset = offsetof(gradcheck_options, limit),
     .value = "N",
     .min = 1,
     .max = 1e12,
     .doc = "at most N entries of each weight and of the input (1000)"},
    {.name = "shape",
     .kind = LIDO_FLAG_DIMS,
     .offset = offsetof(gradcheck_options, shape),
     .value = "N,H,W,C",
     .doc = "input of a single layer (2,7,6,3)"},
    LIDO_FLAG_SEED("seed of weights, input and draws (0)"),
    LIDO_FLAG_THREADS,
    LIDO_FLAGS_OUTPUT,
    {.name = NULL}};

extern const lido_command lido_command_gradcheck;
const lido_command lido_command_gradcheck = {
    .name = "gradcheck",
    .operands = "SPEC-or-LAYER",
    .doc = "Checks the gradients of a network, or of one layer, against differences in double "
           "precision.",
    .details = "LAYER is a layer object as in a spec, in a file or as it is: lido gradcheck "
               "'{\"type\": \"max_pool\", \"kernel\": 2}'. The exit status is 1 when an error, "
               "relative to the larger of the two magnitudes and 1, is above 1e-6.",
    .min_operands = 1,
    .max_operands = 1,
    .in_double = true,
    .flags = flags,
    .options_size = sizeof(gradcheck_options),
    .run = run,
};
