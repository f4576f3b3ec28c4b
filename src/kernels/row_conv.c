/* row_conv.c - a panel of filters for several neighbouring positions at once: sums stay in
 * registers while the taps go by. Panels are of one vector, or of two where there are filters
 * enough; positions are so many that latency is hidden and the 16 registers of AVX2 do. */
#include "kernels/row_conv.h"

#include "kernels/clones.h"

#include <string.h>

typedef lido_real vector __attribute__((vector_size(LIDO_VECTOR)));
/* One among numbers. (Copied by memcpy it may go in halves, which a load then waits for.) */
typedef lido_real loose_vector
    __attribute__((vector_size(LIDO_VECTOR), aligned(sizeof(lido_real)), may_alias));

enum { LANES = LIDO_VECTOR / sizeof(lido_real) };

/* In flight: positions at most; taps of the gradient of weights, by vectors in a panel. */
enum { MOST_POSITIONS = 14, TAPS_ONE = 9, TAPS_TWO = 5 };

static int64_t at_least(int64_t value, int64_t least) {
    return value < least ? least : value;
}

static int64_t at_most(int64_t value, int64_t most) {
    return value > most ? most : value;
}

/* Numbers in a run of taps along the rows. */
static int64_t run_of(const lido_row_conv *rows) {
    return rows->kernel[2] * rows->channels;
}

/* Numbers in a row and in a plane of the image. */
static int64_t line_of(const lido_row_conv *rows) {
    return (rows->output[2] + rows->kernel[2] - 1) * rows->channels;
}

static int64_t plane_of(const lido_row_conv *rows) {
    return (rows->output[1] + rows->kernel[1] - 1) * line_of(rows);
}

int64_t lido_row_conv_image(const lido_row_conv *rows) {
    return (rows->output[0] + rows->kernel[0] - 1) * plane_of(rows);
}

bool lido_row_conv_fits(const lido_row_conv *rows) {
    return rows->kernel[0] * rows->kernel[1] * run_of(rows) <= LIDO_ROW_CONV_TAPS &&
           rows->kernel[1] * rows->filters <= LIDO_ROW_CONV_TAPS;
}

/* ---- packing: for each panel what sums begin with, then its weights ------------------------- */

/* A matrix of weights, its columns in panels. */
typedef struct matrix {
    int64_t taps, columns;
} matrix;

static matrix forward_matrix(const lido_row_conv *rows) {
    return (matrix){rows->kernel[0] * rows->kernel[1] * run_of(rows), rows->filters};
}

static matrix data_matrix(const lido_row_conv *rows) {
    return (matrix){rows->kernel[0] * rows->kernel[1] * rows->filters, run_of(rows)};
}

/* Columns of a panel. */
static int64_t panel_of(const matrix *m) {
    return m->columns > LANES ? 2 * LANES : LANES;
}

static int64_t panels_of(const matrix *m) {
    return (m->columns + panel_of(m) - 1) / panel_of(m);
}

static int64_t panel_size(const matrix *m) {
    return panel_of(m) * (1 + m->taps);
}

/* Where column c begins; its weights follow, panel_of apart. */
static lido_real *packed_column(const matrix *m, lido_real *packed, int64_t c) {
    return packed + c / panel_of(m) * panel_size(m) + c % panel_of(m);
}

static int64_t packed_size(matrix m) {
    return panels_of(&m) * panel_size(&m);
}

int64_t lido_row_conv_packed(const lido_row_conv *rows) {
    return packed_size(forward_matrix(rows));
}

int64_t lido_row_conv_turned(const lido_row_conv *rows) {
    return packed_size(data_matrix(rows));
}

void lido_row_conv_pack(const lido_row_conv *rows, const lido_real *w, const lido_real *bias,
                        lido_real *packed) {
    const matrix m = forward_matrix(rows);
    memset(packed, 0, (size_t)packed_size(m) * sizeof *packed);
    for (int64_t f = 0; f < m.columns; f++) {
        lido_real *at = packed_column(&m, packed, f);
        if (bias) *at = bias[f];
        for (int64_t t = 0; t < m.taps; t++) at[(t + 1) * panel_of(&m)] = w[t * m.columns + f];
    }
}

