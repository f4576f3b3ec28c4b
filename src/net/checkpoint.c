/* checkpoint.c - the safetensors format, written and strictly read. Which arrays a network keeps is
 * in weights.c. */
#include "net/checkpoint.h"
#include "base/file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#    error "safetensors files are little-endian, and numbers are copied as they are"
#endif

enum { LENGTH_SIZE = 8, HEADER_ALIGNMENT = 8, MOST_HEADER = 100 * 1000 * 1000 };

#define METADATA "__metadata__"

static const char *const dtype_names[] = {
#define DTYPE_NAME(name, bytes) #name,
    LIDO_DTYPE_TABLE(DTYPE_NAME)
#undef DTYPE_NAME
};

static const int64_t dtype_bytes[] = {
#define DTYPE_BYTES(name, bytes) bytes,
    LIDO_DTYPE_TABLE(DTYPE_BYTES)
#undef DTYPE_BYTES
};

enum { DTYPES = sizeof dtype_names / sizeof *dtype_names };

/* False when the bytes of the tensor overflow. */
static bool count_bytes(const lido_tensor *tensor, int64_t *bytes) {
    *bytes = dtype_bytes[tensor->dtype];
    for (int i = 0; i < tensor->rank; i++)
        if (!lido_mul(*bytes, tensor->dim[i], bytes)) return false;
    return true;
}

int64_t lido_tensor_count(const lido_tensor *tensor) {
    int64_t count = 1;
    for (int i = 0; i < tensor->rank; i++) count *= tensor->dim[i];
    return count;
}

/* ---- writing ------------------------------------------------------------------------------- */

static lido_json *pair_of_numbers(int64_t a, int64_t b) {
    lido_json *array = lido_json_array();
    lido_json_append(array, lido_json_from_number((double)a));
    lido_json_append(array, lido_json_from_number((double)b));
    return array;
}

static lido_json *entry_of(const lido_tensor *tensor, int64_t begin, int64_t end) {
    lido_json *entry = lido_json_object(), *shape = lido_json_array();
    for (int i = 0; i < tensor->rank; i++)
        lido_json_append(shape, lido_json_from_number((double)tensor->dim[i]));
    lido_json_add_string(entry, "dtype", dtype_names[tensor->dtype]);
    lido_json_add(entry, "shape", shape);
    lido_json_add(entry, "data_offsets", pair_of_numbers(begin, end));
    return entry;
}

/* order[tensors]: indices, wider elements first. */
static void order_by_width(const lido_tensor *tensor, int tensors, int *order) {
    int placed = 0;
    for (int64_t width = 8; width >= 1; width /= 2)
        for (int i = 0; i < tensors; i++)
            if (dtype_bytes[tensor[i].dtype] == width) order[placed++] = i;
}

static lido_status add_entries(const char *path, const lido_tensor *tensor, int tensors,
                               const int *order, lido_json *header, lido_error *error) {
    int64_t begin = 0;
    for (int i = 0; i < tensors; i++) {
        const lido_tensor *t = &tensor[order[i]];
        int64_t bytes, end;
        if (!count_bytes(t, &bytes) || __builtin_add_overflow(begin, bytes, &end))
            return lido_fail(error, LIDO_TOO_LARGE, "%s: tensor \"%s\" is too large", path,
                             t->name);
        if (strcmp(t->name, METADATA) == 0 || lido_json_get(header, t->name))
            return lido_fail(error, LIDO_USAGE, "%s: the name \"%s\" is already used", path,
                             t->name);
        lido_json_add(header, t->name, entry_of(t, begin, end));
        begin = end;
    }
    return LIDO_OK;
}

/* The header's text, to be freed. */
static lido_status make_header(const char *path, const lido_tensor *tensor, int tensors,
                               const int *order, const lido_text_pair *metadata, int pairs,
                               char **text, lido_error *error) {
    *text = NULL;
    lido_json *header = lido_json_object();
    if (pairs > 0) {
        lido_json *texts = lido_json_object();
        for (int i = 0; i < pairs; i++)
            lido_json_add_string(texts, metadata[i].key, metadata[i].value);
        lido_json_add(header, METADATA, texts);
    }
    lido_status status = add_entries(path, tensor, tensors, order, header, error);
    if (!status && !(*text = lido_json_print(header, false)))
        status = lido_fail(error, LIDO_MEMORY, "%s: out of memory", path);
    lido_json_free(header);
    return status;
}

static lido_status write_all(const char *path, const char *header, const lido_tensor *tensor,
                             int tensors, const int *order, lido_error *error) {
    size_t used = strlen(header);
    size_t padding = (HEADER_ALIGNMENT - used % HEADER_ALIGNMENT) % HEADER_ALIGNMENT;
    uint64_t length = used + padding;
    if (length > MOST_HEADER)
        return lido_fail(error, LIDO_TOO_LARGE, "%s: a header of more than %d bytes", path,
                         MOST_HEADER);
    lido_atomic_file file;
    lido_status status = lido_atomic_open(path, &file, error);
    if (status) return status;
    fwrite(&length, sizeof length, 1, file.stream);
    fwrite(header, 1, used, file.stream);
    fwrite("        ", 1, padding, file.stream);
    for (int i = 0; i < tensors; i++) {
        int64_t bytes;
        count_bytes(&tensor[order[i]], &bytes);
        fwrite(tensor[order[i]].data, 1, (size_t)bytes, file.stream);
    }
    return lido_atomic_commit(&file, error);
}

