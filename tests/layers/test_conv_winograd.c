/* test_conv_winograd.c - how exact Winograd's ways are: each against the definition, summed in
 * double. (That they are right at all: test_conv.c; their transforms: kernels/test_winograd.c.) */
#include "harness/rig.h"
#include "lido_check.h"

#include <math.h>
#include <stdio.h>

enum { CHANNELS = 64, FILTERS = 48, SIDE = 14, BATCH = 3, TAPS = 9 };

/* y, dx and dw of a 3x3 convolution with one cell of zeros around, in double. */
typedef struct exact {
    double y[BATCH * SIDE * SIDE * FILTERS], dx[BATCH * SIDE * SIDE * CHANNELS];
    double dw[TAPS * CHANNELS * FILTERS];
} exact;

/* What one output position and one of the inputs it sees give to all three. */
static void add_pair(const lido_rig *rig, int64_t out, int64_t in, int64_t tap, exact *e) {
    const lido_real *x = lido_start(&rig->x[0]) + in * CHANNELS;
    const lido_real *w = lido_start(&rig->w[0]) + tap * CHANNELS * FILTERS;
    const lido_real *dy = lido_start(&rig->dy) + out * FILTERS;
    for (int c = 0; c < CHANNELS; c++) {
        for (int f = 0; f < FILTERS; f++) {
            e->y[out * FILTERS + f] += (double)x[c] * w[c * FILTERS + f];
            e->dx[in * CHANNELS + c] += (double)dy[f] * w[c * FILTERS + f];
            e->dw[(tap * CHANNELS + c) * FILTERS + f] += (double)x[c] * dy[f];
        }
    }
}

static void compute(const lido_rig *rig, exact *e) {
    for (int64_t out = 0; out < BATCH * SIDE * SIDE; out++) {
        const int64_t n = out / SIDE / SIDE, oh = out / SIDE % SIDE, ow = out % SIDE;
        for (int64_t tap = 0; tap < TAPS; tap++) {
            const int64_t h = oh + tap / 3 - 1, w = ow + tap % 3 - 1;
            if (h < 0 || h >= SIDE || w < 0 || w >= SIDE) continue;
            add_pair(rig, out, (n * SIDE + h) * SIDE + w, tap, e);
        }
    }
}

/* Largest and root mean square difference from the exact values, over the root mean square of these
 * and in units of the number type's epsilon. */
typedef struct measure {
    double worst, typical;
} measure;

static measure measure_of(const lido_buffer *got, const double *wanted) {
    const double epsilon = sizeof(lido_real) == 4 ? 1.1920929e-7 : 2.220446049250313e-16;
    double worst = 0, squares = 0, wrong = 0;
    for (int64_t i = 0; i < lido_count(got); i++) {
        const double d = fabs(lido_reals(got)[i] - wanted[i]);
        if (!(d <= worst)) worst = d;
        squares += wanted[i] * wanted[i];
        wrong += d * d;
    }
    const double rms = sqrt(squares / (double)lido_count(got)) * epsilon;
    return (measure){worst / rms, sqrt(wrong / (double)lido_count(got)) / rms};
}

/* Of y, dx and dw. */
static void measure_all(const char *algorithm, measure m[3]) {
    char layer[256];
    lido_error error;
    lido_rig rig;
    snprintf(layer, sizeof layer,
             "{\"type\": \"conv\", \"filters\": %d, \"kernel\": 3, \"padding\": 1, \"bias\": "
             "false, \"algorithm\": \"%s\"}",
             FILTERS, algorithm);
    assert_ok(lido_rig_open(layer, "[14,14,64]", BATCH, false, &rig, &error));
    exact *e = calloc(1, sizeof *e);
    ck_assert_ptr_nonnull(e);
    compute(&rig, e);
    lido_rig_run(&rig, &(lido_way){.threads = 2});
    m[0] = measure_of(&rig.y, e->y);
    m[1] = measure_of(&rig.dx[0], e->dx);
    m[2] = measure_of(&rig.dw[0], e->dw);
    free(e);
    lido_rig_free(&rig);
}

/* docs/design.md gives what was found; it is printed. */
static const struct {
    const char *algorithm;
    measure most;
} bounds[] = {
    {"im2col", {50, 6}},
    {"winograd_2x2", {50, 6}},
    {"winograd_4x4", {300, 20}},
};

START_TEST(errors_are_bounded) {
    measure m[3];
    measure_all(bounds[_i].algorithm, m);
    for (int i = 0; i < 3; i++) {
        printf("%-12s  %-2s  largest %6.1f  root mean square %5.1f\n", bounds[_i].algorithm,
               (const char *[]){"y", "dx", "dw"}[i], m[i].worst, m[i].typical);
        ck_assert_double_lt(m[i].worst, bounds[_i].most.worst);
        ck_assert_double_lt(m[i].typical, bounds[_i].most.typical);
    }
}
END_TEST

/* The reason to refuse the one and take the other. */
START_TEST(smaller_tiles_are_more_exact) {
    measure small[3], large[3];
    measure_all("winograd_2x2", small);
    measure_all("winograd_4x4", large);
    for (int i = 0; i < 3; i++) ck_assert_double_lt(2 * small[i].typical, large[i].typical);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("conv_winograd");
    TCase *tcase = tcase_create("errors");
    tcase_add_loop_test(tcase, errors_are_bounded, 0, sizeof bounds / sizeof *bounds);
    tcase_add_test(tcase, smaller_tiles_are_more_exact);
    suite_add_tcase(suite, tcase);
    return lido_check_run(suite);
}
