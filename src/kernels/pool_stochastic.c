/* pool_stochastic.c - values drawn in proportion to themselves, and the mean weighted so. */
#include "kernels/pool_stochastic.h"

#include "kernels/clones.h"
#include "kernels/pool_window.h"

#include <string.h>

/* Scratch: what is known of one window, an array over the channels each. */
typedef struct workspace {
    lido_real *largest, *total, *squares, *running, *limit;
    uint32_t *where, *chosen;
} workspace;

enum { REALS = 5, NUMBERS = 2 };

enum { GROUP = 3 /* cells taken in one pass over the channels */ };

size_t lido_stochastic_scratch(int64_t channels) {
    return (size_t)channels * (REALS * sizeof(lido_real) + NUMBERS * sizeof(uint32_t));
}

static workspace place(void *scratch, int64_t channels) {
    lido_real *real = scratch;
    uint32_t *number = (uint32_t *)(real + REALS * channels);
    return (workspace){
        real,   real + channels,  real + 2 * channels, real + 3 * channels, real + 4 * channels,
        number, number + channels};
}

LIDO_INLINE bool is_finite(lido_real value) {
    return value - value == 0;
}

/* Only windows whose largest value is a finite number above zero are divided by it; in others p is
 * 0, and what comes of it is not used. */
LIDO_INLINE bool is_plain(lido_real largest) {
    return (largest > 0) & is_finite(largest);
}

/* What `count` cells of the list, from number `first` on, add to the sums; those of squares only
 * for the weighted mean. */
LIDO_INLINE void add_cells(const lido_walk *walk, int first, int count, bool squared,
                           const lido_real *x, int64_t channels, const workspace *w) {
    const lido_real *restrict largest = w->largest;
    lido_real *restrict total = w->total, *restrict squares = w->squares;
    const lido_real *cell[GROUP];
    for (int i = 0; i < count; i++) cell[i] = x + lido_walk_position(walk, first + i) * channels;
    for (int64_t c = 0; c < channels; c++) {
        lido_real sum = total[c], square = squared ? squares[c] : 0;
        for (int i = 0; i < count; i++) {
            const lido_real p = cell[i][c] / largest[c];
            sum += p;
            square += p * p;
        }
        total[c] = sum;
        if (squared) squares[c] = square;
    }
}

/* largest, where, total = s and, if wanted, squares = the sum of p^2 of the window. */
LIDO_INLINE void sum_window(lido_walk *walk, bool squared, const lido_real *x, int64_t channels,
                            workspace *w) {
    lido_window_max(walk, x, channels, w->largest, w->where);
    memset(w->total, 0, (size_t)channels * sizeof *w->total);
    if (squared) memset(w->squares, 0, (size_t)channels * sizeof *w->squares);
    lido_walk_again(walk);
    while (lido_walk_cells(walk)) {
        int i = 0;
        for (; i + GROUP <= walk->count; i += GROUP)
            add_cells(walk, i, GROUP, squared, x, channels, w);
        for (; i < walk->count; i++) add_cells(walk, i, 1, squared, x, channels, w);
    }
}

/* ---- drawn ---------------------------------------------------------------------------------- */

/* Each cell is taken until the sum of those before it passes the limit: the last one taken is the
 * first to pass. y is its value. */
LIDO_INLINE void draw_cells(const lido_walk *walk, int first, int count, const lido_real *x,
                            int64_t channels, const workspace *w, lido_real *restrict y) {
    const lido_real *restrict largest = w->largest, *restrict limit = w->limit;
    lido_real *restrict running = w->running;
    uint32_t *restrict chosen = w->chosen;
    const lido_real *cell[GROUP];
    uint32_t own[GROUP];
    for (int i = 0; i < count; i++) own[i] = walk->number[first + i];
    for (int i = 0; i < count; i++) cell[i] = x + lido_walk_position(walk, first + i) * channels;
    for (int64_t c = 0; c < channels; c++) {
        lido_real sum = running[c], value = y[c];
        uint32_t number = chosen[c];
        for (int i = 0; i < count; i++) {
            const lido_real here = cell[i][c];
            const bool past = sum > limit[c];
            number = past ? number : own[i];
            value = past ? value : here;
            sum += here / largest[c];
        }
        running[c] = sum;
        y[c] = value;
        chosen[c] = number;
    }
}

LIDO_INLINE void start_draw(const workspace *w, const float *restrict u, int64_t channels) {
    for (int64_t c = 0; c < channels; c++) {
        w->limit[c] = (lido_real)u[c] * w->total[c];
        w->running[c] = 0;
    }
}

/* Windows without probabilities. */
LIDO_INLINE void finish_draw(const workspace *w, int64_t channels, lido_real *restrict y) {
    for (int64_t c = 0; c < channels; c++) {
        bool plain = is_plain(w->largest[c]), zero = w->largest[c] == 0;
        y[c] = plain ? y[c] : w->largest[c];
        w->chosen[c] = plain ? w->chosen[c] : zero ? LIDO_NO_CELL : w->where[c];
    }
}

