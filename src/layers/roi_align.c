/* roi_align.c - boxes sampled between the cells (He et al. 2017, "Mask R-CNN"). Nothing is rounded:
 * each bin is sampled at g x g points, (start + p bin + (i + 1/2) bin / g), bilinearly, and their
 * mean or maximum taken. A point more than a cell outside the map counts as 0; nearer ones are
 * moved onto its edge. Positions are reckoned in double in either precision. */
#include "kernels/clones.h"
#include "layers/roi.h"

#include <math.h>

typedef struct roi_align_config {
    lido_roi_config roi;
    int64_t sampling_ratio; /* 0: by the size of the bin */
    int aligned;            /* -1: not written */
    int semantics;
} roi_align_config;

/* ONNX's reference takes the maximum over the four weighted cells of every point rather than over
 * the interpolated values, and is aligned unless told otherwise. */
typedef enum semantics { TORCH, ONNX } semantics;

static const char *const semantics_names[] = {"torch", "onnx", NULL};

static const lido_option options[] = {
    LIDO_ROI_OPTIONS("\"mean\""),
    {.name = "sampling_ratio",
     .kind = LIDO_OPTION_INT,
     .offset = offsetof(roi_align_config, sampling_ratio),
     .fallback = "0",
     .min = 0,
     .max = 1024,
     .doc = "points of a bin along an axis (0: one for each cell of its length)"},
    {.name = "aligned",
     .kind = LIDO_OPTION_FLAG,
     .offset = offsetof(roi_align_config, aligned),
     .fallback = "null",
     .doc = "half a cell off, so that cell i reaches from i to i + 1 (default: false; onnx: true)"},
    {.name = "semantics",
     .kind = LIDO_OPTION_CHOICE,
     .offset = offsetof(roi_align_config, semantics),
     .fallback = "\"torch\"",
     .choices = semantics_names,
     .doc = "whose default of aligned, and whose maximum"},
    {0},
};

/* ---- where the points lie ------------------------------------------------------------------ */

enum { CORNERS = 4, MOST_POINTS = 1 << 14 }; /* of a bin along an axis */

/* A box along one axis. */
typedef struct side {
    double start, bin, step; /* step: between points */
    int64_t points;          /* of a bin; 0: it is no box at all */
    int64_t length;          /* cells of the map */
} side;

/* A point along one axis: between cells `low` and `high`, the latter weighing `far`. */
typedef struct tap {
    int64_t low, high;
    double far;
    bool inside;
} tap;

static bool is_aligned(const roi_align_config *config) {
    return config->aligned < 0 ? config->semantics == ONNX : config->aligned != 0;
}

static side side_of(const lido_roi_piece *p, int axis) {
    const roi_align_config *config = p->config;
    double offset = is_aligned(config) ? 0.5 : 0, scale = config->roi.spatial_scale;
    side s = {.length = p->map->axis[1 + axis]};
    s.start = (double)p->box[axis == 0 ? 2 : 1] * scale - offset;
    double size = (double)p->box[axis == 0 ? 4 : 3] * scale - offset - s.start;
    if (!is_aligned(config)) size = fmax(size, 1);
    s.bin = size / (double)p->bins[axis];
    double points = config->sampling_ratio ? (double)config->sampling_ratio : ceil(s.bin);
    if (isfinite(s.start) && isfinite(size) && points > 0 && points <= MOST_POINTS)
        s.points = (int64_t)points;
    s.step = s.bin / points;
    return s;
}

static tap tap_of(const side *s, int64_t bin, int64_t point) {
    double at = s->start + (double)bin * s->bin + ((double)point + 0.5) * s->step;
    if (at < -1 || at > (double)s->length) return (tap){.inside = false};
    if (at < 0) at = 0;
    int64_t low = (int64_t)at;
    if (low >= s->length - 1) return (tap){s->length - 1, s->length - 1, 0, true};
    return (tap){low, low + 1, at - (double)low, true};
}

