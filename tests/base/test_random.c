/* Tests of random.c: the published known answers of Philox 4x32-10, and that what is built on it
 * is uniform, unbiased and keyed by what it is for. */
#include "lido_check.h"

#include <math.h>

/* Random123's kat_vectors for philox4x32-10. */
START_TEST(philox_known_answers) {
    static const struct {
        uint32_t counter[4], key[2], word[4];
    } known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const uint32_t *c = known[i].counter;
        uint32_t word[4];
        lido_key key = {{known[i].key[0], known[i].key[1]}};
        lido_random(key, (uint64_t)c[3] << 32 | c[2], (uint64_t)c[1] << 32 | c[0], word);
        ck_assert_mem_eq(word, known[i].word, sizeof word);
    }
}
END_TEST

START_TEST(keys_differ_by_every_argument) {
    static const struct {
        uint64_t seed;
        const char *purpose;
        uint64_t number;
    } made[] = {{0, "", 0},          {1, "", 0},         {1ull << 32, "", 0}, {0, "a", 0},
                {0, "b", 0},         {0, "ab", 0},       {0, "ba", 0},        {0, "", 1},
                {0, "", 1ull << 32}, {0, "conv#1", 0},   {0, "conv#1", 1},    {0, "conv#2", 0},
                {UINT64_MAX, "", 0}, {0, "", UINT64_MAX}};
    size_t count = sizeof made / sizeof *made;
    for (size_t i = 0; i < count; i++) {
        lido_key a = lido_key_make(made[i].seed, made[i].purpose, made[i].number);
        for (size_t j = 0; j < i; j++) {
            lido_key b = lido_key_make(made[j].seed, made[j].purpose, made[j].number);
            ck_assert_mem_ne(&a, &b, sizeof a);
        }
        lido_key again = lido_key_make(made[i].seed, made[i].purpose, made[i].number);
        ck_assert_mem_eq(&a, &again, sizeof a);
    }
}
END_TEST

START_TEST(uniform_stays_under_one) {
    ck_assert(lido_uniform(0) == 0.0f);
    ck_assert(lido_uniform(UINT32_MAX) < 1.0f);
    ck_assert(lido_uniform(UINT32_MAX) == 1.0f - 0x1p-24f);
    ck_assert(lido_uniform(0x80000000u) == 0.5f);
}
END_TEST

/* 16 cells of 6250 expected: chi-square with 15 degrees of freedom is under 44.3 with probability
 * 0.9999, and the draws are fixed. */
START_TEST(filled_numbers_are_uniform) {
    enum { COUNT = 100000, CELLS = 16 };
    static float values[COUNT];
    lido_fill_uniform(lido_key_make(1, "test", 0), 0, values, COUNT);
    int cell[CELLS] = {0};
    double sum = 0, product = 0;
    for (int i = 0; i < COUNT; i++) {
        ck_assert(values[i] >= 0.0f && values[i] < 1.0f);
        cell[(int)(values[i] * CELLS)]++;
        sum += values[i];
        if (i > 0) product += (values[i] - 0.5) * (values[i - 1] - 0.5);
    }
    double expected = (double)COUNT / CELLS, chi_square = 0;
    for (int i = 0; i < CELLS; i++) chi_square += pow(cell[i] - expected, 2) / expected;
    ck_assert_double_lt(chi_square, 44.3);
    double deviation = 1 / sqrt(12.0 * COUNT);
    ck_assert_double_lt(fabs(sum / COUNT - 0.5), 4 * deviation);
    ck_assert_double_lt(fabs(product / COUNT), 4 / (12 * sqrt((double)COUNT)));
}
END_TEST

START_TEST(filling_is_by_position) {
    lido_key key = lido_key_make(5, "fill", 2);
    float whole[11], part[6], other[11];
    uint32_t word[4];
    lido_fill_uniform(key, 3, whole, 11);
    lido_fill_uniform(key, 3, part, 6);
    ck_assert_mem_eq(whole, part, sizeof part);
    lido_random(key, 3, 1, word);
    ck_assert(whole[6] == lido_uniform(word[2]));
    lido_fill_uniform(key, 4, other, 11);
    ck_assert_mem_ne(whole, other, sizeof whole);
}
END_TEST

START_TEST(below_is_in_range_and_even) {
    lido_key key = lido_key_make(1, "below", 0);
    int seen[6] = {0};
    for (uint64_t i = 0; i < 60000; i++) {
        uint64_t value = lido_random_below(key, 0, i, 6);
        ck_assert_uint_lt(value, 6);
        seen[value]++;
    }
    double chi_square = 0;
    for (int i = 0; i < 6; i++) chi_square += pow(seen[i] - 10000.0, 2) / 10000;
    ck_assert_double_lt(chi_square, 25.7); /* 0.9999 of 5 degrees of freedom */
    ck_assert_uint_eq(lido_random_below(key, 0, 0, 1), 0);
}
END_TEST

