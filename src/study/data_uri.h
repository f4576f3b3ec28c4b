/* data_uri.h - pictures inside a page. */
#ifndef LIDO_STUDY_DATA_URI_H
#define LIDO_STUDY_DATA_URI_H

#include <lido/base.h>

/* *uri = "data:image/png;base64,..." of an 8-bit picture (H, W, C), C = 1 grey or 3 colour;
 * malloc'ed. LIDO_UNSUPPORTED when built without libpng, LIDO_MEMORY. */
lido_status lido_data_uri(const lido_shape *shape, const uint8_t *pixels, char **uri,
                          lido_error *error);

/* data[size] in base64 (RFC 4648), malloc'ed; NULL when memory ran out. `prefix` is put before. */
char *lido_base64(const char *prefix, const uint8_t *data, size_t size);

#endif
