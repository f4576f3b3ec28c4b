/* peak.h - multiply-adds and nothing else: what a processor can do at most, to measure kernels
 * against. */
#ifndef LIDO_KERNELS_PEAK_H
#define LIDO_KERNELS_PEAK_H

#include <lido/base.h>

/* Vectors of 16, 32 and 64 bytes: which of them is fastest depends on the processor. */
enum { LIDO_PEAK_WIDTHS = 3, LIDO_PEAK_SUMS = 64 / sizeof(lido_real) };

/* Computes s = s / 2 + 1 `rounds` times in each of twelve independent chains of vectors, which
 * begin at 3 to 14, adds the chains to sums[LIDO_PEAK_SUMS] (of a narrower vector its first ones),
 * so that no compiler leaves them out, and returns how many multiply-adds those were. It uses what
 * LIDO_CLONES does: built by Clang, plain x86-64. width < LIDO_PEAK_WIDTHS. */
int64_t lido_peak_run(int width, int64_t rounds, lido_real *sums);

#endif
