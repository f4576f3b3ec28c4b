/* winograd.c - the transforms of F(2x2, 3x3) and F(4x4, 3x3), each a one-dimensional transform
 * applied along both axes of a tile, for a vector of neighbouring channels at a time. A further
 * F(m x m, 3x3) is five transforms of one axis and a line at the end. */
#include "kernels/winograd.h"

#include "kernels/clones.h"
#include "kernels/lanes.h"

enum { MOST_SIZE = LIDO_WINOGRAD_MOST_SIZE, MOST_TILE = MOST_SIZE - 2, TAPS = 3 };

/* A constant of the kernels' number type: a plain 4 would not mix with a vector. */
#define REAL(number) ((lido_real)(number))

/* ---- one axis of F(2x2, 3x3) -------------------------------------------------------------- */

LIDO_INLINE void input_axis_2(const lido_lanes x[4], lido_lanes out[4]) { /* B' x */
    out[0] = x[0] - x[2];
    out[1] = x[1] + x[2];
    out[2] = x[2] - x[1];
    out[3] = x[1] - x[3];
}

LIDO_INLINE void output_axis_2(const lido_lanes m[4], lido_lanes out[2]) { /* A' m */
    out[0] = m[0] + m[1] + m[2];
    out[1] = m[1] - m[2] - m[3];
}

LIDO_INLINE void output_gradient_axis_2(const lido_lanes y[2], lido_lanes out[4]) { /* A y */
    out[0] = y[0];
    out[1] = y[0] + y[1];
    out[2] = y[0] - y[1];
    out[3] = -y[1];
}

LIDO_INLINE void weights_axis_2(const lido_lanes w[TAPS], lido_lanes out[4]) { /* G w */
    const lido_lanes even = (w[0] + w[2]) * REAL(0.5), odd = w[1] * REAL(0.5);
    out[0] = w[0];
    out[1] = even + odd;
    out[2] = even - odd;
    out[3] = w[2];
}

LIDO_INLINE void weights_gradient_axis_2(const lido_lanes m[4], lido_lanes out[TAPS]) { /* G' m */
    const lido_lanes even = (m[1] + m[2]) * REAL(0.5);
    out[0] = m[0] + even;
    out[1] = (m[1] - m[2]) * REAL(0.5);
    out[2] = even + m[3];
}

/* ---- one axis of F(4x4, 3x3) -------------------------------------------------------------- */

LIDO_INLINE void input_axis_4(const lido_lanes x[6], lido_lanes out[6]) { /* B' x */
    const lido_lanes even = x[4] - REAL(4) * x[2], odd = x[3] - REAL(4) * x[1];
    const lido_lanes sum = x[4] - x[2], difference = REAL(2) * (x[3] - x[1]);
    out[0] = REAL(4) * x[0] - REAL(5) * x[2] + x[4];
    out[1] = even + odd;
    out[2] = even - odd;
    out[3] = sum + difference;
    out[4] = sum - difference;
    out[5] = REAL(4) * x[1] - REAL(5) * x[3] + x[5];
}

LIDO_INLINE void output_axis_4(const lido_lanes m[6], lido_lanes out[4]) { /* A' m */
    const lido_lanes sum1 = m[1] + m[2], difference1 = m[1] - m[2];
    const lido_lanes sum2 = m[3] + m[4], difference2 = m[3] - m[4];
    out[0] = m[0] + sum1 + sum2;
    out[1] = difference1 + REAL(2) * difference2;
    out[2] = sum1 + REAL(4) * sum2;
    out[3] = difference1 + REAL(8) * difference2 + m[5];
}

LIDO_INLINE void output_gradient_axis_4(const lido_lanes y[4], lido_lanes out[6]) { /* A y */
    const lido_lanes even1 = y[0] + y[2], odd1 = y[1] + y[3];
    const lido_lanes even2 = y[0] + REAL(4) * y[2], odd2 = REAL(2) * y[1] + REAL(8) * y[3];
    out[0] = y[0];
    out[1] = even1 + odd1;
    out[2] = even1 - odd1;
    out[3] = even2 + odd2;
    out[4] = even2 - odd2;
    out[5] = y[3];
}

LIDO_INLINE void weights_axis_4(const lido_lanes w[TAPS], lido_lanes out[6]) { /* G w */
    const lido_lanes even1 = (w[0] + w[2]) * REAL(-1.0 / 6), odd1 = w[1] * REAL(1.0 / 6);
    const lido_lanes even2 = w[0] * REAL(1.0 / 24) + w[2] * REAL(1.0 / 6);
    const lido_lanes odd2 = w[1] * REAL(1.0 / 12);
    out[0] = w[0] * REAL(0.25);
    out[1] = even1 - odd1;
    out[2] = even1 + odd1;
    out[3] = even2 + odd2;
    out[4] = even2 - odd2;
    out[5] = w[2];
}

LIDO_INLINE void weights_gradient_axis_4(const lido_lanes m[6], lido_lanes out[TAPS]) { /* G' m */
    const lido_lanes sum1 = (m[1] + m[2]) * REAL(-1.0 / 6);
    const lido_lanes sum2 = m[3] + m[4];
    out[0] = m[0] * REAL(0.25) + sum1 + sum2 * REAL(1.0 / 24);
    out[1] = (m[2] - m[1]) * REAL(1.0 / 6) + (m[3] - m[4]) * REAL(1.0 / 12);
    out[2] = sum1 + sum2 * REAL(1.0 / 6) + m[5];
}

/* ---- both axes ----------------------------------------------------------------------------- */

typedef void axis_transform(const lido_lanes *in, lido_lanes *out);

