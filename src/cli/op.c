/* op.c - `lido op LAYER.json`: one layer on .npy files, forward and backward, so that any other
 * framework can be compared number by number. */
#include "cli/command.h"
#include "cli/compare.h"
#include "cli/op_params.h"
#include "cli/output.h"
#include "cli/spec_argument.h"

#include "base/file.h"
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
    bool train, compare_semantics;
    lido_list shape;
} op_options;

enum { MOST_WORDS = 64, MOST_LIST_BYTES = 1 << 26 };

#ifdef LIDO_DOUBLE
static const lido_npy_type real_type = LIDO_NPY_F64;
#else
static const lido_npy_type real_type = LIDO_NPY_F32;
#endif

static const lido_flag flags[] = {
    {.name = "input",
     .kind = LIDO_FLAG_TEXTS,
     .offset = offsetof(op_options, input),
     .value = "X.npy",
     .doc = "an input (N, [D, H,] W, C) or (N, C); again for a second one"},
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

/* ---- arrays --------------------------------------------------------------------------------- */

/* An array (N, shape) as numbers the layer computes with. */
typedef struct array {
    int64_t batch;
    lido_shape shape;
    lido_real *values;
} array;

static lido_status take_array(const lido_npy *read, array *result, lido_error *error) {
    if (read->rank < 2 || read->rank > LIDO_MAX_AXES + 2)
        return lido_fail(error, LIDO_SHAPE,
                         "has %d dimensions, allowed: 2 (N, C) to %d (N, D, H, "
                         "W, C)",
                         read->rank, LIDO_MAX_AXES + 2);
    if (read->dim[0] < 1) return lido_fail(error, LIDO_SHAPE, "holds no sample");
    lido_status status = lido_shape_make(read->dim + 1, read->rank - 1, &result->shape, error);
    if (status) return status;
    result->batch = read->dim[0];
    result->values = calloc((size_t)read->count, sizeof *result->values);
    if (!result->values) return lido_fail(error, LIDO_MEMORY, "no memory for the array");
    lido_npy_to_real(read, result->values);
    return LIDO_OK;
}

static lido_status read_array(const char *path, array *result, lido_error *error) {
    lido_npy read;
    lido_status status = lido_npy_read(path, &read, error);
    if (status) return status;
    status = take_array(&read, result, error);
    lido_npy_free(&read);
    return status ? lido_fail_in(error, status, "%s", path) : LIDO_OK;
}

static lido_status write_array(const char *path, int64_t batch, const lido_shape *shape,
                               const lido_real *values, lido_error *error) {
    lido_npy npy = {.type = real_type,
                    .rank = shape->rank + 2,
                    .count = batch * lido_shape_size(shape),
                    .data = (void *)values};
    npy.dim[0] = batch;
    for (int i = 0; i < shape->rank; i++)
        npy.dim[1 + i] = shape->axis[LIDO_MAX_AXES - shape->rank + i];
    npy.dim[1 + shape->rank] = shape->channels;
    return lido_npy_write(path, &npy, error);
}

/* ---- one operation -------------------------------------------------------------------------- */

typedef struct operation {
    const op_options *options;
    int inputs;
    array x[LIDO_MAX_INPUTS];
    lido_real *dx[LIDO_MAX_INPUTS];
    array dy;
    lido_single *single;
} operation;

static void free_operation(operation *of) {
    lido_single_free(of->single);
    for (int i = 0; i < of->inputs; i++) {
        free(of->x[i].values);
        free(of->dx[i]);
    }
    free(of->dy.values);
}

static lido_status read_inputs(operation *of, lido_error *error) {
    const lido_texts *paths = &of->options->input;
    of->inputs = paths->count;
    for (int i = 0; i < paths->count; i++) {
        lido_status status = read_array(paths->at[i], &of->x[i], error);
        if (status) return status;
        if (of->x[i].batch != of->x[0].batch)
            return lido_fail(error, LIDO_SHAPE, "%s holds %" PRId64 " samples, %s %" PRId64,
                             paths->at[i], of->x[i].batch, paths->at[0], of->x[0].batch);
    }
    return LIDO_OK;
}

static bool is_nonnegative(const array *x) {
    int64_t count = x->batch * lido_shape_size(&x->shape);
    for (int64_t i = 0; i < count; i++)
        if (x->values[i] < 0) return false;
    return true;
}

static lido_status make_single(operation *of, const char *layer, lido_error *error) {
    lido_shape shape[LIDO_MAX_INPUTS];
    bool nonnegative[LIDO_MAX_INPUTS];
    for (int i = 0; i < of->inputs; i++) {
        shape[i] = of->x[i].shape;
        nonnegative[i] = is_nonnegative(&of->x[i]);
    }
    const lido_common *common = &of->options->common;
    lido_single_options options = {.batch = of->x[0].batch,
                                   .threads = (int)common->threads,
                                   .seed = common->seed >= 0 ? (uint64_t)common->seed : 0,
                                   .nonnegative = nonnegative};
    lido_json *document = NULL;
    const char *name;
    lido_status status = lido_document_argument(layer, &document, &name, error);
    if (!status)
        status = lido_single_make(document, name, of->inputs, shape, &options, &of->single, error);
    lido_json_free(document);
    return status;
}

static lido_status run_forward(operation *of, lido_error *error) {
    const op_options *options = of->options;
    const lido_real *x[LIDO_MAX_INPUTS];
    for (int i = 0; i < of->inputs; i++) x[i] = of->x[i].values;
    if (options->params) {
        lido_status status = lido_op_params_read(options->params, of->single, error);
        if (status) return status;
    }
    bool training = options->train || options->grad_output;
    const lido_real *y = lido_single_forward(of->single, x, training);
    return write_array(options->output, of->x[0].batch, lido_single_output(of->single), y, error);
}

static lido_status read_gradient(operation *of, lido_error *error) {
    const char *path = of->options->grad_output;
    lido_status status = read_array(path, &of->dy, error);
    if (status) return status;
    const lido_shape *y = lido_single_output(of->single);
    if (of->dy.batch == of->x[0].batch && lido_shape_equal(&of->dy.shape, y)) return LIDO_OK;
    char is[64], wants[64];
    return lido_fail(error, LIDO_SHAPE,
                     "%s holds %" PRId64 " of %s, the layer's output is %" PRId64 " of %s", path,
                     of->dy.batch, lido_shape_text(&of->dy.shape, is, sizeof is), of->x[0].batch,
                     lido_shape_text(y, wants, sizeof wants));
}

static lido_status run_backward(operation *of, lido_error *error) {
    const op_options *options = of->options;
    int64_t batch = of->x[0].batch;
    lido_status status = read_gradient(of, error);
    for (int i = 0; !status && i < options->grad_input.count; i++) {
        of->dx[i] =
            calloc((size_t)batch, (size_t)lido_shape_size(&of->x[i].shape) * sizeof *of->dx[i]);
        if (!of->dx[i]) status = lido_fail(error, LIDO_MEMORY, "no memory for the gradient");
    }
    if (status) return status;
    lido_single_backward(of->single, of->dy.values, of->dx);
    for (int i = 0; !status && i < options->grad_input.count; i++)
        status = write_array(options->grad_input.at[i], batch, &of->x[i].shape, of->dx[i], error);
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
    bool wanted = options->grad_input.count > 0 || options->grad_params;
    if (wanted != (options->grad_output != NULL))
        return lido_fail(error, LIDO_USAGE,
                         "--grad-output goes with --grad-input or --grad-params or both");
    return LIDO_OK;
}

static lido_status operate(const op_options *options, const lido_operands *operands,
                           lido_error *error) {
    operation of = {.options = options};
    lido_status status = check_options(options, operands, error);
    if (!status) status = read_inputs(&of, error);
    if (!status) status = make_single(&of, operands->at[0], error);
    if (!status) status = run_forward(&of, error);
    if (!status && options->grad_output) status = run_backward(&of, error);
    free_operation(&of);
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

static lido_status compare(const op_options *options, const lido_operands *operands,
                           const lido_output *output, lido_error *error) {
    if (operands->count != 1 || options->shape.count == 0)
        return lido_fail(error, LIDO_USAGE, "--compare-semantics needs LAYER.json and --shape");
    if (options->input.count > 0 || options->output || options->params || options->grad_output ||
        options->batch_file || options->train)
        return lido_fail(error, LIDO_USAGE,
                         "--compare-semantics makes its own input, and takes --shape alone");
    return lido_compare_semantics(operands->at[0], &options->shape, output, error);
}

static lido_status run(const void *given, const lido_operands *operands, lido_error *error) {
    const op_options *options = given;
    lido_output output = lido_output_of(&options->common);
    if (options->compare_semantics) return compare(options, operands, &output, error);
    if (options->batch_file) {
        if (operands->count > 0 || options->input.count > 0 || options->output)
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
               "channels-last with the batch first; the results are float32. In a list, '...' and "
               "\"...\" keep blanks together, and a line that starts with # is passed over.",
    .max_operands = 1,
    .flags = flags,
    .options_size = sizeof(op_options),
    .run = run,
};
