/* pool_rows.h - the windows of a grid, shown to a reducer as rows of numbers: one row for each
 * cell, one lane for each output element. For reducers that pass over a window more than once.
 *
 * With many channels a row is the channels of a cell, as they lie. With few, neighbouring full
 * windows are taken together and their cells are gathered, so that rows are long enough to
 * vectorise; the reducer need not know. */
#ifndef LIDO_KERNELS_POOL_ROWS_H
#define LIDO_KERNELS_POOL_ROWS_H

#include "kernels/window.h"

enum {
    LIDO_ROW_LANES = 128,   /* the most a row has */
    LIDO_ROW_SPREAD = 1024, /* the least lido_row_spread makes */
    LIDO_ROW_INPUTS = 3,
    LIDO_ROW_BLOCK = 16 /* rows summed in the library's precision before double takes over */
};

/* What is walked over: one sample. */
typedef struct lido_row_walk {
    const lido_grid *grid;
    int64_t channels;
    int inputs;                          /* 1 or more, of the same shape */
    const lido_real *x[LIDO_ROW_INPUTS]; /* (D, H, W, C) */
    lido_real *dx[LIDO_ROW_INPUTS];      /* backward; NULL: not wanted */
    void *scratch;                       /* lido_row_scratch(inputs and maps) bytes */
    lido_real *maps; /* of the shape of x, for the reducer; NULL: windows hardly overlap */
    int64_t origin[LIDO_ROW_INPUTS]; /* x and dx of an input begin with this element of it */
} lido_row_walk;

/* Some windows. Their rows come in lists, which may be gone through again and again:
 *   for (lido_rows_begin(rows); lido_rows_next(rows);) ... rows->count of rows->x[0][] */
typedef struct lido_rows {
    int64_t at;    /* lane 0 is this element of the output, lane 1 the next, ... */
    int64_t lanes; /* 1..LIDO_ROW_LANES */
    int64_t lane;  /* lane i takes number lane + i of an array made by lido_row_spread */
    int64_t cells; /* of each window, inside the input */
    int count;
    const lido_real *x[LIDO_ROW_INPUTS][LIDO_LISTED_CELLS];
    lido_real *dx[LIDO_ROW_INPUTS][LIDO_LISTED_CELLS]; /* to add to; backward, where wanted */
    uint32_t number[LIDO_LISTED_CELLS];                /* of the cell, row-major in the kernel */
    /* private */
    const lido_row_walk *walk;
    const lido_box *within;
    bool standing, taken; /* the one list there is stands in the arrays above; was taken */
    int64_t output[LIDO_MAX_AXES];
    lido_cells list;
} lido_rows;

/* What is done with each group of windows. */
typedef void (*lido_row_visit)(const void *reducer, lido_rows *rows);

void lido_rows_begin(lido_rows *rows);
bool lido_rows_next(lido_rows *rows);

size_t lido_row_scratch(int inputs);

/* Shows the windows of a box of outputs, with all their cells. */
void lido_rows_forward(const lido_row_walk *walk, const lido_box *box, lido_row_visit visit,
                       const void *reducer);

/* Shows every window that reaches a box of input cells, with its cells inside the box only. The box
 * is one run of memory (lido_box_run). */
void lido_rows_backward(const lido_row_walk *walk, const lido_box *box, lido_row_visit visit,
                        const void *reducer);

/* What is done with `count` numbers from element `at` on of an array of the shape of x, the first
 * of which takes number `lane` of an array made by lido_row_spread. */
typedef void (*lido_cell_visit)(const void *reducer, int64_t at, int64_t count, int64_t lane);

/* Where windows overlap, what is taken of each cell is better taken once, into walk->maps, than in
 * each window: shows all cells that windows of a box of outputs hold, or those of a box of input
 * cells, which is one run of memory. */
void lido_cells_forward(const lido_row_walk *walk, const lido_box *box, lido_cell_visit visit,
                        const void *reducer);
void lido_cells_backward(const lido_row_walk *walk, const lido_box *box, lido_cell_visit visit,
                         const void *reducer);

/* The first element that these show. */
int64_t lido_cells_forward_first(const lido_row_walk *walk, const lido_box *box);
int64_t lido_cells_backward_first(const lido_row_walk *walk, const lido_box *box);

/* Map `number` of walk->maps. */
lido_real *lido_row_map(const lido_row_walk *walk, int number);
/* The walk with `maps` more inputs: those maps, each its own gradient in backward. They begin with
 * element `first`: maps of one box after another lie in the same, cached, memory. */
lido_row_walk lido_rows_with_maps(const lido_row_walk *walk, int maps, int64_t first);

/* A number for each channel (or one for all: count 1), repeated so that any row finds its own. */
size_t lido_row_spread_size(int64_t channels); /* numbers in `spread` */
void lido_row_spread(const lido_real *value, int64_t count, int64_t channels, lido_real *spread);

#endif
