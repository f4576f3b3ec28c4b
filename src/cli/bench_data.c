/* bench_data.c - the random numbers that measurements are made on, in memory such as a
 * network has. */
#include "cli/bench_data.h"

#include "net/arena.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* By Box and Muller. */
lido_real *lido_bench_normal(uint64_t seed, uint64_t which, int64_t count, lido_error *error) {
    lido_real *values = lido_arena_new(count * (int64_t)sizeof *values);
    if (!values) lido_fail(error, LIDO_MEMORY, "no memory for %" PRId64 " random numbers", count);
    lido_key key = lido_key_make(seed, "bench", which);
    for (int64_t i = 0; values && i < count; i++) {
        uint32_t word[4];
        lido_random(key, 0, (uint64_t)i, word);
        double radius = sqrt(-2 * log(1 - (double)lido_uniform(word[0])));
        values[i] = (lido_real)(radius * cos(6.283185307179586 * (double)lido_uniform(word[1])));
    }
    return values;
}

lido_real *lido_bench_magnitudes(uint64_t seed, uint64_t which, int64_t count, lido_error *error) {
    lido_real *values = lido_bench_normal(seed, which, count, error);
    for (int64_t i = 0; values && i < count; i++)
        if (values[i] < 0) values[i] = -values[i];
    return values;
}
