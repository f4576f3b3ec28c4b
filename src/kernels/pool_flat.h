/* pool_flat.h - when windows of few channels are reduced together: a run of windows along W is
 * taken as one window of (windows - 1) * advance * C + C channels. */
#ifndef LIDO_KERNELS_POOL_FLAT_H
#define LIDO_KERNELS_POOL_FLAT_H

#include <lido/base.h>

enum {
    LIDO_FLAT_CHANNELS = 16,  /* from so many on, the channels alone fill vectors */
    LIDO_FLAT_ADVANCE = 4,    /* windows further apart would waste too much */
    LIDO_FLAT_ELEMENTS = 1024 /* of one flat window: stays in the first cache */
};

/* Scratch elements that hold one window's channels or one flat window. */
static inline size_t lido_flat_elements(int64_t channels) {
    return (size_t)(channels < LIDO_FLAT_ELEMENTS ? LIDO_FLAT_ELEMENTS : channels);
}

/* Whether windows so far apart are reduced together. */
static inline bool lido_is_flat(int64_t channels, int64_t advance) {
    return channels < LIDO_FLAT_CHANNELS && advance > 0 && advance <= LIDO_FLAT_ADVANCE;
}

/* How many windows fit into the scratch, their channels `advance` * C apart; at least 1. */
static inline int64_t lido_flat_windows(int64_t channels, int64_t advance) {
    if (channels >= LIDO_FLAT_ELEMENTS) return 1;
    return (LIDO_FLAT_ELEMENTS - channels) / (advance * channels) + 1;
}

#endif
