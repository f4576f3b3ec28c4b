/* pool_runs.c - the windows of a box, runs that slide apart from the others. */
#include "kernels/pool_runs.h"

#include "kernels/clones.h"

enum { ELEMENTS = 1024 /* a few such rows stay in the first cache */ };

int64_t lido_run_elements(int64_t channels) {
    return channels < ELEMENTS ? ELEMENTS : channels;
}

/* ---- walking ------------------------------------------------------------------------------- */

/* The outputs from <= ow < to of one row. */
static void visit_part(const lido_run_visitor *visitor, int64_t od, int64_t oh, int64_t from,
                       int64_t to) {
    const lido_box part = {{od, oh, from}, {od + 1, oh + 1, to}};
    if (from < to) visitor->box(visitor->reducer, &part);
}

static void visit_run(const lido_run_visitor *visitor, int64_t od, int64_t oh,
                      const lido_window_run *run) {
    const lido_windows *axis = visitor->grid->axis;
    const int64_t most = lido_run_elements(visitor->channels) / visitor->channels;
    for (int64_t ow = run->first, windows; ow < run->last; ow += windows) {
        windows = run->last - ow < most ? run->last - ow : most;
        const lido_run part = {.output = (od * axis[1].outputs + oh) * axis[2].outputs + ow,
                               .windows = windows,
                               .position = run->position + (ow - run->first) * axis[2].advance,
                               .box = {{od, oh, ow}, {od + 1, oh + 1, ow + windows}}};
        visitor->run(visitor->reducer, &part);
    }
}

void lido_runs_forward(const lido_run_visitor *visitor, const lido_box *box) {
    const int64_t width = visitor->grid->axis[2].length, first = box->first[2], last = box->last[2];
    if (!lido_slides(visitor->grid, visitor->channels)) {
        visitor->box(visitor->reducer, box);
        return;
    }
    for (int64_t od = box->first[0]; od < box->last[0]; od++)
        for (int64_t oh = box->first[1]; oh < box->last[1]; oh++) {
            const lido_window_run run = lido_grid_run(visitor->grid, od, oh, first, last, 0, width);
            visit_part(visitor, od, oh, first, run.first);
            visit_run(visitor, od, oh, &run);
            visit_part(visitor, od, oh, run.last, last);
        }
}

/* ---- maxima -------------------------------------------------------------------------------- */

/* The last cells first: the first of equals stays. */
LIDO_INLINE void find_row(int cells, const lido_real *const *cell, int64_t n,
                          const lido_real *restrict best, uint32_t *restrict where) {
    for (int64_t c = 0; c < n; c++) {
        uint32_t number = 0;
        for (int k = cells - 1; k >= 0; k--) number = cell[k][c] == best[c] ? (uint32_t)k : number;
        where[c] = number;
    }
}

/* The cells of best[]. */
LIDO_CLONES static void find_cells(const lido_grid *grid, int64_t channels, int64_t windows,
                                   const lido_real *x, const lido_real *best, uint32_t *where) {
    enum { SMALL = 4, LARGE = 9 };
    const int64_t advance = grid->axis[2].advance;
    const int64_t n = advance == 1 ? windows * channels : channels;
    for (int64_t at = 0; at < windows * channels; at += n) {
        const lido_real *cell[LARGE];
        for (int64_t k = 0; k < grid->cells; k++)
            cell[k] = x + grid->cell[k] * channels + at * advance;
        if (grid->cells == SMALL)
            find_row(SMALL, cell, n, best + at, where + at);
        else
            find_row(LARGE, cell, n, best + at, where + at);
    }
}

/* By the rule itself, of one channel of a window whose first cell is at x. */
static uint32_t follow_rule(const lido_grid *grid, int64_t channels, const lido_real *x,
                            lido_real *best) {
    uint32_t where = 0;
    *best = *x;
    for (int64_t k = 1; k < grid->cells; k++) {
        const lido_real value = x[grid->cell[k] * channels];
        if (!(value > *best || value != value)) continue;
        *best = value;
        where = (uint32_t)k;
    }
    return where;
}

void lido_run_max(const lido_grid *grid, int64_t channels, const lido_run *run, const lido_real *x,
                  lido_real *best, uint32_t *where) {
    const lido_real *first = x + run->position * channels;
    if (lido_slide_run(LIDO_SLIDE_MAXIMUM, grid, channels, run->windows, first, 1, false, best)) {
        if (where) find_cells(grid, channels, run->windows, first, best, where);
        return;
    }
    for (int64_t i = 0; i < run->windows; i++, first += grid->axis[2].advance * channels)
        for (int64_t c = 0; c < channels; c++, best++) {
            const uint32_t chosen = follow_rule(grid, channels, first + c, best);
            if (where) *where++ = chosen;
        }
}
