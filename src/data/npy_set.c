/* npy_set.c - sets of NumPy arrays: train_images.npy (N, H, W) or (N, H, W, C) of bytes,
 * train_labels.npy (N) of integers or (N, H, W) for label maps; test_images.npy, test_labels.npy.
 */
#include "data/format.h"

#include "base/file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const image_files[] = {
    [LIDO_TRAIN] = "train_images.npy", [LIDO_TEST] = "test_images.npy"};
static const char *const label_files[] = {
    [LIDO_TRAIN] = "train_labels.npy", [LIDO_TEST] = "test_labels.npy"};

static bool recognise(const char *folder) {
    for (int split = LIDO_TRAIN; split <= LIDO_TEST; split++)
        if (lido_folder_has(folder, image_files[split]) ||
            lido_folder_has(folder, label_files[split]))
            return true;
    return false;
}

/* Values out of the range of int32 become -1, which no check lets pass. */
static int32_t label_at(const lido_npy *array, int64_t index) {
    int64_t value = array->type == LIDO_NPY_U8    ? ((const uint8_t *)array->data)[index]
                    : array->type == LIDO_NPY_I32 ? ((const int32_t *)array->data)[index]
                                                  : ((const int64_t *)array->data)[index];
    return value < 0 || value > INT32_MAX ? -1 : (int32_t)value;
}

/* labels[array->count] from the file, malloc'ed; the array's data are released. */
static lido_status read_labels(const char *folder, lido_split split, char *path, lido_npy *array,
                               int32_t **labels, lido_error *error) {
    *labels = NULL;
    lido_status status = lido_path_join(folder, label_files[split], path, LIDO_PATH_SIZE, error);
    if (!status) status = lido_npy_read(path, array, error);
    if (status) return status;
    if (array->type > LIDO_NPY_I64 || (array->rank != 1 && array->rank != 3) || array->count == 0)
        status =
            lido_fail(error, LIDO_CORRUPT,
                      "%s: expected integers of shape (N) or, for label maps, (N, H, W)", path);
    if (!status) *labels = malloc((size_t)array->count * sizeof **labels);
    if (!status && !*labels) status = lido_fail(error, LIDO_MEMORY, "%s: out of memory", path);
    for (int64_t i = 0; !status && i < array->count; i++) (*labels)[i] = label_at(array, i);
    lido_npy_free(array);
    return status;
}

/* A position of a map may have no label; a picture has one. */
static int least_label(const lido_npy *labels) {
    return labels->rank == 3 ? -1 : 0;
}

/* As many classes as the training labels show, whichever split is loaded. */
static lido_status count_classes(const char *folder, int *classes, lido_error *error) {
    char path[LIDO_PATH_SIZE];
    lido_npy array;
    int32_t *labels;
    lido_status status = read_labels(folder, LIDO_TRAIN, path, &array, &labels, error);
    if (status) return status;
    *classes = lido_labels_classes(labels, array.count);
    status = lido_labels_check(labels, array.count, least_label(&array), *classes, path, error);
    free(labels);
    return status;
}

/* Images and labels must be of one count, and label maps of the images' size. */
static lido_status check_images(const char *path, const lido_npy *images, const lido_npy *labels,
                                lido_shape *shape, lido_error *error) {
    if (images->type != LIDO_NPY_U8 || images->rank < 3 || images->rank > 4 || images->count == 0)
        return lido_fail(error, LIDO_CORRUPT,
                         "%s: expected bytes (uint8) of shape (N, H, W) or (N, H, W, C)", path);
    if (images->dim[0] != labels->dim[0])
        return lido_fail(error, LIDO_CORRUPT, "%s: %" PRId64 " pictures, but %" PRId64 " labels",
                         path, images->dim[0], labels->dim[0]);
    if (labels->rank == 3 && (labels->dim[1] != images->dim[1] || labels->dim[2] != images->dim[2]))
        return lido_fail(error, LIDO_CORRUPT, "%s: the label maps are of another size", path);
    int64_t channels = images->rank == 4 ? images->dim[3] : 1;
    lido_status status =
        lido_shape_make((int64_t[]){images->dim[1], images->dim[2], channels}, 3, shape, error);
    return status ? lido_fail_in(error, status, "%s", path) : LIDO_OK;
}

static lido_status fill(const lido_load_request *request, const lido_npy *images,
                        const lido_npy *label_array, const int32_t *labels, int classes,
                        const lido_shape *shape, lido_dataset **set, lido_error *error) {
    int64_t count = images->dim[0] < request->limit ? images->dim[0] : request->limit;
    int64_t each = label_array->count / label_array->dim[0];
    lido_status status = lido_dataset_new(request->name, shape, count, classes, each, set, error);
    if (status) return status;
    memcpy((*set)->pixels, images->data, (size_t)(count * lido_shape_size(shape)));
    memcpy((*set)->labels, labels, (size_t)(count * each) * sizeof *labels);
    return LIDO_OK;
}

static lido_status load(const lido_load_request *request, lido_dataset **set, lido_error *error) {
    char path[LIDO_PATH_SIZE];
    lido_npy images = {0}, label_array = {0};
    lido_shape shape;
    int32_t *labels = NULL;
    int classes = request->classes;
    lido_status status = classes ? LIDO_OK : count_classes(request->path, &classes, error);
    if (status) return status;
    status = read_labels(request->path, request->split, path, &label_array, &labels, error);
    if (!status)
        status = lido_labels_check(labels, label_array.count, least_label(&label_array), classes,
                                   path, error);
    if (!status)
        status =
            lido_path_join(request->path, image_files[request->split], path, sizeof path, error);
    if (!status) status = lido_npy_read(path, &images, error);
    if (!status) status = check_images(path, &images, &label_array, &shape, error);
    if (!status) status = fill(request, &images, &label_array, labels, classes, &shape, set, error);
    free(labels);
    lido_npy_free(&images);
    return status;
}

const lido_format lido_format_npy = {
    .name = "npy",
    .doc = "NumPy arrays (train_images.npy, train_labels.npy, test_images.npy, test_labels.npy)",
    .recognise = recognise,
    .load = load,
};
