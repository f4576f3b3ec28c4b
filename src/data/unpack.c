/* unpack.c - taking files out of a published .tar.gz; the only user of libarchive, which is
 * loaded when it is needed. */
#include "data/unpack.h"

#include "base/file.h"
#include "base/late.h"
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

/* ---- an archive being read ------------------------------------------------------------------ */

typedef struct archive_functions {
    __typeof__(archive_read_new) *make;
    __typeof__(archive_read_free) *free;
    __typeof__(archive_read_support_filter_gzip) *allow_gzip;
    __typeof__(archive_read_support_format_tar) *allow_tar;
    __typeof__(archive_read_open_filename) *open;
    __typeof__(archive_read_next_header) *next;
    __typeof__(archive_read_data) *data;
    __typeof__(archive_error_string) *reason;
    __typeof__(archive_entry_pathname) *name;
    __typeof__(archive_entry_filetype) *type;
    __typeof__(archive_entry_size) *size;
} archive_functions;

static const lido_late_function archive_list[] = {
    {"archive_read_new", offsetof(archive_functions, make)},
    {"archive_read_free", offsetof(archive_functions, free)},
    {"archive_read_support_filter_gzip", offsetof(archive_functions, allow_gzip)},
    {"archive_read_support_format_tar", offsetof(archive_functions, allow_tar)},
    {"archive_read_open_filename", offsetof(archive_functions, open)},
    {"archive_read_next_header", offsetof(archive_functions, next)},
    {"archive_read_data", offsetof(archive_functions, data)},
    {"archive_error_string", offsetof(archive_functions, reason)},
    {"archive_entry_pathname", offsetof(archive_functions, name)},
    {"archive_entry_filetype", offsetof(archive_functions, type)},
    {"archive_entry_size", offsetof(archive_functions, size)},
    {NULL, 0}};

typedef struct reader {
    archive_functions call;
    const char *path;
    struct archive *archive;
    struct archive_entry *entry; /* the current one */
} reader;

static lido_status fail_archive(const reader *r, lido_error *error) {
    const char *reason = r->call.reason(r->archive);
    return lido_fail(error, LIDO_CORRUPT, "%s: damaged archive: %s", r->path,
                     reason ? reason : "no reason given");
}

static lido_status load_functions(const char *path, archive_functions *call, lido_error *error) {
    lido_status status = lido_late_load(LIDO_ARCHIVE_LIBRARY, archive_list, call, error);
    return status ? lido_fail_in(error, status, "%s", path) : LIDO_OK;
}

/* close_reader releases, also after a failure. */
static lido_status open_reader(reader *r, const char *path, lido_error *error) {
    *r = (reader){.path = path};
    lido_status status = load_functions(path, &r->call, error);
    if (status) return status;
    r->archive = r->call.make();
    if (!r->archive) return lido_fail(error, LIDO_MEMORY, "%s: out of memory", path);
    r->call.allow_gzip(r->archive);
    r->call.allow_tar(r->archive);
    const int result = r->call.open(r->archive, path, 1 << 16);
    return result == ARCHIVE_OK ? LIDO_OK : fail_archive(r, error);
}

static void close_reader(const reader *r) {
    if (r->archive) r->call.free(r->archive);
}

/* The next entry; *more is false after the last. */
static lido_status next_entry(reader *r, bool *more, lido_error *error) {
    const int result = r->call.next(r->archive, &r->entry);
    *more = result == ARCHIVE_OK;
    return *more || result == ARCHIVE_EOF ? LIDO_OK : fail_archive(r, error);
}

lido_status lido_unpack_supported(const char *path, lido_error *error) {
    return load_functions(path, &(archive_functions){0}, error);
}

/* ---- some members into files ---------------------------------------------------------------- */

