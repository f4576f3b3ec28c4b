/* describe.c - `lido describe SPEC`: every layer with its shape, parameters and work, and the
 * memory that is planned; or the spec with its defaults; or the schema of specs. Nothing is
 * allocated or run, however large the network. Of a run or a checkpoint, its network and what
 * pooling has learned there. */
#define _POSIX_C_SOURCE 200809L
#include "cli/command.h"
#include "cli/output.h"
#include "cli/pooling.h"
#include "cli/spec_argument.h"

#include "net/placement.h"
#include "net/learned.h"

#include <lido/lido.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct describe_options {
    lido_common common;
    bool resolved, schema;
    int64_t batch;
} describe_options;

/* What is described. */
typedef struct description {
    lido_model model; /* its net NULL: of a spec, nothing is trained */
    int64_t batch, layers, multiply_adds, activation_bytes;
    int64_t training_bytes, inference_bytes; /* arenas; -1: more than can be placed */
} description;

/* ---- gathering ------------------------------------------------------------------------------ */

static int64_t planned_bytes(const description *of, bool training) {
    lido_net_options options = {
        .batch = of->batch, .training = training, .loss = of->model.options.loss};
    lido_placement placement;
    if (lido_placement_make(of->model.graph, &options, &placement, NULL)) return -1;
    int64_t bytes = placement.bytes;
    lido_placement_free(&placement);
    return bytes;
}

static void gather(description *of) {
    of->layers = lido_graph_layers(of->model.graph);
    for (int i = 0; i < of->layers; i++) {
        lido_layer_info info;
        lido_graph_layer(of->model.graph, i, &info);
        of->multiply_adds += info.multiply_adds;
        of->activation_bytes += info.activation_bytes;
    }
    of->training_bytes = planned_bytes(of, true);
    of->inference_bytes = planned_bytes(of, false);
}

/* ---- for people ----------------------------------------------------------------------------- */

/* "9" or "9x5" for the axes that exist. */
static char *axes_text(const int64_t *axis, int rank, char *text) {
    bool equal = true;
    for (int i = LIDO_MAX_AXES - rank; i < LIDO_MAX_AXES; i++)
        equal = equal && axis[i] == axis[LIDO_MAX_AXES - 1];
    return lido_text_shape(axis, equal && rank > 0 ? 1 : rank, text);
}

/* 56,789 or 1.2 M: short enough for a column. */
static char *short_count(int64_t count, char *text) {
    if (count < 1000000) return lido_text_count(count, text);
    bool giga = count >= 999500000;
    double value = (double)count / (giga ? 1e9 : 1e6);
    snprintf(text, LIDO_NUMBER_SIZE, "%.*f %s", value < 99.95, value, giga ? "G" : "M");
    return text;
}

static void add_layer(lido_table *table, const description *of, int index) {
    char text[LIDO_NUMBER_SIZE], shape[64], stride[LIDO_NUMBER_SIZE];
    lido_layer_info info;
    lido_graph_layer(of->model.graph, index, &info);
    int rank = lido_graph_input(of->model.graph)->rank;
    lido_table_add(table, "%s", info.name);
    lido_table_add(table, "%s", lido_shape_text(&info.y, shape, sizeof shape));
    lido_table_add(table, "%s", lido_text_count(info.params, text));
    lido_table_add(table, "%s", short_count(info.multiply_adds, text));
    lido_table_add(table, "%s", lido_text_bytes(info.activation_bytes, text));
    axes_text(info.field, rank, text);
    lido_table_add(table, "%s/%s", text, axes_text(info.field_stride, rank, stride));
    lido_table_add(table, "%s", info.algorithm ? info.algorithm : "");
}

static lido_status say_table(const description *of, const lido_output *output, lido_error *error) {
    static const char *const titles[] = {"<layer", "output", "params", "MACs",
                                         "bytes",  "field",  "<by"};
    char text[LIDO_NUMBER_SIZE];
    lido_table *table = lido_table_new(titles, 7);
    for (int i = 0; i < of->layers; i++) add_layer(table, of, i);
    lido_table_rule(table);
    lido_table_add(table, "total");
    lido_table_add(table, "%s", "");
    lido_table_add(table, "%s", lido_text_count(lido_graph_params(of->model.graph), text));
    lido_table_add(table, "%s", short_count(of->multiply_adds, text));
    lido_table_add(table, "%s", lido_text_bytes(of->activation_bytes, text));
    for (int i = 0; i < 2; i++) lido_table_add(table, "%s", "");
    return lido_table_print(table, output, error);
}

