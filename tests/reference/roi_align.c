/* roi_align.c - every point of every bin by the definition: mean or maximum of interpolated values,
 * or of weighted cells. */
#include "harness/reference.h"

#include <math.h>
#include <string.h>

void lido_reference_roi_align(const lido_example *e, double *y);

typedef struct way {
    bool aligned, is_max, by_cells;
    double scale, ratio;
} way;

static way way_of(const lido_example *e) {
    const lido_json *aligned = lido_json_get(e->options, "aligned");
    way w = {.scale = lido_example_number(e, "spatial_scale"),
             .ratio = lido_example_number(e, "sampling_ratio")};
    w.by_cells = strcmp(lido_example_text(e, "semantics"), "onnx") == 0;
    w.is_max = strcmp(lido_example_text(e, "reducer"), "max") == 0;
    w.aligned = lido_json_kind_of(aligned) == LIDO_JSON_BOOL ? lido_json_bool(aligned) : w.by_cells;
    return w;
}

/* Two cells and what they weigh; false beyond the reach of the map. */
static bool between(double at, int64_t length, int64_t cell[2], double weight[2]) {
    double last = (double)(length - 1), kept = fmin(fmax(at, 0), last);
    cell[0] = (int64_t)floor(kept);
    cell[1] = cell[0] + 1 < length ? cell[0] + 1 : length - 1;
    weight[1] = kept - floor(kept);
    weight[0] = 1 - weight[1];
    return at >= -1 && at <= (double)length;
}

/* The points of a bin along an axis. */
typedef struct points {
    double start, step, count;
} points;

static points points_of(const way *w, double from, double to, double p, double bins) {
    double shift = w->aligned ? 0.5 : 0;
    double start = from * w->scale - shift, size = to * w->scale - shift - start;
    if (!w->aligned && size < 1) size = 1;
    double count = w->ratio > 0 ? w->ratio : ceil(size / bins);
    return (points){start + p * size / bins, size / bins / count, count};
}

static double reduce(const way *w, const lido_shape *map, const double *x, points down,
                     points across) {
    double sum = 0, best = -INFINITY, count = down.count * across.count;
    for (double i = 0.5; i < down.count; i++)
        for (double j = 0.5; j < across.count; j++) {
            int64_t r[2], c[2];
            double wr[2], wc[2], value = 0;
            bool inside = between(down.start + i * down.step, map->axis[1], r, wr);
            inside &= between(across.start + j * across.step, map->axis[2], c, wc);
            for (int k = 0; k < 4; k++) {
                double part = x[(r[k / 2] * map->axis[2] + c[k % 2]) * map->channels];
                part *= inside ? wr[k / 2] * wc[k % 2] : 0;
                value += part;
                if (w->by_cells) best = fmax(best, part);
            }
            if (!w->by_cells) best = fmax(best, value);
            sum += value;
        }
    if (count <= 0) return 0;
    return w->is_max ? best : sum / count;
}

void lido_reference_roi_align(const lido_example *e, double *y) {
    const lido_shape *map = &e->x_shape[0], *out = e->y_shape;
    way w = way_of(e);
    for (int64_t i = 0; i < e->batch * out->axis[0]; i++) {
        const double *x = e->x[0] + i / out->axis[0] * lido_shape_size(map);
        const double *box = e->x[1] + 5 * i;
        for (int64_t r = 0; r < out->axis[1]; r++)
            for (int64_t c = 0; c < out->axis[2]; c++) {
                points down = points_of(&w, box[2], box[4], (double)r, (double)out->axis[1]);
                points across = points_of(&w, box[1], box[3], (double)c, (double)out->axis[2]);
                for (int64_t k = 0; k < map->channels; k++)
                    *y++ = reduce(&w, map, x + k, down, across);
            }
    }
}
