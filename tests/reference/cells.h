/* cells.h - pooling window by window, where a reducer needs to know more than the values: which
 * cells of the kernel they are, and which output. */
#ifndef LIDO_REFERENCE_CELLS_H
#define LIDO_REFERENCE_CELLS_H

#include "harness/reference.h"

/* One window of one channel: its cells inside the input, row-major. */
typedef struct lido_reference_window {
    int64_t output, channel; /* output: row-major over the positions of its grid */
    int64_t element;         /* of y, the batch included */
    int64_t count, cells;    /* inside the input; of the whole kernel */
    double *value;           /* value[count] */
    int64_t *number;         /* number[count]: row-major inside the kernel */
} lido_reference_window;

typedef double (*lido_reference_window_reducer)(const lido_example *example,
                                                const lido_reference_window *window);

void lido_reference_cells(const lido_example *example, lido_reference_window_reducer reduce,
                          double *y);

/* Number i of the reducer's draws of a window's sample; `example` as the reducer is given it, which
 * is for that sample alone. */
double lido_reference_draw(const lido_example *example, int64_t i);

/* The maximum and the mean of a window. */
double lido_reference_max(const lido_reference_window *window);
double lido_reference_mean(const lido_reference_window *window);

/* The sum of weight[cells] times the values. weight lies `step` apart: 1, or one for each of so
 * many channels. */
double lido_reference_product(const lido_reference_window *window, const double *weight,
                              int64_t step);

double lido_reference_logistic(double x);

#endif