/* out[rows_out][rows_out] = T in[rows_in][rows_in] T', T being `axis`. */
LIDO_INLINE void both_axes(axis_transform *axis, int rows_in, int rows_out, const lido_lanes *in,
                           lido_lanes *out) {
    lido_lanes half[MOST_SIZE * MOST_SIZE];
    for (int j = 0; j < rows_in; j++) {
        lido_lanes column[MOST_SIZE], transformed[MOST_SIZE];
        for (int i = 0; i < rows_in; i++) column[i] = in[i * rows_in + j];
        axis(column, transformed);
        for (int i = 0; i < rows_out; i++) half[i * rows_in + j] = transformed[i];
    }
    for (int i = 0; i < rows_out; i++) axis(half + i * rows_in, out + i * rows_out);
}

/* ---- the transforms, for a tile of any size ------------------------------------------------ */

/* From cells (a vector of channels each) to frequencies: inputs, and gradients of outputs. */
LIDO_INLINE void from_cells(axis_transform *axis, int side, int size, const lido_real *const *cell,
                            int64_t channels, lido_real *out, int64_t pitch) {
    for (int64_t c = 0; c < channels; c += LIDO_LANES) {
        lido_lanes x[MOST_SIZE * MOST_SIZE], transformed[MOST_SIZE * MOST_SIZE];
        for (int i = 0; i < side * side; i++) lido_lanes_load(&x[i], cell[i] + c, channels - c);
        both_axes(axis, side, size, x, transformed);
        for (int i = 0; i < size * size; i++)
            lido_lanes_store(&transformed[i], out + i * pitch + c, channels - c);
    }
}

/* From frequencies to cells. */
LIDO_INLINE void to_cells(axis_transform *axis, int size, int tile, const lido_real *in,
                          int64_t pitch, int64_t filters, const lido_real *bias,
                          lido_real *const *cell) {
    for (int64_t f = 0; f < filters; f += LIDO_LANES) {
        lido_lanes m[MOST_SIZE * MOST_SIZE], y[MOST_TILE * MOST_TILE], added = {0};
        for (int i = 0; i < size * size; i++)
            lido_lanes_load(&m[i], in + i * pitch + f, filters - f);
        both_axes(axis, size, tile, m, y);
        if (bias) lido_lanes_load(&added, bias + f, filters - f);
        for (int i = 0; i < tile * tile; i++) {
            y[i] += added;
            lido_lanes_store(&y[i], cell[i] + f, filters - f);
        }
    }
}

/* Between taps and frequencies, whichever way. */
LIDO_INLINE void between(axis_transform *axis, int rows_in, int rows_out, const lido_real *in,
                         int64_t in_pitch, int64_t count, lido_real *out, int64_t out_pitch) {
    for (int64_t n = 0; n < count; n += LIDO_LANES) {
        lido_lanes x[MOST_SIZE * MOST_SIZE], transformed[MOST_SIZE * MOST_SIZE];
        for (int i = 0; i < rows_in * rows_in; i++)
            lido_lanes_load(&x[i], in + i * in_pitch + n, count - n);
        both_axes(axis, rows_in, rows_out, x, transformed);
        for (int i = 0; i < rows_out * rows_out; i++)
            lido_lanes_store(&transformed[i], out + i * out_pitch + n, count - n);
    }
}

/* ---- each size ----------------------------------------------------------------------------- */

/* The five transforms with the tile's size known to the compiler, and their table. */
#define TRANSFORMS(m)                                                                              \
    LIDO_CLONES                                                                                    \
    static void input_##m(const lido_real *const *cell, int64_t channels, lido_real *out,          \
                          int64_t pitch) {                                                         \
        from_cells(input_axis_##m, m + 2, m + 2, cell, channels, out, pitch);                      \
    }                                                                                              \
    LIDO_CLONES                                                                                    \
    static void output_##m(const lido_real *in, int64_t pitch, int64_t filters,                    \
                           const lido_real *bias, lido_real *const *cell) {                        \
        to_cells(output_axis_##m, m + 2, m, in, pitch, filters, bias, cell);                       \
    }                                                                                              \
    LIDO_CLONES                                                                                    \
    static void output_gradient_##m(const lido_real *const *cell, int64_t filters, lido_real *out, \
                                    int64_t pitch) {                                               \
        from_cells(output_gradient_axis_##m, m, m + 2, cell, filters, out, pitch);                 \
    }                                                                                              \
    LIDO_CLONES                                                                                    \
    static void weights_##m(const lido_real *w, int64_t w_pitch, int64_t count, lido_real *out,    \
                            int64_t pitch) {                                                       \
        between(weights_axis_##m, TAPS, m + 2, w, w_pitch, count, out, pitch);                     \
    }                                                                                              \
    LIDO_CLONES                                                                                    \
    static void weights_gradient_##m(const lido_real *in, int64_t pitch, int64_t count,            \
                                     lido_real *dw, int64_t dw_pitch) {                            \
        between(weights_gradient_axis_##m, m + 2, TAPS, in, pitch, count, dw, dw_pitch);           \
    }                                                                                              \
    const lido_winograd lido_winograd_##m##x##m = {                                                \
        .tile = m,                                                                                 \
        .size = m + 2,                                                                             \
        .input = input_##m,                                                                        \
        .output = output_##m,                                                                      \
        .output_gradient = output_gradient_##m,                                                    \
        .weights = weights_##m,                                                                    \
        .weights_gradient = weights_gradient_##m,                                                  \
    };

TRANSFORMS(2)
TRANSFORMS(4)
