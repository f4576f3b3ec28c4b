/* blas.h - the only user of cblas. Row-major general matrix product in lido_real. */
#ifndef LIDO_BASE_BLAS_H
#define LIDO_BASE_BLAS_H

#include <lido/base.h>

typedef enum lido_transpose { LIDO_AS_IS, LIDO_TRANSPOSED } lido_transpose;

/* c[m][n] = beta * c + op(a)[m][k] * op(b)[k][n]; lda, ldb, ldc are row lengths in memory. With
 * beta 0, c is not read. Calls with m, n or k of 0 follow the same formula. */
void lido_gemm(lido_transpose transpose_a, lido_transpose transpose_b, int64_t m, int64_t n,
               int64_t k, const lido_real *a, int64_t lda, const lido_real *b, int64_t ldb,
               lido_real beta, lido_real *c, int64_t ldc);

#endif
