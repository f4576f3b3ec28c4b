/* random.c - counter-based random numbers: Philox 4x32-10 (Salmon et al. 2011). */
#include <lido/base.h>

#include "base/philox.h"

#include <math.h>

lido_key lido_key_make(uint64_t seed, const char *purpose, uint64_t number) {
    /* FNV-1a over the purpose, then Philox itself mixes seed, purpose and number. */
    uint64_t hash = 14695981039346656037u;
    for (const char *p = purpose; *p; p++) hash = (hash ^ (uint8_t)*p) * 1099511628211u;
    lido_key key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    uint32_t word[4];
    lido_random(key, hash, number, word);
    return (lido_key){{word[0], word[1]}};
}

void lido_random(lido_key key, uint64_t hi, uint64_t lo, uint32_t word[4]) {
    uint32_t c0 = (uint32_t)lo, c1 = (uint32_t)(lo >> 32);
    uint32_t c2 = (uint32_t)hi, c3 = (uint32_t)(hi >> 32);
    for (uint32_t round = 0; round < LIDO_PHILOX_ROUNDS; round++)
        lido_philox_round(round, key.word[0], key.word[1], &c0, &c1, &c2, &c3);
    word[0] = c0;
    word[1] = c1;
    word[2] = c2;
    word[3] = c3;
}

float lido_uniform(uint32_t word) {
    return (float)(word >> 8) * 0x1p-24f;
}

double lido_uniform_double(uint32_t high, uint32_t low) {
    return ((double)(high >> 5) * 0x1p26 + (double)(low >> 6)) * 0x1p-53;
}

void lido_random_normal(lido_key key, uint64_t hi, uint64_t lo, double pair[2]) {
    static const double two_pi = 6.283185307179586476925;
    uint32_t word[4];
    lido_random(key, hi, lo, word);
    double radius = sqrt(-2 * log(1 - lido_uniform_double(word[0], word[1])));
    double angle = two_pi * lido_uniform_double(word[2], word[3]);
    pair[0] = radius * cos(angle);
    pair[1] = radius * sin(angle);
}

void lido_fill_uniform(lido_key key, uint64_t hi, float *values, int64_t count) {
    uint32_t word[4];
    for (int64_t i = 0; i < count; i++) {
        if (i % 4 == 0) lido_random(key, hi, (uint64_t)(i / 4), word);
        values[i] = lido_uniform(word[i % 4]);
    }
}

uint64_t lido_random_below(lido_key key, uint64_t hi, uint64_t lo, uint64_t below) {
    /* Values under `remainder` of the top of the range would be favoured: draw again, from the
     * counter's upper half, which no caller uses as an index. */
    uint64_t remainder = (UINT64_MAX % below + 1) % below;
    for (uint64_t attempt = 0;; attempt++) {
        uint32_t word[4];
        lido_random(key, hi ^ (attempt << 48), lo, word);
        uint64_t value = (uint64_t)word[1] << 32 | word[0];
        if (value <= UINT64_MAX - remainder) return value % below;
    }
}

void lido_shuffle(lido_key key, int64_t *order, int64_t count) {
    for (int64_t i = 0; i < count; i++) order[i] = i;
    for (int64_t i = count - 1; i > 0; i--) {
        int64_t j = (int64_t)lido_random_below(key, 0, (uint64_t)i, (uint64_t)i + 1);
        int64_t swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
    }
}
