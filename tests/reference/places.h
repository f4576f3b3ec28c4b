/* places.h - pooling for reducers that ask where a value lies: of which channel it is, and what
 * another input holds there. */
#ifndef LIDO_REFERENCE_PLACES_H
#define LIDO_REFERENCE_PLACES_H

#include "reference/pool.h"

/* As lido_reference_pool, but `reduce` is given places of values, as whole numbers, for values, and
 * an example to look them up in with the functions below. */
void lido_reference_places(const lido_example *example, lido_reference_reducer reduce, double *y);

double lido_reference_x(const lido_example *example, double place);
double lido_reference_map(const lido_example *example, double place); /* the second input */
int64_t lido_reference_channel(const lido_example *example, double place);

/* The exponent of a layer with the options "learn" and `option`, as it is for a channel. */
double lido_reference_exponent(const lido_example *example, const char *option, int64_t channel);

#endif
