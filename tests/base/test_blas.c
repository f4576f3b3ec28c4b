/* Tests of blas.c: the product against a loop in double, over transposes, row lengths and beta. */
#include "lido_check.h"

#include "base/blas.h"

#include <float.h>
#include <math.h>

enum { ROOM = 40 * 40 };

static void fill(const char *purpose, lido_real *values) {
    static float drawn[ROOM];
    lido_fill_uniform(lido_key_make(1, purpose, 0), 0, drawn, ROOM);
    for (int i = 0; i < ROOM; i++) values[i] = drawn[i] - (lido_real)0.5;
}

/* op(matrix)[row][column] */
static double at(lido_transpose transpose, const lido_real *matrix, int64_t row_length, int64_t row,
                 int64_t column) {
    return matrix[transpose == LIDO_TRANSPOSED ? column * row_length + row
                                               : row * row_length + column];
}

static void check(lido_transpose ta, lido_transpose tb, int64_t m, int64_t n, int64_t k,
                  int64_t pad, lido_real beta) {
    static lido_real a[ROOM], b[ROOM], c[ROOM], before[ROOM];
    fill("a", a);
    fill("b", b);
    fill("c", before);
    int64_t lda = (ta == LIDO_TRANSPOSED ? m : k) + pad,
            ldb = (tb == LIDO_TRANSPOSED ? k : n) + pad;
    int64_t ldc = n + pad;
    if (beta == 0)
        for (int i = 0; i < ROOM; i++) before[i] = (lido_real)NAN;
    memcpy(c, before, sizeof c);
    lido_gemm(ta, tb, m, n, k, a, lda, b, ldb, beta, c, ldc);
    for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j < n; j++) {
            double sum = beta == 0 ? 0 : (double)beta * before[i * ldc + j];
            for (int64_t l = 0; l < k; l++) sum += at(ta, a, lda, i, l) * at(tb, b, ldb, l, j);
            ck_assert_double_le(fabs(sum - c[i * ldc + j]), 1e-6 * (double)(k + 1));
        }
        int64_t beyond = i * ldc + n; /* the gap between rows is not touched */
        ck_assert_mem_eq(&c[beyond], &before[beyond], (size_t)pad * sizeof *c);
    }
}

START_TEST(equals_the_loop) {
    static const int64_t sizes[][3] = {{1, 1, 1}, {1, 7, 5},    {7, 1, 5},   {5, 7, 1},
                                       {3, 5, 2}, {16, 16, 16}, {17, 6, 33}, {33, 31, 13}};
    static const lido_real betas[] = {0, 1, (lido_real)-0.5};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (int variant = 0; variant < 24; variant++) {
            check(variant & 1 ? LIDO_TRANSPOSED : LIDO_AS_IS,
                  variant & 2 ? LIDO_TRANSPOSED : LIDO_AS_IS, sizes[s][0], sizes[s][1], sizes[s][2],
                  variant & 4 ? 3 : 0, betas[variant / 8]);
        }
    }
}
END_TEST

START_TEST(empty_sizes_follow_the_formula) {
    lido_real a[4] = {1, 1, 1, 1}, c[4] = {1, 2, 3, 4};
    lido_gemm(LIDO_AS_IS, LIDO_AS_IS, 0, 2, 2, a, 2, a, 2, 1, c, 2);
    ck_assert(c[0] == 1 && c[3] == 4);
    lido_gemm(LIDO_AS_IS, LIDO_AS_IS, 2, 2, 0, a, 1, a, 2, 2, c, 2);
    ck_assert(c[0] == 2 && c[1] == 4 && c[2] == 6 && c[3] == 8);
    lido_gemm(LIDO_AS_IS, LIDO_AS_IS, 2, 2, 0, a, 1, a, 2, 0, c, 2);
    ck_assert(c[0] == 0 && c[1] == 0 && c[2] == 0 && c[3] == 0);
}
END_TEST

/* l l' = a and a x = b, for a = m m' + I; the upper triangle is neither read nor written. */
static void check_cholesky(int64_t n) {
    static lido_real m[ROOM], a[ROOM], l[ROOM], b[ROOM], x[ROOM];
    fill("m", m);
    fill("b", b);
    lido_gemm(LIDO_AS_IS, LIDO_TRANSPOSED, n, n, n, m, n, m, n, 0, a, n);
    for (int64_t i = 0; i < n; i++) {
        a[i * n + i] += 1;
        x[i] = b[i];
        for (int64_t j = 0; j < n; j++) l[i * n + j] = j > i ? (lido_real)NAN : a[i * n + j];
    }
    ck_assert(lido_cholesky(n, l));
    lido_cholesky_solve(n, l, x);
    for (int64_t i = 0; i < n; i++) {
        double product = 0;
        for (int64_t j = 0; j < n; j++) {
            double square = 0;
            for (int64_t k = 0; k <= (i < j ? i : j); k++) square += l[i * n + k] * l[j * n + k];
            ck_assert_double_le(fabs(square - a[i * n + j]), 1e-5);
            ck_assert(j <= i || isnan(l[i * n + j]));
            product += a[i * n + j] * x[j];
        }
        ck_assert_double_le(fabs(product - b[i]), 1e-5);
    }
}

START_TEST(cholesky_solves) {
    static const int64_t sizes[] = {1, 2, 7, 16, 33};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) check_cholesky(sizes[s]);
}
END_TEST

START_TEST(cholesky_refuses_what_is_not_positive_definite) {
    lido_real indefinite[] = {1, 0, 2, 1}, negative[] = {-1}, zero[] = {0};
    ck_assert(!lido_cholesky(2, indefinite));
    ck_assert(!lido_cholesky(1, negative));
    ck_assert(!lido_cholesky(1, zero));
}
END_TEST

LIDO_TEST_MAIN("blas", equals_the_loop, empty_sizes_follow_the_formula, cholesky_solves,
               cholesky_refuses_what_is_not_positive_definite)
