/* Convolution from rows against the sums it stands for, on shapes that leave vectors, panels and
 * blocks of positions short; arrays are exactly as long as promised. */
#include "kernels/row_conv.h"

#include "lido_check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double TOLERANCE = sizeof(lido_real) == 4 ? 1e-5 : 1e-13;

static const lido_row_conv cases[] = {
    {{1, 5, 9}, {1, 3, 3}, 1, 6},   {{1, 1, 7}, {1, 1, 5}, 3, 8},   {{1, 4, 8}, {1, 5, 5}, 6, 16},
    {{1, 3, 13}, {1, 3, 2}, 2, 32}, {{2, 3, 4}, {3, 2, 3}, 3, 5},   {{1, 2, 3}, {1, 3, 3}, 2, 1},
    {{1, 6, 6}, {1, 3, 3}, 4, 20},  {{1, 5, 11}, {1, 3, 3}, 3, 33}, {{1, 1, 1}, {1, 2, 2}, 5, 12},
    {{2, 2, 17}, {2, 1, 4}, 7, 7},  {{1, 3, 30}, {1, 5, 5}, 1, 6},  {{3, 4, 5}, {2, 3, 4}, 2, 9},
};
enum { CASES = sizeof cases / sizeof *cases };

static int64_t outputs(const lido_row_conv *c) {
    return c->output[0] * c->output[1] * c->output[2];
}

static int64_t taps(const lido_row_conv *c) {
    return c->kernel[0] * c->kernel[1] * c->kernel[2];
}

/* Random numbers in [-0.5, 0.5), exactly `count` of them. */
static lido_real *numbers(int64_t count, uint64_t seed) {
    lido_real *values = malloc((size_t)count * sizeof *values);
    float *uniform = malloc((size_t)count * sizeof *uniform);
    ck_assert(values && uniform);
    lido_fill_uniform(lido_key_make(seed, "rows", 0), 0, uniform, count);
    for (int64_t i = 0; i < count; i++) values[i] = uniform[i] - (lido_real)0.5;
    free(uniform);
    return values;
}

/* Where tap t of output o begins in the image. */
static int64_t place(const lido_row_conv *c, int64_t o, int64_t t) {
    const int64_t w = o % c->output[2] + t % c->kernel[2];
    const int64_t h = o / c->output[2] % c->output[1] + t / c->kernel[2] % c->kernel[1];
    const int64_t d = o / (c->output[2] * c->output[1]) + t / (c->kernel[2] * c->kernel[1]);
    const int64_t wide = c->output[2] + c->kernel[2] - 1, high = c->output[1] + c->kernel[1] - 1;
    return ((d * high + h) * wide + w) * c->channels;
}

static void assert_near(const lido_real *got, const double *wanted, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        if (!(fabs((double)got[i] - wanted[i]) <= TOLERANCE * fmax(1, fabs(wanted[i]))))
            ck_abort_msg("number %lld is %g, not %g", (long long)i, (double)got[i], wanted[i]);
}

START_TEST(forward_is_the_sum) {
    const lido_row_conv *c = &cases[_i];
    const int64_t count = outputs(c) * c->filters;
    lido_real *image = numbers(lido_row_conv_image(c), 1), *bias = numbers(c->filters, 3);
    lido_real *w = numbers(taps(c) * c->channels * c->filters, 2);
    lido_real *packed = numbers(lido_row_conv_packed(c), 4), *y = numbers(count, 5);
    double *wanted = calloc((size_t)count, sizeof *wanted);
    for (int64_t i = 0; i < count; i++) {
        const int64_t o = i / c->filters, f = i % c->filters;
        wanted[i] = (double)bias[f];
        for (int64_t t = 0; t < taps(c); t++)
            for (int64_t k = 0; k < c->channels; k++)
                wanted[i] += (double)image[place(c, o, t) + k] *
                             (double)w[(t * c->channels + k) * c->filters + f];
    }
    lido_row_conv_pack(c, w, bias, packed);
    lido_row_conv_forward(c, image, packed, y);
    assert_near(y, wanted, count);
    free(image), free(bias), free(w), free(packed), free(y), free(wanted);
}
END_TEST