lido_status lido_tensors_write(const char *path, const lido_tensor *tensor, int tensors,
                               const lido_text_pair *metadata, int pairs, lido_error *error) {
    int *order = malloc(((size_t)tensors + 1) * sizeof *order);
    if (!order) return lido_fail(error, LIDO_MEMORY, "%s: out of memory", path);
    order_by_width(tensor, tensors, order);
    char *header;
    lido_status status = make_header(path, tensor, tensors, order, metadata, pairs, &header, error);
    if (!status) status = write_all(path, header, tensor, tensors, order, error);
    free(header);
    free(order);
    return status;
}

/* ---- reading ------------------------------------------------------------------------------- */

/* A tensor with where its data lies, while the header is read. */
typedef struct extent {
    lido_tensor tensor;
    int64_t begin, end;
} extent;

static lido_status corrupt(lido_error *error, const char *path, const char *name,
                           const char *what) {
    return lido_fail(error, LIDO_CORRUPT, "%s: tensor \"%.100s\": %s", path, name, what);
}

static bool read_dtype(const lido_json *json, lido_dtype *dtype) {
    const char *text = lido_json_string(json);
    for (int i = 0; text && i < DTYPES; i++) {
        if (strcmp(text, dtype_names[i]) != 0) continue;
        *dtype = (lido_dtype)i;
        return true;
    }
    return false;
}

/* Non-negative integers, at most `most` of them, into value[]; -1 when it is something else. */
static int read_sizes(const lido_json *json, int most, int64_t *value) {
    int count = lido_json_count(json), i = 0;
    if (lido_json_kind_of(json) != LIDO_JSON_ARRAY || count > most) return -1;
    for (const lido_json *e = lido_json_first(json); e; e = lido_json_next(e), i++)
        if (!lido_json_integer(e, &value[i]) || value[i] < 0) return -1;
    return count;
}

static lido_status read_extent(const char *path, const lido_json *entry, int64_t data_size,
                               extent *out, lido_error *error) {
    const char *name = lido_json_key(entry);
    lido_tensor *tensor = &out->tensor;
    if (strlen(name) >= sizeof tensor->name)
        return corrupt(error, path, name, "the name has more than 255 bytes");
    memcpy(tensor->name, name, strlen(name) + 1);
    if (lido_json_kind_of(entry) != LIDO_JSON_OBJECT || lido_json_count(entry) != 3)
        return corrupt(error, path, name, "expected an object of dtype, shape and data_offsets");
    if (!read_dtype(lido_json_get(entry, "dtype"), &tensor->dtype))
        return corrupt(error, path, name, "\"dtype\" must be one of F32, F64, U8, I64");
    tensor->rank = read_sizes(lido_json_get(entry, "shape"), LIDO_TENSOR_DIMS, tensor->dim);
    if (tensor->rank < 0)
        return corrupt(error, path, name, "\"shape\" must be a list of at most 8 sizes");
    int64_t offsets[2], bytes;
    if (read_sizes(lido_json_get(entry, "data_offsets"), 2, offsets) != 2)
        return corrupt(error, path, name, "\"data_offsets\" must be two offsets");
    out->begin = offsets[0];
    out->end = offsets[1];
    if (out->begin > out->end || out->end > data_size)
        return corrupt(error, path, name, "\"data_offsets\" lie outside of the file");
    if (!count_bytes(tensor, &bytes) || bytes != out->end - out->begin)
        return corrupt(error, path, name, "\"data_offsets\" do not fit \"shape\" and \"dtype\"");
    return LIDO_OK;
}

static lido_status check_metadata(const char *path, const lido_json *texts, lido_error *error) {
    bool right = lido_json_kind_of(texts) == LIDO_JSON_OBJECT;
    for (const lido_json *m = lido_json_first(texts); m; m = lido_json_next(m))
        right &= lido_json_kind_of(m) == LIDO_JSON_STRING;
    if (right) return LIDO_OK;
    return lido_fail(error, LIDO_CORRUPT, "%s: \"" METADATA "\" must be an object of texts", path);
}

