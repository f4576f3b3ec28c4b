/* data_uri.c - pictures inside a page: PNG in base64. */
#include "study/data_uri.h"

#include "data/format.h"

#include <stdlib.h>
#include <string.h>

char *lido_base64(const char *prefix, const uint8_t *data, size_t size) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const size_t start = strlen(prefix);
    if (size > (SIZE_MAX - start) / 2) return NULL;
    char *text = malloc(start + (size + 2) / 3 * 4 + 1), *to = text + start;
    if (!text) return NULL;
    memcpy(text, prefix, start);
    for (size_t i = 0; i < size; i += 3) {
        const size_t left = size - i;
        const uint32_t second = left > 1 ? data[i + 1] : 0, third = left > 2 ? data[i + 2] : 0;
        const uint32_t word = (uint32_t)data[i] << 16 | second << 8 | third;
        *to++ = digits[word >> 18];
        *to++ = digits[word >> 12 & 63];
        *to++ = left > 1 ? digits[word >> 6 & 63] : '=';
        *to++ = left > 2 ? digits[word & 63] : '=';
    }
    *to = '\0';
    return text;
}

lido_status lido_data_uri(const lido_shape *shape, const uint8_t *pixels, char **uri,
                          lido_error *error) {
    uint8_t *png;
    size_t size;
    *uri = NULL;
    lido_status status = lido_picture_encode(shape, pixels, &png, &size, error);
    if (status) return status;
    *uri = lido_base64("data:image/png;base64,", png, size);
    free(png);
    return *uri ? LIDO_OK : lido_fail(error, LIDO_MEMORY, "out of memory for a picture");
}
