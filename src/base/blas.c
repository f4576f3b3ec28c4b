/* blas.c - the only user of cblas and LAPACK. Sizes were bounded to int when the network was
 * planned. */
#include "base/blas.h"

#include <cblas.h>

#ifdef LIDO_DOUBLE
#    define GEMM cblas_dgemm
#    define TRSV cblas_dtrsv
#    define POTRF dpotrf_
#else
#    define GEMM cblas_sgemm
#    define TRSV cblas_strsv
#    define POTRF spotrf_
#endif

/* LAPACK has a C header of its own only where lapacke is installed. Matrices are column by column,
 * so that "U" is our lower triangle. */
void POTRF(const char *uplo, const int *n, lido_real *a, const int *lda, int *info);

void lido_gemm(lido_transpose transpose_a, lido_transpose transpose_b, int64_t m, int64_t n,
               int64_t k, const lido_real *a, int64_t lda, const lido_real *b, int64_t ldb,
               lido_real beta, lido_real *c, int64_t ldc) {
    GEMM(CblasRowMajor, transpose_a == LIDO_TRANSPOSED ? CblasTrans : CblasNoTrans,
         transpose_b == LIDO_TRANSPOSED ? CblasTrans : CblasNoTrans, (int)m, (int)n, (int)k, 1, a,
         (int)lda, b, (int)ldb, beta, c, (int)ldc);
}

bool lido_cholesky(int64_t n, lido_real *a) {
    int size = (int)n, info = 0;
    POTRF("U", &size, a, &size, &info);
    return info == 0;
}

void lido_cholesky_solve(int64_t n, const lido_real *l, lido_real *b) {
    TRSV(CblasRowMajor, CblasLower, CblasNoTrans, CblasNonUnit, (int)n, l, (int)n, b, 1);
    TRSV(CblasRowMajor, CblasLower, CblasTrans, CblasNonUnit, (int)n, l, (int)n, b, 1);
}
