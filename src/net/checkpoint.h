/* checkpoint.h - named arrays in a file, in the safetensors format
 * (https://huggingface.co/docs/safetensors): a header length of 8 bytes, a JSON header (name ->
 * dtype, shape, data_offsets; texts in "__metadata__"), then the data, all little-endian. Which
 * arrays a network keeps there is in weights.h. */
#ifndef LIDO_NET_CHECKPOINT_H
#define LIDO_NET_CHECKPOINT_H

#include "base/json.h"

#include <lido/net.h>

/* The element types read and written here, with the bytes of one. */
#define LIDO_DTYPE_TABLE(X) X(F32, 4) X(F64, 8) X(U8, 1) X(I64, 8)

typedef enum lido_dtype {
#define LIDO_DTYPE_ENUM(name, bytes) LIDO_##name,
    LIDO_DTYPE_TABLE(LIDO_DTYPE_ENUM)
#undef LIDO_DTYPE_ENUM
} lido_dtype;

#ifdef LIDO_DOUBLE
#    define LIDO_REAL_DTYPE LIDO_F64
#else
#    define LIDO_REAL_DTYPE LIDO_F32
#endif

enum { LIDO_TENSOR_DIMS = 8, LIDO_TENSOR_NAME_SIZE = 2 * LIDO_TEXT_SIZE };

/* One array. Owns nothing; in a file that was read, data may be unaligned. */
typedef struct lido_tensor {
    char name[LIDO_TENSOR_NAME_SIZE];
    lido_dtype dtype;
    int rank; /* 0: one number */
    int64_t dim[LIDO_TENSOR_DIMS];
    const void *data; /* row-major */
} lido_tensor;

typedef struct lido_text_pair {
    const char *key, *value;
} lido_text_pair;

/* Writes the file whole or not at all (base/file.h): tensors in the given order, wider elements
 * before narrower ones so that all lie aligned. Errors: LIDO_USAGE (a name twice, "__metadata__"
 * as a name), LIDO_TOO_LARGE, LIDO_MEMORY, LIDO_IO. */
lido_status lido_tensors_write(const char *path, const lido_tensor *tensor, int tensors,
                               const lido_text_pair *metadata, int pairs, lido_error *error);

/* A file in memory. */
typedef struct lido_tensor_file {
    char *path;
    uint8_t *bytes;
    lido_json *header;
    int tensors;
    lido_tensor *tensor; /* in the order of their data */
} lido_tensor_file;

/* Refused with LIDO_CORRUPT: whatever the format does not allow (a header that is longer than the
 * file or 100 MB, unknown element types, tensors that overlap, leave holes or bytes over, sizes
 * that do not fit shapes, names that come twice), and more than LIDO_TENSOR_DIMS dimensions or
 * names longer than LIDO_TENSOR_NAME_SIZE - 1. Others: LIDO_NOT_FOUND, LIDO_IO, LIDO_MEMORY. On
 * failure *file is zeroed. lido_tensor_file_free releases. */
lido_status lido_tensor_file_read(const char *path, lido_tensor_file *file, lido_error *error);
void lido_tensor_file_free(lido_tensor_file *file);

/* NULL when there is none. */
const lido_tensor *lido_tensor_find(const lido_tensor_file *file, const char *name);
const char *lido_tensor_file_text(const lido_tensor_file *file, const char *key);

/* Number of elements. */
int64_t lido_tensor_count(const lido_tensor *tensor);

/* values[count] from an F32 or F64 tensor, rounded where lido_real is narrower; false for others.
 */
bool lido_tensor_reals(const lido_tensor *tensor, lido_real *values);

#endif
