/* places.c - pooling for reducers that ask where a value lies. */
#include "reference/places.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HELD = LIDO_MAX_INPUTS - 1 }; /* in the example with places for x, x is this input */

void lido_reference_places(const lido_example *e, lido_reference_reducer reduce, double *y) {
    lido_example copy = *e;
    const int64_t count = e->batch * lido_shape_size(e->x_shape);
    copy.x[HELD] = e->x[0];
    copy.x[0] = malloc((size_t)count * sizeof *copy.x[0]);
    if (!copy.x[0]) abort();
    for (int64_t i = 0; i < count; i++) copy.x[0][i] = (double)i;
    lido_reference_pool(&copy, reduce, y);
    free(copy.x[0]);
}

double lido_reference_x(const lido_example *e, double place) {
    return e->x[HELD][(int64_t)place];
}

double lido_reference_map(const lido_example *e, double place) {
    return e->inputs > 1 ? e->x[1][(int64_t)place] : lido_reference_x(e, place);
}

int64_t lido_reference_channel(const lido_example *e, double place) {
    return (int64_t)place % e->x_shape->channels;
}

double lido_reference_exponent(const lido_example *e, const char *option, int64_t channel) {
    const char *learn = lido_example_text(e, "learn");
    if (strcmp(learn, "none") == 0) return lido_example_number(e, option);
    double w = e->w[0][strcmp(learn, "channel") == 0 ? channel : 0];
    return strcmp(option, "p") == 0 ? 1 + log(1 + exp(w)) : exp(w);
}
