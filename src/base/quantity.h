/* quantity.h - counts, sizes and times as people read them. */
#ifndef LIDO_BASE_QUANTITY_H
#define LIDO_BASE_QUANTITY_H

#include <stdint.h>

enum { LIDO_NUMBER_SIZE = 32 };

/* Each writes into text[LIDO_NUMBER_SIZE] and returns it. */
char *lido_text_count(int64_t count, char *text);    /* 1,199,882 */
char *lido_text_bytes(int64_t bytes, char *text);    /* 4.6 MB, 115 MB (1 MB = 10^6 bytes) */
char *lido_text_seconds(double seconds, char *text); /* 4.2 s, 3 m 05 s, 2 h 07 m */

#endif
