/* op_draws.c - the random numbers of a layer in a file. They are float32 to the layer, whatever the
 * file holds: a float64 so near 1 that it becomes 1 is refused. */
#include "cli/op_draws.h"

#include <lido/data.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { TEXT_SIZE = 128 };

static const char *shape_text(const lido_npy *array, char text[TEXT_SIZE]) {
    size_t used = (size_t)snprintf(text, TEXT_SIZE, "[");
    for (int i = 0; i < array->rank && used < TEXT_SIZE; i++)
        used += (size_t)snprintf(text + used, TEXT_SIZE - used, "%s%" PRId64, i ? "," : "",
                                 array->dim[i]);
    if (used < TEXT_SIZE) snprintf(text + used, TEXT_SIZE - used, "]");
    return text;
}

static lido_status check(const lido_npy *read, int64_t batch, int64_t count, const char *decide,
                         lido_error *error) {
    char text[TEXT_SIZE];
    if (read->type != LIDO_NPY_F32 && read->type != LIDO_NPY_F64)
        return lido_fail(error, LIDO_MISMATCH, "holds integers, allowed: float32 or float64");
    if (read->rank == 2 && read->dim[0] == batch && read->dim[1] == count) return LIDO_OK;
    return lido_fail(error, LIDO_SHAPE,
                     "is %s, allowed: [%" PRId64 ",%" PRId64 "], the numbers of each sample (%s)",
                     shape_text(read, text), batch, count, decide);
}

static double number_at(const lido_npy *read, int64_t i) {
    return read->type == LIDO_NPY_F64 ? ((const double *)read->data)[i]
                                      : (double)((const float *)read->data)[i];
}

static lido_status take(const lido_npy *read, float *draws, lido_error *error) {
    for (int64_t i = 0; i < read->count; i++) {
        const double number = number_at(read, i);
        draws[i] = (float)number;
        if (number >= 0 && draws[i] < 1) continue;
        return lido_fail(error, LIDO_MISMATCH,
                         "number %" PRId64 " of sample %" PRId64
                         " is %.17g, allowed: 0 up to, not including, 1 (in float32)",
                         i % read->dim[1], i / read->dim[1], number);
    }
    return LIDO_OK;
}

lido_status lido_op_draws_read(const char *path, int64_t batch, int64_t count, const char *decide,
                               float **draws, lido_error *error) {
    lido_npy read;
    lido_status status = lido_npy_read(path, &read, error);
    if (status) return status;
    status = check(&read, batch, count, decide, error);
    if (!status) {
        *draws = malloc((size_t)read.count * sizeof **draws);
        status = *draws ? take(&read, *draws, error)
                        : lido_fail(error, LIDO_MEMORY, "no memory for the numbers");
    }
    lido_npy_free(&read);
    return status ? lido_fail_in(error, status, "%s", path) : LIDO_OK;
}

lido_status lido_op_draws_write(const char *path, int64_t batch, int64_t count, const float *draws,
                                lido_error *error) {
    const lido_npy npy = {.type = LIDO_NPY_F32,
                          .rank = 2,
                          .dim = {batch, count},
                          .count = batch * count,
                          .data = (void *)draws};
    return lido_npy_write(path, &npy, error);
}
