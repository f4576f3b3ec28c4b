/* op_array.c - .npy files as arrays of samples. */
#include "cli/op_array.h"

#include <stdlib.h>

#ifdef LIDO_DOUBLE
const lido_npy_type lido_op_real = LIDO_NPY_F64;
#else
const lido_npy_type lido_op_real = LIDO_NPY_F32;
#endif

static lido_status take(const lido_npy *read, lido_op_array *array, lido_error *error) {
    if (read->rank < 2 || read->rank > LIDO_MAX_AXES + 2)
        return lido_fail(error, LIDO_SHAPE,
                         "has %d dimensions, allowed: 2 (N, C) to %d (N, D, H, W, C)", read->rank,
                         LIDO_MAX_AXES + 2);
    if (read->dim[0] < 1) return lido_fail(error, LIDO_SHAPE, "holds no sample");
    lido_status status = lido_shape_make(read->dim + 1, read->rank - 1, &array->shape, error);
    if (status) return status;
    array->batch = read->dim[0];
    array->values = calloc((size_t)read->count, sizeof *array->values);
    if (!array->values) return lido_fail(error, LIDO_MEMORY, "no memory for the array");
    lido_npy_to_real(read, array->values);
    return LIDO_OK;
}

lido_status lido_op_array_read(const char *path, lido_op_array *array, lido_error *error) {
    lido_npy read;
    lido_status status = lido_npy_read(path, &read, error);
    if (status) return status;
    status = take(&read, array, error);
    lido_npy_free(&read);
    return status ? lido_fail_in(error, status, "%s", path) : LIDO_OK;
}

lido_status lido_op_array_write(const char *path, lido_npy_type type, int64_t batch,
                                const lido_shape *shape, const void *data, lido_error *error) {
    lido_npy npy = {.type = type,
                    .rank = shape->rank + 2,
                    .count = batch * lido_shape_size(shape),
                    .data = (void *)data};
    npy.dim[0] = batch;
    for (int i = 0; i < shape->rank; i++)
        npy.dim[1 + i] = shape->axis[LIDO_MAX_AXES - shape->rank + i];
    npy.dim[1 + shape->rank] = shape->channels;
    return lido_npy_write(path, &npy, error);
}
