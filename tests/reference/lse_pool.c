/* lse_pool.c - the log-sum-exp of each window. */
#include "reference/places.h"

#include <math.h>

void lido_reference_lse_pool(const lido_example *e, double *y);

/* Around the first value, so that a small r keeps its digits. */
static double mean(const lido_example *e, const double *place, int64_t count, int64_t padded) {
    (void)padded;
    double r = lido_reference_exponent(e, "r", lido_reference_channel(e, place[0]));
    double origin = lido_reference_x(e, place[0]), sum = 0;
    for (int64_t i = 0; i < count; i++) sum += expm1(r * (lido_reference_x(e, place[i]) - origin));
    return origin + log1p(sum / (double)count) / r;
}

void lido_reference_lse_pool(const lido_example *e, double *y) {
    lido_reference_places(e, mean, y);
}
