/* reference.h - what a layer computes, written the obvious way in double: plain loops over the
 * definition, no blocks, no threads, no reuse of the library's kernels. One file of tests/reference
 * each, named as the layer. */
#ifndef LIDO_HARNESS_REFERENCE_H
#define LIDO_HARNESS_REFERENCE_H

#include "harness/rig.h"

typedef struct lido_example {
    const lido_json *options; /* all of them, defaults filled */
    int inputs;
    int64_t batch;
    const lido_shape *x_shape, *y_shape;
    double *x[LIDO_MAX_INPUTS];
    double *w[LIDO_MAX_PARAMS]; /* NULL: there is none */
    double *state[LIDO_MAX_STATES];
    bool training;
    lido_draw draw;
    const lido_rig *of; /* the layer that option "of" names; NULL: none */
} lido_example;

typedef void (*lido_reference)(const lido_example *example, double *y);

/* lido_reference_NAME of the layer; NULL when tests/reference has none. */
lido_reference lido_reference_find(const char *layer);

/* An option's value; a boolean is 0 or 1. */
double lido_example_number(const lido_example *example, const char *option);
const char *lido_example_text(const lido_example *example, const char *option);

#endif