/* The data of the current entry into a file that is committed later. */
static lido_status copy_member(const reader *r, int64_t bytes, FILE *stream, lido_error *error) {
    uint8_t buffer[1 << 16];
    while (bytes > 0) {
        la_ssize_t size = r->call.data(r->archive, buffer, sizeof buffer);
        if (size <= 0) return fail_archive(r, error);
        bytes -= size;
        if (fwrite(buffer, 1, (size_t)size, stream) != (size_t)size)
            break; /* the commit reports it */
    }
    return LIDO_OK;
}

static lido_status unpack_entry(const reader *r, const lido_data_member *members,
                                const char *folder, lido_atomic_file *files, lido_error *error) {
    const char *name = r->call.name(r->entry);
    int i = 0;
    while (members[i].name && (!name || strcmp(members[i].name, name) != 0)) i++;
    if (!members[i].name) return LIDO_OK;
    if (r->call.type(r->entry) != AE_IFREG || r->call.size(r->entry) != members[i].bytes ||
        files[i].stream)
        return lido_fail(error, LIDO_CORRUPT, "%s: %s is not one file of %" PRId64 " bytes",
                         r->path, name, members[i].bytes);
    char target[LIDO_PATH_SIZE];
    lido_status status = member_path(&members[i], folder, target, error);
    if (!status) status = lido_atomic_open(target, &files[i], error);
    if (!status) status = copy_member(r, members[i].bytes, files[i].stream, error);
    return status;
}

static lido_status unpack_entries(reader *r, const lido_data_member *members, const char *folder,
                                  lido_atomic_file *files, lido_error *error) {
    bool more = true;
    while (more) {
        lido_status status = next_entry(r, &more, error);
        if (!status && more) status = unpack_entry(r, members, folder, files, error);
        if (status) return status;
    }
    for (int i = 0; members[i].name; i++)
        if (!files[i].stream)
            return lido_fail(error, LIDO_CORRUPT, "%s: has no %s", r->path, members[i].name);
    return LIDO_OK;
}

lido_status lido_unpack(const char *path, const lido_data_member *members, const char *folder,
                        lido_error *error) {
    size_t count = 0;
    while (members[count].name) count++;
    lido_atomic_file *files = calloc(count, sizeof *files);
    if (!files) return lido_fail(error, LIDO_MEMORY, "%s: out of memory", path);
    reader r;
    lido_status status = open_reader(&r, path, error);
    if (!status) status = unpack_entries(&r, members, folder, files, error);
    for (size_t i = 0; i < count && !status; i++) status = lido_atomic_commit(&files[i], error);
    for (size_t i = 0; i < count; i++) lido_atomic_abandon(&files[i]);
    close_reader(&r);
    free(files);
    return status;
}

/* ---- every file, in memory ------------------------------------------------------------------ */

static lido_status visit_entry(const reader *r, lido_archive_visit visit, void *context,
                               lido_error *error) {
    const char *name = r->call.name(r->entry);
    int64_t size = r->call.size(r->entry);
    if (!name || r->call.type(r->entry) != AE_IFREG) return LIDO_OK;
    if (size < 0 || size > MOST_IN_MEMORY)
        return lido_fail(error, LIDO_CORRUPT, "%s: %.200s has %" PRId64 " bytes, at most 2^24",
                         r->path, name, size);
    uint8_t *data = malloc((size_t)size + 1);
    if (!data) return lido_fail(error, LIDO_MEMORY, "%s: out of memory", r->path);
    int64_t got = 0;
    while (got < size) {
        la_ssize_t some = r->call.data(r->archive, data + got, (size_t)(size - got));
        if (some <= 0) break;
        got += some;
    }
    lido_status status =
        got < size ? fail_archive(r, error) : visit(context, name, data, (size_t)size, error);
    free(data);
    return status;
}

lido_status lido_archive_each(const char *path, lido_archive_visit visit, void *context,
                              lido_error *error) {
    reader r;
    bool more = true;
    lido_status status = open_reader(&r, path, error);
    while (!status && more) {
        status = next_entry(&r, &more, error);
        if (!status && more) status = visit_entry(&r, visit, context, error);
    }
    close_reader(&r);
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
