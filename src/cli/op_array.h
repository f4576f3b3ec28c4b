/* op_array.h - the arrays `lido op` reads and writes: .npy files (N, [D,] [H,] W, C). */
#ifndef LIDO_CLI_OP_ARRAY_H
#define LIDO_CLI_OP_ARRAY_H

#include <lido/data.h>

/* An array (N, shape) as numbers a layer computes with. */
typedef struct lido_op_array {
    int64_t batch;
    lido_shape shape;
    lido_real *values; /* malloc'ed */
} lido_op_array;

extern const lido_npy_type lido_op_real; /* of lido_real */

lido_status lido_op_array_read(const char *path, lido_op_array *array, lido_error *error);
/* data[batch][shape] of any type. */
lido_status lido_op_array_write(const char *path, lido_npy_type type, int64_t batch,
                                const lido_shape *shape, const void *data, lido_error *error);

#endif
