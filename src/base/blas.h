/* blas.h - the only user of cblas and LAPACK. Row-major, in lido_real. */
#ifndef LIDO_BASE_BLAS_H
#define LIDO_BASE_BLAS_H

#include <lido/base.h>

typedef enum lido_transpose { LIDO_AS_IS, LIDO_TRANSPOSED } lido_transpose;

/* c[m][n] = beta * c + op(a)[m][k] * op(b)[k][n]; lda, ldb, ldc are row lengths in memory. With
 * beta 0, c is not read. Calls with m, n or k of 0 follow the same formula. */
void lido_gemm(lido_transpose transpose_a, lido_transpose transpose_b, int64_t m, int64_t n,
               int64_t k, const lido_real *a, int64_t lda, const lido_real *b, int64_t ldb,
               lido_real beta, lido_real *c, int64_t ldc);

/* a[n][n] = l l', symmetric and positive definite: writes l into the lower triangle, which is all
 * that is read. False, with a's contents lost, when a is not positive definite. */
bool lido_cholesky(int64_t n, lido_real *a);

/* b[n] = x with l l' x = b, for l[n][n] from lido_cholesky. */
void lido_cholesky_solve(int64_t n, const lido_real *l, lido_real *b);

#endif
