/* winograd.c - the transforms of F(4x4, 3x3), each a one-dimensional transform applied along both
 * axes of a tile, for a vector of neighbouring channels at a time. */
#include "kernels/winograd.h"

#include "kernels/clones.h"
#include "kernels/lanes.h"

enum { TILE = LIDO_WINOGRAD_TILE, SIZE = LIDO_WINOGRAD_SIZE, TAPS = 3 };

/* A constant of the kernels' number type: a plain 4 would not mix with a vector. */
#define REAL(number) ((lido_real)(number))

/* ---- one axis ------------------------------------------------------------------------------ */

LIDO_INLINE void input_axis(const lido_lanes x[SIZE], lido_lanes out[SIZE]) { /* B' x */
    const lido_lanes even = x[4] - REAL(4) * x[2], odd = x[3] - REAL(4) * x[1];
    const lido_lanes sum = x[4] - x[2], difference = REAL(2) * (x[3] - x[1]);
    out[0] = REAL(4) * x[0] - REAL(5) * x[2] + x[4];
    out[1] = even + odd;
    out[2] = even - odd;
    out[3] = sum + difference;
    out[4] = sum - difference;
    out[5] = REAL(4) * x[1] - REAL(5) * x[3] + x[5];
}

LIDO_INLINE void output_axis(const lido_lanes m[SIZE], lido_lanes out[TILE]) { /* A' m */
    const lido_lanes sum1 = m[1] + m[2], difference1 = m[1] - m[2];
    const lido_lanes sum2 = m[3] + m[4], difference2 = m[3] - m[4];
    out[0] = m[0] + sum1 + sum2;
    out[1] = difference1 + REAL(2) * difference2;
    out[2] = sum1 + REAL(4) * sum2;
    out[3] = difference1 + REAL(8) * difference2 + m[5];
}

LIDO_INLINE void output_gradient_axis(const lido_lanes y[TILE], lido_lanes out[SIZE]) { /* A y */
    const lido_lanes even1 = y[0] + y[2], odd1 = y[1] + y[3];
    const lido_lanes even2 = y[0] + REAL(4) * y[2], odd2 = REAL(2) * y[1] + REAL(8) * y[3];
    out[0] = y[0];
    out[1] = even1 + odd1;
    out[2] = even1 - odd1;
    out[3] = even2 + odd2;
    out[4] = even2 - odd2;
    out[5] = y[3];
}

LIDO_INLINE void weights_axis(const lido_lanes w[TAPS], lido_lanes out[SIZE]) { /* G w */
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

LIDO_INLINE void weights_gradient_axis(const lido_lanes m[SIZE], lido_lanes out[TAPS]) { /* G' m */
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
    lido_lanes half[SIZE * SIZE];
    for (int j = 0; j < rows_in; j++) {
        lido_lanes column[SIZE], transformed[SIZE];
        for (int i = 0; i < rows_in; i++) column[i] = in[i * rows_in + j];
        axis(column, transformed);
        for (int i = 0; i < rows_out; i++) half[i * rows_in + j] = transformed[i];
    }
    for (int i = 0; i < rows_out; i++) axis(half + i * rows_in, out + i * rows_out);
}

LIDO_CLONES
void lido_winograd_input(const lido_real *const *cell, int64_t channels, lido_real *out,
                         int64_t pitch) {
    for (int64_t c = 0; c < channels; c += LIDO_LANES) {
        lido_lanes x[SIZE * SIZE], transformed[SIZE * SIZE];
        for (int i = 0; i < SIZE * SIZE; i++) lido_lanes_load(&x[i], cell[i] + c, channels - c);
        both_axes(input_axis, SIZE, SIZE, x, transformed);
        for (int i = 0; i < SIZE * SIZE; i++)
            lido_lanes_store(&transformed[i], out + i * pitch + c, channels - c);
    }
}

LIDO_CLONES
void lido_winograd_output(const lido_real *in, int64_t pitch, int64_t filters,
                          const lido_real *bias, lido_real *const *cell) {
    for (int64_t f = 0; f < filters; f += LIDO_LANES) {
        lido_lanes m[SIZE * SIZE], y[TILE * TILE], added = {0};
        for (int i = 0; i < SIZE * SIZE; i++)
            lido_lanes_load(&m[i], in + i * pitch + f, filters - f);
        both_axes(output_axis, SIZE, TILE, m, y);
        if (bias) lido_lanes_load(&added, bias + f, filters - f);
        for (int i = 0; i < TILE * TILE; i++) {
            y[i] += added;
            lido_lanes_store(&y[i], cell[i] + f, filters - f);
        }
    }
}

LIDO_CLONES
void lido_winograd_output_gradient(const lido_real *const *cell, int64_t filters, lido_real *out,
                                   int64_t pitch) {
    for (int64_t f = 0; f < filters; f += LIDO_LANES) {
        lido_lanes dy[TILE * TILE], transformed[SIZE * SIZE];
        for (int i = 0; i < TILE * TILE; i++) lido_lanes_load(&dy[i], cell[i] + f, filters - f);
        both_axes(output_gradient_axis, TILE, SIZE, dy, transformed);
        for (int i = 0; i < SIZE * SIZE; i++)
            lido_lanes_store(&transformed[i], out + i * pitch + f, filters - f);
    }
}

LIDO_CLONES
void lido_winograd_weights(const lido_real *w, int64_t w_pitch, int64_t count, lido_real *out,
                           int64_t pitch) {
    for (int64_t n = 0; n < count; n += LIDO_LANES) {
        lido_lanes taps[TAPS * TAPS], transformed[SIZE * SIZE];
        for (int i = 0; i < TAPS * TAPS; i++)
            lido_lanes_load(&taps[i], w + i * w_pitch + n, count - n);
        both_axes(weights_axis, TAPS, SIZE, taps, transformed);
        for (int i = 0; i < SIZE * SIZE; i++)
            lido_lanes_store(&transformed[i], out + i * pitch + n, count - n);
    }
}

LIDO_CLONES
void lido_winograd_weights_gradient(const lido_real *in, int64_t pitch, int64_t count,
                                    lido_real *dw, int64_t dw_pitch) {
    for (int64_t n = 0; n < count; n += LIDO_LANES) {
        lido_lanes m[SIZE * SIZE], taps[TAPS * TAPS];
        for (int i = 0; i < SIZE * SIZE; i++) lido_lanes_load(&m[i], in + i * pitch + n, count - n);
        both_axes(weights_gradient_axis, SIZE, TAPS, m, taps);
        for (int i = 0; i < TAPS * TAPS; i++)
            lido_lanes_store(&taps[i], dw + i * dw_pitch + n, count - n);
    }
}
