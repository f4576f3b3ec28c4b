/* stream.h - bytes of a file in order, as they lie or inflated by zlib, read exactly: what is asked
 * for is delivered whole or the file is corrupt. Holds one buffer, never the file. */
#ifndef LIDO_DATA_STREAM_H
#define LIDO_DATA_STREAM_H

#include "base/file.h"

typedef enum lido_packing { LIDO_GZIP, LIDO_ZLIB } lido_packing;

typedef struct lido_stream {
    FILE *file;
    char path[LIDO_PATH_SIZE];
    int64_t left;               /* bytes of the file not taken yet, of the packed stretch if any */
    int64_t behind;             /* bytes of the file behind the packed stretch */
    struct lido_inflater *pack; /* NULL: bytes are taken as they lie */
} lido_stream;

/* LIDO_NOT_FOUND, LIDO_IO. On failure nothing needs closing. */
lido_status lido_stream_open(const char *path, lido_stream *stream, lido_error *error);
/* Harmless on a zeroed stream. */
void lido_stream_close(lido_stream *stream);

/* From here the next `bytes` bytes of the file (-1: all the rest) are one packed stretch, delivered
 * inflated. LIDO_UNSUPPORTED without zlib. */
lido_status lido_stream_inflate(lido_stream *stream, lido_packing packing, int64_t bytes,
                                lido_error *error);
/* Ends the packed stretch and goes on behind it. LIDO_CORRUPT unless the packed data end exactly at
 * its end, checksum included. */
lido_status lido_stream_inflated(lido_stream *stream, lido_error *error);
/* Goes on behind the packed stretch without looking at the rest of it. */
lido_status lido_stream_leave(lido_stream *stream, lido_error *error);

/* size bytes into out, or LIDO_CORRUPT (the file ends early, a damaged stretch), LIDO_IO. */
lido_status lido_stream_read(lido_stream *stream, void *out, int64_t size, lido_error *error);
lido_status lido_stream_skip(lido_stream *stream, int64_t size, lido_error *error);

/* No more than so many bytes can follow: exact for plain bytes; for packed ones by deflate's limit
 * of 1032 to 1 and what is buffered. To be asked before memory is taken on a header's word. */
int64_t lido_stream_bound(const lido_stream *stream);

#endif