/* Just over half of all words: without drawing again, the values under 2^63 - 1 would come twice
 * as often as the others. Nearly half of the first draws are refused here. */
START_TEST(below_draws_again_rather_than_favour) {
    lido_key key = lido_key_make(1, "again", 0);
    uint64_t below = ((uint64_t)1 << 63) + 1;
    int low = 0, redrawn = 0;
    for (uint64_t i = 0; i < 10000; i++) {
        uint32_t word[4];
        lido_random(key, 0, i, word);
        uint64_t value = lido_random_below(key, 0, i, below);
        ck_assert_uint_lt(value, below);
        low += value < below / 2;
        redrawn += value != ((uint64_t)word[1] << 32 | word[0]);
    }
    ck_assert_int_lt(abs(low - 5000), 200);
    ck_assert_int_lt(abs(redrawn - 5000), 200);
}
END_TEST

START_TEST(wide_uniform_stays_under_one) {
    ck_assert(lido_uniform_double(0, 0) == 0);
    ck_assert(lido_uniform_double(0x80000000u, 0) == 0.5);
    ck_assert(lido_uniform_double(0xFFFFFFFFu, 0xFFFFFFFFu) == 1 - 0x1p-53);
    ck_assert(lido_uniform_double(0, 0x40) == 0x1p-53);
}
END_TEST

/* Moments of 200,000 draws within 4 standard errors; the numbers of a pair do not go together. */
START_TEST(normal_numbers_are_normal) {
    enum { PAIRS = 100000 };
    double mean = 0, square = 0, fourth = 0, product = 0, pair[2], again[2];
    lido_key key = lido_key_make(3, "normal", 0);
    for (uint64_t i = 0; i < PAIRS; i++) {
        lido_random_normal(key, 1, i, pair);
        for (int k = 0; k < 2; k++) {
            mean += pair[k] / (2 * PAIRS);
            square += pow(pair[k], 2) / (2 * PAIRS);
            fourth += pow(pair[k], 4) / (2 * PAIRS);
        }
        product += pair[0] * pair[1] / PAIRS;
    }
    const double error = 1 / sqrt(2 * PAIRS);
    ck_assert_double_lt(fabs(mean), 4 * error);
    ck_assert_double_lt(fabs(square - 1), 4 * sqrt(2) * error);
    ck_assert_double_lt(fabs(fourth - 3), 4 * sqrt(96) * error);
    ck_assert_double_lt(fabs(product), 4 / sqrt(PAIRS));
    lido_random_normal(key, 1, PAIRS - 1, again);
    ck_assert_mem_eq(pair, again, sizeof pair);
    lido_random_normal(key, 2, PAIRS - 1, again);
    ck_assert_mem_ne(pair, again, sizeof pair);
}
END_TEST

START_TEST(shuffle_is_a_permutation_of_its_key) {
    enum { COUNT = 1000 };
    static int64_t order[COUNT], again[COUNT], other[COUNT];
    bool seen[COUNT] = {false};
    lido_key key = lido_key_make(1, "order", 0);
    lido_shuffle(key, order, COUNT);
    int fixed = 0;
    for (int i = 0; i < COUNT; i++) {
        ck_assert(order[i] >= 0 && order[i] < COUNT && !seen[order[i]]);
        seen[order[i]] = true;
        fixed += order[i] == i;
    }
    ck_assert_int_lt(fixed, 10);
    lido_shuffle(key, again, COUNT);
    ck_assert_mem_eq(order, again, sizeof order);
    lido_shuffle(lido_key_make(1, "order", 1), other, COUNT);
    ck_assert_mem_ne(order, other, sizeof order);
    lido_shuffle(key, order, 1);
    ck_assert_int_eq(order[0], 0);
    order[0] = 42;
    lido_shuffle(key, order, 0);
    ck_assert_int_eq(order[0], 42);
}
END_TEST

/* All 24 orders of four, about equally often. */
START_TEST(shuffle_favours_no_order) {
    int seen[256] = {0}, orders = 0;
    for (uint64_t i = 0; i < 24000; i++) {
        int64_t order[4];
        lido_shuffle(lido_key_make(2, "four", i), order, 4);
        seen[order[0] | order[1] << 2 | order[2] << 4 | order[3] << 6]++;
    }
    double chi_square = 0;
    for (int i = 0; i < 256; i++) {
        if (seen[i] == 0) continue;
        orders++;
        chi_square += pow(seen[i] - 1000.0, 2) / 1000;
    }
    ck_assert_int_eq(orders, 24);
    ck_assert_double_lt(chi_square, 57.3); /* 0.9999 of 23 degrees of freedom */
}
END_TEST

LIDO_TEST_MAIN("random", philox_known_answers, keys_differ_by_every_argument,
               uniform_stays_under_one, filled_numbers_are_uniform, filling_is_by_position,
               below_is_in_range_and_even, below_draws_again_rather_than_favour,
               wide_uniform_stays_under_one, normal_numbers_are_normal,
               shuffle_is_a_permutation_of_its_key, shuffle_favours_no_order)
