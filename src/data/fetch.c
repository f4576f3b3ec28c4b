/* fetch.c - downloading the files of a known set: into NAME.part, resumed by a range request,
 * checked by md5, renamed when whole. The only user of libcurl, which is loaded for a download. */
#define _GNU_SOURCE
#include "data/format.h"

#include "base/file.h"
#include "base/late.h"
#include "data/md5.h"
#include "data/unpack.h"

#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifdef LIDO_HAVE_CURL

#    include <curl/curl.h>

enum { TRIES = 5, CONNECT_SECONDS = 30, STALLED_SECONDS = 60, REDIRECTS = 5, FIRST_PAUSE_MS = 200 };

typedef struct curl_functions {
    __typeof__(curl_easy_init) *init;
    __typeof__(curl_easy_setopt) *set;
    __typeof__(curl_easy_perform) *perform;
    __typeof__(curl_easy_getinfo) *get;
    __typeof__(curl_easy_cleanup) *cleanup;
    __typeof__(curl_easy_strerror) *text;
} curl_functions;

static const lido_late_function curl_list[] = {
    {"curl_easy_init", offsetof(curl_functions, init)},
    {"curl_easy_setopt", offsetof(curl_functions, set)},
    {"curl_easy_perform", offsetof(curl_functions, perform)},
    {"curl_easy_getinfo", offsetof(curl_functions, get)},
    {"curl_easy_cleanup", offsetof(curl_functions, cleanup)},
    {"curl_easy_strerror", offsetof(curl_functions, text)},
    {NULL, 0}};

/* One file on its way. */
typedef struct download {
    curl_functions call;
    const lido_data_file *file;
    const lido_fetch_options *options;
    char url[LIDO_PATH_SIZE], path[LIDO_PATH_SIZE], part[LIDO_PATH_SIZE];
    FILE *stream;  /* of the part */
    int64_t begun; /* bytes the part had when this attempt began */
    int write_errno;
    char reason[CURL_ERROR_SIZE];
} download;

/* What an attempt came to. */
typedef enum outcome {
    WHOLE,      /* the server says there is no more */
    TRY_AGAIN,  /* cut off: the part is kept and resumed */
    START_OVER, /* the part cannot be resumed */
    FAILED      /* the error is set */
} outcome;

static size_t write_part(char *data, size_t one, size_t size, void *context) {
    download *d = context;
    size_t written = fwrite(data, one, size, d->stream);
    if (written != size) d->write_errno = errno;
    return written;
}

static int report(void *context, curl_off_t total, curl_off_t done, curl_off_t up_total,
                  curl_off_t up_done) {
    (void)up_total, (void)up_done;
    const download *d = context;
    if (!d->options->progress) return 0;
    int64_t all = total > 0 ? d->begun + total : 0;
    return !d->options->progress(d->options->context, d->file->name, d->begun + done, all);
}

