/* winograd.h - the transforms of Winograd's minimal filtering F(m x m, 3x3) (Winograd 1980; Lavin &
 * Gray 2016), vectorised over channels. A convolution then is, for a tile of m x m outputs,
 *     y = A' [ (G w G') . (B' x B) ] A
 * where the product in brackets is, for each of the (m + 2)^2 frequencies, a matrix product over
 * channels. The interpolation points are 0, 1, -1 and infinity for m = 2, and 2, -2 more for m = 4:
 * fewer multiplications, larger constants and so more rounding. Knows one tile; no threads, no
 * images.
 *
 * A transformed tile's frequency k lies at out[k * pitch], channels contiguous. */
#ifndef LIDO_KERNELS_WINOGRAD_H
#define LIDO_KERNELS_WINOGRAD_H

#include <lido/base.h>

enum { LIDO_WINOGRAD_MOST_SIZE = 6 }; /* of the tables below */

typedef struct lido_winograd {
    int tile; /* m: outputs along an axis */
    int size; /* m + 2: inputs along an axis */

    /* out = B' x B. cell[size * row + column] points at the channels of that input cell (a vector
     * of zeros where it is padding). */
    void (*input)(const lido_real *const *cell, int64_t channels, lido_real *out, int64_t pitch);

    /* y = A' in A: cell[tile * row + column] points at where the filters of that output go (a
     * vector nobody reads where it lies beyond the map). bias is added; NULL: none. */
    void (*output)(const lido_real *in, int64_t pitch, int64_t filters, const lido_real *bias,
                   lido_real *const *cell);

    /* The transpose of the output transform: out = A dy A', cell as for it, zeros beyond the map.
     */
    void (*output_gradient)(const lido_real *const *cell, int64_t filters, lido_real *out,
                            int64_t pitch);

    /* out = G w G' for `count` neighbouring numbers of each of the 9 taps, tap t at w[t * w_pitch].
     */
    void (*weights)(const lido_real *w, int64_t w_pitch, int64_t count, lido_real *out,
                    int64_t pitch);

    /* The transpose: dw = G' in G, overwritten. */
    void (*weights_gradient)(const lido_real *in, int64_t pitch, int64_t count, lido_real *dw,
                             int64_t dw_pitch);
} lido_winograd;

extern const lido_winograd lido_winograd_2x2, lido_winograd_4x4;

#endif
