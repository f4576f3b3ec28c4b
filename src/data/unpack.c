/* unpack.c - taking files out of a published .tar.gz; the only user of libarchive. */
#include "data/unpack.h"

#include "base/file.h"
#include "data/format.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#ifdef LIDO_HAVE_ARCHIVE
#    include <archive.h>
#    include <archive_entry.h>

enum { MOST_IN_MEMORY = 1 << 24 };
#endif

static lido_status member_path(const lido_data_member *member, const char *folder, char *path,
                               lido_error *error) {
    const char *slash = strrchr(member->name, '/');
    return lido_path_join(folder, slash ? slash + 1 : member->name, path, LIDO_PATH_SIZE, error);
}

bool lido_unpacked(const lido_data_member *members, const char *folder) {
    for (; members->name; members++) {
        char path[LIDO_PATH_SIZE];
        struct stat info;
        if (member_path(members, folder, path, NULL) || stat(path, &info) != 0 ||
            info.st_size != members->bytes)
            return false;
    }
    return true;
}

#ifdef LIDO_HAVE_ARCHIVE

lido_status lido_unpack_supported(const char *path, lido_error *error) {
    (void)path, (void)error;
    return LIDO_OK;
}

static lido_status fail_archive(struct archive *archive, const char *path, lido_error *error) {
    const char *reason = archive_error_string(archive);
    return lido_fail(error, LIDO_CORRUPT, "%s: damaged archive: %s", path,
                     reason ? reason : "no reason given");
}

/* The data of the current entry into a file that is committed later. */
static lido_status copy_member(struct archive *archive, const char *path, int64_t bytes,
                               FILE *stream, lido_error *error) {
    uint8_t buffer[1 << 16];
    while (bytes > 0) {
        la_ssize_t size = archive_read_data(archive, buffer, sizeof buffer);
        if (size <= 0) return fail_archive(archive, path, error);
        bytes -= size;
        if (fwrite(buffer, 1, (size_t)size, stream) != (size_t)size)
            break; /* the commit reports it */
    }
    return LIDO_OK;
}

static lido_status unpack_entry(struct archive *archive, struct archive_entry *entry,
                                const char *path, const lido_data_member *members,
                                const char *folder, lido_atomic_file *files, lido_error *error) {
    const char *name = archive_entry_pathname(entry);
    int i = 0;
    while (members[i].name && (!name || strcmp(members[i].name, name) != 0)) i++;
    if (!members[i].name) return LIDO_OK;
    if (archive_entry_filetype(entry) != AE_IFREG ||
        archive_entry_size(entry) != members[i].bytes || files[i].stream)
        return lido_fail(error, LIDO_CORRUPT, "%s: %s is not one file of %" PRId64 " bytes", path,
                         name, members[i].bytes);
    char target[LIDO_PATH_SIZE];
    lido_status status = member_path(&members[i], folder, target, error);
    if (!status) status = lido_atomic_open(target, &files[i], error);
    if (!status) status = copy_member(archive, path, members[i].bytes, files[i].stream, error);
    return status;
}

static lido_status unpack_entries(struct archive *archive, const char *path,
                                  const lido_data_member *members, const char *folder,
                                  lido_atomic_file *files, lido_error *error) {
    if (archive_read_open_filename(archive, path, 1 << 16) != ARCHIVE_OK)
        return fail_archive(archive, path, error);
    struct archive_entry *entry;
    int result;
    while ((result = archive_read_next_header(archive, &entry)) == ARCHIVE_OK) {
        lido_status status = unpack_entry(archive, entry, path, members, folder, files, error);
        if (status) return status;
    }
    if (result != ARCHIVE_EOF) return fail_archive(archive, path, error);
    for (int i = 0; members[i].name; i++)
        if (!files[i].stream)
            return lido_fail(error, LIDO_CORRUPT, "%s: has no %s", path, members[i].name);
    return LIDO_OK;
}

lido_status lido_unpack(const char *path, const lido_data_member *members, const char *folder,
                        lido_error *error) {
    size_t count = 0;
    while (members[count].name) count++;
    lido_atomic_file *files = calloc(count, sizeof *files);
    struct archive *archive = archive_read_new();
    lido_status status = LIDO_OK;
    if (!files || !archive) {
        status = lido_fail(error, LIDO_MEMORY, "%s: out of memory", path);
        goto done;
    }
    archive_read_support_filter_gzip(archive);
    archive_read_support_format_tar(archive);
    status = unpack_entries(archive, path, members, folder, files, error);
    for (size_t i = 0; i < count && !status; i++) status = lido_atomic_commit(&files[i], error);
done:
    for (size_t i = 0; files && i < count; i++) lido_atomic_abandon(&files[i]);
    archive_read_free(archive);
    free(files);
    return status;
}

static lido_status visit_entry(struct archive *archive, struct archive_entry *entry,
                               const char *path, lido_archive_visit visit, void *context,
                               lido_error *error) {
    const char *name = archive_entry_pathname(entry);
    int64_t size = archive_entry_size(entry);
    if (!name || archive_entry_filetype(entry) != AE_IFREG) return LIDO_OK;
    if (size < 0 || size > MOST_IN_MEMORY)
        return lido_fail(error, LIDO_CORRUPT, "%s: %.200s has %" PRId64 " bytes, at most 2^24",
                         path, name, size);
    uint8_t *data = malloc((size_t)size + 1);
    if (!data) return lido_fail(error, LIDO_MEMORY, "%s: out of memory", path);
    int64_t got = 0;
    while (got < size) {
        la_ssize_t some = archive_read_data(archive, data + got, (size_t)(size - got));
        if (some <= 0) break;
        got += some;
    }
    lido_status status = got < size ? fail_archive(archive, path, error)
                                    : visit(context, name, data, (size_t)size, error);
    free(data);
    return status;
}

lido_status lido_archive_each(const char *path, lido_archive_visit visit, void *context,
                              lido_error *error) {
    struct archive *archive = archive_read_new();
    if (!archive) return lido_fail(error, LIDO_MEMORY, "%s: out of memory", path);
    archive_read_support_filter_gzip(archive);
    archive_read_support_format_tar(archive);
    struct archive_entry *entry;
    int result = archive_read_open_filename(archive, path, 1 << 16);
    lido_status status = result == ARCHIVE_OK ? LIDO_OK : fail_archive(archive, path, error);
    while (!status && (result = archive_read_next_header(archive, &entry)) == ARCHIVE_OK)
        status = visit_entry(archive, entry, path, visit, context, error);
    if (!status && result != ARCHIVE_EOF) status = fail_archive(archive, path, error);
    archive_read_free(archive);
    return status;
}

#else

lido_status lido_archive_each(const char *path, lido_archive_visit visit, void *context,
                              lido_error *error) {
    (void)visit, (void)context;
    return lido_unpack_supported(path, error);
}

lido_status lido_unpack_supported(const char *path, lido_error *error) {
    return lido_fail_without(error, path, "libarchive", "libarchive-dev");
}

lido_status lido_unpack(const char *path, const lido_data_member *members, const char *folder,
                        lido_error *error) {
    (void)members, (void)folder;
    return lido_unpack_supported(path, error);
}

#endif
