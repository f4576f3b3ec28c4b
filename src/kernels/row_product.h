/* row_product.h - the product of some rows with a matrix, for any number of rows: a row comes out
 * the same to the bit whichever others are computed with it, so that one sample costs no more than
 * one. (How a GEMM of a BLAS rounds a row depends on how many there are.) */
#ifndef LIDO_KERNELS_ROW_PRODUCT_H
#define LIDO_KERNELS_ROW_PRODUCT_H

#include <lido/base.h>

/* The strides are lengths of whole rows in memory. */
typedef struct lido_row_product {
    int64_t rows, inner, columns;
    const lido_real *x; /* x[rows][inner] */
    int64_t x_stride;
    const lido_real *w; /* w[inner][columns] */
    int64_t w_stride;
    const lido_real *bias; /* bias[columns]; NULL: zeros */
    lido_real *y;          /* y[rows][columns] */
    int64_t y_stride;
} lido_row_product;

/* y = x w + bias; every y is the bias and then the products, added in order. inner >= 1. */
void lido_row_product_run(const lido_row_product *product);

#endif
