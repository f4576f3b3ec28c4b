/* pool_walk.h - visits windows one by one, and the cells of each in lists: for reducers that take a
 * window at a time (pool_window.h, pool_taps.h). Full windows cost next to nothing, for their cells
 * are listed once for the whole grid.
 *
 *   lido_walk_outputs(&walk, grid, &box);
 *   while (lido_walk_window(&walk))
 *       while (lido_walk_cells(&walk))
 *           for (int i = 0; i < walk.count; i++) ... lido_walk_position(&walk, i), walk.number[i]
 */
#ifndef LIDO_KERNELS_POOL_WALK_H
#define LIDO_KERNELS_POOL_WALK_H

#include "kernels/window.h"

typedef struct lido_walk {
    /* the window */
    int64_t output; /* (od OH + oh) OW + ow */
    int64_t cells;  /* all it has inside the input */
    /* the list of cells, row-major */
    int count;
    const uint32_t *number; /* number[count]: inside the kernel */
    /* for the walk itself */
    const lido_grid *grid;
    lido_box outputs;
    const lido_box *within; /* NULL: all cells are listed */
    int64_t low, high;      /* positions within */
    int64_t left, at[LIDO_MAX_AXES], origin;
    const int64_t *position;
    lido_window_run run;
    bool in_run, listed;
    lido_cells some;
    uint32_t every[LIDO_LISTED_CELLS];
} lido_walk;

/* The windows of a box of outputs, with all their cells. */
void lido_walk_outputs(lido_walk *walk, const lido_grid *grid, const lido_box *outputs);

/* The windows that have a cell in a box of input cells, which is one run of memory: whole along all
 * but the first axis longer than 1. Only cells for which lido_walk_wants are in the box. */
void lido_walk_inputs(lido_walk *walk, const lido_grid *grid, const lido_box *inputs);

/* On to the next window; false when there is none. */
bool lido_walk_window(lido_walk *walk);

/* On to the next list of the window's cells; false when there is none. */
bool lido_walk_cells(lido_walk *walk);

/* Back to before the window's first list. */
void lido_walk_again(lido_walk *walk);

/* Where cell i of the list lies: (d H + h) W + w. */
static inline int64_t lido_walk_position(const lido_walk *walk, int i) {
    return walk->origin + walk->position[i];
}

static inline bool lido_walk_wants(const lido_walk *walk, int64_t position) {
    return position >= walk->low && position < walk->high;
}

#endif
