/* file.h - whole-file reading, atomic writing, and paths. */
#ifndef LIDO_BASE_FILE_H
#define LIDO_BASE_FILE_H

#include <lido/base.h>
#include <stdio.h>

enum { LIDO_PATH_SIZE = 4096 };

/* Reads a whole file of at most `limit` bytes; *data is malloc'ed, one zero byte longer than *size,
 * the caller frees it. LIDO_NOT_FOUND, LIDO_IO, LIDO_TOO_LARGE. */
lido_status lido_file_read(const char *path, size_t limit, uint8_t **data, size_t *size,
                           lido_error *error);

/* A file written under a temporary name beside its own, and renamed over it only when everything
 * reached the disk; until then the old file stays whole. */
typedef struct lido_atomic_file {
    FILE *stream;
    char path[LIDO_PATH_SIZE], temporary[LIDO_PATH_SIZE];
} lido_atomic_file;

lido_status lido_atomic_open(const char *path, lido_atomic_file *file, lido_error *error);
/* Flushes, fsyncs, renames; on failure removes the temporary file. */
lido_status lido_atomic_commit(lido_atomic_file *file, lido_error *error);
/* Removes the temporary file; harmless after a commit or on a zeroed struct. */
void lido_atomic_abandon(lido_atomic_file *file);

/* Atomically writes size bytes. */
lido_status lido_file_write(const char *path, const void *data, size_t size, lido_error *error);

/* path[size] = "<folder>/<name>" (a trailing slash of folder is not doubled); LIDO_TOO_LARGE when
 * it does not fit. */
lido_status lido_path_join(const char *folder, const char *name, char *path, size_t size,
                           lido_error *error);

bool lido_path_exists(const char *path);
/* Makes a folder and its parents; an existing folder is fine. */
lido_status lido_make_folder(const char *path, lido_error *error);

#endif
