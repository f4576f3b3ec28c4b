/* predict.c - `lido predict DIR-or-CHECKPOINT FILE...`: what a trained network takes pictures for.
 *
 * A PNG or JPEG, or 8-bit numbers in a .npy file, are fitted and normalised as the training
 * pictures were; floating-point numbers in a .npy file are the network's input as they are. */
#include "cli/command.h"
#include "cli/label_map.h"
#include "cli/output.h"
#include "cli/picture.h"
#include "cli/spec_argument.h"

#include "base/file.h"

#include <lido/lido.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct predict_options {
    lido_common common;
    bool resize, invert;
    const char *maps; /* folder for label maps; NULL: none are written */
} predict_options;

enum { SHOWN = 3 };

typedef struct prediction {
    const predict_options *options;
    const lido_output *output;
    lido_team *team;
    lido_model model;
    lido_shape input;
    int64_t classes;
    const char *value; /* what there is of a class: a probability, a score, a share of the map */
    lido_json *results;
    lido_table *table;
} prediction;

/* Samples ready for the network: (count, input). */
typedef struct samples {
    int64_t count;
    lido_real *x;
} samples;

/* ---- input ---------------------------------------------------------------------------------- */

static lido_status allocate(const prediction *of, int64_t count, samples *made, lido_error *error) {
    made->count = count;
    made->x = calloc((size_t)count, (size_t)lido_shape_size(&of->input) * sizeof *made->x);
    return made->x ? LIDO_OK : lido_fail(error, LIDO_MEMORY, "no memory for the pictures");
}

static void normalise(const prediction *of, const uint8_t *pixels, lido_real *x) {
    const lido_normalisation *by = &of->model.normalisation;
    int64_t size = lido_shape_size(&of->input), channels = of->input.channels;
    for (int64_t i = 0; i < size; i++) {
        int pixel = of->options->invert ? 255 - pixels[i] : pixels[i];
        int64_t c = i % channels;
        x[i] = (lido_real)((pixel / 255.0 - by->mean[c]) / by->deviation[c]);
    }
}

static lido_status fail_shape(const prediction *of, const lido_shape *found, const char *hint,
                              lido_error *error) {
    char is[64], wants[64];
    return lido_fail(error, LIDO_SHAPE, "is %s, the network takes %s%s",
                     lido_shape_text(found, is, sizeof is),
                     lido_shape_text(&of->input, wants, sizeof wants), hint);
}

/* One 8-bit picture of any size into x (input). */
static lido_status fit_picture(const prediction *of, const uint8_t *pixels, const lido_shape *shape,
                               lido_real *x, lido_error *error) {
    const lido_shape *input = &of->input;
    int64_t h = shape->axis[1], w = shape->axis[2];
    bool same_size = memcmp(shape->axis, input->axis, sizeof shape->axis) == 0;
    bool can_resize = shape->rank == 2 && input->rank == 2;
    if (shape->rank != input->rank || !(same_size || (can_resize && of->options->resize)))
        return fail_shape(of, shape, can_resize ? "; --resize fits the size" : "", error);

    uint8_t *converted = calloc((size_t)lido_shape_positions(shape), (size_t)input->channels);
    uint8_t *resized = calloc(1, (size_t)lido_shape_size(input));
    lido_status status = LIDO_OK;
    if (!converted || !resized)
        status = lido_fail(error, LIDO_MEMORY, "no memory for a picture");
    else if (!lido_picture_channels(pixels, lido_shape_positions(shape), shape->channels,
                                    input->channels, converted))
        status = fail_shape(of, shape, "", error);
    else if (!same_size)
        status = lido_picture_resize(converted, h, w, input->channels, input->axis[1],
                                     input->axis[2], resized, error);
    if (!status) normalise(of, same_size ? converted : resized, x);
    free(converted);
    free(resized);
    return status;
}

/* Makes the network anew for pictures of this size, if its head allows and nobody asked for the
 * pictures to be fitted instead. */
