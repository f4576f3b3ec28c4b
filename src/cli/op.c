/* op.c - `lido op LAYER.json`: one layer on .npy files, forward and backward, so that any other
 * framework can be compared number by number. */
#include "cli/command.h"
#include "cli/compare.h"
#include "cli/op_array.h"
#include "cli/op_boxes.h"
#include "cli/op_draws.h"
#include "cli/op_params.h"
#include "cli/output.h"
#include "cli/spec_argument.h"

#include "base/file.h"
#include "layers/switches.h"
#include "net/single.h"

#include <lido/lido.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct op_options {
    lido_common common;
    lido_texts input, grad_input;
    const char *params, *output, *grad_output, *grad_params, *batch_file;
    const char *draws, *draws_out, *switches;
    int switch_index; /* lido_switch_index; -1: not given */
    bool train, compare_semantics;
    lido_list shape;
} op_options;

enum { MOST_WORDS = 64, MOST_LIST_BYTES = 1 << 26 };

static const char *const index_names[] = {
    [LIDO_INDEX_PLANE] = "torch", [LIDO_INDEX_ONNX] = "onnx", NULL};

static const lido_flag flags[] = {
    {.name = "input",
     .kind = LIDO_FLAG_TEXTS,
     .offset = offsetof(op_options, input),
     .value = "X.npy",
     .doc =
         "an input (N, [D, H,] W, C) or (N, C); again for a second one. Boxes of a roi_ layer are "
         "(N, n, 5), or (K, 5) with the number of the sample first"},
    {.name = "output",
     .kind = LIDO_FLAG_TEXT,
     .offset = offsetof(op_options, output),
     .value = "Y.npy",
     .doc = "where the output goes"},
    {.name = "params",
     .kind = LIDO_FLAG_TEXT,
     .offset = offsetof(op_options, params),
     .value = "P.safetensors",
     .doc = "parameters and running state by name (\"weight\"); without: drawn from the seed"},
    {.name = "train",
     .kind = LIDO_FLAG_SWITCH,
     .offset = offsetof(op_options, train),
     .doc = "run as in training; --grad-output does so too"},
    {.name = "grad-output",
     .kind = LIDO_FLAG_TEXT,
     .offset = offsetof(op_options, grad_output),
     .value = "DY.npy",
     .doc = "gradient at the output, to be sent back"},
    {.name = "grad-input",
     .kind = LIDO_FLAG_TEXTS,
     .offset = offsetof(op_options, grad_input),
     .value = "DX.npy",
     .doc = "where the gradient at the input goes; again for a second one"},
    {.name = "grad-params",
     .kind = LIDO_FLAG_TEXT,
     .offset = offsetof(op_options, grad_params),
     .value = "DP.safetensors",
     .doc = "where the gradients of the parameters go"},
    {.name = "draws",
     .kind = LIDO_FLAG_TEXT,
     .offset = offsetof(op_options, draws),
     .value = "U.npy",
     .doc = "random numbers in [0, 1) to use instead of the generator's: (N, those of a sample)"},
    {.name = "draws-out",
     .kind = LIDO_FLAG_TEXT,
     .offset = offsetof(op_options, draws_out),
     .value = "U.npy",
     .doc = "where the random numbers that were used go, to be replayed with --draws"},
    {.name = "switches",
     .kind = LIDO_FLAG_TEXT,
     .offset = offsetof(op_options, switches),
     .value = "S.npy",
     .doc = "where the index of the cell goes that each output was taken from (int64; -1: none)"},
    {.name = "switch-index",
     .kind = LIDO_FLAG_CHOICE,
     .offset = offsetof(op_options, switch_index),
     .value = "KIND",
     .fallback = -1,
     .choices = index_names,
     .doc =
         "how --switches counts: torch, in the plane (D, H, W) of a sample and channel (default); "
         "onnx, in the whole tensor (N, C, D, H, W)"},
    {.name = "batch-file",
     .kind = LIDO_FLAG_TEXT,
     .offset = offsetof(op_options, batch_file),
     .value = "LIST",
     .doc = "run every line of LIST as a command line of `lido op`"},
    {.name = "compare-semantics",
     .kind = LIDO_FLAG_SWITCH,
     .offset = offsetof(op_options, compare_semantics),
     .doc =
         "run the layer by the window rules of each engine on a ramp 1, 2, 3, ..., and say where "
         "they differ"},
    {.name = "shape",
     .kind = LIDO_FLAG_DIMS,
     .offset = offsetof(op_options, shape),
     .value = "H,W,C",
     .doc = "of the ramp, as a spec's input"},
    LIDO_FLAG_SEED("seed of weights and draws (0)"),
    LIDO_FLAG_THREADS,
    LIDO_FLAGS_OUTPUT,
    {.name = NULL}};

