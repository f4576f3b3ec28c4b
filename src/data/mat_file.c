/* mat_file.c - reading MATLAB v5 files ("MAT-File Format", MathWorks): a header of 128 bytes, then
 * elements of a tag (type, bytes) and their data; a variable is a matrix element made of elements:
 * flags, dimensions, name, values. A compressed element is one zlib stream that holds a matrix.
 * libmatio reads the whole format, but needs HDF5 and holds a variable whole, three times the 1.6
 * GB of the SVHN extra set. */
#include "data/mat_file.h"

#include <inttypes.h>
#include <string.h>

enum { HEADER = 128, VERSION_AT = 124, TAG = 8, VERSION_5 = 0x0100, VERSION_73 = 0x0200 };
enum { TYPE_I8 = 1, TYPE_I32 = 5, TYPE_U32 = 6, TYPE_MATRIX = 14, TYPE_COMPRESSED = 15 };
enum { CLASS_DOUBLE = 6, CLASS_UINT32 = 13, FLAG_COMPLEX = 0x08 };

/* By the format's number of a type. */
static const lido_mat_type types[] = {
    [1] = LIDO_MAT_I8,  [2] = LIDO_MAT_U8,  [3] = LIDO_MAT_I16, [4] = LIDO_MAT_U16,
    [5] = LIDO_MAT_I32, [6] = LIDO_MAT_U32, [7] = LIDO_MAT_F32, [9] = LIDO_MAT_F64,
};

static const int64_t sizes[] = {
    [LIDO_MAT_OTHER] = 1, [LIDO_MAT_I8] = 1,  [LIDO_MAT_U8] = 1,
    [LIDO_MAT_I16] = 2,   [LIDO_MAT_U16] = 2, [LIDO_MAT_I32] = 4,
    [LIDO_MAT_U32] = 4,   [LIDO_MAT_F32] = 4, [LIDO_MAT_F64] = 8,
};

int64_t lido_mat_size(lido_mat_type type) {
    return sizes[type];
}

static uint32_t little_endian(const uint8_t *byte) {
    return byte[0] | (uint32_t)byte[1] << 8 | (uint32_t)byte[2] << 16 | (uint32_t)byte[3] << 24;
}

double lido_mat_value(lido_mat_type type, const uint8_t *element) {
    uint8_t padded[8] = {0};
    memcpy(padded, element, (size_t)sizes[type]);
    uint32_t low = little_endian(padded), high = little_endian(padded + 4);
    float single;
    double value;
    switch (type) {
    case LIDO_MAT_I8:
        return (int8_t)low;
    case LIDO_MAT_I16:
        return (int16_t)low;
    case LIDO_MAT_I32:
        return (int32_t)low;
    case LIDO_MAT_F32:
        memcpy(&single, &low, sizeof single);
        return single;
    case LIDO_MAT_F64:
        memcpy(&value, &(uint64_t){(uint64_t)high << 32 | low}, sizeof value);
        return value;
    default:
        return low;
    }
}

lido_status lido_mat_open(const char *path, lido_stream *stream, lido_error *error) {
    uint8_t header[HEADER];
    lido_status status = lido_stream_open(path, stream, error);
    if (status) return status;
    status = lido_stream_read(stream, header, HEADER, error);
    if (status) goto failed;
    int version = header[VERSION_AT] | header[VERSION_AT + 1] << 8;
    const uint8_t *order = header + VERSION_AT + 2;
    if (memcmp(header, "\x89HDF", 4) == 0 || (version == VERSION_73 && order[0] == 'I'))
        status = lido_fail(error, LIDO_UNSUPPORTED,
                           "%s: a MATLAB v7.3 (HDF5) file; v5 is read: save it with -v7", path);
    else if (order[0] == 'M' && order[1] == 'I')
        status = lido_fail(error, LIDO_UNSUPPORTED,
                           "%s: a big-endian MATLAB file; little-endian ones are read", path);
    else if (order[0] != 'I' || order[1] != 'M' || version != VERSION_5)
        status = lido_fail(error, LIDO_CORRUPT, "%s: not a MATLAB v5 file", path);
    if (!status) return LIDO_OK;
failed:
    lido_stream_close(stream);
    return status;
}

/* ---- elements ------------------------------------------------------------------------------ */

