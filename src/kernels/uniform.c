/* uniform.c - many uniform random numbers: counters side by side, so that rounds are vectors. */
#include "kernels/uniform.h"

#include "base/philox.h"
#include "kernels/clones.h"

#include <string.h>

enum { COUNTERS = 64, NUMBERS = 4 * COUNTERS /* of one block */ };

LIDO_INLINE void take_rounds(lido_key key, uint32_t word[4][COUNTERS]) {
    for (uint32_t round = 0; round < LIDO_PHILOX_ROUNDS; round++)
        for (int i = 0; i < COUNTERS; i++)
            lido_philox_round(round, key.word[0], key.word[1], &word[0][i], &word[1][i],
                              &word[2][i], &word[3][i]);
}

LIDO_CLONES static void fill_block(lido_key key, uint64_t hi, uint64_t lo,
                                   float *restrict numbers) {
    uint32_t word[4][COUNTERS];
    for (int i = 0; i < COUNTERS; i++) {
        const uint64_t counter = lo + (uint64_t)i;
        word[0][i] = (uint32_t)counter;
        word[1][i] = (uint32_t)(counter >> 32);
        word[2][i] = (uint32_t)hi;
        word[3][i] = (uint32_t)(hi >> 32);
    }
    take_rounds(key, word);
    for (int i = 0; i < COUNTERS; i++)
        for (int j = 0; j < 4; j++) numbers[4 * i + j] = (float)(word[j][i] >> 8) * 0x1p-24f;
}

void lido_uniform_fill(lido_key key, uint64_t hi, uint64_t lo, int64_t count, float *numbers) {
    float last[NUMBERS];
    for (; count >= NUMBERS; count -= NUMBERS, numbers += NUMBERS, lo += COUNTERS)
        fill_block(key, hi, lo, numbers);
    if (count == 0) return;
    fill_block(key, hi, lo, last);
    memcpy(numbers, last, (size_t)count * sizeof *last);
}
