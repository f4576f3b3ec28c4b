/* npy.c - NumPy's array files (numpy.org/neps/nep-0001-npy-format): a magic string, a version, the
 * length of a header, the header - a Python dictionary of descr, fortran_order and shape - and the
 * elements. Only arrays of plain numbers are read; nothing in the header is ever evaluated. */
#include <lido/data.h>

#include "data/stream.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_HEADER = 65536, PREFIX = 8, ALIGNMENT = 64 };

static const char magic[] = "\x93NUMPY";

static const struct {
    const char *descr;
    int64_t size;
} types[] = {
    [LIDO_NPY_U8] = {"|u1", 1},  [LIDO_NPY_I32] = {"<i4", 4}, [LIDO_NPY_I64] = {"<i8", 8},
    [LIDO_NPY_F32] = {"<f4", 4}, [LIDO_NPY_F64] = {"<f8", 8},
};

enum { TYPES = sizeof types / sizeof *types };

/* ---- the header ---------------------------------------------------------------------------- */

typedef struct header {
    lido_npy_type type;
    bool fortran;
    int rank;
    int64_t dim[LIDO_NPY_MAX_DIMS];
    bool has_type, has_order, has_shape;
} header;

static void skip_blanks(const char **text) {
    while (**text == ' ' || **text == '\n') (*text)++;
}

/* Passes over the character, with blanks around it. */
static bool take(const char **text, char character) {
    skip_blanks(text);
    if (**text != character) return false;
    (*text)++;
    skip_blanks(text);
    return true;
}

/* A quoted string without escapes, into out[size]. */
static bool take_string(const char **text, char *out, size_t size) {
    char quote = **text;
    if (quote != '\'' && quote != '"') return false;
    const char *start = *text + 1, *end = strchr(start, quote);
    if (!end || (size_t)(end - start) >= size) return false;
    memcpy(out, start, (size_t)(end - start));
    out[end - start] = '\0';
    *text = end + 1;
    return true;
}

static bool take_word(const char **text, const char *word) {
    size_t length = strlen(word);
    if (strncmp(*text, word, length) != 0) return false;
    *text += length;
    return true;
}

static bool take_size(const char **text, int64_t *size) {
    if (**text < '0' || **text > '9') return false;
    for (*size = 0; **text >= '0' && **text <= '9'; (*text)++) {
        if (*size > (INT64_MAX - 9) / 10) return false;
        *size = *size * 10 + (**text - '0');
    }
    return true;
}

/* (), (n,), (n, m, ...) */
static bool take_shape(const char **text, header *h) {
    if (!take(text, '(')) return false;
    while (**text != ')') {
        if (h->rank == LIDO_NPY_MAX_DIMS || !take_size(text, &h->dim[h->rank++])) return false;
        if (!take(text, ',') && **text != ')') return false;
    }
    return take(text, ')');
}

static bool take_type(const char **text, header *h) {
    char descr[16];
    if (!take_string(text, descr, sizeof descr)) return false;
    for (int i = 0; i < TYPES; i++)
        if (strcmp(descr, types[i].descr) == 0 || (i == LIDO_NPY_U8 && strcmp(descr, "<u1") == 0)) {
            h->type = (lido_npy_type)i;
            return true;
        }
    return false;
}

static lido_status parse_entry(const char **text, header *h, lido_error *error) {
    char key[32];
    const char *start = *text;
    if (!take_string(text, key, sizeof key) || !take(text, ':'))
        return lido_fail(error, LIDO_CORRUPT, "the header is not a dictionary: %.60s", start);
    start = *text;
    bool fine;
    if (strcmp(key, "descr") == 0 && !h->has_type) {
        fine = h->has_type = take_type(text, h);
        if (!fine)
            return lido_fail(error, LIDO_CORRUPT,
                             "elements of type %.20s; read are |u1, <i4, <i8, <f4 and <f8", start);
    } else if (strcmp(key, "fortran_order") == 0 && !h->has_order) {
        h->fortran = take_word(text, "True");
        fine = h->has_order = h->fortran || take_word(text, "False");
    } else if (strcmp(key, "shape") == 0 && !h->has_shape) {
        fine = h->has_shape = take_shape(text, h);
    } else {
        return lido_fail(error, LIDO_CORRUPT, "unexpected key '%s' in the header", key);
    }
    return fine ? LIDO_OK
                : lido_fail(error, LIDO_CORRUPT, "the header's %s is not understood: %.60s", key,
                            start);
}

