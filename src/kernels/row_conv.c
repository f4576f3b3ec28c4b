/* row_conv.c - a panel of filters for several neighbouring positions at once: sums stay in
 * registers while the taps go by. Panels are of one vector of 32 bytes, or of two where there are
 * filters enough; positions are so many that latency is hidden and the 16 registers of AVX2 do. */
#include "kernels/row_conv.h"

#include "kernels/clones.h"

#include <string.h>

typedef lido_real vector __attribute__((vector_size(32)));

enum { LANES = 32 / sizeof(lido_real) };

/* Positions (or, in the gradient of weights, taps) in flight, by vectors in a panel. */
enum { FLIGHT_ONE = 8, FLIGHT_TWO = 6, MOST_TAPS = 8 };

static int64_t vectors_of(const lido_row_conv *rows) {
    return rows->filters > LANES ? 2 : 1;
}

static int64_t panels_of(const lido_row_conv *rows) {
    const int64_t panel = vectors_of(rows) * LANES;
    return (rows->filters + panel - 1) / panel;
}

/* Numbers in a run of taps along the rows, and runs. */
static int64_t run_of(const lido_row_conv *rows) {
    return rows->kernel[2] * rows->channels;
}

static int64_t runs_of(const lido_row_conv *rows) {
    return rows->kernel[0] * rows->kernel[1];
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

/* ---- packing: for each panel its bias, then its weights ------------------------------------- */

static int64_t packed_panel(const lido_row_conv *rows) {
    return vectors_of(rows) * LANES * (1 + runs_of(rows) * run_of(rows));
}

int64_t lido_row_conv_packed(const lido_row_conv *rows) {
    return panels_of(rows) * packed_panel(rows);
}

/* The place of filter f's bias; its weights follow, `step` apart. */
static lido_real *packed_filter(const lido_row_conv *rows, lido_real *packed, int64_t f,
                                int64_t *step) {
    *step = vectors_of(rows) * LANES;
    return packed + f / *step * packed_panel(rows) + f % *step;
}

void lido_row_conv_pack(const lido_row_conv *rows, const lido_real *w, const lido_real *bias,
                        lido_real *packed) {
    const int64_t taps = runs_of(rows) * run_of(rows);
    memset(packed, 0, (size_t)lido_row_conv_packed(rows) * sizeof *packed);
    for (int64_t f = 0; f < rows->filters; f++) {
        int64_t step;
        lido_real *at = packed_filter(rows, packed, f, &step);
        if (bias) *at = bias[f];
        for (int64_t t = 0; t < taps; t++) at[(t + 1) * step] = w[t * rows->filters + f];
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
    memcpy(v, p, sizeof *v);
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
        memcpy(p, v, sizeof *v);
    else
        for (int64_t i = 0; i < count; i++) p[i] = (*v)[i];
}

/* ---- forward ------------------------------------------------------------------------------- */

/* Where a panel's outputs go: `room` numbers may be written from y on, `each` at a position. A sole
 * panel that is wider than the filters may run over into the next position, which is written
 * later. */
typedef struct target {
    lido_real *y;
    int64_t room, each;
} target;

LIDO_INLINE target target_at(const lido_row_conv *rows, target t, int64_t position) {
    const int64_t at = position * rows->filters;
    return (target){t.y + at, t.room - at, t.each};
}

/* One run of taps. Addresses are kept for every third position only: so many fit the registers. */
LIDO_INLINE const lido_real *add_run(const lido_real *x, int64_t run, int64_t c,
                                     const lido_real *packed, int64_t vectors, int64_t positions,
                                     vector sum[FLIGHT_ONE][2]) {
    const lido_real *from[3] = {x, x + 3 * c, x + 6 * c};
    for (int64_t k = 0; k < run; k++, packed += vectors * LANES) {
        const int64_t at[3] = {k, k + c, k + 2 * c};
        vector w[2];
        for (int64_t v = 0; v < vectors; v++) load(&w[v], packed + v * LANES);
        for (int64_t p = 0; p < positions; p++)
            for (int64_t v = 0; v < vectors; v++) sum[p][v] += from[p / 3][at[p % 3]] * w[v];
    }
    return packed;
}

LIDO_INLINE void block(const lido_row_conv *rows, const lido_real *x, const lido_real *packed,
                       int64_t vectors, int64_t positions, target t) {
    const int64_t line = line_of(rows), plane = plane_of(rows), run = run_of(rows);
    const int64_t lines = rows->kernel[1], planes = rows->kernel[0], channels = rows->channels;
    vector sum[FLIGHT_ONE][2];
    for (int64_t p = 0; p < positions; p++)
        for (int64_t v = 0; v < vectors; v++) load(&sum[p][v], packed + v * LANES);
    packed += vectors * LANES;
    for (int64_t d = 0; d < planes; d++)
        for (int64_t h = 0; h < lines; h++)
            packed =
                add_run(x + d * plane + h * line, run, channels, packed, vectors, positions, sum);
    for (int64_t p = 0; p < positions; p++)
        for (int64_t v = 0; v < vectors; v++) {
            const target to = target_at(rows, t, p);
            const int64_t most = to.room < to.each ? to.room : to.each;
            store_some(&sum[p][v], to.y + v * LANES, most - v * LANES);
        }
}

/* One row of outputs. The last block begins early rather than being short. */
LIDO_INLINE void row(const lido_row_conv *rows, const lido_real *x, const lido_real *packed,
                     int64_t vectors, int64_t flight, target t) {
    const int64_t width = rows->output[2];
    int64_t o = 0;
    for (; o + flight <= width; o += flight)
        block(rows, x + o * rows->channels, packed, vectors, flight, target_at(rows, t, o));
    if (o == width) return;
    if (width >= flight) {
        o = width - flight;
        block(rows, x + o * rows->channels, packed, vectors, flight, target_at(rows, t, o));
        return;
    }
    for (; o < width; o++)
        block(rows, x + o * rows->channels, packed, vectors, 1, target_at(rows, t, o));
}

LIDO_CLONES
static void forward_panel(const lido_row_conv *rows, const lido_real *image,
                          const lido_real *packed, target t) {
    const int64_t lines = rows->output[0] * rows->output[1];
    for (int64_t l = 0; l < lines; l++) {
        const int64_t d = l / rows->output[1], h = l % rows->output[1];
        const lido_real *x = image + d * plane_of(rows) + h * line_of(rows);
        const target to = target_at(rows, t, l * rows->output[2]);
        if (rows->filters > LANES)
            row(rows, x, packed, 2, FLIGHT_TWO, to);
        else
            row(rows, x, packed, 1, FLIGHT_ONE, to);
    }
}

void lido_row_conv_forward(const lido_row_conv *rows, const lido_real *image,
                           const lido_real *packed, lido_real *y) {
    const int64_t panels = panels_of(rows), panel = vectors_of(rows) * LANES;
    const int64_t size = rows->output[0] * rows->output[1] * rows->output[2] * rows->filters;
    for (int64_t i = 0; i < panels; i++, packed += packed_panel(rows)) {
        const int64_t first = i * panel, each = panels == 1 ? panel : rows->filters - first;
        forward_panel(rows, image, packed, (target){y + first, size - first, each});
    }
}

/* ---- the gradient of weights ---------------------------------------------------------------- */

/* Some taps of one panel: where each begins in the image, and the numbers of dy from the panel's
 * first filter to the end. */
typedef struct tile {
    const lido_real *x[MOST_TAPS];
    const lido_real *dy;
    int64_t room;
} tile;

/* `positions` neighbouring ones, from `at` on in the image; dy has all numbers of the vectors. */
LIDO_INLINE void sum_run(const tile *t, int64_t at, const lido_real *dy, int64_t positions,
                         int64_t channels, int64_t filters, int64_t vectors, int64_t taps,
                         vector sum[MOST_TAPS][2]) {
    for (int64_t p = 0; p < positions; p++, at += channels, dy += filters) {
        vector g[2];
        for (int64_t v = 0; v < vectors; v++) load(&g[v], dy + v * LANES);
        for (int64_t k = 0; k < taps; k++)
            for (int64_t v = 0; v < vectors; v++) sum[k][v] += t->x[k][at] * g[v];
    }
}

/* The last positions of all, where the vectors reach beyond dy. */
LIDO_INLINE void sum_end(const tile *t, int64_t at, const lido_real *dy, int64_t room,
                         int64_t vectors, int64_t taps, vector sum[MOST_TAPS][2]) {
    for (int64_t v = 0; v < vectors; v++) {
        vector g;
        load_some(&g, dy + v * LANES, room - v * LANES);
        for (int64_t k = 0; k < taps; k++) sum[k][v] += t->x[k][at] * g;
    }
}

LIDO_INLINE void sum_taps(const lido_row_conv *rows, const tile *given, int64_t vectors,
                          int64_t taps, vector result[MOST_TAPS][2]) {
    const int64_t filters = rows->filters, channels = rows->channels, width = rows->output[2];
    const tile t = *given;
    vector sum[MOST_TAPS][2];
    for (int64_t k = 0; k < taps; k++)
        for (int64_t v = 0; v < vectors; v++) sum[k][v] = (vector){0};
    for (int64_t l = 0; l < rows->output[0] * rows->output[1]; l++) {
        const int64_t at =
            l / rows->output[1] * plane_of(rows) + l % rows->output[1] * line_of(rows);
        const lido_real *dy = t.dy + l * width * filters;
        const int64_t room = t.room - l * width * filters - vectors * LANES;
        const int64_t whole = room < 0                     ? 0
                              : room / filters + 1 < width ? room / filters + 1
                                                           : width;
        sum_run(&t, at, dy, whole, channels, filters, vectors, taps, sum);
        for (int64_t p = whole; p < width; p++)
            sum_end(&t, at + p * channels, dy + p * filters, room + vectors * LANES - p * filters,
                    vectors, taps, sum);
    }
    memcpy(result, sum, sizeof sum);
}

LIDO_CLONES
static void sum_tile(const lido_row_conv *rows, const tile *t, vector sum[MOST_TAPS][2]) {
    if (rows->filters > LANES)
        sum_taps(rows, t, 2, FLIGHT_TWO, sum);
    else
        sum_taps(rows, t, 1, FLIGHT_ONE, sum);
}

/* Where tap number k of kernel x channels begins. */
static const lido_real *tap_at(const lido_row_conv *rows, const lido_real *image, int64_t k) {
    const int64_t run = run_of(rows), r = k / run;
    return image + r / rows->kernel[1] * plane_of(rows) + r % rows->kernel[1] * line_of(rows) +
           k % run;
}

void lido_row_conv_weights(const lido_row_conv *rows, const lido_real *image, const lido_real *dy,
                           lido_real *dw) {
    const int64_t vectors = vectors_of(rows), all = runs_of(rows) * run_of(rows);
    const int64_t flight = vectors == 2 ? FLIGHT_TWO : FLIGHT_ONE;
    const int64_t size = rows->output[0] * rows->output[1] * rows->output[2] * rows->filters;
    for (int64_t first = 0; first < rows->filters; first += vectors * LANES)
        for (int64_t k = 0; k < all; k += flight) {
            vector sum[MOST_TAPS][2];
            tile t = {.dy = dy + first, .room = size - first};
            const int64_t taps = all - k < flight ? all - k : flight;
            for (int64_t i = 0; i < flight; i++)
                t.x[i] = tap_at(rows, image, i < taps ? k + i : k); /* the last ones for nothing */
            sum_tile(rows, &t, sum);
            for (int64_t i = 0; i < taps; i++)
                for (int64_t v = 0; v < vectors; v++)
                    for (int64_t l = 0; l < LANES && first + v * LANES + l < rows->filters; l++)
                        dw[(k + i) * rows->filters + first + v * LANES + l] += sum[i][v][l];
        }
}