static int by_place(const void *a, const void *b) {
    const extent *x = a, *y = b;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

/* Sorted, the extents must cover the data from end to end. */
static lido_status check_cover(const char *path, const extent *extents, int count,
                               int64_t data_size, lido_error *error) {
    int64_t covered = 0;
    for (int i = 0; i < count; i++) {
        if (extents[i].begin != covered)
            return corrupt(error, path, extents[i].tensor.name,
                           extents[i].begin < covered ? "its data overlaps another's"
                                                      : "there is a hole before its data");
        covered = extents[i].end;
    }
    if (covered == data_size) return LIDO_OK;
    return lido_fail(error, LIDO_CORRUPT,
                     "%s: %" PRId64 " bytes of data, of which the tensors take %" PRId64, path,
                     data_size, covered);
}

static lido_status read_extents(const lido_tensor_file *file, int64_t data_size, extent *extents,
                                int *count, lido_error *error) {
    *count = 0;
    for (const lido_json *m = lido_json_first(file->header); m; m = lido_json_next(m)) {
        lido_status status =
            strcmp(lido_json_key(m), METADATA) == 0
                ? check_metadata(file->path, m, error)
                : read_extent(file->path, m, data_size, &extents[(*count)++], error);
        if (status) return status;
    }
    qsort(extents, (size_t)*count, sizeof *extents, by_place);
    return check_cover(file->path, extents, *count, data_size, error);
}

static lido_status read_tensors(lido_tensor_file *file, const uint8_t *data, int64_t data_size,
                                lido_error *error) {
    size_t most = (size_t)lido_json_count(file->header) + 1;
    extent *extents = calloc(most, sizeof *extents);
    file->tensor = calloc(most, sizeof *file->tensor);
    lido_status status = LIDO_OK;
    if (!extents || !file->tensor)
        status = lido_fail(error, LIDO_MEMORY, "%s: out of memory", file->path);
    else
        status = read_extents(file, data_size, extents, &file->tensors, error);
    for (int i = 0; !status && i < file->tensors; i++) {
        file->tensor[i] = extents[i].tensor;
        file->tensor[i].data = data + extents[i].begin;
    }
    free(extents);
    return status;
}

/* The JSON of a file is not a spec: what is wrong with it is that the file is corrupt. */
static lido_status bad_header(lido_error *error) {
    if (error) error->status = LIDO_CORRUPT;
    return lido_fail_in(error, LIDO_CORRUPT, "the header of a safetensors file");
}

/* bytes[size] have been read: the header's length, the header, the data. */
static lido_status read_parts(lido_tensor_file *file, size_t size, lido_error *error) {
    uint64_t length;
    if (size < LENGTH_SIZE)
        return lido_fail(error, LIDO_CORRUPT, "%s: not a safetensors file: only %zu bytes",
                         file->path, size);
    memcpy(&length, file->bytes, LENGTH_SIZE);
    if (length > MOST_HEADER || length > size - LENGTH_SIZE)
        return lido_fail(error, LIDO_CORRUPT,
                         "%s: not a safetensors file, or truncated: a header of %" PRIu64
                         " bytes in a file of %zu",
                         file->path, length, size);
    const char *text = (const char *)file->bytes + LENGTH_SIZE;
    lido_status status = lido_json_parse(text, (size_t)length, file->path, &file->header, error);
    if (status == LIDO_SPEC) return bad_header(error);
    if (status) return status;
    if (lido_json_kind_of(file->header) != LIDO_JSON_OBJECT)
        return lido_fail(error, LIDO_CORRUPT, "%s: the header must be an object, not %s",
                         file->path, lido_json_kind_text(file->header));
    size_t start = LENGTH_SIZE + (size_t)length;
    return read_tensors(file, file->bytes + start, (int64_t)(size - start), error);
}

lido_status lido_tensor_file_read(const char *path, lido_tensor_file *file, lido_error *error) {
    *file = (lido_tensor_file){0};
    size_t size;
    lido_status status = lido_file_read(path, SIZE_MAX / 4, &file->bytes, &size, error);
    if (status) return status;
    file->path = malloc(strlen(path) + 1);
    if (file->path) {
        memcpy(file->path, path, strlen(path) + 1);
        status = read_parts(file, size, error);
    } else {
        status = lido_fail(error, LIDO_MEMORY, "%s: out of memory", path);
    }
    if (status) lido_tensor_file_free(file);
    return status;
}

void lido_tensor_file_free(lido_tensor_file *file) {
    free(file->path);
    free(file->bytes);
    lido_json_free(file->header);
    free(file->tensor);
    *file = (lido_tensor_file){0};
}

/* ---- looking ------------------------------------------------------------------------------- */

const lido_tensor *lido_tensor_find(const lido_tensor_file *file, const char *name) {
    for (int i = 0; i < file->tensors; i++)
        if (strcmp(file->tensor[i].name, name) == 0) return &file->tensor[i];
    return NULL;
}

const char *lido_tensor_file_text(const lido_tensor_file *file, const char *key) {
    return lido_json_string(lido_json_get(lido_json_get(file->header, METADATA), key));
}

bool lido_tensor_reals(const lido_tensor *tensor, lido_real *values) {
    int64_t count = lido_tensor_count(tensor);
    const uint8_t *data = tensor->data;
    if (tensor->dtype != LIDO_F32 && tensor->dtype != LIDO_F64) return false;
    for (int64_t i = 0; i < count; i++) {
        float narrow;
        double wide;
        if (tensor->dtype == LIDO_F32) {
            memcpy(&narrow, data + i * (int64_t)sizeof narrow, sizeof narrow);
            values[i] = (lido_real)narrow;
        } else {
            memcpy(&wide, data + i * (int64_t)sizeof wide, sizeof wide);
            values[i] = (lido_real)wide;
        }
    }
    return true;
}
