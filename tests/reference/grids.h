/* grids.h - every grid of pooling, worked out from the options and the random numbers alone: which
 * windows there are for a sample, and in what order. */
#ifndef LIDO_REFERENCE_GRIDS_H
#define LIDO_REFERENCE_GRIDS_H

#include "reference/window.h"

/* Pools one sample on one grid: x is e->x[0], y the grid's outputs. */
typedef void (*lido_reference_on_grid)(const lido_example *e,
                                       const lido_reference_axis of[LIDO_MAX_AXES],
                                       const void *context, double *y);

/* Calls `pool` for each sample and grid. It is given the example as it is for that sample alone:
 * batch 1, the inputs and the draw's sample moved there. */
void lido_reference_grids(const lido_example *e, lido_reference_on_grid pool, const void *context,
                          double *y);

/* How many random numbers of each sample its grid takes, before those of the reducer. */
int64_t lido_reference_grid_draws(const lido_example *e);

#endif
