/* roi_pool.c - the cells of a box in bins of whole cells (Girshick 2015, "Fast R-CNN"). Corners are
 * rounded, half away from zero; the far ones belong to the box, which has at least one cell each
 * way; bin p of P covers floor(p h / P) .. ceil((p + 1) h / P), clipped to the map. A bin without
 * cells gives 0 and takes no gradient. */
#include "kernels/clones.h"
#include "layers/roi.h"

#include <math.h>

typedef struct roi_pool_config {
    lido_roi_config roi;
    int semantics;
} roi_pool_config;

/* torchvision reckons in float32, so that some bins end a cell further on. */
typedef enum semantics { EXACT, TORCH } semantics;

static const char *const semantics_names[] = {"exact", "torch", NULL};

static const lido_option options[] = {
    LIDO_ROI_OPTIONS("\"max\""),
    {.name = "semantics",
     .kind = LIDO_OPTION_CHOICE,
     .offset = offsetof(roi_pool_config, semantics),
     .fallback = "\"exact\"",
     .choices = semantics_names,
     .doc = "ends of the bins: in integers, or in float32 as torchvision has them"},
    {0},
};

/* ---- where the bins lie -------------------------------------------------------------------- */

/* Corners further out than this are on no map. */
static const double farthest = 1 << 30;

/* A box along one axis: `length` cells from `start`, none when it is no box at all. */
typedef struct side {
    int64_t start, length, limit; /* limit: cells of the map */
    int64_t bins;
    bool in_float;
} side;

typedef struct range {
    int64_t first, end;
} range;

static double corner(const roi_pool_config *config, lido_real at) {
    if (config->semantics == TORCH)
        return (double)roundf((float)at * (float)config->roi.spatial_scale);
    return round((double)at * config->roi.spatial_scale);
}

static side side_of(const lido_roi_piece *p, int axis) {
    const roi_pool_config *config = p->config;
    double from = corner(config, p->box[axis == 0 ? 2 : 1]);
    double to = corner(config, p->box[axis == 0 ? 4 : 3]);
    side s = {.limit = p->map->axis[1 + axis],
              .bins = p->bins[axis],
              .in_float = config->semantics == TORCH};
    if (!(fabs(from) < farthest && fabs(to) < farthest)) return s;
    s.start = (int64_t)from;
    s.length = to - from + 1 > 1 ? (int64_t)(to - from) + 1 : 1;
    return s;
}

static int64_t clipped(int64_t at, int64_t limit) {
    return at < 0 ? 0 : at > limit ? limit : at;
}

static range bin_of(const side *s, int64_t bin) {
    int64_t first = bin * s->length / s->bins;
    int64_t end = ((bin + 1) * s->length + s->bins - 1) / s->bins;
    if (s->in_float) {
        float size = (float)s->length / (float)s->bins;
        first = (int64_t)floorf((float)bin * size);
        end = (int64_t)ceilf((float)(bin + 1) * size);
    }
    if (s->length == 0) return (range){0, 0};
    return (range){clipped(s->start + first, s->limit), clipped(s->start + end, s->limit)};
}

/* One bin, and where its output lies. */
typedef struct bin {
    range rows, columns;
    int64_t place; /* in y, dy and saved */
} bin;

typedef void (*bin_function)(const lido_roi_piece *piece, const bin *b);

static void each_bin(const lido_roi_piece *p, bin_function function) {
    side down = side_of(p, 0), across = side_of(p, 1);
    bin b = {.place = 0};
    for (int64_t i = 0; i < p->bins[0]; i++)
        for (int64_t j = 0; j < p->bins[1]; j++, b.place += p->map->channels) {
            b.rows = bin_of(&down, i);
            b.columns = bin_of(&across, j);
            function(p, &b);
        }
}

/* ---- forward ------------------------------------------------------------------------------- */

LIDO_CLONES
static void take_larger(const lido_real *x, int64_t channels, int32_t cell, lido_real *y,
                        int32_t *saved) {
    for (int64_t c = 0; c < channels; c++) {
        if (!(x[c] > y[c] || x[c] != x[c])) continue;
        y[c] = x[c];
        if (saved) saved[c] = cell;
    }
}

