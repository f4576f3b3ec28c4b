/* channel_sums.h - sums over the rows of a (rows, C) array, one for each channel, in double and in
 * an order that is a function of the sizes alone. */
#ifndef LIDO_KERNELS_CHANNEL_SUMS_H
#define LIDO_KERNELS_CHANNEL_SUMS_H

#include <lido/base.h>

/* sum[c] = sum over r of x[r][c] */
void lido_channel_sums(const lido_real *x, int64_t rows, int64_t channels, double *sum);

/* sum[c] = sum over r of a[r][c] b[r][c] */
void lido_channel_products(const lido_real *a, const lido_real *b, int64_t rows, int64_t channels,
                           double *sum);

/* sum[c] = sum over r of d, square[c] = sum of d^2, where d = x[r][c] - origin[c]: an origin near
 * the values keeps their variance from being lost in their mean. */
void lido_channel_moments(const lido_real *x, const lido_real *origin, int64_t rows,
                          int64_t channels, double *sum, double *square);

/* sum[c] = sum over r of dy[r][c], product[c] = sum of dy[r][c] (x[r][c] - mean[c]) */
void lido_channel_covariances(const lido_real *dy, const lido_real *x, const lido_real *mean,
                              int64_t rows, int64_t channels, double *sum, double *product);

#endif
