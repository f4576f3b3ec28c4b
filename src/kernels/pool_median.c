/* pool_median.c - the middle value of each window, for up to LANES channels at a time.
 *
 * Windows of a few cells are sorted by a network of minima and maxima (Batcher's merge exchange,
 * Knuth 5.2.2 M), the same for all channels. Larger windows are not stored: the value of a rank is
 * found byte by byte, counting how often each occurs, so time is linear whatever the values. */
#include "kernels/pool_median.h"

#include "kernels/clones.h"
#include "kernels/pool_walk.h"

#include <math.h>
#include <string.h>

enum { LANES = 64, BYTE_VALUES = 256 };

/* Unsigned numbers in the order of the reals. */
#ifdef LIDO_DOUBLE
typedef uint64_t bits;
#else
typedef uint32_t bits;
#endif
enum { BITS = 8 * sizeof(bits) };

/* Scratch: only one of them is in use at a time. */
typedef union workspace {
    lido_real value[LIDO_LISTED_CELLS][LANES];
    uint32_t count[LANES][BYTE_VALUES];
} workspace;

/* One window, and of its channels those that are looked at. */
typedef struct strip {
    lido_walk *walk;
    const lido_real *x; /* of the first of these channels */
    int64_t channels;   /* from cell to cell */
    int64_t lanes;      /* in loops always a variable: a known number is unrolled, not vectorised */
    workspace *work;
    lido_real lower[LANES], upper[LANES];
} strip;

size_t lido_median_scratch(void) {
    return sizeof(workspace);
}

/* ---- few cells ------------------------------------------------------------------------------ */

LIDO_INLINE void exchange(lido_real *restrict a, lido_real *restrict b, int64_t lanes) {
    for (int64_t l = 0; l < lanes; l++) {
        lido_real low = b[l] < a[l] ? b[l] : a[l], high = b[l] < a[l] ? a[l] : b[l];
        a[l] = low;
        b[l] = high;
    }
}

LIDO_INLINE void sort(lido_real value[][LANES], int count, int64_t lanes) {
    int top = 1;
    while (top < count) top *= 2;
    for (int p = top / 2; p > 0; p /= 2)
        for (int q = top / 2, r = 0, d = p;; d = q - p, q /= 2, r = p) {
            for (int i = 0; i < count - d; i++)
                if ((i & p) == r) exchange(value[i], value[i + d], lanes);
            if (q == p) break;
        }
}

/* The only list of cells. */
LIDO_INLINE void sort_strip(strip *s) {
    lido_walk_again(s->walk);
    lido_walk_cells(s->walk);
    const int count = s->walk->count;
    lido_real(*value)[LANES] = s->work->value;
    for (int i = 0; i < count; i++) {
        const lido_real *x = s->x + lido_walk_position(s->walk, i) * s->channels;
        memcpy(value[i], x, (size_t)s->lanes * sizeof *x);
    }
    sort(value, count, s->lanes);
    memcpy(s->lower, value[(count - 1) / 2], (size_t)s->lanes * sizeof *s->lower);
    memcpy(s->upper, value[count / 2], (size_t)s->lanes * sizeof *s->upper);
}

/* ---- many cells ----------------------------------------------------------------------------- */

static const bits sign = (bits)1 << (BITS - 1);

LIDO_INLINE bits order_of(lido_real value) {
    bits raw;
    memcpy(&raw, &value, sizeof raw);
    return raw & sign ? ~raw : raw | sign;
}

LIDO_INLINE lido_real value_of(bits order) {
    bits raw = order & sign ? order ^ sign : ~order;
    lido_real value;
    memcpy(&value, &raw, sizeof value);
    return value;
}

/* How often each value of the byte at `shift` occurs, where the bytes above are those of prefix. */
static void count_bytes(strip *s, const bits prefix[LANES], int shift) {
    const bits above = shift + 8 < BITS ? ~(bits)0 << (shift + 8) : 0;
    memset(s->work->count, 0, sizeof s->work->count);
    lido_walk_again(s->walk);
    while (lido_walk_cells(s->walk))
        for (int i = 0; i < s->walk->count; i++) {
            const lido_real *x = s->x + lido_walk_position(s->walk, i) * s->channels;
            for (int64_t l = 0; l < s->lanes; l++) {
                bits order = order_of(x[l]);
                if (((order ^ prefix[l]) & above) == 0)
                    s->work->count[l][order >> shift & (BYTE_VALUES - 1)]++;
            }
        }
}

