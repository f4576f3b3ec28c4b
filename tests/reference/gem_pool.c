/* gem_pool.c - the generalised mean of each window. */
#include "reference/places.h"

#include <math.h>

void lido_reference_gem_pool(const lido_example *e, double *y);

static double mean(const lido_example *e, const double *place, int64_t count, int64_t padded) {
    (void)padded;
    double p = lido_reference_exponent(e, "p", lido_reference_channel(e, place[0])), sum = 0;
    double eps = lido_example_number(e, "eps");
    for (int64_t i = 0; i < count; i++) sum += pow(fmax(lido_reference_x(e, place[i]), eps), p);
    return pow(sum / (double)count, 1 / p);
}

void lido_reference_gem_pool(const lido_example *e, double *y) {
    lido_reference_places(e, mean, y);
}
