/* median_pool.c - the middle of the sorted values, or the mean of the two in the middle. */
#include "reference/pool.h"

#include <stdlib.h>
#include <string.h>

void lido_reference_median_pool(const lido_example *e, double *y);

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const lido_example *e, const lido_reference_window *window) {
    (void)e;
    double *sorted = malloc((size_t)window->count * sizeof *sorted);
    if (!sorted) abort();
    memcpy(sorted, window->value, (size_t)window->count * sizeof *sorted);
    qsort(sorted, (size_t)window->count, sizeof *sorted, by_value);
    double middle = (sorted[(window->count - 1) / 2] + sorted[window->count / 2]) / 2;
    free(sorted);
    return middle;
}

void lido_reference_median_pool(const lido_example *e, double *y) {
    lido_reference_pool(e, median, y);
}