static lido_status parse_header(const char *text, header *h, lido_error *error) {
    *h = (header){0};
    if (!take(&text, '{')) return lido_fail(error, LIDO_CORRUPT, "the header is not a dictionary");
    while (*text != '}') {
        lido_status status = parse_entry(&text, h, error);
        if (status) return status;
        if (!take(&text, ',') && *text != '}')
            return lido_fail(error, LIDO_CORRUPT, "the header is not a dictionary: %.60s", text);
    }
    text++;
    skip_blanks(&text);
    if (*text != '\0') return lido_fail(error, LIDO_CORRUPT, "more after the header's dictionary");
    if (h->has_type && h->has_order && h->has_shape) return LIDO_OK;
    return lido_fail(error, LIDO_CORRUPT, "the header lacks descr, fortran_order or shape");
}

/* ---- reading ------------------------------------------------------------------------------- */

static lido_status read_header(lido_stream *stream, header *h, lido_error *error) {
    uint8_t prefix[PREFIX + 4];
    lido_status status = lido_stream_read(stream, prefix, PREFIX + 2, error);
    if (status) return status;
    if (memcmp(prefix, magic, sizeof magic - 1) != 0)
        return lido_fail(error, LIDO_CORRUPT, "%s: not a .npy file", stream->path);
    int version = prefix[6];
    if ((version != 1 && version != 2) || prefix[7] != 0)
        return lido_fail(error, LIDO_CORRUPT, "%s: .npy version %d.%d; read are 1.0 and 2.0",
                         stream->path, version, prefix[7]);
    uint32_t length = prefix[8] | (uint32_t)prefix[9] << 8;
    if (version == 2) {
        status = lido_stream_read(stream, prefix + PREFIX + 2, 2, error);
        if (status) return status;
        length |= (uint32_t)prefix[10] << 16 | (uint32_t)prefix[11] << 24;
    }
    if (length > MAX_HEADER)
        return lido_fail(error, LIDO_CORRUPT, "%s: a header of %" PRIu32 " bytes, at most %d",
                         stream->path, length, MAX_HEADER);
    char *text = calloc(1, length + 1);
    if (!text) return lido_fail(error, LIDO_MEMORY, "%s: out of memory", stream->path);
    status = lido_stream_read(stream, text, length, error);
    if (!status && strlen(text) != length)
        status = lido_fail(error, LIDO_CORRUPT, "%s: a NUL in the header", stream->path);
    if (!status) {
        status = parse_header(text, h, error);
        if (status) lido_fail_in(error, status, "%s", stream->path);
    }
    free(text);
    return status;
}

/* Sizes of the array, checked against what the file holds. */
static lido_status measure(const lido_stream *stream, const header *h, lido_npy *array,
                           lido_error *error) {
    int64_t count = 1, bytes;
    bool fits = true;
    for (int i = 0; i < h->rank; i++) fits = fits && lido_mul(count, h->dim[i], &count);
    fits = fits && lido_mul(count, types[h->type].size, &bytes);
    if (!fits) return lido_fail(error, LIDO_CORRUPT, "%s: the shape overflows", stream->path);
    if (bytes != stream->left)
        return lido_fail(
            error, LIDO_CORRUPT, "%s: %s: its shape needs %" PRId64 " bytes, it holds %" PRId64,
            stream->path, bytes > stream->left ? "truncated" : "overlong", bytes, stream->left);
    *array = (lido_npy){.type = h->type, .rank = h->rank, .count = count};
    memcpy(array->dim, h->dim, sizeof array->dim);
    return LIDO_OK;
}

