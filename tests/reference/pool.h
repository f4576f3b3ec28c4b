/* pool.h - the obvious way to pool: every cell of every window is computed from the options and
 * looked at, inside the input or not. */
#ifndef LIDO_REFERENCE_POOL_H
#define LIDO_REFERENCE_POOL_H

#include "harness/reference.h"

/* What one window comes to: the values inside the input, row-major, and how many cells lie inside
 * the input or the padding. */
typedef double (*lido_reference_reducer)(const lido_example *example, const double *value,
                                         int64_t count, int64_t padded);

void lido_reference_pool(const lido_example *example, lido_reference_reducer reduce, double *y);

#endif
