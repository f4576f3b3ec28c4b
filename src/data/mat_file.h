/* mat_file.h - the variables of a MATLAB v5 file one after the other, compressed or not, without
 * holding one: real numeric arrays only, others are passed over. */
#ifndef LIDO_DATA_MAT_FILE_H
#define LIDO_DATA_MAT_FILE_H

#include "data/stream.h"

enum { LIDO_MAT_NAME_SIZE = 64, LIDO_MAT_MAX_DIMS = 8 };

/* How elements are stored; MATLAB stores doubles that are small integers as bytes. */
typedef enum lido_mat_type {
    LIDO_MAT_OTHER,
    LIDO_MAT_I8,
    LIDO_MAT_U8,
    LIDO_MAT_I16,
    LIDO_MAT_U16,
    LIDO_MAT_I32,
    LIDO_MAT_U32,
    LIDO_MAT_F32,
    LIDO_MAT_F64
} lido_mat_type;

/* A variable whose elements come next in the stream. */
typedef struct lido_mat_array {
    char name[LIDO_MAT_NAME_SIZE]; /* longer names are cut */
    bool numeric;                  /* real and dense; if not, nothing below is set */
    lido_mat_type type;
    int rank;
    int64_t dim[LIDO_MAT_MAX_DIMS]; /* first axis fastest */
    int64_t count;                  /* elements, no more than the file can hold */
    int64_t left;                   /* bytes of the variable not read yet */
    int64_t small;                  /* of them, bytes that lie inside the last tag, in `kept` */
    uint8_t kept[4];
} lido_mat_array;

/* Opens and checks the header. LIDO_CORRUPT: not a MATLAB file; LIDO_UNSUPPORTED: v7.3 (HDF5) or
 * big-endian. */
lido_status lido_mat_open(const char *path, lido_stream *stream, lido_error *error);

/* The next variable; *found is false at the end of the file. */
lido_status lido_mat_next(lido_stream *stream, lido_mat_array *array, bool *found,
                          lido_error *error);

/* The next elements, as they are stored. */
lido_status lido_mat_read(lido_stream *stream, lido_mat_array *array, void *out, int64_t bytes,
                          lido_error *error);

/* Passes over what was not read of the variable. */
lido_status lido_mat_leave(lido_stream *stream, lido_mat_array *array, lido_error *error);
/* After all elements were read: checks that the variable ends there. */
lido_status lido_mat_end(lido_stream *stream, lido_mat_array *array, lido_error *error);

/* Bytes of an element. */
int64_t lido_mat_size(lido_mat_type type);
/* The value of a stored element. */
double lido_mat_value(lido_mat_type type, const uint8_t *element);

#endif
