/* study_helpers.h - small studies on a small data set, in temporary folders. JSON is written with
 * single quotes here. */
#ifndef LIDO_TESTS_STUDY_STUDY_HELPERS_H
#define LIDO_TESTS_STUDY_STUDY_HELPERS_H

#include "train/data_helpers.h"
#include "train/run_helpers.h"

#include "study/study.h"

#define BASE_HEAD "'head': [{'type': 'flatten'}, {'type': 'dense', 'units': 3}]"
#define TWO_POOLS                                        \
    "'pool': {'max': {'type': 'max_pool', 'kernel': 2}," \
    "         'avg': {'type': 'avg_pool', 'kernel': 2}}"
#define TWO_HEADS                                                          \
    "'head': {'fc': [{'type': 'flatten'}, {'type': 'dense', 'units': 3}]," \
    "         'gap': [{'type': 'conv', 'filters': 3, 'kernel': 1},"        \
    "                 {'type': 'avg_pool', 'global': true}]}"

/* A folder with a base (base.json), a data set (data/) and room for a study. */
typedef struct bench {
    char folder[LIDO_PATH_SIZE], study[LIDO_PATH_SIZE], out[LIDO_PATH_SIZE];
    lido_study_place place;
} bench;

static inline void path_in(const char *folder, const char *name, char path[LIDO_PATH_SIZE]) {
    lido_error error;
    assert_ok(lido_path_join(folder, name, path, LIDO_PATH_SIZE, &error));
}

/* Writes a file of JSON. */
static inline void write_json(const char *folder, const char *name, const char *text) {
    char path[LIDO_PATH_SIZE], *copy = strdup(text);
    lido_error error;
    for (char *c = copy; *c; c++)
        if (*c == '\'') *c = '"';
    path_in(folder, name, path);
    assert_ok(lido_file_write(path, copy, strlen(copy), &error));
    free(copy);
}

static inline void write_split(const char *folder, const char *split, int64_t count) {
    char images[32], labels[32];
    lido_dataset *set = columns_set(count, 8, 3);
    snprintf(images, sizeof images, "%s_images.npy", split);
    snprintf(labels, sizeof labels, "%s_labels.npy", split);
    write_array(folder, images,
                (lido_npy){.type = LIDO_NPY_U8,
                           .rank = 3,
                           .dim = {count, 8, 8},
                           .count = count * 64,
                           .data = set->pixels});
    write_array(
        folder, labels,
        (lido_npy){
            .type = LIDO_NPY_I32, .rank = 1, .dim = {count}, .count = count, .data = set->labels});
    lido_dataset_free(set);
}

/* 60 pictures [8, 8, 1] of 3 classes to train on in batches of 10, and 24 to test. `train` goes
 * into the base's "train". */
static inline void bench_make(bench *b, const char *train) {
    char data[LIDO_PATH_SIZE], text[2 * LIDO_PATH_SIZE];
    lido_error error;
    temporary_folder(b->folder);
    path_in(b->folder, "study.json", b->study);
    path_in(b->folder, "out", b->out);
    path_in(b->folder, "data", data);
    assert_ok(lido_make_folder(data, &error));
    write_split(data, "train", 60);
    write_split(data, "test", 24);
    snprintf(text, sizeof text,
             "{'input': [8, 8, 1],"
             " 'define': {'pool': {'type': 'max_pool', 'kernel': 2}, " BASE_HEAD "},"
             " 'layers': [{'type': 'conv', 'filters': 4, 'kernel': 3, 'activation': 'relu'},"
             "            {'use': 'pool'}, {'use': 'head'}, {'type': 'softmax'}],"
             " 'train': {'data': 'npy:%s', 'batch': 10, 'epochs': 2, 'optimizer':"
             "           {'type': 'adam', 'lr': 0.01}%s}}",
             data, train);
    write_json(b->folder, "base.json", text);
    b->place = (lido_study_place){.out = b->out};
}

static inline void bench_free(bench *b) {
    remove_folder(b->folder);
}

/* Reads a study of that base: `members` are those of its object after "base". */
static inline lido_status bench_read(const bench *b, const char *members, lido_study **study,
                                     lido_error *error) {
    char text[4096];
    int size = snprintf(text, sizeof text, "{'base': 'base.json', %s}", members);
    ck_assert_int_lt(size, (int)sizeof text);
    write_json(b->folder, "study.json", text);
    return lido_study_read(b->study, NULL, study, error);
}

/* The same of one that is right, prepared. */
static inline lido_study *bench_study(const bench *b, const char *members) {
    lido_study *study;
    lido_error error;
    assert_ok(bench_read(b, members, &study, &error));
    assert_ok(lido_study_prepare(study, &b->place, &error));
    return study;
}

/* Wrong studies, and what is said of them. */
typedef struct refusal {
    const char *members, *message;
} refusal;

static inline void assert_refused(const refusal *refusals, int count) {
    bench b;
    bench_make(&b, "");
    for (int i = 0; i < count; i++) {
        lido_study *study;
        lido_error error;
        lido_status status = bench_read(&b, refusals[i].members, &study, &error);
        ck_assert_msg(status == LIDO_SPEC || status == LIDO_SHAPE, "%s: %s", refusals[i].members,
                      lido_status_text(status));
        ck_assert_ptr_null(study);
        ck_assert_msg(strncmp(error.message, b.study, strlen(b.study)) == 0, "%s", error.message);
        ck_assert_msg(strstr(error.message, refusals[i].message) != NULL, "\"%s\" is not in \"%s\"",
                      refusals[i].message, error.message);
    }
    bench_free(&b);
}

#define ASSERT_REFUSED(list) assert_refused(list, (int)(sizeof(list) / sizeof *(list)))

#endif
