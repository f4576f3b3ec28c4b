/* Tests of peak.c: the chains are all computed, and their multiply-adds counted. */
#include "lido_check.h"

#include "kernels/peak.h"

/* After one round the chains are s / 2 + 1 for s = 3 to 14, and add up to 63; after many, all are
 * 2. */
START_TEST(every_chain_is_computed) {
    for (int width = 0; width < LIDO_PEAK_WIDTHS; width++) {
        const int lanes = (int)(((size_t)16 << width) / sizeof(lido_real));
        for (int64_t rounds = 1; rounds <= 100; rounds += 99) {
            lido_real sums[LIDO_PEAK_SUMS] = {0};
            ck_assert_int_eq(lido_peak_run(width, rounds, sums), rounds * 12 * lanes);
            for (int k = 0; k < (int)LIDO_PEAK_SUMS; k++)
                ck_assert_double_eq_tol(sums[k], k >= lanes ? 0 : rounds == 1 ? 63 : 24, 1e-4);
        }
    }
}
END_TEST

LIDO_TEST_MAIN("peak", every_chain_is_computed)
