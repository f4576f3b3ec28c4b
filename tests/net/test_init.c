/* test_init.c - initial weights: their distribution, and what they depend on. */
#include "lido_check.h"

#include "net/init.h"

#include <math.h>

enum { COUNT = 200000 };

static lido_param param_of(lido_init init, int64_t count) {
    return (lido_param){.name = "weight",
                        .rank = 1,
                        .dim = {count},
                        .init = init,
                        .value = 0.75,
                        .fan_in = 9,
                        .fan_out = 16};
}

static lido_real *filled(const lido_param *param, uint64_t seed, const char *key, int64_t part) {
    int64_t count;
    ck_assert(lido_param_count(param, &count));
    /* one more, to see that it stays */
    lido_real *values = malloc((size_t)(count + 1) * sizeof *values);
    ck_assert_ptr_nonnull(values);
    values[count] = 12345;
    lido_init_fill(param, seed, key, part, values);
    ck_assert(values[count] == 12345);
    return values;
}

/* By Philox and Box-Muller written a second time, in Python. */
START_TEST(known_values) {
    static const double normal[] = {0.8069581279121814, -0.35881352508995534, -0.7884320094296119};
    static const double uniform[] = {0.3776620908188057, 0.50045908455901, 0.38789471378586604};
    lido_param param = param_of(LIDO_INIT_HE_NORMAL, 3);
    lido_real *values = filled(&param, 7, "conv#1", 0);
    for (int i = 0; i < 3; i++) ck_assert_double_eq_tol((double)values[i], normal[i], 1e-7);
    free(values);
    param = param_of(LIDO_INIT_LECUN_UNIFORM, 3);
    values = filled(&param, 7, "conv#1", 0);
    for (int i = 0; i < 3; i++) ck_assert_double_eq_tol((double)values[i], uniform[i], 1e-7);
    free(values);
}
END_TEST

typedef struct moments {
    double mean, variance, kurtosis, largest;
} moments;

static moments moments_of(const lido_real *values, int64_t count) {
    moments m = {0};
    for (int64_t i = 0; i < count; i++) m.mean += (double)values[i] / (double)count;
    double fourth = 0;
    for (int64_t i = 0; i < count; i++) {
        double d = (double)values[i] - m.mean;
        m.variance += d * d / (double)count;
        fourth += d * d * d * d / (double)count;
        m.largest = fmax(m.largest, fabs((double)values[i]));
    }
    m.kurtosis = fourth / (m.variance * m.variance);
    return m;
}

/* Mean and variance within four standard errors, and the shape of the distribution: a fourth moment
 * of 3 (normal) or 9/5 (uniform). */
START_TEST(distributions) {
    static const struct {
        lido_init init;
        double variance, kurtosis;
    } cases[] = {
        {LIDO_INIT_HE_NORMAL, 2.0 / 9, 3},      {LIDO_INIT_HE_UNIFORM, 2.0 / 9, 1.8},
        {LIDO_INIT_GLOROT_NORMAL, 2.0 / 25, 3}, {LIDO_INIT_GLOROT_UNIFORM, 2.0 / 25, 1.8},
        {LIDO_INIT_LECUN_NORMAL, 1.0 / 9, 3},   {LIDO_INIT_LECUN_UNIFORM, 1.0 / 9, 1.8},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lido_param param = param_of(cases[i].init, COUNT);
        lido_real *values = filled(&param, 1, "conv#1", 0);
        moments m = moments_of(values, COUNT);
        double deviation = sqrt(cases[i].variance);
        double spread = sqrt((cases[i].kurtosis - 1) / COUNT); /* of the variance, relative */
        ck_assert_double_eq_tol(m.mean, 0, 4 * deviation / sqrt(COUNT));
        ck_assert_double_eq_tol(m.variance / cases[i].variance, 1, 4 * spread);
        ck_assert_double_eq_tol(m.kurtosis, cases[i].kurtosis, 0.05);
        if (cases[i].kurtosis < 2)
            ck_assert_double_le(m.largest, sqrt(3) * deviation * (1 + 1e-6));
        else
            ck_assert_double_gt(m.largest, 4 * deviation);
        free(values);
    }
}
END_TEST