static void configure(CURL *curl, download *d) {
    d->call.set(curl, CURLOPT_URL, d->url);
    d->call.set(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    d->call.set(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    d->call.set(curl, CURLOPT_FOLLOWLOCATION, 1L);
    d->call.set(curl, CURLOPT_MAXREDIRS, (long)REDIRECTS);
    d->call.set(curl, CURLOPT_FAILONERROR, 1L);
    d->call.set(curl, CURLOPT_NOSIGNAL, 1L);
    d->call.set(curl, CURLOPT_USERAGENT, "lido/" LIDO_VERSION);
    d->call.set(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    d->call.set(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    d->call.set(curl, CURLOPT_LOW_SPEED_TIME, (long)STALLED_SECONDS);
    d->call.set(curl, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)d->begun);
    d->call.set(curl, CURLOPT_WRITEFUNCTION, write_part);
    d->call.set(curl, CURLOPT_WRITEDATA, d);
    d->call.set(curl, CURLOPT_NOPROGRESS, 0L);
    d->call.set(curl, CURLOPT_XFERINFOFUNCTION, report);
    d->call.set(curl, CURLOPT_XFERINFODATA, d);
    d->call.set(curl, CURLOPT_ERRORBUFFER, d->reason);
}

static bool is_passing(long http_status) {
    return http_status >= 500 || http_status == 408 || http_status == 429;
}

static outcome judge(const download *d, CURLcode result, long http_status, lido_error *error) {
    if (d->write_errno) {
        lido_fail(error, LIDO_IO, "%s: cannot write: %s", d->part, strerror(d->write_errno));
        return FAILED;
    }
    const char *reason = d->reason[0] ? d->reason : d->call.text(result);
    lido_fail(error, LIDO_NETWORK, "%s: %s", d->url, reason);
    /* 416: nothing lies behind what the part already has. */
    if (http_status == 416) return d->begun > 0 ? WHOLE : FAILED;
    switch (result) {
    case CURLE_OK:
        return WHOLE;
    case CURLE_RANGE_ERROR:
        return START_OVER; /* the server sends whole files only */
    case CURLE_HTTP_RETURNED_ERROR:
        return is_passing(http_status) ? TRY_AGAIN : FAILED;
    case CURLE_ABORTED_BY_CALLBACK:
        lido_fail(error, LIDO_INTERRUPTED, "%s: interrupted; what came so far is kept in %s",
                  d->url, d->part);
        return FAILED;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_PEER_FAILED_VERIFICATION:
        return FAILED;
    default:
        return TRY_AGAIN;
    }
}

static outcome attempt(download *d, lido_error *error) {
    CURL *curl = d->call.init();
    if (!curl) {
        lido_fail(error, LIDO_MEMORY, "%s: cannot start libcurl", d->url);
        return FAILED;
    }
    fseeko(d->stream, 0, SEEK_END);
    d->begun = ftello(d->stream);
    d->reason[0] = '\0';
    configure(curl, d);
    CURLcode result = d->call.perform(curl);
    if (fflush(d->stream) != 0 && !d->write_errno) d->write_errno = errno;
    long http_status = 0;
    d->call.get(curl, CURLINFO_RESPONSE_CODE, &http_status);
    d->call.cleanup(curl);
    return judge(d, result, http_status, error);
}

/* True when the part has the published md5; otherwise *found is what it has. */
static bool is_right(const download *d, char found[LIDO_MD5_TEXT]) {
    found[0] = '\0';
    return lido_md5_file(d->part, found, NULL) == LIDO_OK && strcmp(found, d->file->md5) == 0;
}

static lido_status empty_part(const download *d, lido_error *error) {
    if (ftruncate(fileno(d->stream), 0) == 0) return LIDO_OK;
    return lido_fail(error, LIDO_IO, "%s: cannot write: %s", d->part, strerror(errno));
}

/* A whole part that is not what was published. One begun in an earlier run may be of an older file
 * or damaged on disk, which is worth a fresh start, if there is one left. */
static lido_status reject_part(const download *d, bool final, const char *found,
                               lido_error *error) {
    lido_status status = empty_part(d, error);
    if (status || !final) return status;
    unlink(d->part);
    return lido_fail(error, LIDO_CORRUPT, "%s: md5 is %s, expected %s: removed", d->url, found,
                     d->file->md5);
}

static void pause_before(int try) {
    int64_t ms = (int64_t)FIRST_PAUSE_MS << (try < 6 ? try : 6);
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* Attempts until the part is whole and right. */
static lido_status fill_part(download *d, lido_error *error) {
    int tries = d->options->tries > 0 ? d->options->tries : TRIES;
    bool fresh = false; /* nothing of the part is from before this run */
    lido_error last = {.status = LIDO_NETWORK};
    for (int try = 0; try < tries; try++) {
        char found[LIDO_MD5_TEXT];
        outcome came_to = attempt(d, &last);
        fresh = fresh || d->begun == 0;
        if (came_to == WHOLE && is_right(d, found)) return LIDO_OK;
        lido_status status = LIDO_OK;
        if (came_to == WHOLE) status = reject_part(d, fresh || try + 1 == tries, found, error);
        if (came_to == START_OVER) status = empty_part(d, error);
        if (status) return status;
        if (came_to == FAILED) break;
        if (came_to == TRY_AGAIN && try + 1 < tries) pause_before(try);
    }
    return lido_fail(error, last.status, "%s", last.message);
}

static lido_status finish_part(const download *d, lido_error *error) {
    if (fsync(fileno(d->stream)) == 0 && rename(d->part, d->path) == 0) return LIDO_OK;
    return lido_fail(error, LIDO_IO, "%s: cannot write: %s", d->path, strerror(errno));
}

/* Two fetches must not write one part, nor one go on with a part that the other just finished. */
static lido_status lock_part(const download *d, lido_error *error) {
    struct stat open, named;
    if (flock(fileno(d->stream), LOCK_EX | LOCK_NB) == 0 && fstat(fileno(d->stream), &open) == 0 &&
        stat(d->part, &named) == 0 && open.st_ino == named.st_ino)
        return LIDO_OK;
    return lido_fail(error, LIDO_IO, "%s: another download of it is under way", d->part);
}

/* Downloads d->file to d->path. */
static lido_status download_file(download *d, lido_error *error) {
    lido_status status = lido_late_load(LIDO_CURL_LIBRARY, curl_list, &d->call, error);
    if (status) return status;
    d->stream = fopen(d->part, "ab");
    if (!d->stream)
        return lido_fail(error, LIDO_IO, "%s: cannot write: %s", d->part, strerror(errno));
    status = lock_part(d, error);
    if (!status) status = fill_part(d, error);
    if (!status) status = finish_part(d, error);
    fclose(d->stream);
    return status;
}

static lido_status name_paths(download *d, const char *folder, lido_error *error) {
    char part_name[256];
    snprintf(part_name, sizeof part_name, "%s.part", d->file->name);
    lido_status status = lido_path_join(folder, d->file->name, d->path, sizeof d->path, error);
    if (!status) status = lido_path_join(folder, part_name, d->part, sizeof d->part, error);
    if (status) return status;
    if (d->options->base_url)
        return lido_path_join(d->options->base_url, d->file->name, d->url, sizeof d->url, error);
    snprintf(d->url, sizeof d->url, "%s", d->file->url);
    return LIDO_OK;
}

static lido_status fetch_file(const lido_data_file *file, const char *folder,
                              const lido_fetch_options *options, lido_error *error) {
    download d = {.file = file, .options = options};
    char found[LIDO_MD5_TEXT];
    lido_status status = name_paths(&d, folder, error);
    if (status) return status;
    if (file->members && lido_unpacked(file->members, folder)) return LIDO_OK;
    if (file->members) status = lido_unpack_supported(d.path, error);
    if (status) return status;
    bool there = lido_md5_file(d.path, found, NULL) == LIDO_OK && strcmp(found, file->md5) == 0;
    if (!there) status = download_file(&d, error);
    if (status || !file->members) return status;
    status = lido_unpack(d.path, file->members, folder, error);
    if (!status) unlink(d.path);
    return status;
}

lido_status lido_data_fetch(const lido_data_source *source, const lido_fetch_options *options,
                            lido_error *error) {
    const lido_fetch_options defaults = {0};
    if (!options) options = &defaults;
    if (!source->files && source->folder[0])
        return lido_fail(error, LIDO_USAGE,
                         "%s: is not fetched by the program: see data/README.md for what to put "
                         "into the folder %s",
                         source->name, source->folder);
    if (!source->files)
        return lido_fail(error, LIDO_USAGE, "%s: is made by the program: nothing to fetch",
                         source->name);
    char cache[LIDO_PATH_SIZE], folder[LIDO_PATH_SIZE];
    lido_status status = options->dir ? LIDO_OK : lido_cache_folder(cache, sizeof cache, error);
    if (!status)
        status = lido_path_join(options->dir ? options->dir : cache, source->folder, folder,
                                sizeof folder, error);
    if (!status) status = lido_make_folder(folder, error);
    for (const lido_data_file *file = source->files; !status && file->name; file++)
        status = fetch_file(file, folder, options, error);
    return status ? lido_fail_in(error, status, "%s", source->name) : LIDO_OK;
}

#else

lido_status lido_data_fetch(const lido_data_source *source, const lido_fetch_options *options,
                            lido_error *error) {
    (void)options;
    return lido_fail_without(error, source->name, "libcurl", "libcurl4-openssl-dev");
}

#endif
