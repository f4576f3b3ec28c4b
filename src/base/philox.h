/* philox.h - one round of the generator behind lido_random, for whoever draws many numbers at once.
 */
#ifndef LIDO_BASE_PHILOX_H
#define LIDO_BASE_PHILOX_H

#include <stdint.h>

enum { LIDO_PHILOX_ROUNDS = 10 };

/* The words of a counter after one more round with the key (k0, k1); rounds count from 0. */
static inline void lido_philox_round(uint32_t round, uint32_t k0, uint32_t k1, uint32_t *c0,
                                     uint32_t *c1, uint32_t *c2, uint32_t *c3) {
    const uint64_t p0 = (uint64_t)0xD2511F53u * *c0, p1 = (uint64_t)0xCD9E8D57u * *c2;
    *c0 = (uint32_t)(p1 >> 32) ^ *c1 ^ (k0 + round * 0x9E3779B9u);
    *c2 = (uint32_t)(p0 >> 32) ^ *c3 ^ (k1 + round * 0xBB67AE85u);
    *c1 = (uint32_t)p1;
    *c3 = (uint32_t)p0;
}

#endif
