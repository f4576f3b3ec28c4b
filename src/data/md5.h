/* md5.h - the MD5 digest (RFC 1321), by which published data sets are recognised; it guards against
 * damage, not against malice. */
#ifndef LIDO_DATA_MD5_H
#define LIDO_DATA_MD5_H

#include <lido/base.h>

enum { LIDO_MD5_TEXT = 33 };

typedef struct lido_md5 {
    uint32_t state[4];
    uint64_t bytes; /* so far */
    uint8_t block[64];
} lido_md5;

void lido_md5_start(lido_md5 *md5);
void lido_md5_add(lido_md5 *md5, const void *data, size_t size);
/* The digest in lower-case hexadecimal digits. */
void lido_md5_finish(lido_md5 *md5, char text[LIDO_MD5_TEXT]);

/* Of a whole file. LIDO_NOT_FOUND, LIDO_IO. */
lido_status lido_md5_file(const char *path, char text[LIDO_MD5_TEXT], lido_error *error);

#endif
