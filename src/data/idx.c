/* idx.c - IDX, the format of MNIST (yann.lecun.com/exdb/mnist): a magic number 00 00 TYPE RANK, the
 * sizes as big-endian 32-bit numbers, then the bytes. Plain or gzipped. */
#include "data/format.h"
#include "data/stream.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGE_RANK = 3, LABEL_RANK = 1, TYPE_U8 = 8 };

static const char *const image_files[] = {
    [LIDO_TRAIN] = "train-images-idx3-ubyte", [LIDO_TEST] = "t10k-images-idx3-ubyte"};
static const char *const label_files[] = {
    [LIDO_TRAIN] = "train-labels-idx1-ubyte", [LIDO_TEST] = "t10k-labels-idx1-ubyte"};

/* The file's name, or the name with .gz when only that exists. */
static lido_status file_path(const char *folder, const char *name, char *path, size_t size,
                             lido_error *error) {
    char packed[64];
    snprintf(packed, sizeof packed, "%s.gz", name);
    bool only_packed = !lido_folder_has(folder, name) && lido_folder_has(folder, packed);
    return lido_path_join(folder, only_packed ? packed : name, path, size, error);
}

static bool has_file(const char *folder, const char *name) {
    char path[LIDO_PATH_SIZE];
    return file_path(folder, name, path, sizeof path, NULL) == LIDO_OK && lido_path_exists(path);
}

static bool recognise(const char *folder) {
    for (int split = LIDO_TRAIN; split <= LIDO_TEST; split++)
        if (has_file(folder, image_files[split]) || has_file(folder, label_files[split]))
            return true;
    return false;
}

