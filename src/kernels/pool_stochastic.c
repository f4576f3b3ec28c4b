/* pool_stochastic.c - values drawn in proportion to themselves, and the mean weighted so. */
#include "kernels/pool_stochastic.h"

#include "kernels/clones.h"
#include "kernels/pool_mean.h"
#include "kernels/pool_runs.h"
#include "kernels/pool_window.h"

#include <string.h>

/* Scratch: what is known of one window, an array over the channels each. */
typedef struct workspace {
    lido_real *unit, *total, *squares, *running, *limit;
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

/* Only windows whose unit is a finite number above zero have probabilities; in others p is 0 or
 * NaN, and what comes of it is not used. */
LIDO_INLINE bool is_plain(lido_real unit) {
    return (unit > 0) & is_finite(unit);
}

/* Whether sums of x itself, and of x^2 where they are wanted, keep their digits. */
LIDO_INLINE bool is_usable(bool squared, lido_real total, lido_real squares) {
    const lido_real most = (lido_real)(squared ? 1e15 : 1e30), least = (lido_real)1e-30;
    return (total < most) & ((squared ? squares : total) > least);
}

/* ---- runs of windows that slide ------------------------------------------------------------ */

enum { SMALL = 4, LARGE = 9 /* cells */ };

/* Long rows: where windows lie at every cell those of all windows, else those of one. */
typedef struct row_list {
    const lido_real *x;
    int64_t offset[LARGE]; /* from x to each cell */
    int64_t at, count;     /* of the output */
} row_list;

/* A function of such rows; false where some window has no probabilities by its sums. */
typedef struct row_job {
    const lido_real *x;
    const float *u;
    lido_real *y, *unit, *total;
    uint32_t *chosen;
    const lido_grid *grid;
    int64_t channels;
    void *scratch;
} row_job;
typedef bool (*row_visit)(const row_job *job, const row_list *rows);

static bool visit_rows(const row_job *job, const lido_run *run, row_visit visit) {
    const lido_grid *grid = job->grid;
    const int64_t advance = grid->axis[2].advance, channels = job->channels;
    row_list rows = {.count = advance == 1 ? run->windows * channels : channels};
    bool all = true;
    for (int64_t k = 0; k < grid->cells; k++) rows.offset[k] = grid->cell[k] * channels;
    for (int64_t i = 0; i < run->windows * channels; i += rows.count) {
        rows.x = job->x + run->position * channels + i * advance;
        rows.at = run->output * channels + i;
        all &= visit(job, &rows);
    }
    return all;
}

/* ---- one window ---------------------------------------------------------------------------- */

/* What `count` cells of the list, from number `first` on, add to the sums; those of squares only
 * for the weighted mean. `divided`: by the unit, which is 1 otherwise. */
LIDO_INLINE void add_cells(const lido_walk *walk, int first, int count, bool squared, bool divided,
                           const lido_real *x, int64_t channels, const workspace *w) {
    const lido_real *restrict unit = w->unit;
    lido_real *restrict total = w->total, *restrict squares = w->squares;
    const lido_real *cell[GROUP];
    for (int i = 0; i < count; i++) cell[i] = x + lido_walk_position(walk, first + i) * channels;
    for (int64_t c = 0; c < channels; c++) {
        lido_real sum = total[c], square = squared ? squares[c] : 0;
        for (int i = 0; i < count; i++) {
            const lido_real p = divided ? cell[i][c] / unit[c] : cell[i][c];
            sum += p;
            square += p * p;
        }
        total[c] = sum;
        if (squared) squares[c] = square;
    }
}

/* total = s and, if wanted, squares = the sum of p^2. */
LIDO_INLINE void add_window(lido_walk *walk, bool squared, bool divided, const lido_real *x,
                            int64_t channels, const workspace *w) {
    memset(w->total, 0, (size_t)channels * sizeof *w->total);
    if (squared) memset(w->squares, 0, (size_t)channels * sizeof *w->squares);
    lido_walk_again(walk);
    while (lido_walk_cells(walk)) {
        int i = 0;
        for (; i + GROUP <= walk->count; i += GROUP)
            add_cells(walk, i, GROUP, squared, divided, x, channels, w);
        for (; i < walk->count; i++) add_cells(walk, i, 1, squared, divided, x, channels, w);
    }
}

/* unit = 1, or 0 for a window of zeros; whether that is all there are. */
LIDO_INLINE bool choose_units(bool squared, const workspace *w, int64_t channels) {
    const lido_real *restrict total = w->total, *restrict squares = squared ? w->squares : total;
    lido_real *restrict unit = w->unit;
    int others = 0;
    for (int64_t c = 0; c < channels; c++) {
        const bool usable = is_usable(squared, total[c], squares[c]);
        unit[c] = usable ? 1 : 0;
        others |= !(usable | (total[c] == 0));
    }
    return !others;
}

/* Units of 0 become the largest values; where = their cells. */
LIDO_INLINE void find_units(lido_walk *walk, const lido_real *x, int64_t channels,
                            const workspace *w) {
    lido_real *restrict unit = w->unit, *restrict largest = w->limit;
    lido_window_max(walk, x, channels, largest, w->where);
    for (int64_t c = 0; c < channels; c++) unit[c] = unit[c] != 0 ? unit[c] : largest[c];
}

/* unit, total, squares (if wanted) and, of windows without probabilities, where. Whether some units
 * are not 1 or 0. */
LIDO_INLINE bool sum_window(lido_walk *walk, bool squared, const lido_real *x, int64_t channels,
                            const workspace *w) {
    if (walk->cells <= LIDO_PLAIN_SUM) {
        add_window(walk, squared, false, x, channels, w);
        if (choose_units(squared, w, channels)) return false;
    } else {
        memset(w->unit, 0, (size_t)channels * sizeof *w->unit);
    }
    find_units(walk, x, channels, w);
    add_window(walk, squared, true, x, channels, w);
    return true;
}

/* ---- drawn ---------------------------------------------------------------------------------- */

/* Each cell is taken until the sum of those before it passes the limit: the last one taken is the
 * first to pass. */
LIDO_INLINE bool draw_row(int cells, const lido_real *restrict x, const int64_t *restrict offset,
                          const float *restrict u, int64_t count, lido_real *restrict y,
                          uint32_t *restrict chosen) {
    int others = 0;
    for (int64_t c = 0; c < count; c++) {
        lido_real total = 0, sum = 0, value = 0;
        uint32_t number = 0;
        for (int k = 0; k < cells; k++) total += x[offset[k] + c];
        const lido_real limit = (lido_real)u[c] * total;
        for (int k = 0; k < cells; k++) {
            const bool past = sum > limit;
            number = past ? number : (uint32_t)k;
            value = past ? value : x[offset[k] + c];
            sum += x[offset[k] + c];
        }
        y[c] = value;
        chosen[c] = total > 0 ? number : LIDO_NO_CELL;
        others |= !(is_usable(false, total, 0) | (total == 0));
    }
    return !others;
}

LIDO_CLONES static bool draw_rows(const row_job *job, const row_list *rows) {
    const float *u = job->u + rows->at;
    lido_real *y = job->y + rows->at;
    uint32_t *chosen = job->chosen + rows->at;
    if (job->grid->cells == SMALL)
        return draw_row(SMALL, rows->x, rows->offset, u, rows->count, y, chosen);
    return draw_row(LARGE, rows->x, rows->offset, u, rows->count, y, chosen);
}

/* The same of listed cells of a window. y is the value of the one taken. */
LIDO_INLINE void draw_cells(const lido_walk *walk, int first, int count, bool divided,
                            const lido_real *x, int64_t channels, const workspace *w,
                            lido_real *restrict y) {
    const lido_real *restrict unit = w->unit, *restrict limit = w->limit;
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
            sum += divided ? here / unit[c] : here;
        }
        running[c] = sum;
        y[c] = value;
        chosen[c] = number;
    }
}