LIDO_CLONES
void lido_stochastic_forward(const lido_real *x, const float *u, const lido_grid *grid,
                             int64_t channels, const lido_box *box, void *scratch, lido_real *y,
                             uint32_t *chosen) {
    workspace w = place(scratch, channels);
    lido_walk walk;
    lido_walk_outputs(&walk, grid, box);
    while (lido_walk_window(&walk)) {
        const int64_t at = walk.output * channels;
        sum_window(&walk, false, x, channels, &w);
        w.chosen = chosen + at;
        start_draw(&w, u + at, channels);
        lido_walk_again(&walk);
        while (lido_walk_cells(&walk)) {
            int i = 0;
            for (; i + GROUP <= walk.count; i += GROUP)
                draw_cells(&walk, i, GROUP, x, channels, &w, y + at);
            for (; i < walk.count; i++) draw_cells(&walk, i, 1, x, channels, &w, y + at);
        }
        finish_draw(&w, channels, y + at);
    }
}

void lido_stochastic_backward(const lido_real *dy, const uint32_t *chosen, const lido_grid *grid,
                              int64_t channels, const lido_box *box, lido_real *dx) {
    lido_walk walk;
    lido_walk_inputs(&walk, grid, box);
    while (lido_walk_window(&walk)) {
        const int64_t at = walk.output * channels;
        lido_window_give(&walk, dy + at, chosen + at, channels, dx);
    }
}

/* ---- weighted ------------------------------------------------------------------------------- */

LIDO_INLINE void average(const workspace *w, int64_t channels, lido_real *restrict y) {
    for (int64_t c = 0; c < channels; c++) {
        lido_real m = w->largest[c];
        y[c] = is_plain(m) ? m * (w->squares[c] / w->total[c]) : m;
    }
}

LIDO_CLONES
void lido_weighted_forward(const lido_real *x, const lido_grid *grid, int64_t channels,
                           const lido_box *box, void *scratch, lido_real *y, lido_real *largest,
                           lido_real *total) {
    workspace w = place(scratch, channels);
    lido_walk walk;
    lido_walk_outputs(&walk, grid, box);
    while (lido_walk_window(&walk)) {
        const int64_t at = walk.output * channels;
        if (largest) w.largest = largest + at;
        if (total) w.total = total + at;
        sum_window(&walk, true, x, channels, &w);
        average(&w, channels, y + at);
    }
}

/* Where a window has probabilities, running = dy / s and limit = y / m; elsewhere 0, and in
 * `squares` what the one cell that stands for it gets. Whether there is such a cell. */
LIDO_INLINE bool scale_window(const workspace *w, const lido_real *restrict y,
                              const lido_real *restrict dy, int64_t channels) {
    int alone = 0;
    for (int64_t c = 0; c < channels; c++) {
        const lido_real m = w->largest[c];
        const bool plain = is_plain(m), single = !plain & (m != 0);
        w->limit[c] = plain ? y[c] / m : 0;
        w->running[c] = plain ? dy[c] / w->total[c] : 0;
        w->squares[c] = single ? dy[c] : 0;
        alone |= single;
    }
    return alone;
}

LIDO_INLINE void spread_cell(const lido_real *restrict x, const workspace *w, int64_t channels,
                             lido_real *restrict dx) {
    const lido_real *restrict largest = w->largest, *restrict share = w->running;
    const lido_real *restrict mean = w->limit;
    for (int64_t c = 0; c < channels; c++)
        dx[c] += share[c] != 0 ? share[c] * (2 * (x[c] / largest[c]) - mean[c]) : 0;
}

LIDO_INLINE void spread_window(lido_walk *walk, const lido_real *x, const workspace *w,
                               int64_t channels, lido_real *dx) {
    lido_walk_again(walk);
    while (lido_walk_cells(walk))
        for (int i = 0; i < walk->count; i++) {
            const int64_t position = lido_walk_position(walk, i);
            if (lido_walk_wants(walk, position))
                spread_cell(x + position * channels, w, channels, dx + position * channels);
        }
}

/* The cell that stands for a window is looked for in the whole of it, inside the box or not. */
LIDO_CLONES
void lido_weighted_backward(const lido_real *x, const lido_real *y, const lido_real *largest,
                            const lido_real *total, const lido_real *dy, const lido_grid *grid,
                            int64_t channels, const lido_box *box, void *scratch, lido_real *dx) {
    const workspace own = place(scratch, channels);
    lido_walk walk, whole;
    lido_walk_inputs(&walk, grid, box);
    lido_walk_outputs(&whole, grid, &walk.outputs);
    while (lido_walk_window(&walk) && lido_walk_window(&whole)) {
        const int64_t at = walk.output * channels;
        workspace w = own;
        w.largest = (lido_real *)largest + at;
        w.total = (lido_real *)total + at;
        if (scale_window(&w, y + at, dy + at, channels)) {
            lido_window_max(&whole, x, channels, own.largest, w.where);
            lido_window_give(&walk, w.squares, w.where, channels, dx);
        }
        spread_window(&walk, x, &w, channels, dx);
    }
}