/* One point of a bin: four cells and what they weigh, which is nothing outside the map. */
typedef struct point {
    int64_t cell[CORNERS]; /* places of their first channel */
    double weight[CORNERS];
    int32_t index; /* among the bin's points */
} point;

static point point_of(const lido_roi_piece *p, const tap *y, const tap *x, int64_t index) {
    int64_t width = p->map->axis[2], stride = p->map->channels;
    point made = {.index = (int32_t)index};
    if (!y->inside || !x->inside) return made;
    const int64_t cell[] = {y->low * width + x->low, y->low * width + x->high,
                            y->high * width + x->low, y->high * width + x->high};
    const double weight[] = {(1 - y->far) * (1 - x->far), (1 - y->far) * x->far,
                             y->far * (1 - x->far), y->far * x->far};
    for (int k = 0; k < CORNERS; k++) {
        made.cell[k] = cell[k] * stride;
        made.weight[k] = weight[k];
    }
    return made;
}

typedef struct box {
    const lido_roi_piece *piece;
    side down, across;
} box;

/* One bin, and where its output lies. */
typedef struct bin {
    const box *of;
    int64_t row, column;
    int64_t place; /* in y, dy and saved */
} bin;

static point bin_point(const bin *b, int64_t i, int64_t j) {
    tap y = tap_of(&b->of->down, b->row, i), x = tap_of(&b->of->across, b->column, j);
    return point_of(b->of->piece, &y, &x, i * b->of->across.points + j);
}

static int64_t points_of(const bin *b) {
    return b->of->down.points * b->of->across.points;
}

static void each_point(const bin *b, void (*visit)(const bin *b, const point *at)) {
    for (int64_t i = 0; i < b->of->down.points; i++)
        for (int64_t j = 0; j < b->of->across.points; j++) {
            point at = bin_point(b, i, j);
            visit(b, &at);
        }
}

static void each_bin(const lido_roi_piece *p, void (*function)(const bin *b)) {
    box of = {p, side_of(p, 0), side_of(p, 1)};
    bin b = {.of = &of};
    for (b.row = 0; b.row < p->bins[0]; b.row++)
        for (b.column = 0; b.column < p->bins[1]; b.column++, b.place += p->map->channels)
            function(&b);
}

/* ---- mean ---------------------------------------------------------------------------------- */

LIDO_CLONES
static void add_interpolated(const lido_real *x, const point *at, int64_t channels, double *sum) {
    const lido_real *a = x + at->cell[0], *b = x + at->cell[1];
    const lido_real *c = x + at->cell[2], *d = x + at->cell[3];
    for (int64_t k = 0; k < channels; k++)
        sum[k] += at->weight[0] * (double)a[k] + at->weight[1] * (double)b[k] +
                  at->weight[2] * (double)c[k] + at->weight[3] * (double)d[k];
}

static bool is_inside(const point *at) {
    return at->weight[0] + at->weight[1] + at->weight[2] + at->weight[3] > 0;
}

static void add_point(const bin *b, const point *at) {
    const lido_roi_piece *p = b->of->piece;
    if (is_inside(at)) add_interpolated(p->x, at, p->channels, p->scratch);
}

static void mean_bin(const bin *b) {
    const lido_roi_piece *p = b->of->piece;
    double count = points_of(b) > 0 ? (double)points_of(b) : 1;
    for (int64_t c = 0; c < p->channels; c++) p->scratch[c] = 0;
    each_point(b, add_point);
    for (int64_t c = 0; c < p->channels; c++)
        p->y[b->place + c] = (lido_real)(p->scratch[c] / count);
}

LIDO_CLONES
static void add_scaled(lido_real *dx, const lido_real *dy, double scale, int64_t channels) {
    for (int64_t c = 0; c < channels; c++) dx[c] += (lido_real)((double)dy[c] * scale);
}