/* The value with `rank` smaller or equal ones before it. */
static void select_rank(strip *s, int64_t rank, lido_real value[LANES]) {
    bits prefix[LANES] = {0};
    int64_t before[LANES];
    for (int64_t l = 0; l < s->lanes; l++) before[l] = rank;
    for (int shift = BITS - 8; shift >= 0; shift -= 8) {
        count_bytes(s, prefix, shift);
        for (int64_t l = 0; l < s->lanes; l++) {
            const uint32_t *count = s->work->count[l];
            bits byte = 0;
            while (before[l] >= count[byte]) before[l] -= count[byte++];
            prefix[l] |= byte << shift;
        }
    }
    for (int64_t l = 0; l < s->lanes; l++) value[l] = value_of(prefix[l]);
}

static void select_strip(strip *s) {
    const int64_t cells = s->walk->cells;
    select_rank(s, (cells - 1) / 2, s->lower);
    if (cells % 2 == 1)
        memcpy(s->upper, s->lower, sizeof s->upper);
    else
        select_rank(s, cells / 2, s->upper);
}

/* ---- all ------------------------------------------------------------------------------------ */

/* Where the value is held in this cell, the first to do so becomes the place. */
LIDO_INLINE void find(const lido_real *restrict x, const lido_real *restrict value, uint32_t number,
                      int64_t lanes, uint32_t *restrict place) {
    for (int64_t l = 0; l < lanes; l++) {
        uint32_t here = x[l] == value[l] ? number : UINT32_MAX;
        place[l] = here < place[l] ? here : place[l];
    }
}

LIDO_INLINE void find_nan(const lido_real *restrict x, uint32_t number, int64_t lanes,
                          uint32_t *restrict place) {
    for (int64_t l = 0; l < lanes; l++) {
        uint32_t here = x[l] != x[l] ? number : UINT32_MAX;
        place[l] = here < place[l] ? here : place[l];
    }
}

/* The cells that hold the middle values, and the first NaN; UINT32_MAX: none. */
LIDO_INLINE void find_cells(const strip *s, bool middles, uint32_t *lower, uint32_t *upper,
                            uint32_t *nan) {
    for (int64_t l = 0; l < s->lanes; l++) nan[l] = lower[l] = upper[l] = UINT32_MAX;
    lido_walk_again(s->walk);
    while (lido_walk_cells(s->walk))
        for (int i = 0; i < s->walk->count; i++) {
            const lido_real *x = s->x + lido_walk_position(s->walk, i) * s->channels;
            const uint32_t number = s->walk->number[i];
            find_nan(x, number, s->lanes, nan);
            if (!middles) continue;
            find(x, s->lower, number, s->lanes, lower);
            find(x, s->upper, number, s->lanes, upper);
        }
}

LIDO_INLINE void store_values(const strip *s, const uint32_t *restrict nan, lido_real *restrict y) {
    for (int64_t l = 0; l < s->lanes; l++) {
        lido_real low = s->lower[l], high = s->upper[l];
        lido_real middle = low == high ? low : low / 2 + high / 2;
        y[l] = nan[l] != UINT32_MAX ? (lido_real)NAN : middle;
    }
}

LIDO_INLINE void store_cells(const strip *s, const uint32_t *restrict nan,
                             const uint32_t *restrict found, uint32_t *restrict place) {
    for (int64_t l = 0; l < s->lanes; l++) place[l] = nan[l] != UINT32_MAX ? nan[l] : found[l];
}

/* Into y[lanes] and, where they are wanted, lower[lanes] and upper[lanes]. */
LIDO_INLINE void reduce_strip(strip *s, lido_real *y, uint32_t *lower, uint32_t *upper) {
    uint32_t low[LANES], high[LANES], nan[LANES];
    if (s->walk->cells <= LIDO_LISTED_CELLS)
        sort_strip(s);
    else
        select_strip(s);
    find_cells(s, lower, low, high, nan);
    store_values(s, nan, y);
    if (!lower) return;
    store_cells(s, nan, low, lower);
    store_cells(s, nan, high, upper);
}

LIDO_CLONES
void lido_median_forward(const lido_real *x, const lido_grid *grid, int64_t channels,
                         const lido_box *box, void *scratch, lido_real *y, uint32_t *lower,
                         uint32_t *upper) {
    lido_walk walk;
    strip s;
    s.walk = &walk;
    s.channels = channels;
    s.work = scratch;
    lido_walk_outputs(&walk, grid, box);
    while (lido_walk_window(&walk))
        for (int64_t c = 0; c < channels; c += LANES) {
            const int64_t left = channels - c, at = walk.output * channels + c;
            s.x = x + c;
            s.lanes = left < LANES ? left : LANES;
            reduce_strip(&s, y + at, lower ? lower + at : NULL, upper ? upper + at : NULL);
        }
}
