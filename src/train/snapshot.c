/* snapshot.c - a run's state as a checkpoint. The clock is not part of it, so that the files of two
 * runs of the same spec are the same bytes. */
#include "train/snapshot.h"

#include "base/options.h"
#include "net/weights.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TEXTS = 4 };

static const char version_key[] = "lido.version", spec_key[] = "lido.spec";
static const char position_key[] = "lido.position", input_key[] = "lido.input";

#define POSITION(field_name, field_kind, text)                                                  \
    {                                                                                           \
        .name = #field_name, .kind = field_kind, .offset = offsetof(lido_position, field_name), \
        .min = 0, .max = INFINITY, .doc = text                                                  \
    }

/* A position as a JSON object. */
static const lido_option position_options[] = {
    POSITION(epoch, LIDO_OPTION_INT, "epochs finished"),
    POSITION(step, LIDO_OPTION_INT, "steps taken"),
    POSITION(best_epoch, LIDO_OPTION_INT, "the one with the best validation"),
    POSITION(best_accuracy, LIDO_OPTION_REAL, "there"),
    POSITION(best_loss, LIDO_OPTION_REAL, "there"),
    POSITION(waited, LIDO_OPTION_INT, "epochs since then"),
    POSITION(training, LIDO_OPTION_INT, "pictures trained on"),
    POSITION(validation, LIDO_OPTION_INT, "pictures held out"),
    {0},
};

/* ---- writing ------------------------------------------------------------------------------- */

/* malloc'ed; NULL when memory ran out. */
static char *position_text(const lido_position *position) {
    lido_json *object = lido_json_object();
    lido_options_write(position_options, position, object);
    char *text = lido_json_print(object, false);
    lido_json_free(object);
    return text;
}

static lido_json *numbers(const double *values, int count) {
    lido_json *array = lido_json_array();
    for (int i = 0; i < count; i++) lido_json_append(array, lido_json_from_number(values[i]));
    return array;
}

/* malloc'ed; NULL when memory ran out. */
static char *input_text(const lido_normalisation *normalisation) {
    lido_json *object = lido_json_object();
    lido_json_add(object, "mean", numbers(normalisation->mean, normalisation->channels));
    lido_json_add(object, "deviation", numbers(normalisation->deviation, normalisation->channels));
    char *text = lido_json_print(object, false);
    lido_json_free(object);
    return text;
}

/* Fills tensor[]; returns how many. */
static int list_tensors(const lido_snapshot_parts *parts, lido_tensor *tensor) {
    int used = lido_weights_tensors(parts->graph, lido_net_params(parts->net),
                                    lido_net_state(parts->net), tensor);
    for (int i = 0; i < parts->slots; i++)
        used +=
            lido_slot_tensors(parts->graph, i, lido_updater_slot(parts->updater, i), tensor + used);
    return used;
}

lido_status lido_snapshot_write(const char *path, const lido_snapshot_parts *parts,
                                const char *spec, lido_error *error) {
    int segments;
    lido_graph_segments(parts->graph, &segments);
    lido_tensor *tensor = calloc((size_t)segments * (1 + (size_t)parts->slots) + 1, sizeof *tensor);
    char *position = position_text(parts->position), *input = input_text(parts->normalisation);
    lido_status status = LIDO_OK;
    if (tensor && position && input) {
        const lido_text_pair texts[TEXTS] = {{version_key, lido_version()},
                                             {spec_key, spec},
                                             {position_key, position},
                                             {input_key, input}};
        int tensors = list_tensors(parts, tensor);
        status = lido_tensors_write(path, tensor, tensors, texts, TEXTS, error);
    } else {
        status = lido_fail(error, LIDO_MEMORY, "%s: out of memory", path);
    }
    free(tensor);
    free(position);
    free(input);
    return status;
}

/* ---- reading ------------------------------------------------------------------------------- */

static lido_status read_position(const lido_json *object, lido_snapshot *snapshot,
                                 lido_error *error) {
    lido_given given;
    return lido_options_read(position_options, object, position_key, NULL, &snapshot->position,
                             &given, error);
}

