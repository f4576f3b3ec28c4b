/* factorial.c - the analysis of variance of a full factorial in blocks. Blocks are one more axis of
 * the table of values, after the factors. */
#include "study/factorial.h"

#include "study/distributions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_AXES = LIDO_FACTORIAL_FACTORS + 1 };

typedef struct table {
    int axes;
    int64_t size[MOST_AXES], count;
    const double *values;
    double *part; /* as large; what is left of the values */
    double total; /* sum of squares about the mean */
    double least; /* sums of squares below this are rounding */
} table;

/* Along an axis: every value becomes the mean (keep false), or loses it. */
static void sweep(const table *of, int axis, bool keep) {
    int64_t inner = 1;
    for (int a = axis + 1; a < of->axes; a++) inner *= of->size[a];
    const int64_t size = of->size[axis];
    for (int64_t line = 0; line < of->count / size; line++) {
        double *x = of->part + line / inner * inner * size + line % inner, mean = 0;
        for (int64_t i = 0; i < size; i++) mean += x[i * inner];
        mean /= (double)size;
        for (int64_t i = 0; i < size; i++) x[i * inner] = keep ? x[i * inner] - mean : mean;
    }
}

/* Of the part that belongs to this set of axes: bit a, axis a. */
static double sum_of_squares(const table *of, unsigned set) {
    double sum = 0;
    memcpy(of->part, of->values, (size_t)of->count * sizeof *of->part);
    for (int a = 0; a < of->axes; a++) sweep(of, a, set >> a & 1);
    for (int64_t i = 0; i < of->count; i++) sum += of->part[i] * of->part[i];
    return sum;
}

static lido_effect effect_of(const table *of, unsigned set) {
    const int blocks = of->axes - 1;
    lido_effect e = {.factors = set, .f = NAN, .df = 1, .p = NAN, .eta_squared = NAN};
    for (int a = 0; a < blocks; a++)
        if (set >> a & 1) e.df *= (double)(of->size[a] - 1);
    e.df_error = e.df * (double)(of->size[blocks] - 1);
    const double squares = sum_of_squares(of, set);
    const double error = sum_of_squares(of, set | 1u << blocks);
    if (of->total > of->least) e.eta_squared = squares / of->total;
    if (e.df_error == 0 || error <= of->least) return e;
    e.f = squares / e.df / (error / e.df_error);
    e.p = lido_f_upper(e.f, e.df, e.df_error);
    return e;
}

static int count_bits(unsigned set) {
    int bits = 0;
    for (; set; set >>= 1) bits += set & 1;
    return bits;
}

/* The sum of squares of the values about their mean, and how much of it may be rounding. */
static void measure_total(table *of) {
    double mean = 0, largest = 0;
    for (int64_t i = 0; i < of->count; i++) {
        mean += of->values[i] / (double)of->count;
        largest = fmax(largest, fabs(of->values[i]));
    }
    for (int64_t i = 0; i < of->count; i++) of->total += pow(of->values[i] - mean, 2);
    of->least = (double)of->count * pow(1e-13 * largest, 2);
}

lido_status lido_factorial_effects(const lido_factorial *factorial, lido_effect *effects,
                                   lido_error *error) {
    const int factors = factorial->factors;
    table t = {.axes = factors + 1, .count = factorial->blocks, .values = factorial->values};
    t.size[factors] = factorial->blocks;
    for (int a = 0; a < factors; a++) {
        t.size[a] = factorial->levels[a];
        if (!lido_mul(t.count, t.size[a], &t.count) || t.count > LIDO_MAX_ELEMENTS)
            return lido_fail(error, LIDO_TOO_LARGE, "a factorial of too many cells");
    }
    t.part = calloc((size_t)t.count, sizeof *t.part);
    if (!t.part)
        return lido_fail(error, LIDO_MEMORY, "out of memory for %lld values", (long long)t.count);
    measure_total(&t);
    for (int bits = 1; bits <= factors; bits++)
        for (unsigned set = 1; set < 1u << factors; set++)
            if (count_bits(set) == bits) *effects++ = effect_of(&t, set);
    free(t.part);
    return LIDO_OK;
}