static void add_point_back(const bin *b, const point *at) {
    const lido_roi_piece *p = b->of->piece;
    double count = (double)points_of(b);
    for (int k = 0; is_inside(at) && k < CORNERS; k++)
        add_scaled(p->dx + at->cell[k], p->dy + b->place, at->weight[k] / count, p->channels);
}

static void mean_bin_back(const bin *b) {
    each_point(b, add_point_back);
}

/* ---- max ----------------------------------------------------------------------------------- */

/* A place is the point's index, or with ONNX 4 index + corner; -1 for a bin without points. */

static void take(const bin *b, int64_t channel, bool first, double value, int32_t place) {
    const lido_roi_piece *p = b->of->piece;
    double *best = &p->scratch[channel];
    if (!(first || value > *best || isnan(value))) return;
    *best = value;
    if (p->saved) p->saved[b->place + channel] = place;
}

static void take_point(const bin *b, const point *at) {
    const lido_roi_piece *p = b->of->piece;
    for (int64_t c = 0; c < p->channels; c++) {
        double value = 0;
        for (int k = 0; is_inside(at) && k < CORNERS; k++)
            value += at->weight[k] * (double)p->x[at->cell[k] + c];
        take(b, c, at->index == 0, value, at->index);
    }
}

static void take_corners(const bin *b, const point *at) {
    const lido_roi_piece *p = b->of->piece;
    for (int k = 0; k < CORNERS; k++)
        for (int64_t c = 0; c < p->channels; c++) {
            double value = is_inside(at) ? at->weight[k] * (double)p->x[at->cell[k] + c] : 0;
            take(b, c, at->index == 0 && k == 0, value, CORNERS * at->index + k);
        }
}

static bool by_corners(const lido_roi_piece *p) {
    const roi_align_config *config = p->config;
    return config->semantics == ONNX;
}

static void max_bin(const bin *b) {
    const lido_roi_piece *p = b->of->piece;
    for (int64_t c = 0; c < p->channels; c++) {
        p->scratch[c] = 0;
        if (p->saved) p->saved[b->place + c] = -1;
    }
    each_point(b, by_corners(p) ? take_corners : take_point);
    for (int64_t c = 0; c < p->channels; c++) p->y[b->place + c] = (lido_real)p->scratch[c];
}

static void max_bin_back(const bin *b) {
    const lido_roi_piece *p = b->of->piece;
    bool corners = by_corners(p);
    for (int64_t c = 0; c < p->channels; c++) {
        int32_t place = p->saved[b->place + c];
        if (place < 0) continue;
        int64_t index = corners ? place / CORNERS : place, across = b->of->across.points;
        point at = bin_point(b, index / across, index % across);
        for (int k = 0; k < CORNERS; k++)
            if (!corners || k == place % CORNERS)
                p->dx[at.cell[k] + c] += (lido_real)(at.weight[k] * (double)p->dy[b->place + c]);
    }
}

/* ---- the layer ----------------------------------------------------------------------------- */

static bool is_max(const lido_roi_piece *p) {
    const lido_roi_config *config = p->config;
    return config->reducer == LIDO_ROI_MAX;
}

static void align_box(const lido_roi_piece *p) {
    each_bin(p, is_max(p) ? max_bin : mean_bin);
}

static void align_box_back(const lido_roi_piece *p) {
    each_bin(p, is_max(p) ? max_bin_back : mean_bin_back);
}

static void forward(const lido_call *call) {
    lido_roi_forward(call, align_box);
}

static void backward(const lido_call *call) {
    lido_roi_backward(call, align_box_back);
}

const lido_layer lido_layer_roi_align = {
    .name = "roi_align",
    .doc = "each box of the second input sampled between the cells",
    .options = options,
    .config_size = sizeof(roi_align_config),
    .min_inputs = 2,
    .max_inputs = 2,
    .infer = lido_roi_infer,
    .forward = forward,
    .backward = backward,
};
