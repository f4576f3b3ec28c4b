/* uniform.h - many uniform random numbers, the same as lido_random and lido_uniform give one by
 * one. */
#ifndef LIDO_KERNELS_UNIFORM_H
#define LIDO_KERNELS_UNIFORM_H

#include <lido/base.h>

/* numbers[count] = the uniform numbers of the words at counters (hi, lo), (hi, lo + 1), ..., four
 * of each. */
void lido_uniform_fill(lido_key key, uint64_t hi, uint64_t lo, int64_t count, float *numbers);

#endif