LIDO_INLINE void draw_window(lido_walk *walk, bool divided, const lido_real *x, int64_t channels,
                             const workspace *w, lido_real *y) {
    lido_walk_again(walk);
    while (lido_walk_cells(walk)) {
        int i = 0;
        for (; i + GROUP <= walk->count; i += GROUP)
            draw_cells(walk, i, GROUP, divided, x, channels, w, y);
        for (; i < walk->count; i++) draw_cells(walk, i, 1, divided, x, channels, w, y);
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
        bool plain = is_plain(w->unit[c]), zero = w->unit[c] == 0;
        y[c] = plain ? y[c] : w->unit[c];
        w->chosen[c] = plain ? w->chosen[c] : zero ? LIDO_NO_CELL : w->where[c];
    }
}

LIDO_CLONES static void draw_box(const void *reducer, const lido_box *box) {
    const row_job *job = reducer;
    const int64_t channels = job->channels;
    workspace w = place(job->scratch, channels);
    lido_walk walk;
    lido_walk_outputs(&walk, job->grid, box);
    while (lido_walk_window(&walk)) {
        const int64_t at = walk.output * channels;
        const bool divided = sum_window(&walk, false, job->x, channels, &w);
        w.chosen = job->chosen + at;
        start_draw(&w, job->u + at, channels);
        if (divided)
            draw_window(&walk, true, job->x, channels, &w, job->y + at);
        else
            draw_window(&walk, false, job->x, channels, &w, job->y + at);
        finish_draw(&w, channels, job->y + at);
    }
}