void lido_row_conv_turn(const lido_row_conv *rows, const lido_real *w, lido_real *turned) {
    const matrix m = data_matrix(rows);
    memset(turned, 0, (size_t)packed_size(m) * sizeof *turned);
    for (int64_t c = 0; c < m.columns; c++) {
        lido_real *at = packed_column(&m, turned, c);
        for (int64_t t = 0; t < m.taps; t++) {
            const int64_t r = t / rows->filters, f = t % rows->filters;
            at[(t + 1) * panel_of(&m)] = w[(r * m.columns + c) * rows->filters + f];
        }
    }
}

void lido_row_conv_pad(const lido_row_conv *rows, const lido_real *src,
                       const int64_t length[LIDO_MAX_AXES], const int64_t before[LIDO_MAX_AXES],
                       lido_real *image) {
    const int64_t run = length[2] * rows->channels;
    memset(image, 0, (size_t)lido_row_conv_image(rows) * sizeof *image);
    image += before[2] * rows->channels;
    for (int64_t d = 0; d < length[0]; d++)
        for (int64_t h = 0; h < length[1]; h++, src += run)
            memcpy(image + (before[0] + d) * plane_of(rows) + (before[1] + h) * line_of(rows), src,
                   (size_t)run * sizeof *src);
}

/* ---- vectors ------------------------------------------------------------------------------- */

LIDO_INLINE void load(vector *v, const lido_real *p) {
    *v = *(const loose_vector *)p;
}

LIDO_INLINE void store(const vector *v, lido_real *p) {
    *(loose_vector *)p = *v;
}

/* Only so many numbers are there, or are to be written. */
LIDO_INLINE void load_some(vector *v, const lido_real *p, int64_t count) {
    if (count >= LANES) {
        load(v, p);
        return;
    }
    *v = (vector){0};
    for (int64_t i = 0; i < count; i++) (*v)[i] = p[i];
}

LIDO_INLINE void store_some(const vector *v, lido_real *p, int64_t count) {
    if (count >= LANES)
        store(v, p);
    else
        for (int64_t i = 0; i < count; i++) p[i] = (*v)[i];
}

/* ---- sums over taps along a line ------------------------------------------------------------ */

/* Taps of one panel: where each reads, its weights, and what the sums begin with. */
typedef struct taps {
    const int64_t *place;
    int64_t count;
    const lido_real *w, *start;
} taps;

/* Neighbouring positions: how many, and how far apart they read and write. */
typedef struct spread {
    int64_t width, step, pitch;
} spread;

/* Where a panel's sums go: `room` numbers may be written from y on, `each` at a position. A sole
 * panel that is wider than the columns may run over into the next position, which is written
 * later. */
typedef struct target {
    lido_real *y;
    int64_t room, each;
} target;

LIDO_INLINE target target_after(target t, int64_t numbers) {
    return (target){t.y + numbers, t.room - numbers, t.each};
}

LIDO_INLINE void store_all(vector sum[MOST_POSITIONS][2], int64_t pitch, int64_t vectors,
                           int64_t positions, lido_real *y) {
    for (int64_t p = 0; p < positions; p++)
        for (int64_t v = 0; v < vectors; v++) store(&sum[p][v], y + p * pitch + v * LANES);
}

/* Only what there is room for: rare, and kept apart, or the sums would always lie in memory. */
static __attribute__((noinline)) void copy_some(const lido_real *from, int64_t panel, int64_t pitch,
                                                int64_t positions, target t) {
    for (int64_t p = 0; p < positions; p++, t = target_after(t, pitch))
        for (int64_t i = 0; i < panel && i < t.each && i < t.room; i++)
            t.y[i] = from[p * panel + i];
}

LIDO_INLINE void store_sums(vector sum[MOST_POSITIONS][2], int64_t pitch, int64_t vectors,
                            int64_t positions, target t) {
    const int64_t panel = vectors * LANES;
    if (t.each >= panel && t.room >= (positions - 1) * pitch + panel) {
        store_all(sum, pitch, vectors, positions, t.y);
        return;
    }
    lido_real all[MOST_POSITIONS * 2 * LANES];
    store_all(sum, panel, vectors, positions, all);
    copy_some(all, panel, pitch, positions, t);
}

