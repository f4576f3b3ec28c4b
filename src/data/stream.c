/* stream.c - bytes of a file in order, plain or inflated; the only user of zlib. */
#define _GNU_SOURCE
#include "data/stream.h"

#include "data/format.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#ifdef LIDO_HAVE_ZLIB
#    include <zlib.h>
#endif

enum { DEFLATE_RATIO = 1032, SKIP_SIZE = 4096 };

lido_status lido_stream_open(const char *path, lido_stream *stream, lido_error *error) {
    *stream = (lido_stream){0};
    int length = snprintf(stream->path, sizeof stream->path, "%s", path);
    if (length < 0 || (size_t)length >= sizeof stream->path)
        return lido_fail(error, LIDO_TOO_LARGE, "the path is too long: %.200s...", path);
    stream->file = fopen(path, "rb");
    if (!stream->file)
        return lido_fail(error, errno == ENOENT ? LIDO_NOT_FOUND : LIDO_IO, "%s: cannot open: %s",
                         path, strerror(errno));
    struct stat info;
    if (fstat(fileno(stream->file), &info) == 0 && S_ISREG(info.st_mode)) {
        stream->left = info.st_size;
        return LIDO_OK;
    }
    lido_stream_close(stream);
    return lido_fail(error, LIDO_IO, "%s: not a regular file", path);
}

static lido_status read_raw(lido_stream *stream, void *out, size_t size, lido_error *error) {
    if (fread(out, 1, size, stream->file) == size) {
        stream->left -= (int64_t)size;
        return LIDO_OK;
    }
    if (ferror(stream->file))
        return lido_fail(error, LIDO_IO, "%s: cannot read: %s", stream->path, strerror(errno));
    return lido_fail(error, LIDO_CORRUPT, "%s: became shorter while being read", stream->path);
}

static lido_status fail_short(const lido_stream *stream, int64_t missing, lido_error *error) {
    return lido_fail(error, LIDO_CORRUPT, "%s: truncated: %" PRId64 " more bytes expected",
                     stream->path, missing);
}

#ifdef LIDO_HAVE_ZLIB

struct lido_inflater {
    z_stream z;
    bool ended;
    uint8_t buffer[1 << 16];
};

lido_status lido_stream_inflate(lido_stream *stream, lido_packing packing, int64_t bytes,
                                lido_error *error) {
    if (bytes > stream->left) return fail_short(stream, bytes - stream->left, error);
    struct lido_inflater *pack = calloc(1, sizeof *pack);
    int window = packing == LIDO_GZIP ? 15 + 16 : 15;
    if (!pack || inflateInit2(&pack->z, window) != Z_OK) {
        free(pack);
        return lido_fail(error, LIDO_MEMORY, "%s: out of memory while inflating", stream->path);
    }
    stream->pack = pack;
    if (bytes >= 0) {
        stream->behind = stream->left - bytes;
        stream->left = bytes;
    }
    return LIDO_OK;
}

static void end_inflating(lido_stream *stream) {
    if (!stream->pack) return;
    inflateEnd(&stream->pack->z);
    free(stream->pack);
    stream->pack = NULL;
}

static lido_status fail_damaged(const lido_stream *stream, const char *what, lido_error *error) {
    return lido_fail(error, LIDO_CORRUPT, "%s: damaged compressed data: %s", stream->path, what);
}

/* One step of zlib: takes more of the file when its buffer is empty. */
static lido_status inflate_step(lido_stream *stream, lido_error *error) {
    struct lido_inflater *pack = stream->pack;
    if (pack->z.avail_in == 0) {
        size_t size = sizeof pack->buffer;
        if (stream->left < (int64_t)size) size = (size_t)stream->left;
        if (size == 0) return fail_damaged(stream, "it ends early", error);
        lido_status status = read_raw(stream, pack->buffer, size, error);
        if (status) return status;
        pack->z.next_in = pack->buffer;
        pack->z.avail_in = (uInt)size;
    }
    int result = inflate(&pack->z, Z_NO_FLUSH);
    if (result == Z_STREAM_END) pack->ended = true;
    if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR) return LIDO_OK;
    if (result == Z_MEM_ERROR)
        return lido_fail(error, LIDO_MEMORY, "%s: out of memory while inflating", stream->path);
    return fail_damaged(stream, pack->z.msg ? pack->z.msg : "not a zlib stream", error);
}

