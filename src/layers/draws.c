/* draws.c - the random numbers of one sample. */
#include "layers/draws.h"

#include "kernels/uniform.h"

#include <string.h>

void lido_draws(const lido_draw *draw, int64_t n, int64_t count, float *numbers) {
    lido_draws_from(draw, n, count, 0, count, numbers);
}

void lido_draws_from(const lido_draw *draw, int64_t n, int64_t row, int64_t first, int64_t count,
                     float *numbers) {
    if (draw->given) {
        memcpy(numbers, draw->given + n * row + first, (size_t)count * sizeof *numbers);
        return;
    }
    const uint64_t counter = ((uint64_t)draw->sample[n] << 32) + (uint64_t)(first / 4);
    lido_uniform_fill(draw->key, draw->step, counter, count, numbers);
}