LIDO_INLINE void block(const lido_real *x, const taps *given, int64_t step, int64_t pitch,
                       int64_t vectors, int64_t positions, target y) {
    const taps t = *given;
    vector sum[MOST_POSITIONS][2];
    for (int64_t p = 0; p < positions; p++)
        for (int64_t v = 0; v < vectors; v++) load(&sum[p][v], t.start + v * LANES);
    for (int64_t k = 0; k < t.count; k++) {
        const lido_real *from = x + t.place[k];
        __asm__("" : "+r"(from)); /* or GCC keeps an address for each position, and spills */
        vector w[2];
        for (int64_t v = 0; v < vectors; v++) load(&w[v], t.w + (k * vectors + v) * LANES);
        for (int64_t p = 0; p < positions; p++)
            for (int64_t v = 0; v < vectors; v++) sum[p][v] += from[p * step] * w[v];
    }
    store_sums(sum, pitch, vectors, positions, y);
}

/* So many positions at a time. The last ones begin early rather than being few. */
LIDO_INLINE void blocks(const lido_real *x, const taps *t, const spread *s, int64_t step,
                        int64_t vectors, int64_t positions, target y) {
    for (int64_t o = 0; o < s->width; o += positions) {
        const int64_t at = at_most(o, s->width - positions);
        block(x + at * step, t, step, s->pitch, vectors, positions, target_after(y, at * s->pitch));
    }
}

/* Positions at a time: such that few are computed twice. Where they are neighbours in the image
 * one address serves all, and only the registers for sums set a limit. */
LIDO_CLONES
static void sum_one(const lido_real *x, const taps *t, const spread *s, target y) {
    if (s->step == 1 && s->width >= 14 && s->width != 16)
        blocks(x, t, s, 1, 1, 14, y);
    else if (s->width >= 8)
        blocks(x, t, s, s->step, 1, 8, y);
    else if (s->width >= 4)
        blocks(x, t, s, s->step, 1, 4, y);
    else
        blocks(x, t, s, s->step, 1, 1, y);
}

LIDO_CLONES
static void sum_two(const lido_real *x, const taps *t, const spread *s, target y) {
    if (s->width >= 5)
        blocks(x, t, s, s->step, 2, 5, y);
    else if (s->width >= 3)
        blocks(x, t, s, s->step, 2, 3, y);
    else
        blocks(x, t, s, s->step, 2, 1, y);
}

static void sum_line(const lido_real *x, const taps *t, const spread *s, int64_t panel, target y) {
    if (panel > LANES)
        sum_two(x, t, s, y);
    else
        sum_one(x, t, s, y);
}

/* ---- forward ------------------------------------------------------------------------------- */

/* Where the taps begin in the image, in the order of the weights. */
static void place_taps(const lido_row_conv *rows, int64_t place[LIDO_ROW_CONV_TAPS]) {
    for (int64_t d = 0; d < rows->kernel[0]; d++)
        for (int64_t h = 0; h < rows->kernel[1]; h++)
            for (int64_t k = 0; k < run_of(rows); k++)
                *place++ = d * plane_of(rows) + h * line_of(rows) + k;
}

static void forward_panel(const lido_row_conv *rows, const lido_real *image, const taps *t,
                          int64_t panel, target y) {
    const spread s = {rows->output[2], rows->channels, rows->filters};
    for (int64_t d = 0; d < rows->output[0]; d++)
        for (int64_t h = 0; h < rows->output[1]; h++, y = target_after(y, s.width * s.pitch))
            sum_line(image + d * plane_of(rows) + h * line_of(rows), t, &s, panel, y);
}

void lido_row_conv_forward(const lido_row_conv *rows, const lido_real *image,
                           const lido_real *packed, lido_real *y) {
    const matrix m = forward_matrix(rows);
    const int64_t panel = panel_of(&m), panels = panels_of(&m);
    const int64_t size = rows->output[0] * rows->output[1] * rows->output[2] * rows->filters;
    int64_t place[LIDO_ROW_CONV_TAPS];
    place_taps(rows, place);
    for (int64_t i = 0; i < panels; i++, packed += panel_size(&m)) {
        const int64_t first = i * panel, each = panels == 1 ? panel : rows->filters - first;
        forward_panel(rows, image, &(taps){place, m.taps, packed + panel, packed}, panel,
                      (target){y + first, size - first, each});
    }
}

/* ---- the gradient of the input -------------------------------------------------------------- */

