/* peak.c - chains of multiply-adds that all stay in registers. There are enough of them to hide
 * the latency of two units that take five cycles, and so few that 16 registers hold them. */
#include "kernels/peak.h"

#include "kernels/clones.h"

enum { CHAINS = 12 };

/* Chains begin at different numbers, and none at 2, which stays 2: the compiler must not find the
 * work done. */
#define LIDO_PEAK(bytes)                                                                \
    LIDO_CLONES static void run_##bytes(int64_t rounds, lido_real *sums) {              \
        typedef lido_real vector __attribute__((vector_size(bytes)));                   \
        const vector one = (vector){0} + 1, half = one / 2;                             \
        vector chain[CHAINS];                                                           \
        for (int c = 0; c < CHAINS; c++) chain[c] = one * (lido_real)(c + 3);           \
        for (int64_t i = 0; i < rounds; i++)                                            \
            for (int c = 0; c < CHAINS; c++) chain[c] = chain[c] * half + one;          \
        for (int c = 0; c < CHAINS; c++)                                                \
            for (size_t k = 0; k < (bytes) / sizeof *sums; k++) sums[k] += chain[c][k]; \
    }

LIDO_PEAK(16)
LIDO_PEAK(32)
LIDO_PEAK(64)

int64_t lido_peak_run(int width, int64_t rounds, lido_real *sums) {
    static void (*const runs[LIDO_PEAK_WIDTHS])(int64_t, lido_real *) = {run_16, run_32, run_64};
    runs[width](rounds, sums);
    return rounds * CHAINS * (int64_t)(((size_t)16 << width) / sizeof *sums);
}
