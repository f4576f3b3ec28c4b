/* blas.c - the only user of cblas. Sizes were bounded to int when the network was planned. */
#include "base/blas.h"

#include <cblas.h>

#ifdef LIDO_DOUBLE
#    define GEMM cblas_dgemm
#else
#    define GEMM cblas_sgemm
#endif

void lido_gemm(lido_transpose transpose_a, lido_transpose transpose_b, int64_t m, int64_t n,
               int64_t k, const lido_real *a, int64_t lda, const lido_real *b, int64_t ldb,
               lido_real beta, lido_real *c, int64_t ldc) {
    GEMM(CblasRowMajor, transpose_a == LIDO_TRANSPOSED ? CblasTrans : CblasNoTrans,
         transpose_b == LIDO_TRANSPOSED ? CblasTrans : CblasNoTrans, (int)m, (int)n, (int)k, 1, a,
         (int)lda, b, (int)ldb, beta, c, (int)ldc);
}