int64_t lido_row_conv_work(const lido_row_conv *rows) {
    const matrix m = data_matrix(rows);
    return rows->output[2] * panels_of(&m) * panel_of(&m) + line_of(rows);
}

/* What each position along a row gives to the run of taps it saw. */
static void sum_runs(const lido_row_conv *rows, const matrix *m, const lido_real *dy,
                     const taps *first, lido_real *runs) {
    const int64_t panel = panel_of(m), panels = panels_of(m);
    const spread s = {rows->output[2], rows->filters, panels * panel};
    for (int64_t i = 0; i < panels; i++) {
        const taps t = {first->place, first->count, first->w + i * panel_size(m), first->start};
        sum_line(dy, &t, &s, panel,
                 (target){runs + i * panel, s.width * s.pitch - i * panel, panel});
    }
}

/* Runs `apart` positions from each other are added in turn: they do not overlap, and none waits for
 * the one before it. */
LIDO_CLONES
static void add_runs(const lido_real *restrict runs, int64_t pitch, int64_t width, int64_t apart,
                     int64_t step, lido_real *restrict to) {
    for (int64_t r = 0; r < apart; r++)
        for (int64_t p = r; p < width; p += apart)
            for (int64_t k = 0; k < apart * step; k++) to[p * step + k] += runs[p * pitch + k];
}

/* Row (d, h) of the padded image's gradient. */
static void data_line(const lido_row_conv *rows, const lido_real *dy, const lido_real *turned,
                      const int64_t *place, int64_t d, int64_t h, lido_real *runs, lido_real *to) {
    const matrix m = data_matrix(rows);
    const int64_t filters = rows->filters, *kernel = rows->kernel, *output = rows->output;
    const int64_t first = at_least(h - output[1] + 1, 0), last = at_most(h, kernel[1] - 1);
    memset(to, 0, (size_t)line_of(rows) * sizeof *to);
    for (int64_t k = at_least(d - output[0] + 1, 0); k <= at_most(d, kernel[0] - 1); k++) {
        const taps t = {
            .place = place + first * filters,
            .count = (last - first + 1) * filters,
            .w = turned + panel_of(&m) * (1 + (k * kernel[1] + first) * filters),
            .start = turned,
        };
        sum_runs(rows, &m, dy + ((d - k) * output[1] + h) * output[2] * filters, &t, runs);
        add_runs(runs, panels_of(&m) * panel_of(&m), output[2], kernel[2], rows->channels, to);
    }
}

void lido_row_conv_data(const lido_row_conv *rows, const lido_real *dy, const lido_real *turned,
                        const int64_t length[LIDO_MAX_AXES], const int64_t before[LIDO_MAX_AXES],
                        lido_real *work, lido_real *dx) {
    const int64_t run = length[2] * rows->channels, filters = rows->filters;
    lido_real *runs = work + line_of(rows);
    int64_t place[LIDO_ROW_CONV_TAPS];
    for (int64_t h = 0; h < rows->kernel[1]; h++)
        for (int64_t f = 0; f < filters; f++)
            place[h * filters + f] = f - h * rows->output[2] * filters;
    for (int64_t d = 0; d < length[0]; d++)
        for (int64_t h = 0; h < length[1]; h++, dx += run) {
            lido_real *to = run == line_of(rows) ? dx : work;
            data_line(rows, dy, turned, place, d + before[0], h + before[1], runs, to);
            if (to == work) memcpy(dx, work + before[2] * rows->channels, (size_t)run * sizeof *dx);
        }
}

/* ---- the gradient of weights ---------------------------------------------------------------- */

/* One panel: dy and dw from its first filter on, and of how many positions dy has all numbers of
 * the panel's vectors. */
typedef struct gradient {
    const lido_real *image, *dy;
    const int64_t *place;
    lido_real *dw;
    int64_t whole;
} gradient;

/* `positions` neighbouring ones, from `at` on in the image. */
LIDO_INLINE void sum_run(const lido_real *const *x, int64_t at, const lido_real *dy,
                         int64_t positions, int64_t channels, int64_t filters, int64_t vectors,
                         int64_t count, vector sum[TAPS_ONE][2]) {
    for (int64_t p = 0; p < positions; p++, at += channels, dy += filters) {
        vector g[2];
        for (int64_t v = 0; v < vectors; v++) load(&g[v], dy + v * LANES);
        for (int64_t k = 0; k < count; k++)
            for (int64_t v = 0; v < vectors; v++) sum[k][v] += x[k][at] * g[v];
    }
}

