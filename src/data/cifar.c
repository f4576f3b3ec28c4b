/* cifar.c - CIFAR-10 in its binary version (www.cs.toronto.edu/~kriz/cifar.html): records of a
 * label byte and 32x32 pixels in planes of red, green and blue; 10,000 in each of six files. */
#include "data/format.h"
#include "data/stream.h"

#include <inttypes.h>

enum { SIDE = 32, CHANNELS = 3, PLANE = SIDE * SIDE, RECORD = 1 + CHANNELS * PLANE };
enum { TRAIN_FILES = 5, TEST_FILES = 1, CLASSES = 10 };

static const char *const train_files[TRAIN_FILES] = {"data_batch_1.bin", "data_batch_2.bin",
                                                     "data_batch_3.bin", "data_batch_4.bin",
                                                     "data_batch_5.bin"};
static const char *const test_files[TEST_FILES] = {"test_batch.bin"};

/* Where the archive unpacks to. */
static const char inner_folder[] = "cifar-10-batches-bin";

static lido_status file_path(const char *folder, const char *name, char *path, lido_error *error) {
    char inner[64];
    snprintf(inner, sizeof inner, "%s/%s", inner_folder, name);
    bool within = !lido_folder_has(folder, name) && lido_folder_has(folder, inner);
    return lido_path_join(folder, within ? inner : name, path, LIDO_PATH_SIZE, error);
}

static bool recognise(const char *folder) {
    char path[LIDO_PATH_SIZE];
    for (int i = 0; i < TRAIN_FILES; i++)
        if (file_path(folder, train_files[i], path, NULL) == LIDO_OK && lido_path_exists(path))
            return true;
    return file_path(folder, test_files[0], path, NULL) == LIDO_OK && lido_path_exists(path);
}

/* Opens a file of whole records and counts them. */
static lido_status open_file(const char *folder, const char *name, lido_stream *stream,
                             int64_t *count, lido_error *error) {
    char path[LIDO_PATH_SIZE];
    lido_status status = file_path(folder, name, path, error);
    if (!status) status = lido_stream_open(path, stream, error);
    if (status) return status;
    *count = stream->left / RECORD;
    if (*count > 0 && stream->left % RECORD == 0) return LIDO_OK;
    status = lido_fail(error, LIDO_CORRUPT,
                       "%s: %" PRId64 " bytes, expected a multiple of %d (a label and 32x32x3 "
                       "pixels each)",
                       path, stream->left, RECORD);
    lido_stream_close(stream);
    return status;
}

static lido_status read_records(lido_stream *stream, int64_t count, uint8_t *pixels,
                                int32_t *labels, lido_error *error) {
    uint8_t record[RECORD];
    for (int64_t i = 0; i < count; i++) {
        lido_status status = lido_stream_read(stream, record, RECORD, error);
        if (status) return status;
        labels[i] = record[0];
        for (int p = 0; p < PLANE; p++)
            for (int c = 0; c < CHANNELS; c++) *pixels++ = record[1 + c * PLANE + p];
    }
    return lido_labels_check(labels, count, 0, CLASSES, stream->path, error);
}

static lido_status count_records(const char *folder, const char *const *names, int files,
                                 int64_t *count, lido_error *error) {
    *count = 0;
    for (int i = 0; i < files; i++) {
        lido_stream stream;
        int64_t some;
        lido_status status = open_file(folder, names[i], &stream, &some, error);
        if (status) return status;
        lido_stream_close(&stream);
        *count += some;
    }
    return LIDO_OK;
}

static lido_status read_files(const char *folder, const char *const *names, lido_dataset *set,
                              lido_error *error) {
    for (int64_t done = 0; done < set->count; names++) {
        lido_stream stream;
        int64_t some;
        lido_status status = open_file(folder, *names, &stream, &some, error);
        if (status) return status;
        if (some > set->count - done) some = set->count - done;
        status = read_records(&stream, some, set->pixels + done * (RECORD - 1), set->labels + done,
                              error);
        lido_stream_close(&stream);
        if (status) return status;
        done += some;
    }
    return LIDO_OK;
}

static lido_status load(const lido_load_request *request, lido_dataset **set, lido_error *error) {
    bool train = request->split == LIDO_TRAIN;
    const char *const *names = train ? train_files : test_files;
    int64_t count;
    lido_shape shape;
    lido_status status =
        count_records(request->path, names, train ? TRAIN_FILES : TEST_FILES, &count, error);
    if (!status) status = lido_shape_make((int64_t[]){SIDE, SIDE, CHANNELS}, 3, &shape, error);
    if (status) return status;
    if (request->limit < count) count = request->limit;
    status = lido_dataset_new(request->name, &shape, count, CLASSES, 1, set, error);
    if (status) return status;
    status = read_files(request->path, names, *set, error);
    if (!status) return LIDO_OK;
    lido_dataset_free(*set);
    *set = NULL;
    return status;
}

const lido_format lido_format_cifar = {
    .name = "cifar10",
    .doc = "CIFAR-10 binary files (data_batch_1.bin .. test_batch.bin)",
    .recognise = recognise,
    .load = load,
};