static void draw_run(const void *reducer, const lido_run *run) {
    if (!visit_rows(reducer, run, draw_rows)) draw_box(reducer, &run->box);
}

void lido_stochastic_forward(const lido_real *x, const float *u, const lido_grid *grid,
                             int64_t channels, const lido_box *box, void *scratch, lido_real *y,
                             uint32_t *chosen) {
    const row_job job = {.x = x,
                         .u = u,
                         .y = y,
                         .chosen = chosen,
                         .grid = grid,
                         .channels = channels,
                         .scratch = scratch};
    const lido_run_visitor visitor = {grid, channels, &job, draw_run, draw_box};
    lido_runs_forward(&visitor, box);
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

LIDO_INLINE bool average_row(int cells, bool keeps, const lido_real *restrict x,
                             const int64_t *restrict offset, int64_t count, lido_real *restrict y,
                             lido_real *restrict unit, lido_real *restrict sum) {
    int others = 0;
    for (int64_t c = 0; c < count; c++) {
        lido_real total = 0, squares = 0;
        for (int k = 0; k < cells; k++) {
            const lido_real value = x[offset[k] + c];
            total += value;
            squares += value * value;
        }
        const bool usable = is_usable(true, total, squares);
        const lido_real mean = squares / total;
        y[c] = usable ? mean : 0;
        if (keeps) unit[c] = usable ? 1 : 0;
        if (keeps) sum[c] = total;
        others |= !(usable | (total == 0));
    }
    return !others;
}

LIDO_INLINE bool average_rows(bool keeps, const row_job *job, const row_list *rows) {
    lido_real *y = job->y + rows->at, *unit = keeps ? job->unit + rows->at : NULL;
    lido_real *total = keeps ? job->total + rows->at : NULL;
    if (job->grid->cells == SMALL)
        return average_row(SMALL, keeps, rows->x, rows->offset, rows->count, y, unit, total);
    return average_row(LARGE, keeps, rows->x, rows->offset, rows->count, y, unit, total);
}

LIDO_CLONES static bool average_only(const row_job *job, const row_list *rows) {
    return average_rows(false, job, rows);
}

LIDO_CLONES static bool average_and_keep(const row_job *job, const row_list *rows) {
    return average_rows(true, job, rows);
}

LIDO_INLINE void average(const workspace *w, int64_t channels, lido_real *restrict y) {
    for (int64_t c = 0; c < channels; c++) {
        lido_real m = w->unit[c];
        y[c] = is_plain(m) ? m * (w->squares[c] / w->total[c]) : m;
    }
}

LIDO_CLONES static void average_box(const void *reducer, const lido_box *box) {
    const row_job *job = reducer;
    const int64_t channels = job->channels;
    workspace w = place(job->scratch, channels);
    lido_walk walk;
    lido_walk_outputs(&walk, job->grid, box);
    while (lido_walk_window(&walk)) {
        const int64_t at = walk.output * channels;
        if (job->unit) w.unit = job->unit + at;
        if (job->total) w.total = job->total + at;
        sum_window(&walk, true, job->x, channels, &w);
        average(&w, channels, job->y + at);
    }
}

static void average_run(const void *reducer, const lido_run *run) {
    const row_job *job = reducer;
    if (!visit_rows(job, run, job->unit ? average_and_keep : average_only))
        average_box(job, &run->box);
}

void lido_weighted_forward(const lido_real *x, const lido_grid *grid, int64_t channels,
                           const lido_box *box, void *scratch, lido_real *y, lido_real *unit,
                           lido_real *total) {
    const row_job job = {.x = x,
                         .y = y,
                         .unit = unit,
                         .total = total,
                         .grid = grid,
                         .channels = channels,
                         .scratch = scratch};
    const lido_run_visitor visitor = {grid, channels, &job, average_run, average_box};
    lido_runs_forward(&visitor, box);
}

/* What a window's gradient needs beside a plain spread. */
enum { SINGLES = 1, UNITS = 2 };

/* Where a window has probabilities, running = dy / s and limit = y / m; elsewhere 0, and in
 * `squares` what the one cell that stands for it gets. SINGLES: there is such a cell; UNITS: some m
 * is not 1. */
LIDO_INLINE int scale_window(const workspace *w, const lido_real *restrict y,
                             const lido_real *restrict dy, int64_t channels) {
    const lido_real *restrict unit = w->unit, *restrict total = w->total;
    lido_real *restrict mean = w->limit, *restrict share = w->running, *restrict alone = w->squares;
    int singles = 0, units = 0;
    for (int64_t c = 0; c < channels; c++) {
        const lido_real m = unit[c], ratio = y[c] / m, given = dy[c] / total[c];
        const bool plain = is_plain(m), single = !plain & (m != 0);
        mean[c] = plain ? ratio : 0;
        share[c] = plain ? given : 0;
        alone[c] = single ? dy[c] : 0;
        singles |= single;
        units |= (m != 1) & (m != 0);
    }
    return (singles ? SINGLES : 0) | (units ? UNITS : 0);
}

LIDO_INLINE void spread_cell(bool divided, const lido_real *restrict x, const workspace *w,
                             int64_t channels, lido_real *restrict dx) {
    const lido_real *restrict unit = w->unit, *restrict share = w->running;
    const lido_real *restrict mean = w->limit;
    for (int64_t c = 0; c < channels; c++) {
        const lido_real p = divided ? x[c] / unit[c] : x[c];
        const lido_real given = share[c] * (2 * p - mean[c]);
        dx[c] += !divided || share[c] != 0 ? given : 0; /* undivided: always finite */
    }
}

LIDO_INLINE void spread_window(lido_walk *walk, bool divided, const lido_real *x,
                               const workspace *w, int64_t channels, lido_real *dx) {
    lido_walk_again(walk);
    while (lido_walk_cells(walk))
        for (int i = 0; i < walk->count; i++) {
            const int64_t position = lido_walk_position(walk, i);
            if (lido_walk_wants(walk, position))
                spread_cell(divided, x + position * channels, w, channels,
                            dx + position * channels);
        }
}

/* The cell that stands for a window is looked for in the whole of it, inside the box or not. */
LIDO_CLONES
void lido_weighted_backward(const lido_real *x, const lido_real *y, const lido_real *unit,
                            const lido_real *total, const lido_real *dy, const lido_grid *grid,
                            int64_t channels, const lido_box *box, void *scratch, lido_real *dx) {
    const workspace own = place(scratch, channels);
    lido_walk walk, whole;
    lido_walk_inputs(&walk, grid, box);
    lido_walk_outputs(&whole, grid, &walk.outputs);
    while (lido_walk_window(&walk) && lido_walk_window(&whole)) {
        const int64_t at = walk.output * channels;
        workspace w = own;
        w.unit = (lido_real *)unit + at;
        w.total = (lido_real *)total + at;
        const int needs = scale_window(&w, y + at, dy + at, channels);
        if (needs & SINGLES) {
            lido_window_max(&whole, x, channels, own.unit, w.where);
            lido_window_give(&walk, w.squares, w.where, channels, dx);
        }
        if (needs & UNITS)
            spread_window(&walk, true, x, &w, channels, dx);
        else
            spread_window(&walk, false, x, &w, channels, dx);
    }
}