static void say_bytes(const lido_output *output, const char *what, int64_t bytes) {
    char text[LIDO_NUMBER_SIZE];
    lido_say(output, "%-20s %s\n", what,
             bytes < 0 ? "more than can be placed" : lido_text_bytes(bytes, text));
}

static lido_status say_description(const description *of, const lido_output *output,
                                   lido_error *error) {
    char shape[64], batch[LIDO_NUMBER_SIZE];
    const lido_shape *boxes = lido_graph_boxes(of->model.graph);
    lido_say(output, "%s, input %s", lido_spec_name(of->model.spec),
             lido_shape_text(lido_graph_input(of->model.graph), shape, sizeof shape));
    if (boxes) lido_say(output, ", boxes %s", lido_shape_text(boxes, shape, sizeof shape));
    lido_say(output, "\n\n");
    lido_status status = say_table(of, output, error);
    if (status) return status;
    lido_say(output,
             "\nMACs (multiply-adds) and bytes are of one sample. Field 10/4: an output cell "
             "sees\n10 input cells along an axis, its neighbour those 4 further on.\n\n");
    lido_say(output, "memory for a batch of %s\n", lido_text_count(of->batch, batch));
    say_bytes(output, "  training, planned", of->training_bytes);
    say_bytes(output, "  inference, planned", of->inference_bytes);
    say_bytes(output, "  parameters",
              lido_graph_params(of->model.graph) * (int64_t)sizeof(lido_real));
    if (!of->model.net) return LIDO_OK;
    lido_say(output, "\nafter epoch %lld\n", (long long)of->model.epoch);
    return lido_say_learned(of->model.graph, lido_net_params(of->model.net), output, error);
}

/* ---- for programs --------------------------------------------------------------------------- */

static lido_json *shape_json(const lido_shape *shape) {
    lido_json *json = lido_json_array();
    for (int i = LIDO_MAX_AXES - shape->rank; i < LIDO_MAX_AXES; i++)
        lido_json_append(json, lido_json_from_number((double)shape->axis[i]));
    lido_json_append(json, lido_json_from_number((double)shape->channels));
    return json;
}

static lido_json *axes_json(const int64_t *axis, int rank) {
    lido_json *json = lido_json_array();
    for (int i = LIDO_MAX_AXES - rank; i < LIDO_MAX_AXES; i++)
        lido_json_append(json, lido_json_from_number((double)axis[i]));
    return json;
}

static lido_json *layer_json(const description *of, int index) {
    const lido_graph *graph = of->model.graph;
    lido_layer_info info;
    lido_graph_layer(graph, index, &info);
    int rank = lido_graph_input(graph)->rank;
    lido_json *json = lido_json_object();
    lido_json_add_string(json, "name", info.name);
    lido_json_add_string(json, "type", info.type);
    lido_json_add(json, "output", shape_json(&info.y));
    lido_json_add_number(json, "parameters", (double)info.params);
    lido_json_add_number(json, "multiply_adds", (double)info.multiply_adds);
    lido_json_add_number(json, "activation_bytes", (double)info.activation_bytes);
    lido_json_add(json, "receptive_field", axes_json(info.field, rank));
    lido_json_add(json, "receptive_stride", axes_json(info.field_stride, rank));
    if (info.algorithm) lido_json_add_string(json, "algorithm", info.algorithm);
    if (!of->model.net) return json;
    lido_json *learned = lido_learned_json(graph, lido_net_params(of->model.net), index);
    if (learned && lido_json_count(learned) == 0)
        lido_json_free(learned);
    else
        lido_json_add(json, "learned", learned);
    return json;
}

