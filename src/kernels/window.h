/* window.h - grids: where the windows of a pooling layer lie, as one table of windows per axis.
 *
 * A window of the grid is the product of one window of each axis. Kernel, adaptive and global grids
 * differ only in how these tables are filled; a grid drawn at random is another table per sample.
 * Reducers read the tables and know nothing of how they came about. */
#ifndef LIDO_KERNELS_WINDOW_H
#define LIDO_KERNELS_WINDOW_H

#include "kernels/geometry.h"

/* One window along one axis: cells start, start + step, ... (count of them, all inside the input,
 * count >= 1). Cell i is number skipped + i of the kernel; those before lie in the padding. */
typedef struct lido_window {
    int64_t start, count, skipped;
    int64_t padded; /* cells of an average that counts padding: those not beyond it */
} lido_window;

/* All windows along one axis, in order of start. */
typedef struct lido_windows {
    int64_t length;  /* of the input */
    int64_t outputs; /* windows */
    int64_t kernel;  /* cells of the largest window, those in the padding included */
    int64_t step;    /* from cell to cell */
    const lido_window *at;
    /* Windows full_first <= o < full_last have every cell inside the input and lie `advance` cells
     * apart; most windows of most grids. Set by lido_grid_finish. */
    int64_t full_first, full_last, advance;
    bool full; /* every window has all its cells inside; also set by lido_grid_finish */
} lido_windows;

/* Windows with up to so many cells have offsets listed in lido_grid.cell. */
enum { LIDO_LISTED_CELLS = 256 };

typedef struct lido_grid {
    lido_windows axis[LIDO_MAX_AXES];
    int64_t cells;       /* product of the kernels */
    const int64_t *cell; /* cell[cells]: position relative to the window's first cell, row-major;
                          * NULL when there are more than LIDO_LISTED_CELLS */
} lido_grid;

/* Windows of the whole grid. */
static inline int64_t lido_grid_outputs(const lido_grid *grid) {
    return grid->axis[0].outputs * grid->axis[1].outputs * grid->axis[2].outputs;
}

/* Part of a grid: outputs (or input cells) first[a] <= i < last[a] along each axis. */
typedef struct lido_box {
    int64_t first[LIDO_MAX_AXES], last[LIDO_MAX_AXES];
} lido_box;

/* Fill windows[geometry->output[axis]]. */
void lido_windows_slide(const lido_geometry *geometry, int axis, lido_window *windows);
/* Fills windows[outputs]: from floor(o length / outputs) to ceil((o + 1) length / outputs). One
 * output is the whole axis, as many as the input has are its cells one by one. */
void lido_windows_adapt(int64_t length, int64_t outputs, lido_window *windows);
/* Cells of the largest of these windows. */
int64_t lido_adaptive_kernel(int64_t length, int64_t outputs);

/* Once the axes and their windows are there: finds the full windows of each axis, sets grid->cells
 * and, where they are few enough, fills and sets grid->cell. list holds min(cells,
 * LIDO_LISTED_CELLS) numbers. */
void lido_grid_finish(lido_grid *grid, int64_t *list);

/* Neighbouring windows along W, full along every axis, `advance` positions apart. `position` is
 * that of the first one's first cell. Their cells are grid->cell[] further on. */
typedef struct lido_window_run {
    int64_t first, last; /* outputs along W; first == last: none */
    int64_t position;
} lido_window_run;

/* The run among the outputs (od, oh, from <= ow < to) whose cells lie within low <= w < high; when
 * there is none, first == last == from. */
lido_window_run lido_grid_run(const lido_grid *grid, int64_t od, int64_t oh, int64_t from,
                              int64_t to, int64_t low, int64_t high);

/* Whether all windows of a row of outputs (grid->axis[2].at[]) have all their cells inside, which
 * then are grid->cell[] further on than the first; and the position of output (od, oh, ow)'s. */
static inline bool lido_grid_full_row(const lido_grid *grid, int64_t od, int64_t oh) {
    const lido_windows *d = &grid->axis[0], *h = &grid->axis[1];
    return grid->cell && grid->axis[2].full && d->at[od].count == d->kernel &&
           h->at[oh].count == h->kernel;
}
static inline int64_t lido_grid_first_cell(const lido_grid *grid, int64_t od, int64_t oh,
                                           int64_t ow) {
    const lido_windows *d = &grid->axis[0], *h = &grid->axis[1], *w = &grid->axis[2];
    return (d->at[od].start * h->length + h->at[oh].start) * w->length + w->at[ow].start;
}

/* The position (d H + h) W + w of cell `number` (row-major inside the kernel) of a window. */
int64_t lido_grid_position(const lido_grid *grid, const lido_window *const window[LIDO_MAX_AXES],
                           int64_t number);

/* Walks the cells of one window that lie within a box of the input (NULL: all of them), row-major,
 * in lists of at most LIDO_LISTED_CELLS:
 *   lido_cells_begin(&cells, grid, od, oh, ow, NULL);
 *   while (lido_cells_next(&cells)) ... cells.count of cells.position[] and cells.number[] */
typedef struct lido_cells {
    const lido_grid *grid;
    const lido_window *window[LIDO_MAX_AXES];
    int64_t first[LIDO_MAX_AXES], last[LIDO_MAX_AXES]; /* of each window's cells, those to list */
    int64_t next[LIDO_MAX_AXES]; /* the cell to list next; next[0] == last[0]: none is left */
    int count;
    int64_t position[LIDO_LISTED_CELLS]; /* (d H + h) W + w */
    uint32_t number[LIDO_LISTED_CELLS];  /* row-major inside the kernel */
} lido_cells;

void lido_cells_begin(lido_cells *cells, const lido_grid *grid, int64_t od, int64_t oh, int64_t ow,
                      const lido_box *within);
bool lido_cells_next(lido_cells *cells);

/* The positions *low <= p < *high of a box of input cells that is one run of memory: whole along
 * all but the first axis longer than 1. */
void lido_box_run(const lido_grid *grid, const lido_box *box, int64_t *low, int64_t *high);

/* A box of outputs that holds all whose windows have a cell in a box of input cells. */
void lido_grid_reaching(const lido_grid *grid, const lido_box *box, lido_box *outputs);

#endif