LIDO_INLINE void sum_image(const lido_row_conv *rows, const gradient *g, const lido_real *const *x,
                           int64_t vectors, int64_t count, vector sum[TAPS_ONE][2]) {
    const int64_t filters = rows->filters, width = rows->output[2];
    const int64_t channels = rows->channels, lines = rows->output[1];
    const int64_t line = line_of(rows), gap = plane_of(rows) - lines * line;
    const lido_real *dy = g->dy;
    int64_t at = 0, left = g->whole;
    for (int64_t d = 0; d < rows->output[0]; d++, at += gap)
        for (int64_t h = 0; h < lines; h++, at += line, dy += width * filters, left -= width)
            sum_run(x, at, dy, at_most(left, width), channels, filters, vectors, count, sum);
}

/* The last positions of all, where vectors would reach beyond dy. */
static void add_end(const lido_row_conv *rows, const gradient *g, int64_t all, int64_t each) {
    const int64_t *output = rows->output, filters = rows->filters;
    for (int64_t p = g->whole; p < output[0] * output[1] * output[2]; p++) {
        const int64_t w = p % output[2], h = p / output[2] % output[1],
                      d = p / output[2] / output[1];
        const lido_real *x = g->image + d * plane_of(rows) + h * line_of(rows) + w * rows->channels;
        for (int64_t k = 0; k < all; k++)
            for (int64_t f = 0; f < each; f++)
                g->dw[k * filters + f] += x[g->place[k]] * g->dy[p * filters + f];
    }
}

/* dw of some taps += sum, but for filters that are not there. */
LIDO_INLINE void add_sums(vector sum[TAPS_ONE][2], int64_t taps_there, int64_t vectors,
                          int64_t each, int64_t filters, lido_real *dw) {
    for (int64_t k = 0; k < taps_there; k++, dw += filters)
        for (int64_t v = 0; v < vectors; v++) {
            vector old;
            load_some(&old, dw + v * LANES, each - v * LANES);
            old += sum[k][v];
            store_some(&old, dw + v * LANES, each - v * LANES);
        }
}

/* `count` taps at a time; the last ones are made as many by repeating one. */
LIDO_INLINE void weights_panel(const lido_row_conv *rows, const gradient *g, int64_t all,
                               int64_t vectors, int64_t count, int64_t each) {
    for (int64_t k = 0; k < all; k += count) {
        const lido_real *x[TAPS_ONE];
        vector sum[TAPS_ONE][2], all_sums[TAPS_ONE][2];
        for (int64_t i = 0; i < count; i++) {
            x[i] = g->image + g->place[k + i < all ? k + i : k];
            for (int64_t v = 0; v < vectors; v++) sum[i][v] = (vector){0};
        }
        sum_image(rows, g, x, vectors, count, sum);
        memcpy(all_sums, sum, sizeof sum); /* so that only the copy must lie in memory */
        add_sums(all_sums, at_most(all - k, count), vectors, each, rows->filters,
                 g->dw + k * rows->filters);
    }
    add_end(rows, g, all, at_most(each, vectors * LANES));
}

LIDO_CLONES
static void weights_of(const lido_row_conv *rows, const gradient *g, int64_t all, int64_t panel,
                       int64_t each) {
    if (panel > LANES)
        weights_panel(rows, g, all, 2, TAPS_TWO, each);
    else
        weights_panel(rows, g, all, 1, TAPS_ONE, each);
}

void lido_row_conv_weights(const lido_row_conv *rows, const lido_real *image, const lido_real *dy,
                           lido_real *dw) {
    const matrix m = forward_matrix(rows);
    const int64_t panel = panel_of(&m), filters = rows->filters;
    const int64_t size = rows->output[0] * rows->output[1] * rows->output[2] * filters;
    int64_t place[LIDO_ROW_CONV_TAPS];
    place_taps(rows, place);
    for (int64_t first = 0; first < filters; first += panel) {
        const int64_t room = size - first;
        const gradient g = {image, dy + first, place, dw + first,
                            room < panel ? 0 : (room - panel) / filters + 1};
        weights_of(rows, &g, m.taps, panel, filters - first);
    }
}