static lido_json *description_json(const description *of) {
    lido_json *json = lido_json_object(), *layers = lido_json_array();
    lido_json_add_string(json, "name", lido_spec_name(of->model.spec));
    lido_json_add(json, "input", shape_json(lido_graph_input(of->model.graph)));
    const lido_shape *boxes = lido_graph_boxes(of->model.graph);
    if (boxes) lido_json_add(json, "boxes", shape_json(boxes));
    lido_json_add_string(json, "target", lido_target_names[lido_graph_target(of->model.graph)]);
    for (int i = 0; i < of->layers; i++) lido_json_append(layers, layer_json(of, i));
    lido_json_add(json, "layers", layers);
    lido_json_add_number(json, "parameters", (double)lido_graph_params(of->model.graph));
    lido_json_add_number(json, "multiply_adds", (double)of->multiply_adds);
    lido_json_add_number(json, "activation_bytes", (double)of->activation_bytes);
    lido_json_add_number(json, "batch", (double)of->batch);
    if (of->model.net) lido_json_add_number(json, "epoch", (double)of->model.epoch);
    if (of->training_bytes >= 0)
        lido_json_add_number(json, "training_bytes", (double)of->training_bytes);
    if (of->inference_bytes >= 0)
        lido_json_add_number(json, "inference_bytes", (double)of->inference_bytes);
    return json;
}

/* ---- the command ---------------------------------------------------------------------------- */

/* Prints a document the library made and frees it; with --json on one line. */
static lido_status show_document(char *text, const lido_output *output, lido_error *error) {
    lido_json *document = NULL;
    lido_status status = text ? lido_json_parse(text, strlen(text), "document", &document, error)
                              : lido_fail(error, LIDO_MEMORY, "out of memory");
    if (!status && !output->json) lido_say(output, "%s\n", text);
    free(text);
    return status ? status : lido_output_json(output, document, error);
}

static lido_status describe(const describe_options *options, const lido_output *output,
                            description *of, lido_error *error) {
    if (options->resolved)
        return show_document(lido_train_resolved(of->model.spec, &of->model.options), output,
                             error);
    of->batch = options->batch > 0 ? options->batch : of->model.options.batch;
    gather(of);
    lido_status status = say_description(of, output, error);
    return status ? status : lido_output_json(output, description_json(of), error);
}

/* Whether the path is that of trained weights: a run's folder, or a checkpoint. */
static bool is_trained(const char *path) {
    static const char ending[] = ".safetensors";
    struct stat about;
    const size_t length = strlen(path), end = strlen(ending);
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode)) return true;
    return length > end && strcmp(path + length - end, ending) == 0;
}

static lido_status read_model(const lido_common *common, const char *path, lido_model *model,
                              lido_error *error) {
    if (is_trained(path)) return lido_model_argument(common, path, 1, NULL, model, error);
    lido_status status = lido_spec_argument(common, path, &model->spec, error);
    if (!status) status = lido_train_options_read(model->spec, &model->options, error);
    return status ? status : lido_graph_make(model->spec, &model->graph, error);
}

static lido_status run(const void *given, const lido_operands *operands, lido_error *error) {
    const describe_options *options = given;
    lido_output output = lido_output_of(&options->common);
    if (options->schema && (options->resolved || operands->count > 0))
        return lido_fail(error, LIDO_USAGE, "--schema is the schema of all specs and stands alone");
    if (options->schema) return show_document(lido_spec_schema(), &output, error);
    if (operands->count == 0) return lido_fail(error, LIDO_USAGE, "SPEC is missing");

    description of = {.batch = 0};
    lido_model *model = &of.model;
    lido_status status = read_model(&options->common, operands->at[0], model, error);
    if (!status) status = describe(options, &output, &of, error);
    lido_model_free(model);
    return status;
}

static const lido_flag flags[] = {
    {.name = "resolved",
     .kind = LIDO_FLAG_SWITCH,
     .offset = offsetof(describe_options, resolved),
     .doc = "print the spec with every default filled in"},
    {.name = "schema",
     .kind = LIDO_FLAG_SWITCH,
     .offset = offsetof(describe_options, schema),
     .doc = "print the JSON Schema of specs, for editors; takes no SPEC"},
    {.name = "batch",
     .kind = LIDO_FLAG_INT,
     .offset = offsetof(describe_options, batch),
     .value = "B",
     .min = 1,
     .max = 1 << 24,
     .doc = "plan memory for B samples instead of the spec's batch"},
    LIDO_FLAG_CONV_ALGORITHM,
    LIDO_FLAGS_OUTPUT,
    {.name = NULL}};

extern const lido_command lido_command_describe;
const lido_command lido_command_describe = {
    .name = "describe",
    .operands = "[SPEC-or-RUN]",
    .doc = "Shows a network layer by layer: shapes, parameters, work, receptive fields and the "
           "memory it takes; of a run or a checkpoint, what its pooling layers have learned too.",
    .max_operands = 1,
    .flags = flags,
    .options_size = sizeof(describe_options),
    .run = run,
};
