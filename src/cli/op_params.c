/* op_params.c - the parameters of one layer in safetensors files. */
#include "cli/op_params.h"

#include "net/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = 512 };

static char *shape_text(const int64_t *dim, int rank, char *text) {
    size_t at = (size_t)snprintf(text, TEXT_SIZE, "[");
    for (int i = 0; i < rank && at < TEXT_SIZE; i++)
        at += (size_t)snprintf(text + at, TEXT_SIZE - at, "%s%" PRId64, i ? "," : "", dim[i]);
    if (at < TEXT_SIZE) snprintf(text + at, TEXT_SIZE - at, "]");
    return text;
}

static lido_status take(const lido_tensor *found, lido_single_array *array, lido_error *error) {
    char is[TEXT_SIZE], wants[TEXT_SIZE];
    size_t bytes = (size_t)array->rank * sizeof *array->dim;
    if (found->rank != array->rank || memcmp(found->dim, array->dim, bytes) != 0)
        return lido_fail(error, LIDO_MISMATCH, "\"%s\" is %s, the layer's is %s", array->name,
                         shape_text(found->dim, found->rank, is),
                         shape_text(array->dim, array->rank, wants));
    if (!lido_tensor_reals(found, array->value))
        return lido_fail(error, LIDO_MISMATCH, "\"%s\" holds no floating-point numbers",
                         array->name);
    return LIDO_OK;
}

static lido_status check_names(const lido_tensor_file *file, const lido_single_array *array,
                               int arrays, lido_error *error) {
    for (int t = 0; t < file->tensors; t++) {
        char names[TEXT_SIZE] = "";
        bool known = false;
        for (int i = 0; i < arrays; i++) {
            known = known || strcmp(array[i].name, file->tensor[t].name) == 0;
            size_t at = strlen(names);
            snprintf(names + at, sizeof names - at, "%s%s", i ? ", " : "", array[i].name);
        }
        if (!known)
            return lido_fail(error, LIDO_MISMATCH, "the layer has no \"%s\", it has: %s",
                             file->tensor[t].name, arrays ? names : "no parameters");
    }
    return LIDO_OK;
}

static lido_status take_all(const lido_tensor_file *file, lido_single *single, lido_error *error) {
    int arrays;
    lido_single_array *array = lido_single_arrays(single, &arrays);
    lido_status status = check_names(file, array, arrays, error);
    for (int i = 0; !status && i < arrays; i++) {
        const lido_tensor *found = lido_tensor_find(file, array[i].name);
        if (found)
            status = take(found, &array[i], error);
        else if (array[i].gradient)
            status = lido_fail(error, LIDO_MISMATCH, "there is no \"%s\"", array[i].name);
    }
    return status;
}

lido_status lido_op_params_read(const char *path, lido_single *single, lido_error *error) {
    lido_tensor_file file;
    lido_status status = lido_tensor_file_read(path, &file, error);
    if (status) return status;
    status = take_all(&file, single, error);
    lido_tensor_file_free(&file);
    return status ? lido_fail_in(error, status, "%s", path) : LIDO_OK;
}

lido_status lido_op_params_write_gradients(const char *path, lido_single *single,
                                           lido_error *error) {
    int arrays, tensors = 0;
    const lido_single_array *array = lido_single_arrays(single, &arrays);
    lido_tensor *tensor = calloc((size_t)arrays + 1, sizeof *tensor);
    if (!tensor) return lido_fail(error, LIDO_MEMORY, "out of memory");
    for (int i = 0; i < arrays; i++) {
        if (!array[i].gradient) continue;
        lido_tensor *made = &tensor[tensors++];
        snprintf(made->name, sizeof made->name, "%s", array[i].name);
        made->dtype = LIDO_REAL_DTYPE;
        made->rank = array[i].rank;
        memcpy(made->dim, array[i].dim, sizeof array[i].dim);
        made->data = array[i].gradient;
    }
    lido_status status = lido_tensors_write(path, tensor, tensors, NULL, 0, error);
    free(tensor);
    return status;
}
