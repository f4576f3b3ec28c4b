/* arena.h - the memory of a run. */
#ifndef LIDO_NET_ARENA_H
#define LIDO_NET_ARENA_H

#include <stdint.h>

/* bytes of memory aligned to LIDO_ALIGNMENT at least, not initialised, to be given to free; never
 * NULL for want of bytes. NULL when memory ran out. */
void *lido_arena_new(int64_t bytes);

#endif
