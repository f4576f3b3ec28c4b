/* data_helpers.h - data sets made in memory. */
#ifndef LIDO_TESTS_TRAIN_DATA_HELPERS_H
#define LIDO_TESTS_TRAIN_DATA_HELPERS_H

#include "lido_check.h"

#include "base/file.h"

#include <lido/data.h>

/* count pictures [side, side, 1] of label i % classes: bright in the column of their label. */
static inline lido_dataset *columns_set(int64_t count, int64_t side, int classes) {
    const int64_t dims[] = {side, side, 1};
    lido_shape shape;
    lido_dataset *set;
    lido_error error;
    assert_ok(lido_shape_make(dims, 3, &shape, &error));
    assert_ok(lido_dataset_new("columns", &shape, count, classes, 1, &set, &error));
    for (int64_t i = 0; i < count; i++) {
        set->labels[i] = (int32_t)(i % classes);
        for (int64_t p = 0; p < side * side; p++)
            set->pixels[i * side * side + p] =
                (uint8_t)((p % side == i % classes ? 200 : 20) + (i * 7 + p * 3) % 20);
    }
    return set;
}

/* Writes one array of a set of .npy files into the folder. */
static inline void write_array(const char *folder, const char *name, lido_npy array) {
    char path[LIDO_PATH_SIZE];
    lido_error error;
    assert_ok(lido_path_join(folder, name, path, sizeof path, &error));
    assert_ok(lido_npy_write(path, &array, &error));
}

/* Makes the folder a set for "npy:FOLDER": the training split only. */
static inline void write_columns_set(const char *folder, int64_t count, int64_t side, int classes) {
    lido_dataset *set = columns_set(count, side, classes);
    write_array(folder, "train_images.npy",
                (lido_npy){.type = LIDO_NPY_U8,
                           .rank = 3,
                           .dim = {count, side, side},
                           .count = count * side * side,
                           .data = set->pixels});
    write_array(
        folder, "train_labels.npy",
        (lido_npy){
            .type = LIDO_NPY_I32, .rank = 1, .dim = {count}, .count = count, .data = set->labels});
    lido_dataset_free(set);
}

/* The rule that feeds such a set as it is. */
static inline lido_batch_rule plain_rule(const lido_dataset *set) {
    return (lido_batch_rule){
        .set = set, .input = set->shape, .normalisation = {.channels = 1, .deviation = {1}}};
}

#endif
