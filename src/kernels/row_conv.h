/* row_conv.h - convolution of stride 1 straight from the rows of an image, for few channels: a row
 * of taps is a run of neighbouring numbers there, so nothing is gathered. */
#ifndef LIDO_KERNELS_ROW_CONV_H
#define LIDO_KERNELS_ROW_CONV_H

#include <lido/base.h>

/* Lengths along (D, H, W). The image holds its padding: it is output + kernel - 1 long. */
typedef struct lido_row_conv {
    int64_t output[LIDO_MAX_AXES], kernel[LIDO_MAX_AXES];
    int64_t channels, filters;
} lido_row_conv;

enum { LIDO_ROW_CONV_TAPS = 512 };

/* Few enough taps: at most LIDO_ROW_CONV_TAPS of kernel x channels, and of KH x filters. */
bool lido_row_conv_fits(const lido_row_conv *rows);

/* Numbers of an image. */
int64_t lido_row_conv_image(const lido_row_conv *rows);
/* Numbers of the packed weights and bias: filters in panels, zeros behind the last one. */
int64_t lido_row_conv_packed(const lido_row_conv *rows);

/* packed from w[kernel][channels][filters] and bias[filters] (NULL: zeros). */
void lido_row_conv_pack(const lido_row_conv *rows, const lido_real *w, const lido_real *bias,
                        lido_real *packed);
/* image[output + kernel - 1][channels] = src[length][channels], behind `before` cells of each axis,
 * and zeros around. */
void lido_row_conv_pad(const lido_row_conv *rows, const lido_real *src,
                       const int64_t length[LIDO_MAX_AXES], const int64_t before[LIDO_MAX_AXES],
                       lido_real *image);

/* y[output][filters] of one image. */
void lido_row_conv_forward(const lido_row_conv *rows, const lido_real *image,
                           const lido_real *packed, lido_real *y);

/* Numbers of the weights as lido_row_conv_data reads them, and of its room for work. */
int64_t lido_row_conv_turned(const lido_row_conv *rows);
int64_t lido_row_conv_work(const lido_row_conv *rows);
/* turned from w[kernel][channels][filters]. */
void lido_row_conv_turn(const lido_row_conv *rows, const lido_real *w, lido_real *turned);
/* dx[length][channels] of one image, which lay behind `before` cells of padding, from
 * dy[output][filters]. */
void lido_row_conv_data(const lido_row_conv *rows, const lido_real *dy, const lido_real *turned,
                        const int64_t length[LIDO_MAX_AXES], const int64_t before[LIDO_MAX_AXES],
                        lido_real *work, lido_real *dx);

/* dw[kernel][channels][filters] += what an image and dy[output][filters] give. */
void lido_row_conv_weights(const lido_row_conv *rows, const lido_real *image, const lido_real *dy,
                           lido_real *dw);

#endif