/* ---- one operation -------------------------------------------------------------------------- */

typedef struct operation {
    const op_options *options;
    bool training;
    int inputs;
    lido_op_array x[LIDO_MAX_INPUTS];
    lido_real *dx[LIDO_MAX_INPUTS];
    lido_op_array dy;
    lido_op_boxes boxes; /* of x[1], where they say their sample */
    float *draws;
    lido_team *team;
    lido_single *single;
} operation;

static void free_operation(operation *of) {
    lido_single_free(of->single);
    lido_team_stop(of->team);
    for (int i = 0; i < of->inputs; i++) {
        free(of->x[i].values);
        free(of->dx[i]);
    }
    free(of->dy.values);
    free(of->draws);
    lido_op_boxes_free(&of->boxes);
}

static lido_status no_memory(lido_error *error) {
    return lido_fail(error, LIDO_MEMORY, "no memory for the arrays");
}

static bool is_nonnegative(const lido_op_array *x) {
    int64_t count = x->batch * lido_shape_size(&x->shape);
    for (int64_t i = 0; i < count; i++)
        if (x->values[i] < 0) return false;
    return true;
}

static lido_status make_single(operation *of, const lido_json *layer, const char *name,
                               lido_error *error) {
    lido_shape shape[LIDO_MAX_INPUTS];
    bool nonnegative[LIDO_MAX_INPUTS];
    for (int i = 0; i < of->inputs; i++) {
        shape[i] = of->x[i].shape;
        nonnegative[i] = is_nonnegative(&of->x[i]);
    }
    const lido_common *common = &of->options->common;
    lido_status status = lido_team_start((int)common->threads, &of->team, error);
    if (status) return status;
    lido_single_options options = {.batch = of->x[0].batch,
                                   .team = of->team,
                                   .seed = common->seed >= 0 ? (uint64_t)common->seed : 0,
                                   .nonnegative = nonnegative,
                                   .switches = of->options->switches != NULL};
    return lido_single_make(layer, name, of->inputs, shape, &options, &of->single, error);
}

/* ---- inputs --------------------------------------------------------------------------------- */

static bool takes_boxes(const lido_json *layer) {
    const char *type = lido_json_string(lido_json_get(layer, "type"));
    return type && strncmp(type, "roi_", 4) == 0;
}

/* Rows (sample, x1, y1, x2, y2) become boxes that lie with their samples. */
static lido_status sort_boxes(operation *of, lido_error *error) {
    lido_op_array *x = &of->x[1];
    lido_status status = lido_op_boxes_make(x->values, x->batch, of->x[0].batch, &of->boxes, error);
    if (status) return lido_fail_in(error, status, "%s", of->options->input.at[1]);
    const int64_t dims[] = {of->boxes.each, x->shape.channels};
    lido_real *sorted =
        lido_op_boxes_spread(&of->boxes, (size_t)dims[1] * sizeof *sorted, x->values);
    if (!sorted) return no_memory(error);
    free(x->values);
    x->values = sorted;
    x->batch = of->boxes.samples;
    return lido_shape_make(dims, 2, &x->shape, error);
}

static lido_status read_inputs(operation *of, const lido_json *layer, lido_error *error) {
    const lido_texts *paths = &of->options->input;
    lido_status status = LIDO_OK;
    of->inputs = paths->count;
    for (int i = 0; !status && i < paths->count; i++)
        status = lido_op_array_read(paths->at[i], &of->x[i], error);
    const lido_shape *second = &of->x[1].shape;
    if (!status && of->inputs == 2 && takes_boxes(layer) && second->rank == 0 &&
        second->channels == 5)
        status = sort_boxes(of, error);
    for (int i = 1; !status && i < paths->count; i++)
        if (of->x[i].batch != of->x[0].batch)
            status = lido_fail(error, LIDO_SHAPE, "%s holds %" PRId64 " samples, %s %" PRId64,
                               paths->at[i], of->x[i].batch, paths->at[0], of->x[0].batch);
    return status;
}

/* ---- outputs -------------------------------------------------------------------------------- */

