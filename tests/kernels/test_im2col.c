/* Patches against their definition, the transposed layout, and the adjoint. */
#include "kernels/im2col.h"

#include "lido_check.h"

#include <math.h>

enum { MOST = 8192 };

typedef struct fixture {
    lido_geometry geometry;
    lido_patches patches;
    int32_t source[LIDO_MAX_AXES][64];
    int64_t cells, positions, length;
} fixture;

/* A 2-D window over 7x6 with uneven padding, stride and dilation; channels [first, first + count).
 */
static fixture make(lido_border border, int64_t channels, int64_t first, int64_t count) {
    fixture f = {.geometry = {.rank = 2,
                              .input = {1, 7, 6},
                              .output = {1, 4, 5},
                              .kernel = {1, 3, 2},
                              .stride = {1, 2, 1},
                              .dilation = {1, 1, 2},
                              .before = {0, 2, 1},
                              .after = {0, 0, 0}}};
    f.patches =
        (lido_patches){.channels = channels, .first = first, .count = count, .tap_count = 3};
    f.cells = 42;
    f.positions = 20;
    f.length = 6 * count;
    for (int a = 0; a < LIDO_MAX_AXES; a++) lido_im2col_source(&f.geometry, a, border, f.source[a]);
    return f;
}

static void connect(fixture *f) {
    f->patches.geometry = &f->geometry;
    for (int a = 0; a < LIDO_MAX_AXES; a++) f->patches.source[a] = f->source[a];
}

static lido_real value_at(const fixture *f, const lido_real *x, lido_border border, int64_t p,
                          int64_t i) {
    const int64_t c = i % f->patches.count, tap = i / f->patches.count;
    const int64_t h = p / 5 * 2 - 2 + tap / 2, w = p % 5 - 1 + tap % 2 * 2;
    const int64_t at_h = lido_border_index(border, h, 7), at_w = lido_border_index(border, w, 6);
    if (at_h < 0 || at_w < 0) return 0;
    return x[(at_h * 6 + at_w) * f->patches.channels + f->patches.first + c];
}

static void fill(lido_real *values, int64_t count, uint64_t seed) {
    static float numbers[MOST];
    lido_fill_uniform(lido_key_make(seed, "test", 0), 0, numbers, count);
    for (int64_t i = 0; i < count; i++) values[i] = numbers[i] - (lido_real)0.5;
}

START_TEST(border_indices) {
    ck_assert_int_eq(lido_border_index(LIDO_BORDER_ZERO, -1, 4), -1);
    ck_assert_int_eq(lido_border_index(LIDO_BORDER_ZERO, 3, 4), 3);
    ck_assert_int_eq(lido_border_index(LIDO_BORDER_REFLECT, -2, 4), 2);
    ck_assert_int_eq(lido_border_index(LIDO_BORDER_REFLECT, 5, 4), 1);
    ck_assert_int_eq(lido_border_index(LIDO_BORDER_EDGE, -2, 4), 0);
    ck_assert_int_eq(lido_border_index(LIDO_BORDER_EDGE, 9, 4), 3);
    ck_assert_int_eq(lido_border_index(LIDO_BORDER_CIRCULAR, -1, 4), 3);
    ck_assert_int_eq(lido_border_index(LIDO_BORDER_CIRCULAR, 4, 4), 0);
}
END_TEST

START_TEST(gathers_what_the_definition_says) {
    static lido_real x[MOST], rows[MOST], columns[MOST];
    for (int b = LIDO_BORDER_ZERO; b <= LIDO_BORDER_CIRCULAR; b++) {
        for (int64_t count = 1; count <= 3; count += 2) {
            fixture f = make((lido_border)b, 3, count == 1 ? 1 : 0, count);
            connect(&f);
            fill(x, f.cells * 3, 1);
            lido_im2col(&f.patches, x, 3, 17, rows);
            lido_im2col_transposed(&f.patches, x, 3, 17, columns);
            for (int64_t p = 3; p < 17; p++) {
                for (int64_t i = 0; i < f.length; i++) {
                    const lido_real expected = value_at(&f, x, (lido_border)b, p, i);
                    ck_assert(rows[(p - 3) * f.length + i] == expected);
                    ck_assert(columns[i * 14 + p - 3] == expected);
                }
            }
        }
    }
}
END_TEST

START_TEST(takes_some_rows_of_the_kernel) {
    static lido_real x[MOST], all[MOST], some[MOST];
    fixture f = make(LIDO_BORDER_ZERO, 3, 0, 3);
    connect(&f);
    fill(x, f.cells * 3, 2);
    lido_im2col(&f.patches, x, 0, f.positions, all);
    f.patches.tap_first = 1;
    f.patches.tap_count = 2;
    lido_im2col(&f.patches, x, 0, f.positions, some);
    for (int64_t p = 0; p < f.positions; p++)
        for (int64_t i = 0; i < 12; i++) ck_assert(some[p * 12 + i] == all[p * 18 + 6 + i]);
}
END_TEST

/* <im2col(x), r> == <x, col2im(r)>: scattering is the transpose of gathering. */
START_TEST(scatters_the_transpose) {
    static lido_real x[MOST], r[MOST], rows[MOST], dx[MOST];
    for (int b = LIDO_BORDER_ZERO; b <= LIDO_BORDER_CIRCULAR; b++) {
        for (int64_t count = 1; count <= 3; count += 2) {
            fixture f = make((lido_border)b, 3, 0, count);
            connect(&f);
            fill(x, f.cells * 3, 3);
            fill(r, f.positions * f.length, 4);
            memset(dx, 0, sizeof dx);
            lido_im2col(&f.patches, x, 0, f.positions, rows);
            lido_col2im(&f.patches, r, 0, f.positions, dx);
            double left = 0, right = 0;
            for (int64_t i = 0; i < f.positions * f.length; i++) left += (double)rows[i] * r[i];
            for (int64_t i = 0; i < f.cells * 3; i++) right += (double)x[i] * dx[i];
            ck_assert_double_eq_tol(left, right, 1e-5);
            ck_assert(fabs(left) > 1e-3);
        }
    }
}
END_TEST

LIDO_TEST_MAIN("im2col", border_indices, gathers_what_the_definition_says,
               takes_some_rows_of_the_kernel, scatters_the_transpose)
