/* run_helpers.h - small specs, temporary folders and runs for the tests of the train floor. */
#ifndef LIDO_TESTS_TRAIN_RUN_HELPERS_H
#define LIDO_TESTS_TRAIN_RUN_HELPERS_H

#include "lido_check.h"

#include "base/file.h"

#include <lido/train.h>
#include <stdio.h>

/* A spec from its text. */
static inline lido_spec *spec_of(const char *text) {
    lido_spec *spec;
    lido_error error;
    assert_ok(lido_spec_parse(text, strlen(text), "test", &spec, &error));
    return spec;
}

/* A small convolutional network for synthetic digits; `train` is its training object. */
static inline lido_spec *digits_spec(const char *train) {
    char text[2048];
    int size = snprintf(text, sizeof text,
                        "{\"name\": \"digits\", \"input\": [28, 28, 1], \"layers\": ["
                        "{\"type\": \"conv\", \"filters\": 4, \"kernel\": 3, \"stride\": 2},"
                        "{\"type\": \"batch_norm\"}, {\"type\": \"relu\"},"
                        "{\"type\": \"max_pool\", \"kernel\": 2}, {\"type\": \"flatten\"},"
                        "{\"type\": \"dropout\", \"rate\": 0.1},"
                        "{\"type\": \"dense\", \"units\": 10}, {\"type\": \"softmax\"}],"
                        "\"train\": %s}",
                        train);
    ck_assert_int_lt(size, (int)sizeof text);
    return spec_of(text);
}

static inline lido_train_options options_of(const lido_spec *spec) {
    lido_train_options options;
    lido_error error;
    assert_ok(lido_train_options_read(spec, &options, &error));
    return options;
}

/* path[] = a new folder under the system's temporary one. */
static inline void temporary_folder(char path[LIDO_PATH_SIZE]) {
    const char *base = getenv("TMPDIR");
    snprintf(path, LIDO_PATH_SIZE, "%.4000s/lido-test-XXXXXX", base ? base : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(path));
}

static inline void remove_folder(const char *path) {
    char command[LIDO_PATH_SIZE + 16];
    snprintf(command, sizeof command, "rm -rf '%s'", path);
    ck_assert_int_eq(system(command), 0);
}

/* The bytes of folder/name; the caller frees them. */
static inline char *file_of(const char *folder, const char *name, size_t *size) {
    char path[LIDO_PATH_SIZE];
    uint8_t *data;
    lido_error error;
    assert_ok(lido_path_join(folder, name, path, sizeof path, &error));
    assert_ok(lido_file_read(path, 1 << 28, &data, size, &error));
    return (char *)data;
}

static inline void assert_same_file(const char *a, const char *b, const char *name) {
    size_t a_size, b_size;
    char *a_data = file_of(a, name, &a_size), *b_data = file_of(b, name, &b_size);
    ck_assert_msg(a_size == b_size && memcmp(a_data, b_data, a_size) == 0, "%s differs", name);
    free(a_data);
    free(b_data);
}

#endif