/* Of a shape (n, ...) that of one of the n. */
static lido_shape row_shape(const lido_shape *shape) {
    lido_shape row = *shape;
    row.axis[LIDO_MAX_AXES - row.rank--] = 1;
    return row;
}

/* Values that came of boxes are written in the order of their file. */
static lido_status write_rows(const operation *of, const char *path, lido_npy_type type,
                              size_t size, const lido_shape *shape, const void *values,
                              lido_error *error) {
    if (of->boxes.count == 0)
        return lido_op_array_write(path, type, of->x[0].batch, shape, values, error);
    const lido_shape row = row_shape(shape);
    void *sorted = lido_op_boxes_gather(&of->boxes, (size_t)lido_shape_size(&row) * size, values);
    if (!sorted) return no_memory(error);
    lido_status status = lido_op_array_write(path, type, of->boxes.count, &row, sorted, error);
    free(sorted);
    return status;
}

static lido_status write_reals(const operation *of, const char *path, const lido_shape *shape,
                               const lido_real *values, lido_error *error) {
    return write_rows(of, path, lido_op_real, sizeof *values, shape, values, error);
}

static lido_status write_switches(const operation *of, lido_error *error) {
    const lido_shape *y = lido_single_output(of->single);
    const int64_t batch = of->x[0].batch, elements = lido_shape_size(y);
    int64_t *switches = calloc((size_t)(batch * elements), sizeof *switches);
    if (!switches) return no_memory(error);
    lido_single_switches(of->single, switches);
    if (of->options->switch_index == LIDO_INDEX_ONNX)
        lido_switches_to_onnx(&of->x[0].shape, batch, elements, switches);
    lido_status status =
        write_rows(of, of->options->switches, LIDO_NPY_I64, sizeof *switches, y, switches, error);
    free(switches);
    return status;
}

/* ---- random numbers -------------------------------------------------------------------------- */

static lido_status set_draws(operation *of, lido_error *error) {
    const op_options *options = of->options;
    const int64_t batch = of->x[0].batch;
    int64_t count;
    const char *decide;
    lido_status status = lido_single_draws(of->single, of->training, &count, &decide, error);
    if (status) return lido_fail_in(error, status, options->draws ? "--draws" : "--draws-out");
    if (options->draws) {
        status = lido_op_draws_read(options->draws, batch, count, decide, &of->draws, error);
        if (!status) lido_single_give_draws(of->single, of->draws);
    }
    if (status || !options->draws_out) return status;
    float *used = calloc((size_t)(batch * count), sizeof *used);
    if (!used) return no_memory(error);
    lido_single_take_draws(of->single, of->training, used);
    status = lido_op_draws_write(options->draws_out, batch, count, used, error);
    free(used);
    return status;
}

/* ---- running --------------------------------------------------------------------------------- */

static lido_status prepare(operation *of, lido_error *error) {
    const op_options *options = of->options;
    lido_status status = LIDO_OK;
    if (options->switches) {
        status = lido_single_check_switches(of->single, of->training, error);
        if (status) return lido_fail_in(error, status, "--switches");
    }
    if (options->params) status = lido_op_params_read(options->params, of->single, error);
    if (!status && (options->draws || options->draws_out)) status = set_draws(of, error);
    return status;
}

static lido_status run_forward(operation *of, lido_error *error) {
    const op_options *options = of->options;
    const lido_real *x[LIDO_MAX_INPUTS];
    for (int i = 0; i < of->inputs; i++) x[i] = of->x[i].values;
    const lido_real *y = lido_single_forward(of->single, x, of->training);
    lido_status status = write_reals(of, options->output, lido_single_output(of->single), y, error);
    return status || !options->switches ? status : write_switches(of, error);
}

/* Gradients of boxes' outputs come in the order of their file. */
static lido_status sort_gradient(operation *of, lido_error *error) {
    if (of->boxes.count == 0) return LIDO_OK;
    const size_t row = (size_t)lido_shape_size(&of->dy.shape) * sizeof *of->dy.values;
    lido_real *sorted = lido_op_boxes_spread(&of->boxes, row, of->dy.values);
    if (!sorted) return no_memory(error);
    free(of->dy.values);
    of->dy.values = sorted;
    return LIDO_OK;
}

