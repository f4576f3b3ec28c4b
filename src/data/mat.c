/* mat.c - SVHN's cropped digits as they are published: MATLAB files of X (H x W x C x N bytes,
 * first axis fastest, so that each picture is one run of [C][W][H]) and y (N labels 1..10, 10 being
 * the digit 0). "mat-extra" adds the extra pictures to the training split. */
#include "data/format.h"
#include "data/mat_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES = 10, MAX_PARTS = 2, LABELS_AT_ONCE = 512 };

static const char train_file[] = "train_32x32.mat";
static const char test_file[] = "test_32x32.mat";
static const char extra_file[] = "extra_32x32.mat";

/* What is taken of one file. */
typedef struct part {
    char path[LIDO_PATH_SIZE];
    lido_shape shape;
    int64_t count; /* pictures in the file */
    int64_t taken; /* the first so many go into the set */
} part;

static lido_status fail_variable(const part *p, const char *name, const char *expected,
                                 lido_error *error) {
    return lido_fail(error, LIDO_CORRUPT, "%s: variable %s is not %s", p->path, name, expected);
}

static lido_status measure_pictures(part *p, const lido_mat_array *x, lido_error *error) {
    if (!x->numeric || x->type != LIDO_MAT_U8 || x->rank < 3 || x->rank > 4 || x->count == 0)
        return fail_variable(p, "X", "an array of bytes H x W x C x N", error);
    p->count = x->rank == 4 ? x->dim[3] : 1; /* MATLAB drops a last dimension of 1 */
    lido_status status = lido_shape_make(x->dim, 3, &p->shape, error);
    return status ? lido_fail_in(error, status, "%s: variable X", p->path) : LIDO_OK;
}

/* Sizes of X and y, without reading their elements. */
static lido_status measure(part *p, lido_error *error) {
    lido_stream stream;
    lido_mat_array array;
    bool more, have_x = false, have_y = false;
    int64_t labels = 0;
    lido_status status = lido_mat_open(p->path, &stream, error);
    if (status) return status;
    while (!(status = lido_mat_next(&stream, &array, &more, error)) && more) {
        bool is_x = strcmp(array.name, "X") == 0, is_y = strcmp(array.name, "y") == 0;
        if ((is_x && have_x) || (is_y && have_y))
            status = fail_variable(p, array.name, "there once", error);
        else if (is_x)
            status = measure_pictures(p, &array, error);
        else if (is_y && !array.numeric)
            status = fail_variable(p, "y", "an array of numbers", error);
        if (is_y) labels = array.count;
        have_x |= is_x;
        have_y |= is_y;
        if (!status) status = lido_mat_leave(&stream, &array, error);
        if (status) break;
    }
    lido_stream_close(&stream);
    if (status) return status;
    if (!have_x || !have_y)
        return lido_fail(error, LIDO_CORRUPT, "%s: has no variable %s", p->path,
                         have_x ? "y" : "X");
    if (labels != p->count)
        return lido_fail(error, LIDO_CORRUPT, "%s: %" PRId64 " pictures, but %" PRId64 " labels",
                         p->path, p->count, labels);
    return LIDO_OK;
}

/* One picture from [C][W][H] to [H][W][C]. */
static void permute(const lido_shape *shape, const uint8_t *from, uint8_t *to) {
    int64_t height = shape->axis[1], width = shape->axis[2], channels = shape->channels;
    for (int64_t c = 0; c < channels; c++)
        for (int64_t w = 0; w < width; w++)
            for (int64_t h = 0; h < height; h++) to[(h * width + w) * channels + c] = *from++;
}

static lido_status read_pictures(const part *p, lido_stream *stream, lido_mat_array *x,
                                 uint8_t *pixels, lido_error *error) {
    int64_t size = lido_shape_size(&p->shape);
    uint8_t *picture = malloc((size_t)size);
    if (!picture) return lido_fail(error, LIDO_MEMORY, "%s: out of memory", p->path);
    lido_status status = LIDO_OK;
    for (int64_t i = 0; !status && i < p->taken; i++) {
        status = lido_mat_read(stream, x, picture, size, error);
        if (!status) permute(&p->shape, picture, pixels + i * size);
    }
    free(picture);
    return status;
}

