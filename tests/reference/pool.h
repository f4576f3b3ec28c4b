/* pool.h - the obvious way to pool: every cell of every window is computed from the options and
 * looked at, inside the input or not. */
#ifndef LIDO_REFERENCE_POOL_H
#define LIDO_REFERENCE_POOL_H

#include "harness/reference.h"

/* One window of one channel: its cells inside the input, row-major. */
typedef struct lido_reference_window {
    int64_t output, channel;              /* output: row-major over the positions of its grid */
    int64_t element;                      /* of y, the batch included */
    int64_t count;                        /* cells inside the input */
    int64_t padded;                       /* inside the input or the padding */
    int64_t kernel[LIDO_MAX_AXES], cells; /* all cells, inside or not */
    double *value;                        /* value[count] */
    int64_t *place;                       /* place[count]: value[i] is example->x[0][place[i]] */
    int64_t *number;                      /* number[count]: row-major inside the kernel */
} lido_reference_window;

/* What one window comes to; `example` is as it is for the window's sample alone. */
typedef double (*lido_reference_reducer)(const lido_example *example,
                                         const lido_reference_window *window);

void lido_reference_pool(const lido_example *example, lido_reference_reducer reduce, double *y);

/* Number i of the reducer's draws of a window's sample. */
double lido_reference_draw(const lido_example *example, int64_t i);

/* The maximum and the mean of a window. */
double lido_reference_max(const lido_reference_window *window);
double lido_reference_mean(const lido_reference_window *window);

/* The sum of weight[cells] times the values. weight lies `step` apart: 1, or one for each of so
 * many channels. */
double lido_reference_product(const lido_reference_window *window, const double *weight,
                              int64_t step);

double lido_reference_logistic(double x);

/* The exponent of a layer with the options "learn" and `option`, as it is for a channel. */
double lido_reference_exponent(const lido_example *example, const char *option, int64_t channel);

#endif
