/* Numbers drawn in blocks are those drawn one by one. */
#include "lido_check.h"

#include "kernels/uniform.h"

enum { MOST = 600, GUARD = 1 };

static void assert_same(uint64_t hi, uint64_t lo, int64_t count) {
    const lido_key key = lido_key_make(7, "uniform", 0);
    float numbers[MOST + GUARD];
    uint32_t word[4];
    numbers[count] = -1;
    lido_uniform_fill(key, hi, lo, count, numbers);
    for (int64_t i = 0; i < count; i++) {
        lido_random(key, hi, lo + (uint64_t)(i / 4), word);
        ck_assert_msg(numbers[i] == lido_uniform(word[i % 4]), "number %lld of %lld", (long long)i,
                      (long long)count);
    }
    ck_assert(numbers[count] == -1);
}

START_TEST(are_the_same) {
    static const int64_t counts[] = {0, 1, 3, 4, 127, 128, 129, 256, 511, MOST};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        assert_same(0, 0, counts[i]);
        assert_same((uint64_t)9 << 40 | 5, UINT32_MAX - 10, counts[i]); /* carries */
    }
}
END_TEST

LIDO_TEST_MAIN("uniform", are_the_same)
