/* roi_pool.c - for each bin, every cell of the map is asked whether it is one of its own. */
#include "harness/reference.h"

#include <math.h>
#include <string.h>

void lido_reference_roi_pool(const lido_example *e, double *y);

typedef struct interval {
    double first, end;
} interval;

/* The cells of bin p of P between two corners. */
static interval bin_between(double from, double to, double p, double bins, bool in_float) {
    double h = fmax(to - from + 1, 1);
    double first = floor(p * h / bins), end = ceil((p + 1) * h / bins);
    if (in_float) {
        float size = (float)h / (float)bins;
        first = floor((double)((float)p * size));
        end = ceil((double)((float)(p + 1) * size));
    }
    return (interval){from + first, from + end};
}

static bool holds(interval of, int64_t cell) {
    return (double)cell >= of.first && (double)cell < of.end;
}

static double reduce(const lido_shape *map, const double *x, interval rows, interval columns,
                     bool is_max) {
    double sum = 0, best = 0;
    int64_t count = 0;
    for (int64_t r = 0; r < map->axis[1]; r++)
        for (int64_t c = 0; c < map->axis[2]; c++) {
            if (!holds(rows, r) || !holds(columns, c)) continue;
            double value = x[(r * map->axis[2] + c) * map->channels];
            if (count == 0 || value > best) best = value;
            sum += value;
            count++;
        }
    if (count == 0) return 0;
    return is_max ? best : sum / (double)count;
}

void lido_reference_roi_pool(const lido_example *e, double *y) {
    const lido_shape *map = &e->x_shape[0], *out = e->y_shape;
    double scale = lido_example_number(e, "spatial_scale"), corner[4];
    bool is_max = strcmp(lido_example_text(e, "reducer"), "max") == 0;
    bool in_float = strcmp(lido_example_text(e, "semantics"), "torch") == 0;
    for (int64_t i = 0; i < e->batch * out->axis[0]; i++) {
        const double *x = e->x[0] + i / out->axis[0] * lido_shape_size(map);
        for (int k = 0; k < 4; k++) {
            double at = e->x[1][5 * i + 1 + k];
            corner[k] = round(in_float ? (double)((float)at * (float)scale) : at * scale);
        }
        for (int64_t r = 0; r < out->axis[1]; r++)
            for (int64_t c = 0; c < out->axis[2]; c++) {
                interval rows =
                    bin_between(corner[1], corner[3], (double)r, (double)out->axis[1], in_float);
                interval columns =
                    bin_between(corner[0], corner[2], (double)c, (double)out->axis[2], in_float);
                for (int64_t k = 0; k < map->channels; k++)
                    *y++ = reduce(map, x + k, rows, columns, is_max);
            }
    }
}