static lido_status fit_network(prediction *of, const lido_shape *shape, bool pictures,
                               lido_error *error) {
    lido_shape wanted = *shape;
    wanted.channels = of->input.channels;
    if (of->options->resize || shape->rank != of->input.rank ||
        lido_shape_equal(&wanted, &of->input))
        return LIDO_OK;
    lido_status status = lido_model_resize(&of->model, &wanted, 1, of->team, error);
    if (!status) of->input = wanted;
    if (status != LIDO_SHAPE || !pictures) return status;
    char reason[sizeof error->message];
    snprintf(reason, sizeof reason, "%s", error->message);
    return lido_fail(error, LIDO_SHAPE, "%.900s; --resize fits the size", reason);
}

static lido_status read_picture(prediction *of, const char *path, samples *read,
                                lido_error *error) {
    lido_shape shape;
    uint8_t *pixels = NULL;
    lido_status status = lido_picture_read(path, &shape, &pixels, error);
    if (status) return status;
    status = fit_network(of, &shape, true, error);
    if (!status) status = allocate(of, 1, read, error);
    if (!status) status = fit_picture(of, pixels, &shape, read->x, error);
    if (status) lido_fail_in(error, status, "%s", path);
    free(pixels);
    return status;
}

/* The shape of each sample of an array: its dimensions without the batch, which may be left out, as
 * may a single channel. */
static lido_status array_shape(const prediction *of, const lido_npy *array, int64_t *count,
                               lido_shape *shape, lido_error *error) {
    int wanted = of->input.rank + 1, has = array->rank;
    const int64_t *dim = array->dim;
    int64_t dims[LIDO_NPY_MAX_DIMS + 1];
    *count = 1;
    if (has == wanted + 1) {
        *count = *dim++;
        has--;
    }
    if (has != wanted && has != wanted - 1)
        return lido_fail(error, LIDO_SHAPE, "has %d dimensions, allowed: %d to %d", array->rank,
                         wanted - 1, wanted + 1);
    memcpy(dims, dim, (size_t)has * sizeof *dims);
    if (has == wanted - 1) dims[has] = 1;
    if (*count < 1) return lido_fail(error, LIDO_SHAPE, "holds no picture");
    return lido_shape_make(dims, wanted, shape, error);
}

static lido_status take_array(prediction *of, const lido_npy *array, samples *read,
                              lido_error *error) {
    int64_t count;
    lido_shape shape;
    lido_status status = array_shape(of, array, &count, &shape, error);
    if (!status) status = fit_network(of, &shape, array->type == LIDO_NPY_U8, error);
    if (!status) status = allocate(of, count, read, error);
    if (status) return status;
    int64_t size = lido_shape_size(&of->input), from = lido_shape_size(&shape);
    if (array->type == LIDO_NPY_U8) {
        const uint8_t *pixels = array->data;
        for (int64_t i = 0; !status && i < count; i++)
            status = fit_picture(of, pixels + i * from, &shape, read->x + i * size, error);
        return status;
    }
    if (array->type != LIDO_NPY_F32 && array->type != LIDO_NPY_F64)
        return lido_fail(error, LIDO_SHAPE,
                         "holds integers of more than 8 bits, allowed: uint8, "
                         "float32, float64");
    if (of->options->invert)
        return lido_fail(error, LIDO_USAGE,
                         "--invert is for pictures; floating-point input is taken as it is");
    if (!lido_shape_equal(&shape, &of->input)) return fail_shape(of, &shape, "", error);
    lido_npy_to_real(array, read->x);
    return LIDO_OK;
}

static lido_status read_array(prediction *of, const char *path, samples *read, lido_error *error) {
    lido_npy array;
    lido_status status = lido_npy_read(path, &array, error);
    if (status) return status;
    status = take_array(of, &array, read, error);
    if (status) lido_fail_in(error, status, "%s", path);
    lido_npy_free(&array);
    return status;
}

/* ---- output --------------------------------------------------------------------------------- */

/* top[0..count) = the classes with the largest values, the largest first. */
static void find_top(const lido_real *y, int64_t classes, int count, int64_t *top) {
    for (int k = 0; k < count; k++) {
        top[k] = -1;
        for (int64_t c = 0; c < classes; c++) {
            bool taken = false;
            for (int j = 0; j < k; j++) taken = taken || top[j] == c;
            if (!taken && (top[k] < 0 || y[c] > y[top[k]])) top[k] = c;
        }
    }
}