static lido_status read_gradient(operation *of, lido_error *error) {
    const char *path = of->options->grad_output;
    const bool by_box = of->boxes.count > 0;
    const int64_t batch = by_box ? of->boxes.count : of->x[0].batch;
    lido_shape y = *lido_single_output(of->single);
    lido_status status = lido_op_array_read(path, &of->dy, error);
    if (status) return status;
    if (by_box) y = row_shape(&y);
    if (of->dy.batch == batch && lido_shape_equal(&of->dy.shape, &y))
        return sort_gradient(of, error);
    char is[64], wants[64];
    return lido_fail(error, LIDO_SHAPE,
                     "%s holds %" PRId64 " of %s, the layer's output is %" PRId64 " of %s", path,
                     of->dy.batch, lido_shape_text(&of->dy.shape, is, sizeof is), batch,
                     lido_shape_text(&y, wants, sizeof wants));
}

static lido_status run_backward(operation *of, lido_error *error) {
    const op_options *options = of->options;
    const size_t batch = (size_t)of->x[0].batch;
    lido_status status = read_gradient(of, error);
    for (int i = 0; !status && i < options->grad_input.count; i++) {
        of->dx[i] = calloc(batch, (size_t)lido_shape_size(&of->x[i].shape) * sizeof *of->dx[i]);
        if (!of->dx[i]) status = no_memory(error);
    }
    if (status) return status;
    lido_single_backward(of->single, of->dy.values, of->dx);
    for (int i = 0; !status && i < options->grad_input.count; i++) {
        const char *path = options->grad_input.at[i];
        const lido_shape *shape = &of->x[i].shape;
        status = i == 0 ? lido_op_array_write(path, lido_op_real, of->x[0].batch, shape, of->dx[0],
                                              error)
                        : write_reals(of, path, shape, of->dx[i], error);
    }
    if (!status && options->grad_params)
        status = lido_op_params_write_gradients(options->grad_params, of->single, error);
    return status;
}

static lido_status check_options(const op_options *options, const lido_operands *operands,
                                 lido_error *error) {
    if (operands->count != 1) return lido_fail(error, LIDO_USAGE, "LAYER.json is missing");
    if (options->shape.count > 0)
        return lido_fail(error, LIDO_USAGE, "--shape is for --compare-semantics");
    if (options->input.count == 0) return lido_fail(error, LIDO_USAGE, "--input is missing");
    if (!options->output) return lido_fail(error, LIDO_USAGE, "--output is missing");
    if (options->grad_input.count > options->input.count)
        return lido_fail(error, LIDO_USAGE, "there are more --grad-input than --input");
    if (options->switch_index >= 0 && !options->switches)
        return lido_fail(error, LIDO_USAGE, "--switch-index is for --switches");
    bool wanted = options->grad_input.count > 0 || options->grad_params;
    if (wanted != (options->grad_output != NULL))
        return lido_fail(error, LIDO_USAGE,
                         "--grad-output goes with --grad-input or --grad-params or both");
    return LIDO_OK;
}

static lido_status operate(const op_options *options, const lido_operands *operands,
                           lido_error *error) {
    operation of = {.options = options, .training = options->train || options->grad_output};
    lido_json *layer = NULL;
    const char *name;
    lido_status status = check_options(options, operands, error);
    if (!status) status = lido_document_argument(operands->at[0], &layer, &name, error);
    if (!status) status = read_inputs(&of, layer, error);
    if (!status) status = make_single(&of, layer, name, error);
    if (!status) status = prepare(&of, error);
    if (!status) status = run_forward(&of, error);
    if (!status && options->grad_output) status = run_backward(&of, error);
    free_operation(&of);
    lido_json_free(layer);
    return status;
}

/* ---- many operations ------------------------------------------------------------------------ */

static lido_status run_words(int count, char *const *words, lido_error *error) {
    op_options options = {.batch_file = NULL};
    const char *at[MOST_WORDS];
    lido_operands operands = {.at = at};
    lido_status status = lido_arguments_read(flags, count, words, &options, &operands, error);
    if (status) return status;
    if (options.batch_file || options.compare_semantics || options.common.json ||
        options.common.quiet)
        return lido_fail(error, LIDO_USAGE,
                         "--batch-file, --compare-semantics, --json and --quiet stand outside the "
                         "list");
    if (operands.count > 1)
        return lido_fail(error, LIDO_USAGE, "\"%s\" is one argument too many", at[1]);
    return operate(&options, &operands, error);
}

