/* pool_extremum.c - max and min over windows, forward with switches and backward by them. */
#include "kernels/pool_extremum.h"

#include "kernels/clones.h"

#include <string.h>

enum {
    GROUP = 4,          /* cells taken in one pass over the channels */
    COMPARED_CELLS = 32 /* up to so many, a gradient visits every cell instead of computing where */
};

size_t lido_switch_size(int64_t cells) {
    if (cells <= INT64_C(1) << 8) return 1;
    if (cells <= INT64_C(1) << 16) return 2;
    return cells <= INT64_C(1) << 32 ? 4 : 0;
}

size_t lido_extremum_scratch(int64_t channels) {
    return (size_t)channels * sizeof(uint32_t);
}

/* ---- forward ------------------------------------------------------------------------------- */

LIDO_INLINE bool takes(lido_extremum which, lido_real value, lido_real best) {
    bool better = which == LIDO_MAXIMUM ? value > best : value < best;
    return better | (value != value);
}

/* One group of cells into y[C] and where[C]; begins with the group's first cell when `first`. */
LIDO_INLINE void take_group(lido_extremum which, bool first, bool tracked,
                            const lido_real *const x[GROUP], const uint32_t number[GROUP],
                            int64_t channels, lido_real *restrict y, uint32_t *restrict where) {
    const lido_real *const x0 = x[0], *const x1 = x[1], *const x2 = x[2], *const x3 = x[3];
    const uint32_t n0 = number[0], n1 = number[1], n2 = number[2], n3 = number[3];
    for (int64_t c = 0; c < channels; c++) {
        lido_real best = first ? x0[c] : y[c];
        uint32_t chosen = tracked && !first ? where[c] : n0;
        const lido_real value[GROUP] = {x0[c], x1[c], x2[c], x3[c]};
        const uint32_t cell[GROUP] = {n0, n1, n2, n3};
        for (int i = first ? 1 : 0; i < GROUP; i++) {
            bool taken = takes(which, value[i], best);
            best = taken ? value[i] : best;
            chosen = taken ? cell[i] : chosen;
        }
        y[c] = best;
        if (tracked) where[c] = chosen;
    }
}

/* A last group is filled up with its last cell, which changes nothing. */
LIDO_INLINE void take_list(lido_extremum which, bool first, bool tracked, const lido_cells *cells,
                           const lido_real *x, int64_t channels, lido_real *y, uint32_t *where) {
    for (int done = 0; done < cells->count; done += GROUP) {
        const lido_real *cell[GROUP];
        uint32_t number[GROUP];
        for (int i = 0; i < GROUP; i++) {
            int at = done + i < cells->count ? done + i : cells->count - 1;
            cell[i] = x + cells->position[at] * channels;
            number[i] = cells->number[at];
        }
        if (first && done == 0)
            take_group(which, true, tracked, cell, number, channels, y, where);
        else
            take_group(which, false, tracked, cell, number, channels, y, where);
    }
}

LIDO_INLINE void store_switches(const uint32_t *restrict where, int64_t channels, size_t size,
                                int64_t at, void *switches) {
    uint8_t *restrict one = switches;
    uint16_t *restrict two = switches;
    uint32_t *restrict four = switches;
    if (size == 1)
        for (int64_t c = 0; c < channels; c++) one[at + c] = (uint8_t)where[c];
    else if (size == 2)
        for (int64_t c = 0; c < channels; c++) two[at + c] = (uint16_t)where[c];
    else
        for (int64_t c = 0; c < channels; c++) four[at + c] = where[c];
}

LIDO_INLINE void forward(lido_extremum which, bool tracked, const lido_real *x,
                         const lido_grid *grid, int64_t channels, const lido_box *box,
                         uint32_t *where, lido_real *y, void *switches) {
    const size_t size = lido_switch_size(grid->cells);
    for (int64_t od = box->first[0]; od < box->last[0]; od++)
        for (int64_t oh = box->first[1]; oh < box->last[1]; oh++)
            for (int64_t ow = box->first[2]; ow < box->last[2]; ow++) {
                int64_t output = (od * grid->axis[1].outputs + oh) * grid->axis[2].outputs + ow;
                lido_cells cells;
                lido_cells_begin(&cells, grid, od, oh, ow);
                for (bool first = true; lido_cells_next(&cells); first = false)
                    take_list(which, first, tracked, &cells, x, channels, y + output * channels,
                              where);
                if (tracked) store_switches(where, channels, size, output * channels, switches);
            }
}

