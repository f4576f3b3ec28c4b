/* lip_pool.c - the mean of each window weighted by e^g. */
#include "reference/places.h"

#include <math.h>

void lido_reference_lip_pool(const lido_example *e, double *y);

static double mean(const lido_example *e, const double *place, int64_t count, int64_t padded) {
    (void)padded;
    double total = 0, weights = 0;
    for (int64_t i = 0; i < count; i++) {
        double w = exp(lido_reference_map(e, place[i]));
        total += w * lido_reference_x(e, place[i]);
        weights += w;
    }
    return total / weights;
}

void lido_reference_lip_pool(const lido_example *e, double *y) {
    lido_reference_places(e, mean, y);
}
