/* lp_pool.c - the p-norm of each window, its mean form, and with Gaussian weights. */
#include "reference/pool.h"

#include <math.h>

void lido_reference_lp_pool(const lido_example *e, double *y);

static double largest(const lido_example *e, const lido_reference_window *window) {
    (void)e;
    double most = 0;
    for (int64_t i = 0; i < window->count; i++) most = fmax(most, fabs(window->value[i]));
    return most;
}

static double norm(const lido_example *e, const lido_reference_window *window) {
    double p = lido_reference_exponent(e, "p", window->channel), sum = 0;
    for (int64_t i = 0; i < window->count; i++) sum += pow(fabs(window->value[i]), p);
    if (lido_json_get(e->options, "normalize") && lido_example_number(e, "normalize") == 1)
        sum /= (double)window->count;
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

static double weighted_norm(const lido_example *e, const lido_reference_window *window) {
    double p = lido_reference_exponent(e, "p", window->channel), sum = 0;
    for (int64_t i = 0; i < window->count; i++) {
        double tap = 1;
        int64_t rest = window->number[i];
        for (int a = LIDO_MAX_AXES - 1; a >= 0; rest /= window->kernel[a--])
            tap *= weight(e, rest % window->kernel[a], window->kernel[a]);
        sum += tap * pow(fabs(window->value[i]), p);
    }
    return pow(sum, 1 / p);
}

void lido_reference_lp_pool(const lido_example *e, double *y) {
    if (lido_json_get(e->options, "max_norm") && lido_example_number(e, "max_norm") == 1)
        lido_reference_pool(e, largest, y);
    else if (lido_json_get(e->options, "gaussian"))
        lido_reference_pool(e, weighted_norm, y);
    else
        lido_reference_pool(e, norm, y);
}
