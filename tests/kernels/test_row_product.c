/* Products of rows against the sums they stand for, on shapes that leave tiles, vectors and slices
 * short; and a row's bits by itself and among others. Arrays are exactly as long as promised. */
#include "kernels/row_product.h"

#include "lido_check.h"

#include <math.h>

static const double TOLERANCE = sizeof(lido_real) == 4 ? 1e-5 : 1e-13;

/* rows, inner, columns */
static const int64_t cases[][3] = {
    {1, 1, 1},   {1, 300, 64}, {1, 70, 3},   {2, 513, 9},  {3, 5, 100},   {6, 256, 16},
    {7, 257, 7}, {9, 600, 33}, {13, 12, 24}, {24, 31, 64}, {11, 300, 10},
};
enum { CASES = sizeof cases / sizeof *cases };

static lido_real *numbers(int64_t count, uint64_t seed) {
    lido_real *values = malloc((size_t)count * sizeof *values);
    float *uniform = malloc((size_t)count * sizeof *uniform);
    ck_assert(values && uniform);
    lido_fill_uniform(lido_key_make(seed, "row product", 0), 0, uniform, count);
    for (int64_t i = 0; i < count; i++) values[i] = uniform[i] - (lido_real)0.5;
    free(uniform);
    return values;
}

/* Rows of x, w and y lie as far apart as they are long, but for the last of w and y, which end
 * sooner: each array is a part of a wider one. */
static lido_row_product make(const int64_t size[3], bool bias) {
    const int64_t rows = size[0], inner = size[1], columns = size[2], wide = columns + 5;
    return (lido_row_product){.rows = rows,
                              .inner = inner,
                              .columns = columns,
                              .x = numbers(rows * inner, 1),
                              .x_stride = inner,
                              .w = numbers((inner - 1) * wide + columns, 2),
                              .w_stride = wide,
                              .bias = bias ? numbers(columns, 3) : NULL,
                              .y = numbers((rows - 1) * wide + columns, 4),
                              .y_stride = wide};
}

static void release(const lido_row_product *p) {
    free((void *)p->x);
    free((void *)p->w);
    free((void *)p->bias);
    free(p->y);
}

static void assert_sums(const lido_row_product *p) {
    for (int64_t r = 0; r < p->rows; r++)
        for (int64_t c = 0; c < p->columns; c++) {
            double sum = p->bias ? (double)p->bias[c] : 0;
            for (int64_t k = 0; k < p->inner; k++)
                sum += (double)p->x[r * p->x_stride + k] * (double)p->w[k * p->w_stride + c];
            const double got = (double)p->y[r * p->y_stride + c];
            if (!(fabs(got - sum) <= TOLERANCE * fmax(1, fabs(sum))))
                ck_abort_msg("row %d, column %d is %g, not %g", (int)r, (int)c, got, sum);
        }
}

START_TEST(is_the_sum) {
    for (int bias = 0; bias < 2; bias++) {
        const lido_row_product p = make(cases[_i], bias);
        const lido_real between = p.rows > 1 ? p.y[p.columns] : 0;
        lido_row_product_run(&p);
        assert_sums(&p);
        if (p.rows > 1) ck_assert(p.y[p.columns] == between);
        release(&p);
    }
}
END_TEST

START_TEST(a_row_is_the_same_alone) {
    const lido_row_product all = make(cases[_i], true);
    lido_row_product_run(&all);
    for (int64_t r = 0; r < all.rows; r++) {
        lido_row_product one = all;
        one.rows = 1;
        one.x += r * all.x_stride;
        one.y = numbers(all.columns, 5);
        lido_row_product_run(&one);
        ck_assert_mem_eq(one.y, all.y + r * all.y_stride, (size_t)all.columns * sizeof(lido_real));
        free(one.y);
    }
    release(&all);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("row_product");
    TCase *tcase = tcase_create("row_product");
    tcase_add_loop_test(tcase, is_the_sum, 0, CASES);
    tcase_add_loop_test(tcase, a_row_is_the_same_alone, 0, CASES);
    suite_add_tcase(suite, tcase);
    return lido_check_run(suite);
}