static lido_status read_packed(lido_stream *stream, uint8_t *out, int64_t size, lido_error *error) {
    struct lido_inflater *pack = stream->pack;
    while (size > 0) {
        if (pack->ended) return fail_short(stream, size, error);
        uInt part = size < 1 << 30 ? (uInt)size : 1u << 30;
        pack->z.next_out = out;
        pack->z.avail_out = part;
        lido_status status = inflate_step(stream, error);
        if (status) return status;
        uInt got = part - pack->z.avail_out;
        out += got;
        size -= got;
    }
    return LIDO_OK;
}

lido_status lido_stream_inflated(lido_stream *stream, lido_error *error) {
    struct lido_inflater *pack = stream->pack;
    uint8_t more;
    while (!pack->ended) {
        pack->z.next_out = &more;
        pack->z.avail_out = 1;
        lido_status status = inflate_step(stream, error);
        if (status) return status;
        if (pack->z.avail_out == 0)
            return lido_fail(error, LIDO_CORRUPT, "%s: longer than its header says", stream->path);
    }
    int64_t unused = stream->left + pack->z.avail_in;
    if (unused > 0)
        return lido_fail(error, LIDO_CORRUPT,
                         "%s: %" PRId64 " bytes too many after the compressed data", stream->path,
                         unused);
    return lido_stream_leave(stream, error);
}

#else

struct lido_inflater {
    bool ended;
};

lido_status lido_stream_inflate(lido_stream *stream, lido_packing packing, int64_t bytes,
                                lido_error *error) {
    (void)packing, (void)bytes;
    return lido_fail_without(error, stream->path, "zlib", "zlib1g-dev");
}

static void end_inflating(lido_stream *stream) {
    stream->pack = NULL;
}

static lido_status read_packed(lido_stream *stream, uint8_t *out, int64_t size, lido_error *error) {
    (void)out, (void)size;
    return lido_fail_without(error, stream->path, "zlib", "zlib1g-dev");
}

lido_status lido_stream_inflated(lido_stream *stream, lido_error *error) {
    return lido_fail_without(error, stream->path, "zlib", "zlib1g-dev");
}

#endif

lido_status lido_stream_leave(lido_stream *stream, lido_error *error) {
    end_inflating(stream);
    if (stream->left > 0 && fseeko(stream->file, (off_t)stream->left, SEEK_CUR) != 0)
        return lido_fail(error, LIDO_IO, "%s: cannot seek: %s", stream->path, strerror(errno));
    stream->left = stream->behind;
    stream->behind = 0;
    return LIDO_OK;
}

void lido_stream_close(lido_stream *stream) {
    end_inflating(stream);
    if (stream->file) fclose(stream->file);
    stream->file = NULL;
}

lido_status lido_stream_read(lido_stream *stream, void *out, int64_t size, lido_error *error) {
    if (stream->pack) return read_packed(stream, out, size, error);
    if (size > stream->left) return fail_short(stream, size - stream->left, error);
    return read_raw(stream, out, (size_t)size, error);
}

lido_status lido_stream_skip(lido_stream *stream, int64_t size, lido_error *error) {
    uint8_t skipped[SKIP_SIZE];
    while (size > 0) {
        int64_t part = size < SKIP_SIZE ? size : SKIP_SIZE;
        lido_status status = lido_stream_read(stream, skipped, part, error);
        if (status) return status;
        size -= part;
    }
    return LIDO_OK;
}

int64_t lido_stream_bound(const lido_stream *stream) {
    if (!stream->pack) return stream->left;
    int64_t packed = stream->left + (int64_t)sizeof *stream->pack, bound;
    return lido_mul(packed, DEFLATE_RATIO, &bound) ? bound : INT64_MAX;
}