/* Elements of `from` (first axis fastest) into array->data (last axis fastest). */
static void transpose(const uint8_t *from, lido_npy *array) {
    size_t size = (size_t)types[array->type].size;
    uint8_t *to = array->data;
    int64_t index[LIDO_NPY_MAX_DIMS] = {0}, stride[LIDO_NPY_MAX_DIMS], place = 0;
    for (int64_t i = 0, step = 1; i < array->rank; step *= array->dim[i++]) stride[i] = step;
    for (int64_t i = 0; i < array->count; i++, to += size) {
        memcpy(to, from + (size_t)place * size, size);
        for (int axis = array->rank - 1; axis >= 0; axis--) {
            place += stride[axis];
            if (++index[axis] < array->dim[axis]) break;
            place -= index[axis] * stride[axis];
            index[axis] = 0;
        }
    }
}

static lido_status read_elements(lido_stream *stream, bool fortran, lido_npy *array,
                                 lido_error *error) {
    size_t bytes = (size_t)(array->count * types[array->type].size);
    bool turn = fortran && array->rank > 1;
    array->data = malloc(bytes ? bytes : 1);
    uint8_t *buffer = turn ? malloc(bytes ? bytes : 1) : array->data;
    lido_status status = array->data && buffer
                             ? lido_stream_read(stream, buffer, (int64_t)bytes, error)
                             : lido_fail(error, LIDO_MEMORY, "%s: out of memory", stream->path);
    if (turn) {
        if (!status) transpose(buffer, array);
        free(buffer);
    }
    if (status) lido_npy_free(array);
    return status;
}

lido_status lido_npy_read(const char *path, lido_npy *array, lido_error *error) {
    *array = (lido_npy){0};
    lido_stream stream;
    lido_status status = lido_stream_open(path, &stream, error);
    if (status) return status;
    header h;
    status = read_header(&stream, &h, error);
    if (!status) status = measure(&stream, &h, array, error);
    if (!status) status = read_elements(&stream, h.fortran, array, error);
    lido_stream_close(&stream);
    return status;
}

/* ---- writing and the rest ------------------------------------------------------------------ */

static int print_dict(const lido_npy *array, char *text, size_t size) {
    char shape[LIDO_NPY_MAX_DIMS * 22 + 1] = "";
    int used = 0;
    for (int i = 0; i < array->rank; i++)
        used += snprintf(shape + used, sizeof shape - (size_t)used, "%s%" PRId64, i ? ", " : "",
                         array->dim[i]);
    return snprintf(text, size, "{'descr': '%s', 'fortran_order': False, 'shape': (%s%s), }",
                    types[array->type].descr, shape, array->rank == 1 ? "," : "");
}

lido_status lido_npy_write(const char *path, const lido_npy *array, lido_error *error) {
    char dict[LIDO_NPY_MAX_DIMS * 22 + 128];
    int length = print_dict(array, dict, sizeof dict);
    int padding = ALIGNMENT - (PREFIX + 2 + length + 1) % ALIGNMENT;
    int total = length + padding + 1;
    lido_atomic_file file;
    lido_status status = lido_atomic_open(path, &file, error);
    if (status) return status;
    fwrite(magic, 1, sizeof magic - 1, file.stream);
    fwrite((const uint8_t[]){1, 0, (uint8_t)total, (uint8_t)(total >> 8)}, 1, 4, file.stream);
    fprintf(file.stream, "%s%*s\n", dict, padding, "");
    fwrite(array->data, (size_t)types[array->type].size, (size_t)array->count, file.stream);
    return lido_atomic_commit(&file, error);
}

#define LIDO_CONVERT(type) \
    for (int64_t i = 0; i < array->count; i++) out[i] = (lido_real)((const type *)array->data)[i]

void lido_npy_to_real(const lido_npy *array, lido_real *out) {
    switch (array->type) {
    case LIDO_NPY_U8:
        LIDO_CONVERT(uint8_t);
        break;
    case LIDO_NPY_I32:
        LIDO_CONVERT(int32_t);
        break;
    case LIDO_NPY_I64:
        LIDO_CONVERT(int64_t);
        break;
    case LIDO_NPY_F32:
        LIDO_CONVERT(float);
        break;
    case LIDO_NPY_F64:
        LIDO_CONVERT(double);
        break;
    }
}

void lido_npy_free(lido_npy *array) {
    free(array->data);
    array->data = NULL;
}