/* values[] from an array of finite numbers, each at least `least`; how many, or -1. */
static int read_numbers(const lido_json *array, double least, double *values) {
    int count = 0;
    for (const lido_json *v = lido_json_first(array); v; v = lido_json_next(v)) {
        double value = lido_json_number(v);
        if (count == LIDO_MAX_INPUT_CHANNELS || !(value >= least)) return -1;
        values[count++] = value;
    }
    return count;
}

static lido_status read_input(const lido_json *object, lido_snapshot *snapshot, lido_error *error) {
    lido_normalisation *n = &snapshot->normalisation;
    n->channels = read_numbers(lido_json_get(object, "mean"), 0, n->mean);
    int deviations = read_numbers(lido_json_get(object, "deviation"), DBL_MIN, n->deviation);
    if (n->channels >= 1 && deviations == n->channels) return LIDO_OK;
    return lido_fail(error, LIDO_CORRUPT,
                     "%s: expected as many \"mean\" (at least 0) as \"deviation\" (above 0)",
                     input_key);
}

/* Reads one JSON text of the metadata. */
static lido_status read_text(lido_snapshot *snapshot, const char *key,
                             lido_status (*read)(const lido_json *, lido_snapshot *, lido_error *),
                             lido_error *error) {
    const char *text = lido_tensor_file_text(&snapshot->file, key);
    if (!text)
        return lido_fail(error, LIDO_CORRUPT, "not the checkpoint of a run: \"%s\" is missing",
                         key);
    lido_json *object;
    lido_status status = lido_json_parse(text, strlen(text), key, &object, error);
    if (!status) status = read(object, snapshot, error);
    lido_json_free(object);
    return status == LIDO_SPEC ? LIDO_CORRUPT : status;
}

static lido_status read_texts(lido_snapshot *snapshot, lido_error *error) {
    lido_status status = read_text(snapshot, position_key, read_position, error);
    if (!status) status = read_text(snapshot, input_key, read_input, error);
    if (status) return status;
    snapshot->spec = lido_tensor_file_text(&snapshot->file, spec_key);
    if (snapshot->spec) return LIDO_OK;
    return lido_fail(error, LIDO_CORRUPT, "not the checkpoint of a run: \"%s\" is missing",
                     spec_key);
}

lido_status lido_snapshot_read(const char *path, lido_snapshot *snapshot, lido_error *error) {
    *snapshot = (lido_snapshot){0};
    lido_status status = lido_tensor_file_read(path, &snapshot->file, error);
    if (status) return status;
    status = read_texts(snapshot, error);
    if (!status) return LIDO_OK;
    lido_snapshot_free(snapshot);
    return lido_fail_in(error, status, "%s", path);
}

void lido_snapshot_free(lido_snapshot *snapshot) {
    lido_tensor_file_free(&snapshot->file);
    *snapshot = (lido_snapshot){0};
}

/* ---- restoring ----------------------------------------------------------------------------- */

lido_status lido_snapshot_restore(const lido_snapshot *snapshot, const lido_snapshot_parts *parts,
                                  lido_error *error) {
    int64_t channels = lido_graph_input(parts->graph)->channels;
    if (snapshot->normalisation.channels != channels)
        return lido_fail(
            error, LIDO_MISMATCH, "%s: %s is of %d channels, the network's input of %lld",
            snapshot->file.path, input_key, snapshot->normalisation.channels, (long long)channels);
    lido_status status =
        lido_weights_load(&snapshot->file, parts->graph, lido_net_params(parts->net),
                          lido_net_state(parts->net), error);
    for (int i = 0; !status && parts->updater && i < parts->slots; i++)
        status = lido_slot_load(&snapshot->file, parts->graph, i,
                                lido_updater_slot(parts->updater, i), error);
    if (status) return status;
    *parts->normalisation = snapshot->normalisation;
    *parts->position = snapshot->position;
    return LIDO_OK;
}
