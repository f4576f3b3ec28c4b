/* lanes.h - 64 bytes of neighbouring numbers as one value, for loops over channels whose bodies are
 * too long for the compiler to vectorise by itself. Written with the vector types of GCC and Clang,
 * which any target lowers to what it has; use inside functions marked LIDO_CLONES. */
#ifndef LIDO_KERNELS_LANES_H
#define LIDO_KERNELS_LANES_H

#include "kernels/clones.h"

#include <lido/base.h>

#include <string.h>

typedef lido_real lido_lanes __attribute__((vector_size(64)));

enum { LIDO_LANES = 64 / sizeof(lido_real) };

/* The first `count` numbers at p (at most LIDO_LANES), zeros in the rest. */
LIDO_INLINE void lido_lanes_load(lido_lanes *lanes, const lido_real *p, int64_t count) {
    if (count >= LIDO_LANES) {
        memcpy(lanes, p, sizeof *lanes);
    } else {
        *lanes = (lido_lanes){0};
        memcpy(lanes, p, (size_t)count * sizeof *p);
    }
}

LIDO_INLINE void lido_lanes_store(const lido_lanes *lanes, lido_real *p, int64_t count) {
    if (count >= LIDO_LANES)
        memcpy(p, lanes, sizeof *lanes);
    else
        memcpy(p, lanes, (size_t)count * sizeof *p);
}

#endif
