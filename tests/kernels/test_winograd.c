/* Winograd's transforms against the convolution they compute, and each gradient transform against
 * the transpose of its forward one, for every size of tile. */
#include "kernels/winograd.h"

#include "lido_check.h"

#include <math.h>

enum { CHANNELS = 37, MOST_X = 36, MOST_Y = 16, TAPS = 9, PITCH = 40 }; /* 37: vectors and a tail */

static const lido_winograd *const transforms[] = {&lido_winograd_2x2, &lido_winograd_4x4};
enum { TRANSFORMS = sizeof transforms / sizeof *transforms };

static const double TOLERANCE = sizeof(lido_real) == 4 ? 1e-5 : 1e-13;

static int inputs_of(const lido_winograd *t) {
    return t->size * t->size;
}

static int outputs_of(const lido_winograd *t) {
    return t->tile * t->tile;
}

static void fill(lido_real *values, int64_t count, uint64_t seed) {
    static float numbers[4096];
    lido_fill_uniform(lido_key_make(seed, "test", 0), 0, numbers, count);
    for (int64_t i = 0; i < count; i++) values[i] = numbers[i] - (lido_real)0.5;
}

static void point(lido_real *values, int count, lido_real **cell) {
    for (int i = 0; i < count; i++) cell[i] = values + i * CHANNELS;
}

START_TEST(multiplied_frequencies_are_the_convolution) {
    const lido_winograd *by = transforms[_i];
    lido_real x[MOST_X * CHANNELS], w[TAPS * CHANNELS], y[MOST_Y * CHANNELS], bias[CHANNELS];
    lido_real v[MOST_X * PITCH], u[MOST_X * PITCH], *in[MOST_X], *out[MOST_Y];
    fill(x, MOST_X * CHANNELS, 1);
    fill(w, TAPS * CHANNELS, 2);
    fill(bias, CHANNELS, 3);
    point(x, inputs_of(by), in);
    point(y, outputs_of(by), out);
    by->input((const lido_real *const *)in, CHANNELS, v, PITCH);
    by->weights(w, CHANNELS, CHANNELS, u, PITCH);
    for (int k = 0; k < inputs_of(by); k++)
        for (int c = 0; c < CHANNELS; c++) v[k * PITCH + c] *= u[k * PITCH + c];
    by->output(v, PITCH, CHANNELS, bias, out);
    for (int o = 0; o < outputs_of(by); o++) {
        const int row = o / by->tile, column = o % by->tile;
        for (int c = 0; c < CHANNELS; c++) {
            double expected = bias[c];
            for (int t = 0; t < TAPS; t++)
                expected += (double)x[((row + t / 3) * by->size + column + t % 3) * CHANNELS + c] *
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
    const lido_winograd *by = transforms[_i];
    lido_real m[MOST_X * PITCH], y[MOST_Y * CHANNELS], dy[MOST_Y * CHANNELS], dm[MOST_X * PITCH];
    lido_real *cell[MOST_Y];
    fill(m, MOST_X * PITCH, 4);
    fill(dy, MOST_Y * CHANNELS, 5);
    point(y, outputs_of(by), cell);
    by->output(m, PITCH, CHANNELS, NULL, cell);
    point(dy, outputs_of(by), cell);
    by->output_gradient((const lido_real *const *)cell, CHANNELS, dm, PITCH);
    const double left = dot(y, CHANNELS, dy, CHANNELS, outputs_of(by));
    const double right = dot(m, PITCH, dm, PITCH, inputs_of(by));
    ck_assert_double_eq_tol(left, right, 1e3 * TOLERANCE);
    ck_assert(fabs(left) > 0.1);
}
END_TEST

START_TEST(gradient_of_weights_is_the_transpose) {
    const lido_winograd *by = transforms[_i];
    lido_real w[TAPS * CHANNELS], u[MOST_X * PITCH], du[MOST_X * PITCH], dw[TAPS * CHANNELS];
    fill(w, TAPS * CHANNELS, 6);
    fill(du, MOST_X * PITCH, 7);
    by->weights(w, CHANNELS, CHANNELS, u, PITCH);
    by->weights_gradient(du, PITCH, CHANNELS, dw, CHANNELS);
    const double left = dot(u, PITCH, du, PITCH, inputs_of(by));
    const double right = dot(w, CHANNELS, dw, CHANNELS, TAPS);
    ck_assert_double_eq_tol(left, right, 1e3 * TOLERANCE);
    ck_assert(fabs(left) > 0.01);
}
END_TEST

START_TEST(writes_no_further_than_the_channels) {
    const lido_winograd *by = transforms[_i];
    lido_real x[MOST_X * CHANNELS], v[MOST_X * PITCH], *in[MOST_X];
    fill(x, MOST_X * CHANNELS, 8);
    point(x, inputs_of(by), in);
    for (int i = 0; i < MOST_X * PITCH; i++) v[i] = 77;
    by->input((const lido_real *const *)in, CHANNELS, v, PITCH);
    for (int k = 0; k < inputs_of(by); k++)
        for (int c = CHANNELS; c < PITCH; c++) ck_assert(v[k * PITCH + c] == 77);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        multiplied_frequencies_are_the_convolution, gradient_of_outputs_is_the_transpose,
        gradient_of_weights_is_the_transpose, writes_no_further_than_the_channels};
    Suite *suite = suite_create("winograd");
    TCase *tcase = tcase_create("transforms");
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_loop_test(tcase, tests[i], 0, TRANSFORMS);
    suite_add_tcase(suite, tcase);
    return lido_check_run(suite);
}
