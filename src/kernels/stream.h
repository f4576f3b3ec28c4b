/* stream.h - writing past the caches: for arrays too large to be still there when they are read.
 * A line written so is not fetched first, which saves a third of a copy's traffic. */
#ifndef LIDO_KERNELS_STREAM_H
#define LIDO_KERNELS_STREAM_H

#include "kernels/lanes.h"

#if defined(__SSE2__)
#    include <emmintrin.h>
#endif

/* Arrays of so many bytes and more: larger than a core's share of most last-level caches. */
enum { LIDO_STREAMED_BYTES = 8 << 20 };

static inline bool lido_is_streamed(int64_t elements) {
    return elements >= LIDO_STREAMED_BYTES / (int64_t)sizeof(lido_real);
}

/* p lies on a multiple of 16 bytes. */
LIDO_INLINE void lido_lanes_stream(const lido_lanes *lanes, lido_real *p) {
#if defined(__SSE2__)
    __m128i part[sizeof *lanes / sizeof(__m128i)];
    memcpy(part, lanes, sizeof part);
    for (size_t i = 0; i < sizeof part / sizeof *part; i++)
        _mm_stream_si128((__m128i *)p + i, part[i]);
#else
    memcpy(p, lanes, sizeof *lanes);
#endif
}

/* After the last of them, before another thread is told. */
LIDO_INLINE void lido_stream_end(void) {
#if defined(__SSE2__)
    _mm_sfence();
#endif
}

#endif
