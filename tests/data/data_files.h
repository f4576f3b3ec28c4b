/* data_files.h - what the tests of the data floor share: a scratch folder, files in it, files with
 * mutations, and the real data sets when $LIDO_DATA names them. */
#ifndef LIDO_DATA_FILES_H
#define LIDO_DATA_FILES_H

#include "lido_check.h"

#include "base/file.h"
#include <lido/data.h>

#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

typedef struct scratch {
    char folder[64];
    char path[LIDO_PATH_SIZE]; /* of the file named last */
} scratch;

static inline scratch scratch_make(void) {
    scratch s = {.folder = "/tmp/lido-test-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(s.folder));
    return s;
}

static inline int scratch_remove_one(const char *path, const struct stat *info, int kind,
                                     struct FTW *at) {
    (void)info, (void)kind, (void)at;
    return remove(path);
}

static inline void scratch_free(const scratch *s) {
    nftw(s->folder, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The path of a file of the scratch folder, until the next call. */
static inline const char *scratch_path(scratch *s, const char *name) {
    snprintf(s->path, sizeof s->path, "%s/%s", s->folder, name);
    return s->path;
}

/* Writes a file, making its folder when the name has one. */
static inline const char *scratch_write(scratch *s, const char *name, const void *data,
                                        size_t size) {
    lido_error error;
    const char *slash = strrchr(scratch_path(s, name), '/');
    char folder[LIDO_PATH_SIZE];
    snprintf(folder, sizeof folder, "%.*s", (int)(slash - s->path), s->path);
    assert_ok(lido_make_folder(folder, &error));
    remove(s->path); /* overwriting would wait for the disk on some file systems */
    FILE *stream = fopen(s->path, "wb");
    ck_assert_ptr_nonnull(stream);
    ck_assert_uint_eq(fwrite(data, 1, size, stream), size);
    fclose(stream);
    return s->path;
}

/* Reads a damaged file; must not crash, whatever it returns. */
typedef lido_status (*read_damaged)(const char *path, const void *context);

/* Gives `read` the file with 1 to 8 of its bytes replaced, `rounds` times; the damage is a function
 * of the round. Returns how often reading failed. */
static inline int read_mutated(scratch *s, const char *name, const uint8_t *data, size_t size,
                               int rounds, read_damaged read, const void *context) {
    int failed = 0;
    uint8_t *copy = malloc(size);
    for (int round = 0; round < rounds; round++) {
        lido_key key = lido_key_make(1, name, (uint64_t)round);
        memcpy(copy, data, size);
        uint64_t bytes = 1 + lido_random_below(key, 0, 0, 8);
        for (uint64_t i = 1; i <= bytes; i++)
            copy[lido_random_below(key, 0, i, size)] = (uint8_t)lido_random_below(key, 1, i, 256);
        failed += read(scratch_write(s, name, copy, size), context) != LIDO_OK;
    }
    free(copy);
    return failed;
}

/* Gives `read` the file cut off at every `step`-th byte; each must be refused. */
static inline void read_truncated(scratch *s, const char *name, const uint8_t *data, size_t size,
                                  size_t step, read_damaged read, const void *context) {
    for (size_t length = 0; length < size; length += step)
        ck_assert_msg(read(scratch_write(s, name, data, length), context) == LIDO_CORRUPT,
                      "%s cut to %zu of %zu bytes", name, length, size);
}

/* True when the real set is there; says so when it is not. */
static inline bool have_real(const char *name) {
    lido_error error;
    char path[LIDO_PATH_SIZE];
    if (getenv("LIDO_DATA") && lido_data_find(name, NULL, path, sizeof path, &error) == LIDO_OK)
        return true;
    printf("skipped: no %s in $LIDO_DATA\n", name);
    return false;
}

#endif
