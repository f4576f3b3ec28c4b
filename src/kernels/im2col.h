/* im2col.h - gathering the patches of a convolution into the rows of a matrix, and scattering the
 * gradient of such rows back. Works on one image; knows no threads and no batch.
 *
 * An index table for an axis says where cell k of output o lies: source[o * kernel + k] is an input
 * index, or -1 where the padding is zero. Stride, dilation and every border rule are in the tables,
 * so the loops below know none of them. */
#ifndef LIDO_KERNELS_IM2COL_H
#define LIDO_KERNELS_IM2COL_H

#include "kernels/geometry.h"

/* What padding cells hold. lido_border_names, ended by NULL, spells them. */
typedef enum lido_border {
    LIDO_BORDER_ZERO,
    LIDO_BORDER_REFLECT, /* mirrored without repeating the edge: needs padding < length */
    LIDO_BORDER_EDGE,    /* the nearest cell */
    LIDO_BORDER_CIRCULAR /* from the other side: needs padding <= length */
} lido_border;

extern const char *const lido_border_names[];

/* The input index that stands at `position` (which may lie outside [0, length)), or -1 for zero. */
int64_t lido_border_index(lido_border border, int64_t position, int64_t length);

/* Fills source[output * kernel] of one axis. */
void lido_im2col_source(const lido_geometry *geometry, int axis, lido_border border,
                        int32_t *source);

/* One image and the channels to take of it. */
typedef struct lido_patches {
    const lido_geometry *geometry;
    const int32_t *source[LIDO_MAX_AXES];
    int64_t channels;             /* of the image */
    int64_t first, count;         /* channels [first, first + count) are gathered */
    int64_t tap_first, tap_count; /* of the KD * KH rows of the kernel, these */
} lido_patches;

/* rows[p][KD-KH row, kw, c] for output positions [begin, end) (row-major over OD, OH, OW);
 * row length tap_count * KW * count. x is the image (D, H, W, channels). */
void lido_im2col(const lido_patches *patches, const lido_real *x, int64_t begin, int64_t end,
                 lido_real *rows);

/* The same patches transposed, columns[KD-KH row, kw, c][p]: contiguous runs along W, for few
 * channels. */
void lido_im2col_transposed(const lido_patches *patches, const lido_real *x, int64_t begin,
                            int64_t end, lido_real *columns);

/* dx += the transpose of lido_im2col applied to rows. */
void lido_col2im(const lido_patches *patches, const lido_real *rows, int64_t begin, int64_t end,
                 lido_real *dx);

#endif