#define LIDO_FORWARD(name, which, tracked)                                                    \
    LIDO_CLONES static void name(const lido_real *x, const lido_grid *grid, int64_t channels, \
                                 const lido_box *box, uint32_t *where, lido_real *y,          \
                                 void *switches) {                                            \
        forward(which, tracked, x, grid, channels, box, where, y, switches);                  \
    }
LIDO_FORWARD(max_only, LIDO_MAXIMUM, false)
LIDO_FORWARD(max_tracked, LIDO_MAXIMUM, true)
LIDO_FORWARD(min_only, LIDO_MINIMUM, false)
LIDO_FORWARD(min_tracked, LIDO_MINIMUM, true)
#undef LIDO_FORWARD

void lido_extremum_forward(lido_extremum which, const lido_real *x, const lido_grid *grid,
                           int64_t channels, const lido_box *box, void *scratch, lido_real *y,
                           void *switches) {
    if (which == LIDO_MAXIMUM)
        (switches ? max_tracked : max_only)(x, grid, channels, box, scratch, y, switches);
    else
        (switches ? min_tracked : min_only)(x, grid, channels, box, scratch, y, switches);
}

/* ---- backward ------------------------------------------------------------------------------ */

LIDO_INLINE uint32_t load_switch(const void *switches, size_t size, int64_t at) {
    if (size == 1) return ((const uint8_t *)switches)[at];
    if (size == 2) return ((const uint16_t *)switches)[at];
    return ((const uint32_t *)switches)[at];
}

/* Every cell of the window takes its part of dy. */
LIDO_INLINE void compare_cells(lido_cells *cells, const lido_real *restrict dy,
                               const uint32_t *restrict where, int64_t channels, int64_t low,
                               int64_t high, lido_real *restrict dx) {
    while (lido_cells_next(cells))
        for (int i = 0; i < cells->count; i++) {
            if (cells->position[i] < low || cells->position[i] >= high) continue;
            lido_real *restrict cell = dx + cells->position[i] * channels;
            const uint32_t number = cells->number[i];
            for (int64_t c = 0; c < channels; c++) cell[c] += where[c] == number ? dy[c] : 0;
        }
}

/* Every channel adds its dy where its switch says. */
static void scatter(const lido_cells *cells, const lido_real *dy, const void *switches, size_t size,
                    int64_t channels, int64_t low, int64_t high, lido_real *dx) {
    const lido_grid *grid = cells->grid;
    int64_t origin = lido_grid_position(grid, cells->window, 0);
    for (int64_t c = 0; c < channels; c++) {
        uint32_t number = load_switch(switches, size, c);
        int64_t position = grid->cell ? origin + grid->cell[number]
                                      : lido_grid_position(grid, cells->window, number);
        if (position >= low && position < high) dx[position * channels + c] += dy[c];
    }
}

LIDO_CLONES void lido_extremum_backward(const lido_real *dy, const void *switches,
                                        const lido_grid *grid, int64_t channels,
                                        const lido_box *box, void *scratch, lido_real *dx) {
    const lido_windows *axis = grid->axis;
    const size_t size = lido_switch_size(grid->cells);
    uint32_t *where = scratch;
    int64_t low, high;
    lido_box reach;
    lido_box_run(grid, box, &low, &high);
    lido_grid_reaching(grid, box, &reach);
    memset(dx + low * channels, 0, (size_t)((high - low) * channels) * sizeof *dx);
    for (int64_t od = reach.first[0]; od < reach.last[0]; od++)
        for (int64_t oh = reach.first[1]; oh < reach.last[1]; oh++)
            for (int64_t ow = reach.first[2]; ow < reach.last[2]; ow++) {
                int64_t at = ((od * axis[1].outputs + oh) * axis[2].outputs + ow) * channels;
                lido_cells cells;
                lido_cells_begin(&cells, grid, od, oh, ow);
                if (grid->cells > COMPARED_CELLS) {
                    scatter(&cells, dy + at, (const char *)switches + (size_t)at * size, size,
                            channels, low, high, dx);
                    continue;
                }
                for (int64_t c = 0; c < channels; c++)
                    where[c] = load_switch(switches, size, at + c);
                compare_cells(&cells, dy + at, where, channels, low, high, dx);
            }
}