static lido_status fail_broken(const lido_stream *stream, const char *what, lido_error *error) {
    return lido_fail(error, LIDO_CORRUPT, "%s: damaged: %s", stream->path, what);
}

/* Bytes of the variable, in which an element cannot be longer than it. */
static lido_status take(lido_stream *stream, lido_mat_array *array, void *out, int64_t bytes,
                        lido_error *error) {
    if (bytes > array->left)
        return fail_broken(stream, "an element is longer than its variable", error);
    array->left -= bytes;
    return lido_stream_read(stream, out, bytes, error);
}

/* A tag inside a variable. A small element has its data, 4 bytes at most, in the tag. */
static lido_status take_tag(lido_stream *stream, lido_mat_array *array, uint32_t *type,
                            int64_t *bytes, lido_error *error) {
    uint8_t tag[TAG];
    lido_status status = take(stream, array, tag, TAG, error);
    if (status) return status;
    uint32_t first = little_endian(tag);
    *type = first & 0xffff;
    *bytes = first >> 16;
    array->small = *bytes;
    memcpy(array->kept, tag + 4, sizeof array->kept);
    if (*bytes > (int64_t)sizeof array->kept)
        return fail_broken(stream, "a small element of more than 4 bytes", error);
    if (*bytes == 0) {
        *type = first;
        *bytes = little_endian(tag + 4);
    }
    return LIDO_OK;
}

/* The data of a whole element and the padding behind it; the first `size` bytes are kept. */
static lido_status take_data(lido_stream *stream, lido_mat_array *array, int64_t bytes,
                             uint8_t *out, int64_t size, lido_error *error) {
    if (array->small > 0) {
        memcpy(out, array->kept, (size_t)(bytes < size ? bytes : size));
        array->small = 0;
        return LIDO_OK;
    }
    int64_t kept = bytes < size ? bytes : size;
    lido_status status = take(stream, array, out, kept, error);
    if (status) return status;
    int64_t rest = (bytes + TAG - 1) / TAG * TAG - kept;
    if (rest > array->left)
        return fail_broken(stream, "an element is longer than its variable", error);
    array->left -= rest;
    return lido_stream_skip(stream, rest, error);
}

static lido_status take_flags(lido_stream *stream, lido_mat_array *array, lido_error *error) {
    uint32_t type;
    int64_t bytes;
    uint8_t flags[8];
    lido_status status = take_tag(stream, array, &type, &bytes, error);
    if (status) return status;
    if (type != TYPE_U32 || bytes != sizeof flags)
        return fail_broken(stream, "a variable does not start with its flags", error);
    status = take_data(stream, array, bytes, flags, bytes, error);
    if (status) return status;
    array->numeric =
        flags[0] >= CLASS_DOUBLE && flags[0] <= CLASS_UINT32 && !(flags[1] & FLAG_COMPLEX);
    return LIDO_OK;
}

static lido_status take_dimensions(lido_stream *stream, lido_mat_array *array, lido_error *error) {
    uint32_t type;
    int64_t bytes;
    uint8_t data[4 * LIDO_MAT_MAX_DIMS];
    lido_status status = take_tag(stream, array, &type, &bytes, error);
    if (status) return status;
    if (type != TYPE_I32 || bytes % 4 != 0 || bytes < 8)
        return fail_broken(stream, "a variable without dimensions", error);
    status = take_data(stream, array, bytes, data, sizeof data, error);
    if (status) return status;
    if (bytes > (int64_t)sizeof data) array->numeric = false;
    if (!array->numeric) return LIDO_OK;
    array->rank = (int)(bytes / 4);
    array->count = 1;
    for (int i = 0; i < array->rank; i++) {
        array->dim[i] = (int32_t)little_endian(data + 4 * i);
        if (!lido_mul(array->count, array->dim[i], &array->count))
            return fail_broken(stream, "impossible dimensions", error);
    }
    return LIDO_OK;
}

static lido_status take_name(lido_stream *stream, lido_mat_array *array, lido_error *error) {
    uint32_t type;
    int64_t bytes;
    lido_status status = take_tag(stream, array, &type, &bytes, error);
    if (status) return status;
    if (type != TYPE_I8) return fail_broken(stream, "a variable without a name", error);
    return take_data(stream, array, bytes, (uint8_t *)array->name, sizeof array->name - 1, error);
}