/* A line of the list is what would follow `lido op`, which may be written too. */
static lido_status run_line(char *line, lido_error *error) {
    char *words[MOST_WORDS];
    int count = lido_arguments_split(line, words, MOST_WORDS), first = 0;
    if (count < 0)
        return lido_fail(error, LIDO_USAGE, "a quote is left open, or there are more than %d words",
                         MOST_WORDS);
    if (first < count && strcmp(words[first], "lido") == 0) first++;
    if (first < count && strcmp(words[first], "op") == 0) first++;
    if (first == count) return LIDO_OK;
    return run_words(count - first, words + first, error);
}

typedef struct tally {
    int64_t run, failed, first_failed; /* the last is a line's number */
    lido_status status;                /* of the first failure */
} tally;

static void run_lines(char *text, const char *path, tally *counts) {
    int64_t number = 0;
    for (char *line = text; line; number++) {
        char *end = strchr(line, '\n');
        if (end) *end = '\0';
        bool empty = line[strspn(line, " \t\r")] == '\0' || *line == '#';
        lido_error error = {LIDO_OK, ""};
        lido_status status = empty ? LIDO_OK : run_line(line, &error);
        counts->run += !empty;
        if (status) fprintf(stderr, "%s:%" PRId64 ": %s\n", path, number + 1, error.message);
        if (status && counts->failed++ == 0) {
            counts->first_failed = number + 1;
            counts->status = status;
        }
        line = end ? end + 1 : NULL;
    }
}

/* Runs every line, also after one that failed. */
static lido_status run_list(const char *path, const lido_output *output, lido_error *error) {
    uint8_t *text = NULL;
    size_t size;
    lido_status status = lido_file_read(path, MOST_LIST_BYTES, &text, &size, error);
    if (status) return status;
    tally counts = {.run = 0};
    run_lines((char *)text, path, &counts);
    free(text);
    lido_say(output, "%" PRId64 " of %" PRId64 " lines done\n", counts.run - counts.failed,
             counts.run);
    lido_json *json = lido_json_object();
    lido_json_add_number(json, "run", (double)counts.run);
    lido_json_add_number(json, "failed", (double)counts.failed);
    status = lido_output_json(output, json, error);
    if (status || counts.failed == 0) return status;
    return lido_fail(error, counts.status,
                     "%s: %" PRId64 " of %" PRId64 " lines failed, first line %" PRId64, path,
                     counts.failed, counts.run, counts.first_failed);
}

/* ---- the command ---------------------------------------------------------------------------- */

/* Whether anything is given that is for one operation alone. */
static bool names_files(const op_options *options) {
    return options->input.count > 0 || options->grad_input.count > 0 || options->output ||
           options->params || options->grad_output || options->grad_params || options->draws ||
           options->draws_out || options->switches || options->switch_index >= 0 || options->train;
}

static lido_status compare(const op_options *options, const lido_operands *operands,
                           const lido_output *output, lido_error *error) {
    if (operands->count != 1 || options->shape.count == 0)
        return lido_fail(error, LIDO_USAGE, "--compare-semantics needs LAYER.json and --shape");
    if (names_files(options) || options->batch_file)
        return lido_fail(error, LIDO_USAGE,
                         "--compare-semantics makes its own input, and takes --shape alone");
    return lido_compare_semantics(operands->at[0], &options->shape, output, error);
}

static lido_status run(const void *given, const lido_operands *operands, lido_error *error) {
    const op_options *options = given;
    lido_output output = lido_output_of(&options->common);
    if (options->compare_semantics) return compare(options, operands, &output, error);
    if (options->batch_file) {
        if (operands->count > 0 || names_files(options))
            return lido_fail(error, LIDO_USAGE,
                             "--batch-file takes the place of a layer and its files");
        return run_list(options->batch_file, &output, error);
    }
    lido_status status = operate(options, operands, error);
    if (status) return status;
    lido_say(&output, "%s\n", options->output);
    lido_json *json = lido_json_object();
    lido_json_add_string(json, "output", options->output);
    return lido_output_json(&output, json, error);
}

extern const lido_command lido_command_op;
const lido_command lido_command_op = {
    .name = "op",
    .operands = "LAYER.json",
    .doc = "Runs one layer on .npy files, forward and backward.",
    .details = "LAYER.json is a layer object as in a spec, in a file or as it is. Arrays are "
               "channels-last with the batch first; the results are float32. A layer that draws "
               "takes so many numbers of each sample: --draws-out shows how many, and a file of "
               "another shape is refused with what each of them decides. In a list, '...' and "
               "\"...\" keep blanks together, and a line that starts with # is passed over.",
    .max_operands = 1,
    .flags = flags,
    .options_size = sizeof(op_options),
    .run = run,
};