static void max_bin(const lido_roi_piece *p, const bin *b) {
    int64_t stride = p->map->channels, width = p->map->axis[2];
    bool empty = b->rows.first >= b->rows.end || b->columns.first >= b->columns.end;
    int64_t first = b->rows.first * width + b->columns.first;
    lido_real *y = p->y + b->place;
    int32_t *saved = p->saved ? p->saved + b->place : NULL;
    for (int64_t c = 0; c < p->channels; c++) {
        y[c] = empty ? 0 : p->x[first * stride + c];
        if (saved) saved[c] = empty ? -1 : (int32_t)first;
    }
    for (int64_t row = b->rows.first; row < b->rows.end; row++)
        for (int64_t column = b->columns.first; column < b->columns.end; column++) {
            int64_t cell = row * width + column;
            take_larger(p->x + cell * stride, p->channels, (int32_t)cell, y, saved);
        }
}

LIDO_CLONES
static void add_to(double *sum, const lido_real *x, int64_t channels) {
    for (int64_t c = 0; c < channels; c++) sum[c] += (double)x[c];
}

static int64_t cells_of(const bin *b) {
    int64_t rows = b->rows.end - b->rows.first, columns = b->columns.end - b->columns.first;
    return rows > 0 && columns > 0 ? rows * columns : 0;
}

static void mean_bin(const lido_roi_piece *p, const bin *b) {
    int64_t stride = p->map->channels, width = p->map->axis[2], cells = cells_of(b);
    for (int64_t c = 0; c < p->channels; c++) p->scratch[c] = 0;
    for (int64_t row = b->rows.first; row < b->rows.end; row++)
        for (int64_t column = b->columns.first; column < b->columns.end; column++)
            add_to(p->scratch, p->x + (row * width + column) * stride, p->channels);
    for (int64_t c = 0; c < p->channels; c++)
        p->y[b->place + c] = (lido_real)(cells ? p->scratch[c] / (double)cells : 0);
}

/* ---- backward ------------------------------------------------------------------------------ */

static void max_bin_back(const lido_roi_piece *p, const bin *b) {
    for (int64_t c = 0; c < p->channels; c++) {
        int32_t cell = p->saved[b->place + c];
        if (cell >= 0) p->dx[cell * p->map->channels + c] += p->dy[b->place + c];
    }
}

LIDO_CLONES
static void add_scaled(lido_real *dx, const lido_real *dy, double scale, int64_t channels) {
    for (int64_t c = 0; c < channels; c++) dx[c] += (lido_real)((double)dy[c] * scale);
}

static void mean_bin_back(const lido_roi_piece *p, const bin *b) {
    int64_t stride = p->map->channels, width = p->map->axis[2];
    double scale = 1 / (double)cells_of(b);
    for (int64_t row = b->rows.first; row < b->rows.end; row++)
        for (int64_t column = b->columns.first; column < b->columns.end; column++)
            add_scaled(p->dx + (row * width + column) * stride, p->dy + b->place, scale,
                       p->channels);
}

/* ---- the layer ----------------------------------------------------------------------------- */

static bool is_max(const lido_roi_piece *p) {
    const lido_roi_config *config = p->config;
    return config->reducer == LIDO_ROI_MAX;
}

static void pool_box(const lido_roi_piece *p) {
    each_bin(p, is_max(p) ? max_bin : mean_bin);
}

static void pool_box_back(const lido_roi_piece *p) {
    each_bin(p, is_max(p) ? max_bin_back : mean_bin_back);
}

static void forward(const lido_call *call) {
    lido_roi_forward(call, pool_box);
}

static void backward(const lido_call *call) {
    lido_roi_backward(call, pool_box_back);
}

static lido_status infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    const lido_roi_config *config = site->config;
    needs->switches[0] = needs->switches[1] = config->reducer == LIDO_ROI_MAX;
    return lido_roi_infer(site, needs, error);
}

const lido_layer lido_layer_roi_pool = {
    .name = "roi_pool",
    .doc = "each box of the second input in bins of whole cells",
    .options = options,
    .config_size = sizeof(roi_pool_config),
    .min_inputs = 2,
    .max_inputs = 2,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .switches = lido_roi_switches,
};
