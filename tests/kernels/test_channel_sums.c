/* Sums of channels against plain loops, for few and many channels and rows that fill no strip. */
#include "kernels/channel_sums.h"

#include "lido_check.h"

#include <math.h>

enum { MOST_CHANNELS = 130, MOST_ROWS = 150, MOST = MOST_CHANNELS * MOST_ROWS };

static lido_real a[MOST], b[MOST], origin[MOST_CHANNELS];
static double first[MOST_CHANNELS], second[MOST_CHANNELS];

static void fill(uint64_t seed, lido_real *value, int64_t count) {
    lido_key key = lido_key_make(seed, "channel_sums", 0);
    for (int64_t i = 0; i < count; i++) {
        uint32_t word[4];
        lido_random(key, 0, (uint64_t)i, word);
        value[i] = (lido_real)lido_uniform(word[0]) - (lido_real)0.5;
    }
}

static void setup(void) {
    fill(1, a, MOST);
    fill(2, b, MOST);
    fill(3, origin, MOST_CHANNELS);
}

/* Sum over rows of one of four terms. */
static double plain(int term, int64_t rows, int64_t channels, int64_t c) {
    double sum = 0;
    for (int64_t r = 0; r < rows; r++) {
        double u = (double)a[r * channels + c], v = (double)b[r * channels + c];
        double o = (double)origin[c];
        const double terms[] = {u, u * v, u - o, (u - o) * (u - o), u * (v - o)};
        sum += terms[term];
    }
    return sum;
}

static void assert_sums(const double *sum, int term, int64_t rows, int64_t channels) {
    for (int64_t c = 0; c < channels; c++)
        ck_assert_double_eq_tol(sum[c], plain(term, rows, channels, c), 1e-12);
}

static void check(int64_t rows, int64_t channels) {
    lido_channel_sums(a, rows, channels, first);
    assert_sums(first, 0, rows, channels);
    lido_channel_products(a, b, rows, channels, first);
    assert_sums(first, 1, rows, channels);
    lido_channel_moments(a, origin, rows, channels, first, second);
    assert_sums(first, 2, rows, channels);
    assert_sums(second, 3, rows, channels);
    lido_channel_covariances(a, b, origin, rows, channels, first, second);
    assert_sums(first, 0, rows, channels);
    assert_sums(second, 4, rows, channels);
}

START_TEST(equal_plain_loops) {
    static const int64_t channels[] = {1, 2, 3, 6, 7, 16, 33, 63, 64, 65, 128, 130};
    static const int64_t rows[] = {1, 2, 9, 10, 11, 21, 63, 64, 65, 129, 150};
    setup();
    for (size_t c = 0; c < sizeof channels / sizeof *channels; c++)
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) check(rows[r], channels[c]);
}
END_TEST

START_TEST(nan_stays_in_its_channel) {
    setup();
    a[5 * 3 + 1] = NAN;
    lido_channel_sums(a, 40, 3, first);
    ck_assert(!isnan(first[0]) && isnan(first[1]) && !isnan(first[2]));
}
END_TEST

LIDO_TEST_MAIN("channel_sums", equal_plain_loops, nan_stays_in_its_channel)
