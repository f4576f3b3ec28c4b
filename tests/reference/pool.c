/* pool.c - six plain loops over outputs and cells, whatever the grid. */
#include "reference/pool.h"

#include "reference/grids.h"

#include <stdlib.h>

static double reduce_window(const lido_example *e, const lido_reference_axis of[LIDO_MAX_AXES],
                            const int64_t o[LIDO_MAX_AXES], const double *x, double *value,
                            lido_reference_reducer reduce) {
    int64_t count = 0, padded = 0, i[LIDO_MAX_AXES], channels = e->x_shape->channels;
    for (i[0] = 0; i[0] < of[0].kernel; i[0]++)
        for (i[1] = 0; i[1] < of[1].kernel; i[1]++)
            for (i[2] = 0; i[2] < of[2].kernel; i[2]++) {
                bool inside = true, counts = true;
                int64_t at = 0;
                for (int a = 0; a < LIDO_MAX_AXES; a++) {
                    int64_t position = lido_reference_cell(&of[a], o[a], i[a]);
                    inside &= position >= 0 && position < of[a].length;
                    counts &= position < of[a].length + of[a].after;
                    at = at * of[a].length + position;
                }
                padded += counts;
                if (inside) value[count++] = x[at * channels];
            }
    return reduce(e, value, count, padded);
}

static void pool(const lido_example *e, const lido_reference_axis of[LIDO_MAX_AXES],
                 const void *context, double *y) {
    const lido_reference_reducer *reduce = context;
    int64_t o[LIDO_MAX_AXES];
    double *value = malloc((size_t)(of[0].kernel * of[1].kernel * of[2].kernel) * sizeof *value);
    if (!value) abort();
    for (o[0] = 0; o[0] < of[0].output; o[0]++)
        for (o[1] = 0; o[1] < of[1].output; o[1]++)
            for (o[2] = 0; o[2] < of[2].output; o[2]++)
                for (int64_t c = 0; c < e->x_shape->channels; c++)
                    *y++ = reduce_window(e, of, o, e->x[0] + c, value, *reduce);
    free(value);
}

void lido_reference_pool(const lido_example *e, lido_reference_reducer reduce, double *y) {
    lido_reference_grids(e, pool, &reduce, y);
}
