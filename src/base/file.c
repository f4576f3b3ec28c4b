/* file.c - whole-file reading, atomic writing, and paths. */
#define _GNU_SOURCE
#include "base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static lido_status fail_errno(lido_error *error, const char *path, const char *action) {
    lido_status status = errno == ENOENT ? LIDO_NOT_FOUND : LIDO_IO;
    return lido_fail(error, status, "%s: cannot %s: %s", path, action, strerror(errno));
}

static lido_status read_stream(FILE *stream, const char *path, size_t limit, uint8_t **data,
                               size_t *size, lido_error *error) {
    size_t capacity = 1 << 16, used = 0;
    uint8_t *buffer = malloc(capacity + 1);
    while (buffer) {
        used += fread(buffer + used, 1, capacity - used, stream);
        if (used < capacity || used > limit) break;
        capacity *= 2;
        uint8_t *larger = realloc(buffer, capacity + 1);
        if (!larger) free(buffer);
        buffer = larger;
    }
    if (!buffer) return lido_fail(error, LIDO_MEMORY, "%s: out of memory while reading", path);
    lido_status status = LIDO_OK;
    if (ferror(stream))
        status = fail_errno(error, path, "read");
    else if (used > limit)
        status = lido_fail(error, LIDO_TOO_LARGE, "%s: larger than %zu bytes", path, limit);
    if (status) {
        free(buffer);
        return status;
    }
    buffer[used] = 0;
    *data = buffer;
    *size = used;
    return LIDO_OK;
}

lido_status lido_file_read(const char *path, size_t limit, uint8_t **data, size_t *size,
                           lido_error *error) {
    *data = NULL;
    *size = 0;
    FILE *stream = fopen(path, "rb");
    if (!stream) return fail_errno(error, path, "open");
    lido_status status = read_stream(stream, path, limit, data, size, error);
    fclose(stream);
    return status;
}

lido_status lido_atomic_open(const char *path, lido_atomic_file *file, lido_error *error) {
    *file = (lido_atomic_file){0};
    int length = snprintf(file->path, sizeof file->path, "%s", path);
    int longer =
        snprintf(file->temporary, sizeof file->temporary, "%s.%ld.tmp", path, (long)getpid());
    if (length < 0 || longer < 0 || (size_t)longer >= sizeof file->temporary)
        return lido_fail(error, LIDO_TOO_LARGE, "the path is too long: %.200s...", path);
    file->stream = fopen(file->temporary, "wb");
    return file->stream ? LIDO_OK : fail_errno(error, path, "write");
}

lido_status lido_atomic_commit(lido_atomic_file *file, lido_error *error) {
    bool written =
        !ferror(file->stream) && fflush(file->stream) == 0 && fsync(fileno(file->stream)) == 0;
    int reason = errno;
    bool closed = fclose(file->stream) == 0;
    if (written && !closed) reason = errno;
    file->stream = NULL;
    if (written && closed) {
        if (rename(file->temporary, file->path) == 0) return LIDO_OK;
        reason = errno;
    }
    unlink(file->temporary);
    errno = reason;
    return fail_errno(error, file->path, "write");
}

void lido_atomic_abandon(lido_atomic_file *file) {
    if (!file->stream) return;
    fclose(file->stream);
    file->stream = NULL;
    unlink(file->temporary);
}

lido_status lido_file_write(const char *path, const void *data, size_t size, lido_error *error) {
    lido_atomic_file file;
    lido_status status = lido_atomic_open(path, &file, error);
    if (status) return status;
    fwrite(data, 1, size, file.stream);
    return lido_atomic_commit(&file, error);
}

lido_status lido_path_join(const char *folder, const char *name, char *path, size_t size,
                           lido_error *error) {
    size_t length = strlen(folder);
    const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
    int written = snprintf(path, size, "%s%s%s", folder, slash, name);
    if (written >= 0 && (size_t)written < size) return LIDO_OK;
    return lido_fail(error, LIDO_TOO_LARGE, "the path is too long: %.200s...", folder);
}

bool lido_path_exists(const char *path) {
    struct stat info;
    return stat(path, &info) == 0;
}

lido_status lido_make_folder(const char *path, lido_error *error) {
    char part[LIDO_PATH_SIZE];
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof part)
        return lido_fail(error, LIDO_USAGE, "not the name of a folder: \"%.200s\"", path);
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0') continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return fail_errno(error, part, "make the folder");
    }
    struct stat info;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) return LIDO_OK;
    return lido_fail(error, LIDO_IO, "%s: exists and is not a folder", path);
}
