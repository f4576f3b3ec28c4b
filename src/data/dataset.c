/* dataset.c - making, releasing and loading labelled sets: from a name as in a spec to the format
 * that reads it. */
#include "data/format.h"

#include "base/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const lido_format *const formats[] = {
#define LIDO_FORMAT(name) &lido_format_##name,
#include "data/registry.def"
#undef LIDO_FORMAT
};

enum { FORMATS = sizeof formats / sizeof *formats };

static const lido_format *find_format(const char *name, size_t length) {
    for (size_t i = 0; i < FORMATS; i++)
        if (strlen(formats[i]->name) == length && memcmp(formats[i]->name, name, length) == 0)
            return formats[i];
    return NULL;
}

const lido_format *lido_format_find(const char *name) {
    return find_format(name, strlen(name));
}

lido_status lido_dataset_new(const char *name, const lido_shape *shape, int64_t count, int classes,
                             int64_t labels_each, lido_dataset **set, lido_error *error) {
    *set = NULL;
    int64_t pixels, labels, label_bytes;
    if (count < 1 || classes < 1 || labels_each < 1)
        return lido_fail(error, LIDO_CORRUPT, "%s: a set without pictures, classes or labels",
                         name);
    if (!lido_mul(lido_shape_size(shape), count, &pixels) ||
        !lido_mul(count, labels_each, &labels) ||
        !lido_mul(labels, (int64_t)sizeof(int32_t), &label_bytes))
        return lido_fail(error, LIDO_TOO_LARGE, "%s: %" PRId64 " pictures are too many", name,
                         count);
    lido_dataset *made = calloc(1, sizeof *made);
    if (!made) return lido_fail(error, LIDO_MEMORY, "%s: out of memory", name);
    snprintf(made->name, sizeof made->name, "%s", name);
    made->shape = *shape;
    made->count = count;
    made->classes = classes;
    made->labels_each = labels_each;
    made->pixels = malloc((size_t)pixels);
    made->labels = malloc((size_t)label_bytes);
    if (!made->pixels || !made->labels) {
        lido_dataset_free(made);
        return lido_fail(error, LIDO_MEMORY, "%s: out of memory for %" PRId64 " pictures", name,
                         count);
    }
    *set = made;
    return LIDO_OK;
}

lido_status lido_dataset_add_boxes(lido_dataset *set, lido_error *error) {
    size_t rows = (size_t)(set->count * set->labels_each); /* they fit: the labels did */
    set->boxes = calloc(rows, LIDO_BOX_NUMBERS * sizeof *set->boxes);
    if (set->boxes) return LIDO_OK;
    return lido_fail(error, LIDO_MEMORY, "%s: out of memory for %zu boxes", set->name, rows);
}

void lido_dataset_free(lido_dataset *set) {
    if (!set) return;
    free(set->pixels);
    free(set->labels);
    free(set->boxes);
    free(set);
}

lido_status lido_labels_check(const int32_t *labels, int64_t count, int least, int classes,
                              const char *path, lido_error *error) {
    for (int64_t i = 0; i < count; i++)
        if (labels[i] < least || labels[i] >= classes)
            return lido_fail(error, LIDO_CORRUPT,
                             "%s: label %" PRId32 " at index %" PRId64 ", expected %d..%d", path,
                             labels[i], i, least, classes - 1);
    return LIDO_OK;
}

int lido_labels_classes(const int32_t *labels, int64_t count) {
    int32_t largest = -1;
    for (int64_t i = 0; i < count; i++)
        if (labels[i] > largest && labels[i] < INT32_MAX) largest = labels[i];
    return largest + 1;
}

lido_status lido_fail_without(lido_error *error, const char *path, const char *library,
                              const char *package) {
    return lido_fail(error, LIDO_UNSUPPORTED,
                     "%s: needs %s, which this lido is built without: install %s (Debian) and "
                     "build again",
                     path, library, package);
}

static lido_status fail_unknown(const char *name, lido_error *error) {
    char known[512] = "";
    size_t count, used = 0;
    const lido_data_source *sources = lido_data_sources(&count);
    for (size_t i = 0; i < count && used < sizeof known; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s, ", sources[i].name);
    for (size_t i = 0; i < FORMATS && used < sizeof known; i++)
        if (formats[i]->recognise)
            used += (size_t)snprintf(known + used, sizeof known - used, "%s%s:PATH",
                                     i == 0 ? "" : ", ", formats[i]->name);
    return lido_fail(error, LIDO_NOT_FOUND, "no data set \"%.100s\"; known are %s", name, known);
}

/* The format and the path of "FORMAT:PATH"; NULL: the name is not of that kind. */
static const lido_format *find_path_format(const char *name, const char **path) {
    const char *colon = strchr(name, ':');
    if (!colon) return NULL;
    *path = colon + 1;
    return find_format(name, (size_t)(colon - name));
}

static lido_status check_path(const lido_format *format, const char *name, const char *path,
                              lido_error *error) {
    if (!format->recognise)
        return lido_fail(error, LIDO_USAGE, "%s: is made, not read from a path", name);
    if (!lido_path_exists(path))
        return lido_fail(error, LIDO_NOT_FOUND, "%s: there is no %s", name, path);
    if (!format->recognise(path))
        return lido_fail(error, LIDO_NOT_FOUND, "%s: %s holds no %s", name, path, format->doc);
    return LIDO_OK;
}

static lido_load_request make_request(const char *name, lido_split split,
                                      const lido_data_options *options) {
    lido_load_request request = {.name = name, .split = split, .limit = INT64_MAX};
    if (!options) return request;
    if (options->limit > 0) request.limit = options->limit;
    request.seed = options->seed;
    request.team = options->team;
    return request;
}

lido_status lido_dataset_load(const char *name, lido_split split, const lido_data_options *options,
                              lido_dataset **set, lido_error *error) {
    *set = NULL;
    lido_load_request request = make_request(name, split, options);
    const lido_format *format = find_path_format(name, &request.path);
    if (format) {
        lido_status status = check_path(format, name, request.path, error);
        return status ? status : format->load(&request, set, error);
    }

    const lido_data_source *source = lido_data_source_find(name);
    if (!source) return fail_unknown(name, error);
    format = lido_format_find(source->format);
    request.classes = source->classes;
    if (!format->recognise) return format->load(&request, set, error);
    char path[LIDO_PATH_SIZE];
    lido_status status = lido_data_find(name, options, path, sizeof path, error);
    if (status) return status;
    request.path = path;
    status = format->load(&request, set, error);
    return status ? lido_fail_in(error, status, "%s", name) : LIDO_OK;
}

lido_status lido_dataset_each_size(const char *name, lido_split split,
                                   const lido_data_options *options, lido_size_group_use use,
                                   void *context, lido_error *error) {
    lido_load_request request = make_request(name, split, options);
    const lido_format *format = find_path_format(name, &request.path);
    if (format && format->each_size) {
        lido_status status = check_path(format, name, request.path, error);
        return status ? status : format->each_size(&request, use, context, error);
    }
    lido_dataset *set;
    lido_status status = lido_dataset_load(name, split, options, &set, error);
    if (status) return status;
    status =
        use(context, &(lido_size_group){.set = set, .sizes = 1, .pictures = set->count}, error);
    lido_dataset_free(set);
    return status;
}
