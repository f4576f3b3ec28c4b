/* channel_sums.c - sums over the rows of a (rows, C) array.
 *
 * The array is swept in strips of at most LANES neighbouring numbers with one running sum each.
 * When channels are few, a strip is several whole rows side by side, so that the vector units are
 * as busy with three channels as with sixty-four; the strip is folded into its channels at the end.
 */
#include "kernels/channel_sums.h"

#include "kernels/clones.h"
#include "kernels/lanes.h"

#include <string.h>

enum { LANES = 64 };

typedef enum terms_kind { SUMS, PRODUCTS, MOMENTS, COVARIANCES } terms_kind;

/* What one strip sums, read with `stride` from row to row. */
typedef struct strip {
    const lido_real *a, *b;
    int64_t rows, stride, width;
    lido_real origin[LANES];
    double first[LANES], second[LANES];
} strip;

LIDO_INLINE void sweep(terms_kind terms, strip *s, const lido_real *a, const lido_real *b,
                       int64_t width) {
    for (int64_t l = 0; l < width; l++) {
        double value = (double)a[l], other = 0;
        if (terms == PRODUCTS) value *= (double)b[l];
        if (terms == MOMENTS) other = value -= (double)s->origin[l];
        if (terms == COVARIANCES) other = (double)b[l] - (double)s->origin[l];
        s->first[l] += value;
        if (terms == MOMENTS || terms == COVARIANCES) s->second[l] += value * other;
    }
}

/* A full strip has a width the compiler knows. */
LIDO_INLINE void sweep_rows(terms_kind terms, strip *s) {
    for (int64_t r = 0; r < s->rows; r++) {
        const lido_real *a = s->a + r * s->stride, *b = s->b ? s->b + r * s->stride : NULL;
        if (s->width == LANES)
            sweep(terms, s, a, b, LANES);
        else
            sweep(terms, s, a, b, s->width);
    }
}

/* The rows of an array and where its sums go. */
typedef struct table {
    const lido_real *a, *b, *origin;
    int64_t rows, channels;
    double *first, *second;
} table;

static void strip_start(strip *s, const table *t, int64_t channel, int64_t width, int64_t repeat) {
    memset(s->first, 0, sizeof s->first);
    memset(s->second, 0, sizeof s->second);
    s->width = width * repeat;
    s->stride = t->channels * repeat;
    s->rows = t->rows / repeat;
    s->a = t->a + channel;
    s->b = t->b ? t->b + channel : NULL;
    for (int64_t l = 0; t->origin && l < s->width; l++)
        s->origin[l] = t->origin[channel + l % width];
}

static void strip_fold(const strip *s, const table *t, int64_t channel, int64_t width,
                       int64_t repeat) {
    for (int64_t c = 0; c < width; c++) {
        double first = 0, second = 0;
        for (int64_t j = 0; j < repeat; j++) first += s->first[j * width + c];
        for (int64_t j = 0; j < repeat; j++) second += s->second[j * width + c];
        t->first[channel + c] = first;
        if (t->second) t->second[channel + c] = second;
    }
}

LIDO_INLINE void sum_table(terms_kind terms, const table *t) {
    int64_t repeat = t->channels < LANES ? LANES / t->channels : 1;
    for (int64_t channel = 0; channel < t->channels; channel += LANES) {
        int64_t left = t->channels - channel, width = left < LANES ? left : LANES;
        strip s;
        strip_start(&s, t, channel, width, repeat);
        sweep_rows(terms, &s);
        int64_t swept = s.rows * s.stride, rest = t->rows % repeat * t->channels;
        if (rest) sweep(terms, &s, s.a + swept, s.b ? s.b + swept : NULL, rest);
        strip_fold(&s, t, channel, width, repeat);
    }
}

LIDO_CLONES
void lido_channel_sums(const lido_real *x, int64_t rows, int64_t channels, double *sum) {
    table t = {.a = x, .rows = rows, .channels = channels, .first = sum};
    sum_table(SUMS, &t);
}

LIDO_CLONES
void lido_channel_products(const lido_real *a, const lido_real *b, int64_t rows, int64_t channels,
                           double *sum) {
    table t = {.a = a, .b = b, .rows = rows, .channels = channels, .first = sum};
    sum_table(PRODUCTS, &t);
}

LIDO_CLONES
void lido_channel_moments(const lido_real *x, const lido_real *origin, int64_t rows,
                          int64_t channels, double *sum, double *square) {
    table t = {x, NULL, origin, rows, channels, sum, square};
    sum_table(MOMENTS, &t);
}

LIDO_CLONES
void lido_channel_covariances(const lido_real *dy, const lido_real *x, const lido_real *mean,
                              int64_t rows, int64_t channels, double *sum, double *product) {
    table t = {dy, x, mean, rows, channels, sum, product};
    sum_table(COVARIANCES, &t);
}