static void add_row(prediction *of, const char *label, const lido_real *y, const int64_t *top,
                    int shown) {
    lido_table_add(of->table, "%s", label);
    lido_table_add(of->table, "%" PRId64, top[0]);
    for (int k = 0; k < SHOWN; k++) {
        if (k >= shown)
            lido_table_add(of->table, "%s", "");
        else if (strcmp(of->value, "score") != 0)
            lido_table_add(of->table, "%" PRId64 ": %.2f %%", top[k], 100 * (double)y[top[k]]);
        else
            lido_table_add(of->table, "%" PRId64 ": %.4g", top[k], (double)y[top[k]]);
    }
}

static lido_json *result_json(const prediction *of, const char *file, int64_t index,
                              const lido_real *y, const int64_t *top, int shown) {
    lido_json *json = lido_json_object(), *list = lido_json_array();
    lido_json_add_string(json, "file", file);
    lido_json_add_number(json, "index", (double)index);
    lido_json_add_number(json, "class", (double)top[0]);
    lido_json_add_number(json, of->value, (double)y[top[0]]);
    for (int k = 0; k < shown; k++) {
        lido_json *entry = lido_json_object();
        lido_json_add_number(entry, "class", (double)top[k]);
        lido_json_add_number(entry, of->value, (double)y[top[k]]);
        lido_json_append(list, entry);
    }
    lido_json_add(json, "top", list);
    return json;
}

/* Adds what is told of sample i of a file: of a vector of classes, y itself. */
static lido_json *add_prediction(prediction *of, const char *file, const samples *read, int64_t i,
                                 const lido_real *y) {
    int shown = of->classes < SHOWN ? (int)of->classes : SHOWN;
    int64_t top[SHOWN];
    char label[LIDO_TEXT_SIZE];
    find_top(y, of->classes, shown, top);
    snprintf(label, sizeof label, read->count > 1 ? "%s[%" PRId64 "]" : "%s", file, i);
    add_row(of, label, y, top, shown);
    lido_json *json = result_json(of, file, i, y, top, shown);
    lido_json_append(of->results, json);
    return json;
}

/* The classes of the positions, told by their shares and, with --maps, written. */
static lido_status add_map(prediction *of, const char *file, const samples *read, int64_t i,
                           const lido_real *y, lido_error *error) {
    const lido_shape *shape = lido_graph_output(of->model.graph);
    int32_t *map = calloc((size_t)lido_shape_positions(shape), sizeof *map);
    lido_real *share = calloc((size_t)of->classes, sizeof *share);
    lido_status status = LIDO_OK;
    if (!map || !share) {
        status = lido_fail(error, LIDO_MEMORY, "no memory for a label map");
        goto done;
    }
    lido_label_map(y, shape, map, share);
    lido_json *json = add_prediction(of, file, read, i, share);
    if (!of->options->maps) goto done;
    char path[LIDO_PATH_SIZE];
    status = lido_label_map_write(of->options->maps, file, read->count > 1 ? i : -1, shape, map,
                                  path, sizeof path, error);
    if (!status) lido_json_add_string(json, "map", path);
done:
    free(map);
    free(share);
    return status;
}

static lido_status predict_samples(prediction *of, const char *file, const samples *read,
                                   lido_error *error) {
    int64_t size = lido_shape_size(&of->input);
    bool maps = lido_graph_target(of->model.graph) == LIDO_TARGET_LABEL_MAP;
    lido_status status = LIDO_OK;
    for (int64_t i = 0; !status && i < read->count; i++) {
        lido_batch batch = {.count = 1, .x = read->x + i * size, .sample = &i};
        const lido_real *y = lido_net_forward(of->model.net, &batch, NULL);
        if (maps)
            status = add_map(of, file, read, i, y, error);
        else
            add_prediction(of, file, read, i, y);
    }
    return status;
}

/* ---- the command ---------------------------------------------------------------------------- */

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static lido_status predict_file(prediction *of, const char *path, lido_error *error) {
    samples read = {.x = NULL};
    lido_status status = ends_with(path, ".npy") ? read_array(of, path, &read, error)
                                                 : read_picture(of, path, &read, error);
    if (!status) status = predict_samples(of, path, &read, error);
    free(read.x);
    return status;
}