static uint32_t big_endian(const uint8_t *byte) {
    return (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 | (uint32_t)byte[2] << 8 | byte[3];
}

/* dim[rank] of a file of bytes, none of them 0, and no more bytes than the file can hold. */
static lido_status read_header(lido_stream *stream, int rank, int64_t *dim, lido_error *error) {
    uint8_t header[4 + 4 * IMAGE_RANK];
    lido_status status = lido_stream_read(stream, header, 4 + 4 * rank, error);
    if (status) return status;
    uint32_t magic = big_endian(header), expected = TYPE_U8 << 8 | (uint32_t)rank;
    if (magic != expected)
        return lido_fail(error, LIDO_CORRUPT,
                         "%s: not IDX: the magic number is 0x%08" PRIx32 ", expected 0x%08" PRIx32,
                         stream->path, magic, expected);
    int64_t bytes = 1;
    for (int i = 0; i < rank; i++) {
        dim[i] = big_endian(header + 4 + 4 * i);
        if (dim[i] == 0) return lido_fail(error, LIDO_CORRUPT, "%s: size %d is 0", stream->path, i);
        if (!lido_mul(bytes, dim[i], &bytes))
            return lido_fail(error, LIDO_CORRUPT, "%s: sizes overflow", stream->path);
    }
    int64_t bound = lido_stream_bound(stream);
    if (bytes > bound)
        return lido_fail(error, LIDO_CORRUPT,
                         "%s: truncated: its header announces %" PRId64
                         " bytes, it holds at most %" PRId64,
                         stream->path, bytes, bound);
    if (!stream->pack && bytes < bound)
        return lido_fail(error, LIDO_CORRUPT,
                         "%s: overlong: its header announces %" PRId64 " bytes, it holds %" PRId64,
                         stream->path, bytes, bound);
    return LIDO_OK;
}

static lido_status open_file(const char *folder, const char *name, int rank, lido_stream *stream,
                             int64_t *dim, lido_error *error) {
    char path[LIDO_PATH_SIZE];
    lido_status status = file_path(folder, name, path, sizeof path, error);
    if (status) return status;
    status = lido_stream_open(path, stream, error);
    if (status) return status;
    uint8_t first[2] = {0};
    bool packed = fread(first, 1, 2, stream->file) == 2 && first[0] == 0x1f && first[1] == 0x8b;
    rewind(stream->file);
    if (packed) status = lido_stream_inflate(stream, LIDO_GZIP, -1, error);
    if (!status) status = read_header(stream, rank, dim, error);
    if (status) lido_stream_close(stream);
    return status;
}

/* Reads the first bytes of the body; when these are all, checks that the file ends there. */
static lido_status read_body(lido_stream *stream, uint8_t *out, int64_t bytes, bool all,
                             lido_error *error) {
    lido_status status = lido_stream_read(stream, out, bytes, error);
    if (!status && all && stream->pack) status = lido_stream_inflated(stream, error);
    return status;
}

/* All labels of a split, malloc'ed as int32, and how many; checked when classes are known (not 0).
 */
static lido_status read_labels(const char *folder, lido_split split, int classes, int32_t **labels,
                               int64_t *count, lido_error *error) {
    lido_stream stream;
    *labels = NULL;
    lido_status status = open_file(folder, label_files[split], LABEL_RANK, &stream, count, error);
    if (status) return status;
    uint8_t *bytes = malloc((size_t)*count);
    *labels = malloc((size_t)*count * sizeof **labels);
    if (bytes && *labels)
        status = read_body(&stream, bytes, *count, true, error);
    else
        status = lido_fail(error, LIDO_MEMORY, "%s: out of memory", stream.path);
    for (int64_t i = 0; !status && i < *count; i++) (*labels)[i] = bytes[i];
    if (!status && classes > 0)
        status = lido_labels_check(*labels, *count, 0, classes, stream.path, error);
    free(bytes);
    lido_stream_close(&stream);
    if (!status) return LIDO_OK;
    free(*labels);
    *labels = NULL;
    return status;
}

/* As many classes as the training labels show, whichever split is loaded. */
static lido_status count_classes(const char *folder, int *classes, lido_error *error) {
    int32_t *labels;
    int64_t count;
    lido_status status = read_labels(folder, LIDO_TRAIN, 0, &labels, &count, error);
    if (status) return status;
    *classes = lido_labels_classes(labels, count);
    free(labels);
    return LIDO_OK;
}

static lido_status read_images(const lido_load_request *request, lido_stream *stream,
                               const int64_t *dim, const int32_t *labels, int classes,
                               lido_dataset **set, lido_error *error) {
    lido_shape shape;
    lido_status status = lido_shape_make((int64_t[]){dim[1], dim[2], 1}, IMAGE_RANK, &shape, error);
    if (status) return lido_fail_in(error, status, "%s", stream->path);
    int64_t count = dim[0] < request->limit ? dim[0] : request->limit;
    status = lido_dataset_new(request->name, &shape, count, classes, 1, set, error);
    if (status) return status;
    memcpy((*set)->labels, labels, (size_t)count * sizeof *labels);
    status =
        read_body(stream, (*set)->pixels, count * lido_shape_size(&shape), count == dim[0], error);
    if (!status) return LIDO_OK;
    lido_dataset_free(*set);
    *set = NULL;
    return status;
}

static lido_status load_split(const lido_load_request *request, lido_dataset **set,
                              lido_error *error) {
    int classes = request->classes;
    lido_status status = classes ? LIDO_OK : count_classes(request->path, &classes, error);
    if (status) return status;
    int32_t *labels;
    int64_t count, dim[IMAGE_RANK];
    status = read_labels(request->path, request->split, classes, &labels, &count, error);
    if (status) return status;
    lido_stream stream = {0};
    status = open_file(request->path, image_files[request->split], IMAGE_RANK, &stream, dim, error);
    if (!status && dim[0] != count)
        status = lido_fail(error, LIDO_CORRUPT, "%s: %" PRId64 " pictures, but %" PRId64 " labels",
                           stream.path, dim[0], count);
    if (!status) status = read_images(request, &stream, dim, labels, classes, set, error);
    lido_stream_close(&stream);
    free(labels);
    return status;
}

/* A split of which neither file is there may be lacking; one file without the other is damage. */
static lido_status load(const lido_load_request *request, lido_dataset **set, lido_error *error) {
    lido_status status = load_split(request, set, error);
    if (status != LIDO_NOT_FOUND) return status;
    const bool images = has_file(request->path, image_files[request->split]);
    const bool labels = has_file(request->path, label_files[request->split]);
    if (images == labels) return status;
    return lido_fail_in(error, LIDO_CORRUPT, "%s without %s", images ? "pictures" : "labels",
                        images ? "labels" : "pictures");
}

const lido_format lido_format_idx = {
    .name = "idx",
    .doc = "IDX files of bytes as MNIST has them, plain or .gz",
    .recognise = recognise,
    .load = load,
};
