/* lp_pool.c - the p-norm of each window, its mean form, and with Gaussian weights. */
#include "reference/places.h"
#include "reference/window.h"

#include <math.h>

void lido_reference_lp_pool(const lido_example *e, double *y);

static double largest(const lido_example *e, const double *value, int64_t count, int64_t padded) {
    (void)e, (void)padded;
    double most = 0;
    for (int64_t i = 0; i < count; i++) most = fmax(most, fabs(value[i]));
    return most;
}

static double norm(const lido_example *e, const double *place, int64_t count, int64_t padded) {
    (void)padded;
    double p = lido_reference_exponent(e, "p", lido_reference_channel(e, place[0])), sum = 0;
    for (int64_t i = 0; i < count; i++) sum += pow(fabs(lido_reference_x(e, place[i])), p);
    if (lido_json_get(e->options, "normalize") && lido_example_number(e, "normalize") == 1)
        sum /= (double)count;
    return pow(sum, 1 / p);
}

/* The weight of cell i of n on one axis, weights summing to 1. */
static double weight(const lido_example *e, int64_t i, int64_t n) {
    double sigma = lido_example_number(e, "gaussian"), sum = 0, of_cell = 0;
    for (int64_t k = 0; k < n; k++) {
        double d = (double)k - (double)(n - 1) / 2, w = exp(-d * d / (2 * sigma * sigma));
        sum += w;
        if (k == i) of_cell = w;
    }
    return of_cell / sum;
}

/* Output o of sample n, channel c. */
static double weighted_norm(const lido_example *e, const int64_t o[LIDO_MAX_AXES], int64_t n,
                            int64_t c) {
    lido_reference_axis of[LIDO_MAX_AXES];
    for (int a = 0; a < LIDO_MAX_AXES; a++) of[a] = lido_reference_axis_of(e, a);
    double p = lido_reference_exponent(e, "p", c), sum = 0;
    int64_t i[LIDO_MAX_AXES];
    for (i[0] = 0; i[0] < of[0].kernel; i[0]++)
        for (i[1] = 0; i[1] < of[1].kernel; i[1]++)
            for (i[2] = 0; i[2] < of[2].kernel; i[2]++) {
                bool inside = true;
                double tap = 1;
                int64_t at = n;
                for (int a = 0; a < LIDO_MAX_AXES; a++) {
                    int64_t position = lido_reference_cell(&of[a], o[a], i[a]);
                    inside &= position >= 0 && position < of[a].length;
                    at = at * of[a].length + position;
                    tap *= weight(e, i[a], of[a].kernel);
                }
                if (inside) sum += tap * pow(fabs(e->x[0][at * e->x_shape->channels + c]), p);
            }
    return pow(sum, 1 / p);
}

static void weighted_norms(const lido_example *e, double *y) {
    int64_t o[LIDO_MAX_AXES];
    for (int64_t n = 0; n < e->batch; n++)
        for (o[0] = 0; o[0] < e->y_shape->axis[0]; o[0]++)
            for (o[1] = 0; o[1] < e->y_shape->axis[1]; o[1]++)
                for (o[2] = 0; o[2] < e->y_shape->axis[2]; o[2]++)
                    for (int64_t c = 0; c < e->x_shape->channels; c++)
                        *y++ = weighted_norm(e, o, n, c);
}

void lido_reference_lp_pool(const lido_example *e, double *y) {
    if (lido_json_get(e->options, "max_norm") && lido_example_number(e, "max_norm") == 1)
        lido_reference_pool(e, largest, y);
    else if (lido_json_get(e->options, "gaussian"))
        weighted_norms(e, y);
    else
        lido_reference_places(e, norm, y);
}
