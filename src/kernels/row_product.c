/* row_product.c - tiles of rows by vectors of columns, whose sums stay in registers while a slice
 * of the inner length goes by: few enough for the 16 registers of AVX2, enough to hide latency. A
 * slice of w is so short that the second-level cache keeps it for the next rows, also where the
 * rows of w lie a power of two apart. */
#include "kernels/row_product.h"

#include "kernels/clones.h"

#include <string.h>

typedef lido_real vector __attribute__((vector_size(32)));

enum { LANES = 32 / sizeof(lido_real), SLICE = 256, MOST_ROWS = 6, MOST_VECTORS = 8 };

/* So much of the inner length. */
typedef struct slice {
    int64_t first, end;
} slice;

LIDO_INLINE void load(vector *v, const lido_real *p) {
    memcpy(v, p, sizeof *v);
}

/* Of the first vector, `passed` lanes are columns that are done already: they are not written. */
LIDO_INLINE void store(const vector *v, int64_t passed, lido_real *p) {
    if (passed == 0)
        memcpy(p, v, sizeof *v);
    else
        for (int64_t i = passed; i < LANES; i++) p[i] = (*v)[i];
}

LIDO_INLINE void tile(const lido_row_product *p, slice of, int64_t row, int64_t rows,
                      int64_t column, int64_t vectors, int64_t passed) {
    vector sum[MOST_ROWS][MOST_VECTORS];
    const lido_real *x = p->x + row * p->x_stride, *w = p->w + of.first * p->w_stride + column;
    lido_real *y = p->y + row * p->y_stride + column;
    for (int64_t r = 0; r < rows; r++)
        for (int64_t v = 0; v < vectors; v++) sum[r][v] = (vector){0};
    const lido_real *from = of.first > 0 ? y : p->bias ? p->bias + column : NULL;
    const int64_t from_stride = of.first > 0 ? p->y_stride : 0;
    for (int64_t r = 0; from && r < rows; r++)
        for (int64_t v = 0; v < vectors; v++) load(&sum[r][v], from + r * from_stride + v * LANES);
    for (int64_t k = of.first; k < of.end; k++, w += p->w_stride) {
        vector weights[MOST_VECTORS];
        for (int64_t v = 0; v < vectors; v++) load(&weights[v], w + v * LANES);
        for (int64_t r = 0; r < rows; r++)
            for (int64_t v = 0; v < vectors; v++) sum[r][v] += x[r * p->x_stride + k] * weights[v];
    }
    for (int64_t r = 0; r < rows; r++)
        for (int64_t v = 0; v < vectors; v++)
            store(&sum[r][v], passed, y + r * p->y_stride + v * LANES);
}

/* Fewer columns than a vector has lanes. */
LIDO_CLONES
static void run_narrow(const lido_row_product *p) {
    for (int64_t r = 0; r < p->rows; r++)
        for (int64_t c = 0; c < p->columns; c++) {
            lido_real sum = p->bias ? p->bias[c] : 0;
            for (int64_t k = 0; k < p->inner; k++)
                sum += p->x[r * p->x_stride + k] * p->w[k * p->w_stride + c];
            p->y[r * p->y_stride + c] = sum;
        }
}

/* The last vector begins early rather than being short. */
LIDO_INLINE void some_rows(const lido_row_product *p, slice of, int64_t row, int64_t rows,
                           int64_t vectors) {
    int64_t c = 0;
    for (; c + vectors * LANES <= p->columns; c += vectors * LANES)
        tile(p, of, row, rows, c, vectors, 0);
    for (; c + LANES <= p->columns; c += LANES) tile(p, of, row, rows, c, 1, 0);
    if (c < p->columns) tile(p, of, row, rows, p->columns - LANES, 1, c - (p->columns - LANES));
}

LIDO_CLONES
static void run_slice(const lido_row_product *p, slice of) {
    int64_t row = 0;
    for (; row + 6 <= p->rows; row += 6) some_rows(p, of, row, 6, 2);
    for (; row + 2 <= p->rows; row += 2) some_rows(p, of, row, 2, 4);
    if (row < p->rows) some_rows(p, of, row, 1, 8);
}

void lido_row_product_run(const lido_row_product *p) {
    if (p->columns < LANES) {
        run_narrow(p);
        return;
    }
    for (int64_t k = 0; k < p->inner; k += SLICE)
        run_slice(p, (slice){k, k + SLICE < p->inner ? k + SLICE : p->inner});
}