/* The tag of the values, which must be as many as the dimensions say and fit into the file. */
static lido_status take_values_tag(lido_stream *stream, lido_mat_array *array, lido_error *error) {
    uint32_t type;
    int64_t bytes, expected;
    lido_status status = take_tag(stream, array, &type, &bytes, error);
    if (status) return status;
    array->type = type < sizeof types / sizeof *types ? types[type] : LIDO_MAT_OTHER;
    if (array->type == LIDO_MAT_OTHER) {
        array->numeric = false;
        return LIDO_OK;
    }
    if (!lido_mul(array->count, sizes[array->type], &expected) || bytes != expected)
        return lido_fail(error, LIDO_CORRUPT,
                         "%s: damaged: %s has %" PRId64 " elements by its dimensions, but %" PRId64
                         " bytes",
                         stream->path, array->name, array->count, bytes);
    if (array->small == 0 && (bytes > array->left || bytes > lido_stream_bound(stream)))
        return lido_fail(error, LIDO_CORRUPT,
                         "%s: truncated: %s announces more bytes than the file holds", stream->path,
                         array->name);
    return LIDO_OK;
}

/* ---- variables ----------------------------------------------------------------------------- */

/* The tag of a variable, entering the compressed element around it; others are passed over. */
static lido_status enter(lido_stream *stream, lido_mat_array *array, bool *found,
                         lido_error *error) {
    for (*found = false; stream->left > 0 && !*found;) {
        uint8_t tag[TAG];
        lido_status status = lido_stream_read(stream, tag, TAG, error);
        if (status) return status;
        uint32_t type = little_endian(tag);
        int64_t bytes = little_endian(tag + 4);
        if (type != TYPE_COMPRESSED && type != TYPE_MATRIX) {
            status = lido_stream_skip(stream, (bytes + TAG - 1) / TAG * TAG, error);
            if (status) return status;
            continue;
        }
        if (type == TYPE_COMPRESSED) {
            status = lido_stream_inflate(stream, LIDO_ZLIB, bytes, error);
            if (!status) status = lido_stream_read(stream, tag, TAG, error);
            if (status) return status;
            if (little_endian(tag) != TYPE_MATRIX)
                return fail_broken(stream, "no variable in a compressed element", error);
            bytes = little_endian(tag + 4);
        }
        if (bytes > lido_stream_bound(stream))
            return lido_fail(error, LIDO_CORRUPT, "%s: truncated: a variable of %" PRId64 " bytes",
                             stream->path, bytes);
        *array = (lido_mat_array){.left = bytes};
        *found = true;
    }
    return LIDO_OK;
}

lido_status lido_mat_next(lido_stream *stream, lido_mat_array *array, bool *found,
                          lido_error *error) {
    lido_status status = enter(stream, array, found, error);
    if (status || !*found) return status;
    if (array->left == 0) return LIDO_OK; /* MATLAB's empty variable, without so much as flags */
    status = take_flags(stream, array, error);
    if (!status) status = take_dimensions(stream, array, error);
    if (!status) status = take_name(stream, array, error);
    if (!status && array->numeric) status = take_values_tag(stream, array, error);
    return status;
}

lido_status lido_mat_read(lido_stream *stream, lido_mat_array *array, void *out, int64_t bytes,
                          lido_error *error) {
    if (array->small == 0) return take(stream, array, out, bytes, error);
    if (bytes > array->small) return fail_broken(stream, "a small element is too short", error);
    memcpy(out, array->kept, (size_t)bytes);
    memmove(array->kept, array->kept + bytes, (size_t)(array->small - bytes));
    array->small -= bytes;
    return LIDO_OK;
}

lido_status lido_mat_leave(lido_stream *stream, lido_mat_array *array, lido_error *error) {
    if (stream->pack) return lido_stream_leave(stream, error);
    return lido_stream_skip(stream, array->left, error);
}

lido_status lido_mat_end(lido_stream *stream, lido_mat_array *array, lido_error *error) {
    if (array->left >= TAG) return fail_broken(stream, "more behind a variable's values", error);
    lido_status status = lido_stream_skip(stream, array->left, error);
    if (!status && stream->pack) status = lido_stream_inflated(stream, error);
    return status;
}