static lido_status check_network(const prediction *of, const lido_shape *output,
                                 lido_error *error) {
    bool maps = lido_graph_target(of->model.graph) == LIDO_TARGET_LABEL_MAP;
    char shape[64];
    if (lido_graph_boxes(of->model.graph))
        return lido_fail(error, LIDO_UNSUPPORTED,
                         "the network takes boxes, and predict has none to give; see eval");
    if (of->options->maps && !maps)
        return lido_fail(error, LIDO_USAGE,
                         "--maps is for networks whose \"target\" is \"label_map\"");
    if (maps || output->rank == 0) return LIDO_OK;
    return lido_fail(error, LIDO_SHAPE,
                     "the network's output is %s, not one class for each picture",
                     lido_shape_text(output, shape, sizeof shape));
}

static lido_status prepare(prediction *of, const char *checkpoint, lido_error *error) {
    lido_status status = lido_team_start((int)of->options->common.threads, &of->team, error);
    if (!status)
        status =
            lido_model_argument(&of->options->common, checkpoint, 1, of->team, &of->model, error);
    if (status) return status;
    const lido_graph *graph = of->model.graph;
    lido_layer_info last;
    lido_graph_layer(graph, lido_graph_layers(graph) - 1, &last);
    of->input = *lido_graph_input(graph);
    of->classes = last.y.channels;
    of->value = strcmp(last.type, "softmax") == 0 ? "probability" : "score";
    if (lido_graph_target(graph) == LIDO_TARGET_LABEL_MAP) of->value = "share";
    return check_network(of, &last.y, error);
}

static lido_status predict(prediction *of, const lido_operands *operands, lido_error *error) {
    static const char *const titles[] = {"<file", "class", "first", "second", "third"};
    lido_status status = prepare(of, operands->at[0], error);
    of->table = lido_table_new(titles, 5);
    of->results = lido_json_array();
    for (int i = 1; !status && i < operands->count; i++)
        status = predict_file(of, operands->at[i], error);

    lido_output nowhere = {.people = NULL};
    lido_status printed = lido_table_print(of->table, status ? &nowhere : of->output, error);
    if (!status) status = printed;
    if (status) {
        lido_json_free(of->results);
        return status;
    }
    lido_json *json = lido_json_object();
    lido_json_add(json, "predictions", of->results);
    return lido_output_json(of->output, json, error);
}

static lido_status run(const void *options, const lido_operands *operands, lido_error *error) {
    lido_output output = lido_output_of(options);
    prediction of = {.options = options, .output = &output};
    lido_status status = predict(&of, operands, error);
    lido_model_free(&of.model);
    lido_team_stop(of.team);
    return status;
}

static const lido_flag flags[] = {
    {.name = "resize",
     .kind = LIDO_FLAG_SWITCH,
     .offset = offsetof(predict_options, resize),
     .doc = "fit pictures of another size (bilinear)"},
    {.name = "invert",
     .kind = LIDO_FLAG_SWITCH,
     .offset = offsetof(predict_options, invert),
     .doc = "turn light and dark round: for dark digits on white paper"},
    {.name = "maps",
     .kind = LIDO_FLAG_TEXT,
     .offset = offsetof(predict_options, maps),
     .value = "DIR",
     .doc = "write label maps there, as NAME.npy of int32"},
    LIDO_FLAG_CONV_ALGORITHM,
    LIDO_FLAG_THREADS,
    LIDO_FLAGS_OUTPUT,
    {.name = NULL}};

extern const lido_command lido_command_predict;
const lido_command lido_command_predict = {
    .name = "predict",
    .operands = "DIR-or-CHECKPOINT FILE...",
    .doc = "Tells what a trained network takes pictures for.",
    .details = "A FILE is a PNG or JPEG picture or a .npy array: uint8 (H, W), (H, W, C) or (N, H, "
               "W, C) is treated as pictures are; float32 is the network's input as it is. Colour "
               "becomes grey by its luma and grey becomes colour by repetition, as needed. Of a "
               "label map, the share of each class is told.",
    .min_operands = 2,
    .max_operands = LIDO_ANY_NUMBER,
    .flags = flags,
    .options_size = sizeof(predict_options),
    .run = run,
};
