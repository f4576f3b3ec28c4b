/* max_unpool.c - where the largest value of each window lies is looked up in the input of the
 * max_pool that is named; each value is added to (or, "last", put into) that cell. */
#include "reference/window.h"

#include <string.h>

void lido_reference_max_unpool(const lido_example *e, double *y);

/* The named pooling as an example of its own. */
static lido_example pooling(const lido_example *e) {
    return (lido_example){
        .options = e->of->options, .x_shape = e->of->x_shape, .y_shape = e->x_shape};
}

/* The cell (d, h, w) of the largest value of one window and channel: the first of equals, the last
 * NaN. */
static void find_largest(const lido_example *e, const lido_reference_axis of[],
                         const lido_real *map, const int64_t o[], int64_t cell[]) {
    const int64_t channels = e->x_shape->channels;
    double best = 0;
    bool found = false;
    for (int64_t d = 0; d < of[0].kernel; d++)
        for (int64_t h = 0; h < of[1].kernel; h++)
            for (int64_t w = 0; w < of[2].kernel; w++) {
                const int64_t number[] = {d, h, w};
                int64_t at[LIDO_MAX_AXES], inside = 1;
                for (int a = 0; a < LIDO_MAX_AXES; a++) {
                    at[a] = lido_reference_cell(&of[a], o[a], number[a]);
                    inside &= at[a] >= 0 && at[a] < of[a].length;
                }
                if (!inside) continue;
                double value =
                    (double)map[((at[0] * of[1].length + at[1]) * of[2].length + at[2]) * channels];
                if (found && !(value > best || value != value)) continue;
                found = true;
                best = value;
                memcpy(cell, at, sizeof at);
            }
}

void lido_reference_max_unpool(const lido_example *e, double *y) {
    const lido_example pool = pooling(e);
    const lido_reference_axis of[] = {lido_reference_axis_of(&pool, 0),
                                      lido_reference_axis_of(&pool, 1),
                                      lido_reference_axis_of(&pool, 2)};
    const bool last = strcmp(lido_example_text(e, "on_duplicate"), "last") == 0;
    const int64_t channels = e->x_shape->channels, *axis = e->y_shape->axis;
    const int64_t size = lido_shape_size(e->x_shape), map = lido_shape_size(pool.x_shape);
    for (int64_t i = 0; i < e->batch * lido_shape_size(e->y_shape); i++) y[i] = 0;
    for (int64_t i = 0; i < e->batch * size; i++) {
        const int64_t n = i / size, c = i % channels, p = i % size / channels;
        const int64_t o[] = {p / of[2].output / of[1].output, p / of[2].output % of[1].output,
                             p % of[2].output};
        int64_t cell[LIDO_MAX_AXES] = {0};
        find_largest(e, of, lido_start(&e->of->x[0]) + n * map + c, o, cell);
        const int64_t at = ((n * axis[0] + cell[0]) * axis[1] + cell[1]) * axis[2] + cell[2];
        y[at * channels + c] = e->x[0][i] + (last ? 0 : y[at * channels + c]);
    }
}