/* Neighbours, which come from one pair, do not go together. */
START_TEST(neighbours_are_independent) {
    static const lido_init inits[] = {LIDO_INIT_HE_NORMAL, LIDO_INIT_HE_UNIFORM};
    for (int i = 0; i < 2; i++) {
        lido_param param = param_of(inits[i], COUNT);
        lido_real *values = filled(&param, 1, "conv#1", 0);
        for (int lag = 1; lag <= 2; lag++) {
            double sum = 0;
            for (int j = 0; j + lag < COUNT; j++)
                sum += (double)values[j] * (double)values[j + lag];
            ck_assert_double_eq_tol(sum / (2.0 / 9) / COUNT, 0, 4 / sqrt(COUNT));
        }
        free(values);
    }
}
END_TEST

START_TEST(constants) {
    static const struct {
        lido_init init;
        lido_real value;
    } cases[] = {{LIDO_INIT_ZEROS, 0}, {LIDO_INIT_CONSTANT, (lido_real)0.75}};
    for (int i = 0; i < 2; i++) {
        lido_param param = param_of(cases[i].init, 17);
        lido_real *values = filled(&param, 1, "conv#1", 0);
        for (int j = 0; j < 17; j++) ck_assert(values[j] == cases[i].value);
        free(values);
    }
}
END_TEST

/* Weight i is the same however many there are. */
START_TEST(a_longer_segment_begins_the_same) {
    lido_param small = param_of(LIDO_INIT_HE_NORMAL, 5), large = param_of(LIDO_INIT_HE_NORMAL, 8);
    lido_real *a = filled(&small, 1, "conv#1", 0), *b = filled(&large, 1, "conv#1", 0);
    ck_assert_mem_eq(a, b, 5 * sizeof *a);
    free(a);
    free(b);
}
END_TEST

START_TEST(seed_key_name_and_part_all_count) {
    lido_param param = param_of(LIDO_INIT_HE_NORMAL, 8), other = param;
    other.name = "bias";
    lido_real *values[] = {filled(&param, 1, "conv#1", 0), filled(&param, 2, "conv#1", 0),
                           filled(&param, 1, "conv#2", 0), filled(&other, 1, "conv#1", 0),
                           filled(&param, 1, "conv#1", 1), filled(&param, 1, "conv#1", 0)};
    for (int i = 1; i < 5; i++) ck_assert_mem_ne(values[0], values[i], 8 * sizeof **values);
    ck_assert_mem_eq(values[0], values[5], 8 * sizeof **values);
    for (int i = 0; i < 6; i++) free(values[i]);
}
END_TEST

START_TEST(counts_segments) {
    lido_param param = {.rank = 3, .dim = {3, 5, 7}};
    int64_t count;
    ck_assert(lido_param_count(&param, &count));
    ck_assert_int_eq(count, 105);
    param = (lido_param){.rank = 2, .dim = {1 << 20, 1 << 20}};
    ck_assert(lido_param_count(&param, &count));
    ck_assert_int_eq(count, LIDO_MAX_ELEMENTS);
    param = (lido_param){.rank = 2, .dim = {1 << 20, (1 << 20) + 1}};
    ck_assert(!lido_param_count(&param, &count));
    param = (lido_param){.rank = 2, .dim = {INT64_MAX, 2}};
    ck_assert(!lido_param_count(&param, &count));
}
END_TEST

START_TEST(names_are_those_of_the_enumeration) {
    ck_assert_str_eq(lido_init_names[LIDO_INIT_HE_NORMAL], "he_normal");
    ck_assert_str_eq(lido_init_names[LIDO_INIT_GLOROT_UNIFORM], "glorot_uniform");
    ck_assert_str_eq(lido_init_names[LIDO_INIT_ZEROS], "zeros");
    ck_assert_ptr_null(lido_init_names[LIDO_INIT_CONSTANT]);
}
END_TEST

LIDO_TEST_MAIN("init", known_values, distributions, neighbours_are_independent, constants,
               a_longer_segment_begins_the_same, seed_key_name_and_part_all_count, counts_segments,
               names_are_those_of_the_enumeration)