START_TEST(weights_gather_what_they_multiplied) {
    const lido_row_conv *c = &cases[_i];
    const int64_t count = taps(c) * c->channels * c->filters;
    lido_real *image = numbers(lido_row_conv_image(c), 1), *dw = numbers(count, 2);
    lido_real *dy = numbers(outputs(c) * c->filters, 3);
    double *wanted = calloc((size_t)count, sizeof *wanted);
    for (int64_t i = 0; i < count; i++) {
        const int64_t f = i % c->filters, k = i / c->filters % c->channels;
        wanted[i] = (double)dw[i];
        for (int64_t o = 0; o < outputs(c); o++)
            wanted[i] += (double)image[place(c, o, i / (c->filters * c->channels)) + k] *
                         (double)dy[o * c->filters + f];
    }
    lido_row_conv_weights(c, image, dy, dw);
    assert_near(dw, wanted, count);
    free(image), free(dw), free(dy), free(wanted);
}
END_TEST

/* The gradient of the whole image, by the sums it stands for. */
static double *data_gradient(const lido_row_conv *c, const lido_real *dy, const lido_real *w) {
    double *dx = calloc((size_t)lido_row_conv_image(c), sizeof *dx);
    for (int64_t i = 0; i < outputs(c) * taps(c) * c->channels; i++) {
        const int64_t k = i % c->channels, t = i / c->channels % taps(c);
        const int64_t o = i / c->channels / taps(c);
        for (int64_t f = 0; f < c->filters; f++)
            dx[place(c, o, t) + k] +=
                (double)dy[o * c->filters + f] * (double)w[(t * c->channels + k) * c->filters + f];
    }
    return dx;
}

/* Of an image that had so many cells of padding on both sides of each axis. */
static void assert_data(const lido_row_conv *c, const int64_t padding[LIDO_MAX_AXES]) {
    int64_t length[LIDO_MAX_AXES], whole[LIDO_MAX_AXES];
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        whole[a] = c->output[a] + c->kernel[a] - 1;
        length[a] = whole[a] - 2 * padding[a];
    }
    const int64_t run = length[2] * c->channels, line = whole[2] * c->channels;
    lido_real *dy = numbers(outputs(c) * c->filters, 1);
    lido_real *dx = numbers(length[0] * length[1] * run, 2);
    lido_real *w = numbers(taps(c) * c->channels * c->filters, 3);
    lido_real *turned = numbers(lido_row_conv_turned(c), 4);
    lido_real *work = numbers(lido_row_conv_work(c), 5);
    double *wanted = data_gradient(c, dy, w);
    lido_row_conv_turn(c, w, turned);
    lido_row_conv_data(c, dy, turned, length, padding, work, dx);
    for (int64_t r = 0; r < length[0] * length[1]; r++) {
        const int64_t d = r / length[1] + padding[0], h = r % length[1] + padding[1];
        assert_near(dx + r * run, wanted + (d * whole[1] + h) * line + padding[2] * c->channels,
                    run);
    }
    free(dy), free(dx), free(w), free(turned), free(work), free(wanted);
}

START_TEST(data_get_what_they_were_multiplied_by) {
    const lido_row_conv *c = &cases[_i];
    int64_t padding[LIDO_MAX_AXES];
    assert_data(c, (int64_t[LIDO_MAX_AXES]){0});
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        padding[a] = c->kernel[a] > 1 && c->output[a] + c->kernel[a] > 3;
    assert_data(c, padding);
}
END_TEST

START_TEST(padding_is_zeros_around) {
    const lido_row_conv c = {{1, 2, 3}, {1, 3, 2}, 2, 1}; /* an image of 4x4x2 */
    const int64_t length[] = {1, 2, 3}, before[] = {0, 1, 0};
    lido_real *image = numbers(32, 1);
    lido_real src[12];
    for (int i = 0; i < 12; i++) src[i] = (lido_real)(i + 1);
    lido_row_conv_pad(&c, src, length, before, image);
    for (int i = 0; i < 32; i++) {
        const int row = i / 8 - 1, k = i % 8;
        ck_assert(image[i] == (row >= 0 && row < 2 && k < 6 ? src[row * 6 + k] : 0));
    }
    free(image);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("row_conv");
    TCase *tcase = tcase_create("cases");
    tcase_add_loop_test(tcase, forward_is_the_sum, 0, CASES);
    tcase_add_loop_test(tcase, weights_gather_what_they_multiplied, 0, CASES);
    tcase_add_loop_test(tcase, data_get_what_they_were_multiplied_by, 0, CASES);
    tcase_add_test(tcase, padding_is_zeros_around);
    suite_add_tcase(suite, tcase);
    return lido_check_run(suite);
}
