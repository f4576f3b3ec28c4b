/* Winograd's transforms against the convolution they compute, and each gradient transform against
 * the transpose of its forward one. */
#include "kernels/winograd.h"

#include "lido_check.h"

#include <math.h>

enum { CHANNELS = 37, X = 36, Y = 16, TAPS = 9, PITCH = 40 }; /* 37: two whole vectors and a tail */

static const double TOLERANCE = sizeof(lido_real) == 4 ? 1e-5 : 1e-13;

static void fill(lido_real *values, int64_t count, uint64_t seed) {
    static float numbers[4096];
    lido_fill_uniform(lido_key_make(seed, "test", 0), 0, numbers, count);
    for (int64_t i = 0; i < count; i++) values[i] = numbers[i] - (lido_real)0.5;
}

static void point(lido_real *values, int count, lido_real **cell) {
    for (int i = 0; i < count; i++) cell[i] = values + i * CHANNELS;
}

START_TEST(multiplied_frequencies_are_the_convolution) {
    lido_real x[X * CHANNELS], w[TAPS * CHANNELS], y[Y * CHANNELS], bias[CHANNELS];
    lido_real v[X * PITCH], u[X * PITCH], *in[X], *out[Y];
    fill(x, X * CHANNELS, 1);
    fill(w, TAPS * CHANNELS, 2);
    fill(bias, CHANNELS, 3);
    point(x, X, in);
    point(y, Y, out);
    lido_winograd_input((const lido_real *const *)in, CHANNELS, v, PITCH);
    lido_winograd_weights(w, CHANNELS, CHANNELS, u, PITCH);
    for (int k = 0; k < X; k++)
        for (int c = 0; c < CHANNELS; c++) v[k * PITCH + c] *= u[k * PITCH + c];
    lido_winograd_output(v, PITCH, CHANNELS, bias, out);
    for (int o = 0; o < Y; o++) {
        for (int c = 0; c < CHANNELS; c++) {
            double expected = bias[c];
            for (int t = 0; t < TAPS; t++)
                expected += (double)x[((o / 4 + t / 3) * 6 + o % 4 + t % 3) * CHANNELS + c] *
                            w[t * CHANNELS + c];
            ck_assert_double_eq_tol(y[o * CHANNELS + c], expected, TOLERANCE);
        }
    }
}
END_TEST

static double dot(const lido_real *a, int64_t a_pitch, const lido_real *b, int64_t b_pitch,
                  int rows) {
    double sum = 0;
    for (int i = 0; i < rows; i++)
        for (int c = 0; c < CHANNELS; c++) sum += (double)a[i * a_pitch + c] * b[i * b_pitch + c];
    return sum;
}

START_TEST(gradient_of_outputs_is_the_transpose) {
    lido_real m[X * PITCH], y[Y * CHANNELS], dy[Y * CHANNELS], dm[X * PITCH], *cell[Y];
    fill(m, X * PITCH, 4);
    fill(dy, Y * CHANNELS, 5);
    point(y, Y, cell);
    lido_winograd_output(m, PITCH, CHANNELS, NULL, cell);
    point(dy, Y, cell);
    lido_winograd_output_gradient((const lido_real *const *)cell, CHANNELS, dm, PITCH);
    const double left = dot(y, CHANNELS, dy, CHANNELS, Y), right = dot(m, PITCH, dm, PITCH, X);
    ck_assert_double_eq_tol(left, right, 1e3 * TOLERANCE);
    ck_assert(fabs(left) > 0.1);
}
END_TEST

START_TEST(gradient_of_weights_is_the_transpose) {
    lido_real w[TAPS * CHANNELS], u[X * PITCH], du[X * PITCH], dw[TAPS * CHANNELS];
    fill(w, TAPS * CHANNELS, 6);
    fill(du, X * PITCH, 7);
    lido_winograd_weights(w, CHANNELS, CHANNELS, u, PITCH);
    lido_winograd_weights_gradient(du, PITCH, CHANNELS, dw, CHANNELS);
    const double left = dot(u, PITCH, du, PITCH, X), right = dot(w, CHANNELS, dw, CHANNELS, TAPS);
    ck_assert_double_eq_tol(left, right, 1e3 * TOLERANCE);
    ck_assert(fabs(left) > 0.01);
}
END_TEST

START_TEST(writes_no_further_than_the_channels) {
    lido_real x[X * CHANNELS], v[X * PITCH], *in[X];
    fill(x, X * CHANNELS, 8);
    point(x, X, in);
    for (int i = 0; i < X * PITCH; i++) v[i] = 77;
    lido_winograd_input((const lido_real *const *)in, CHANNELS, v, PITCH);
    for (int k = 0; k < X; k++)
        for (int c = CHANNELS; c < PITCH; c++) ck_assert(v[k * PITCH + c] == 77);
}
END_TEST

LIDO_TEST_MAIN("winograd", multiplied_frequencies_are_the_convolution,
               gradient_of_outputs_is_the_transpose, gradient_of_weights_is_the_transpose,
               writes_no_further_than_the_channels)