static lido_status read_labels(const part *p, lido_stream *stream, lido_mat_array *y,
                               int32_t *labels, lido_error *error) {
    uint8_t buffer[LABELS_AT_ONCE * 8];
    int64_t size = lido_mat_size(y->type);
    for (int64_t done = 0; done < p->taken;) {
        int64_t some = p->taken - done < LABELS_AT_ONCE ? p->taken - done : LABELS_AT_ONCE;
        lido_status status = lido_mat_read(stream, y, buffer, some * size, error);
        if (status) return status;
        for (int64_t i = 0; i < some; i++) {
            double value = lido_mat_value(y->type, buffer + i * size);
            if (!(value >= 1 && value <= CLASSES) || value != (int)value)
                return lido_fail(error, LIDO_CORRUPT,
                                 "%s: label %g at index %" PRId64
                                 ", expected 1..10 (10 is the digit 0)",
                                 p->path, value, done + i);
            labels[done + i] = (int)value % CLASSES;
        }
        done += some;
    }
    return LIDO_OK;
}

/* The elements of X and y into their places of the set. */
static lido_status read_part(const part *p, uint8_t *pixels, int32_t *labels, lido_error *error) {
    lido_stream stream;
    lido_mat_array array;
    bool more;
    lido_status status = lido_mat_open(p->path, &stream, error);
    if (status) return status;
    while (!(status = lido_mat_next(&stream, &array, &more, error)) && more) {
        bool is_x = strcmp(array.name, "X") == 0, is_y = strcmp(array.name, "y") == 0;
        if (is_x) status = read_pictures(p, &stream, &array, pixels, error);
        if (is_y) status = read_labels(p, &stream, &array, labels, error);
        if (status) break;
        status = (is_x || is_y) && p->taken == p->count ? lido_mat_end(&stream, &array, error)
                                                        : lido_mat_leave(&stream, &array, error);
        if (status) break;
    }
    lido_stream_close(&stream);
    return status;
}

static lido_status load_parts(const lido_load_request *request, part *parts, int count,
                              lido_dataset **set, lido_error *error) {
    int64_t total = 0;
    for (int i = 0; i < count; i++) {
        lido_status status = measure(&parts[i], error);
        if (status) return status;
        if (!lido_shape_equal(&parts[i].shape, &parts[0].shape))
            return lido_fail(error, LIDO_CORRUPT, "%s: pictures of another shape than in %s",
                             parts[i].path, parts[0].path);
        int64_t room = request->limit - total;
        parts[i].taken = parts[i].count < room ? parts[i].count : room;
        total += parts[i].taken;
    }
    lido_status status =
        lido_dataset_new(request->name, &parts[0].shape, total, CLASSES, 1, set, error);
    int64_t done = 0, size = lido_shape_size(&parts[0].shape);
    for (int i = 0; i < count && !status && parts[i].taken > 0; i++) {
        status = read_part(&parts[i], (*set)->pixels + done * size, (*set)->labels + done, error);
        done += parts[i].taken;
    }
    if (!status) return LIDO_OK;
    lido_dataset_free(*set);
    *set = NULL;
    return status;
}

static lido_status load_files(const lido_load_request *request, const char *const *names,
                              lido_dataset **set, lido_error *error) {
    part *parts = calloc(MAX_PARTS, sizeof *parts);
    if (!parts) return lido_fail(error, LIDO_MEMORY, "%s: out of memory", request->name);
    lido_status status = LIDO_OK;
    int count = 0;
    for (; names[count] && !status; count++)
        status = lido_path_join(request->path, names[count], parts[count].path,
                                sizeof parts[count].path, error);
    if (!status) status = load_parts(request, parts, count, set, error);
    free(parts);
    return status;
}

static lido_status load(const lido_load_request *request, lido_dataset **set, lido_error *error) {
    const char *file = request->split == LIDO_TRAIN ? train_file : test_file;
    return load_files(request, (const char *const[]){file, NULL}, set, error);
}

static lido_status load_extra(const lido_load_request *request, lido_dataset **set,
                              lido_error *error) {
    if (request->split == LIDO_TEST) return load(request, set, error);
    return load_files(request, (const char *const[]){train_file, extra_file, NULL}, set, error);
}

static bool recognise(const char *folder) {
    return lido_folder_has(folder, train_file) || lido_folder_has(folder, test_file);
}

static bool recognise_extra(const char *folder) {
    return lido_folder_has(folder, extra_file);
}

const lido_format lido_format_mat = {
    .name = "mat",
    .doc = "MATLAB v5 files as SVHN has them (train_32x32.mat, test_32x32.mat)",
    .recognise = recognise,
    .load = load,
};

const lido_format lido_format_mat_extra = {
    .name = "mat-extra",
    .doc = "the same, extra_32x32.mat added to the training split",
    .recognise = recognise_extra,
    .load = load_extra,
};
