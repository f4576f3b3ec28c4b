/* min_pool.c - the smallest value of each window. */
#include "reference/pool.h"

void lido_reference_min_pool(const lido_example *e, double *y);

static double smallest(const lido_example *e, const double *value, int64_t count, int64_t padded) {
    (void)e, (void)padded;
    double best = value[0];
    for (int64_t i = 1; i < count; i++)
        if (value[i] < best || value[i] != value[i]) best = value[i];
    return best;
}

void lido_reference_min_pool(const lido_example *e, double *y) {
    lido_reference_pool(e, smallest, y);
}
