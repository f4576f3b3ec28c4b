/* winograd.h - the transforms of Winograd's minimal filtering F(4x4, 3x3) (Winograd 1980; Lavin &
 * Gray 2016), vectorised over channels. A convolution then is, for 4x4 outputs at a time,
 *     y = A' [ (G w G') . (B' x B) ] A
 * where the product in brackets is, for each of the 36 frequencies, a matrix product over channels.
 * Interpolation points 0, 1, -1, 2, -2 and infinity. Knows one tile; no threads, no images.
 *
 * A transformed tile's frequency k lies at out[k * pitch], channels contiguous. */
#ifndef LIDO_KERNELS_WINOGRAD_H
#define LIDO_KERNELS_WINOGRAD_H

#include <lido/base.h>

enum {
    LIDO_WINOGRAD_TILE = 4, /* outputs along an axis */
    LIDO_WINOGRAD_SIZE = 6, /* inputs along an axis */
    LIDO_WINOGRAD_FREQUENCIES = 36
};

/* out = B' x B. cell[6 * row + column] points at the channels of that input cell (a vector of
 * zeros where it is padding). */
void lido_winograd_input(const lido_real *const *cell, int64_t channels, lido_real *out,
                         int64_t pitch);

/* y = A' in A for the 4x4 outputs: cell[4 * row + column] points at where the filters of that
 * output go (a vector nobody reads where it lies beyond the map). bias is added; NULL: none. */
void lido_winograd_output(const lido_real *in, int64_t pitch, int64_t filters,
                          const lido_real *bias, lido_real *const *cell);

/* The transpose of the output transform: out = A dy A', cell as for it, zeros beyond the map. */
void lido_winograd_output_gradient(const lido_real *const *cell, int64_t filters, lido_real *out,
                                   int64_t pitch);

/* out = G w G' for `count` neighbouring numbers of each of the 9 taps, tap t at w[t * w_pitch]. */
void lido_winograd_weights(const lido_real *w, int64_t w_pitch, int64_t count, lido_real *out,
                           int64_t pitch);

/* The transpose: dw = G' in G, overwritten. */
void lido_winograd_weights_gradient(const lido_real *in, int64_t pitch, int64_t count,
                                    lido_real *dw, int64_t dw_pitch);

#endif
