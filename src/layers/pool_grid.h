/* pool_grid.h - where the windows of a pooling layer lie: the grid its options ask for, with the
 * shape of the output and the tables of windows. A new grid is a row of the table in pool_grid.c;
 * the rows of grids drawn at random are in pool_random.c. */
#ifndef LIDO_LAYERS_POOL_GRID_H
#define LIDO_LAYERS_POOL_GRID_H

#include "layers/pool.h"

typedef struct lido_grid_kind lido_grid_kind;

typedef struct lido_layout {
    const lido_grid_kind *kind;
    lido_geometry geometry;        /* of a kernel grid */
    int parts, largest;            /* grids, and which of them has the largest windows */
    lido_grid part[LIDO_MAX_LIST]; /* their outputs come one after another */
    /* Drawn: part[0] has sizes only, its windows are another table for each sample. */
    int64_t draws[LIDO_MAX_AXES]; /* random numbers each axis takes */
    bool shuffled;
    int64_t cell[LIDO_MAX_AXES], keep[LIDO_MAX_AXES];
    /* Averaged: in evaluation windows start at every cell, and their outputs are averaged. */
    bool averaged;
    lido_grid every, means;
} lido_layout;

/* A way to lay windows. */
struct lido_grid_kind {
    const char *key; /* the option that asks for it */
    bool (*asked)(const lido_grid_config *config);
    /* Sets the sizes of the grids and the layer's reach. */
    lido_status (*resolve)(const lido_site *site, lido_layout *layout, lido_needs *needs,
                           lido_error *error);
    /* Writes the windows of one axis of a grid; NULL for windows that are drawn. */
    void (*fill)(const lido_layout *layout, const lido_grid *grid, int axis, lido_window *windows);
    void (*draw)(const lido_layout *layout, int axis, const float *draws, lido_window *windows);
    const char *lacks[LIDO_GRID_TRAITS]; /* why it has not that trait; NULL: it has */
};

#define LIDO_PARTS_OF_MAP "its windows are parts of the map"

extern const lido_grid_kind lido_grid_overlapping, lido_grid_abutting, lido_grid_stochastic;

/* All but the tables; needs gets the output's shape, extent and stride. */
lido_status lido_layout_make(const lido_site *site, lido_layout *layout, lido_needs *needs,
                             lido_error *error);
/* Bytes of the tables, and the filling of them. */
size_t lido_layout_tables(const lido_layout *layout);
void lido_layout_fill(lido_layout *layout, void *tables);

/* Whether each sample has a grid of its own; the numbers it takes for that, the bytes of its grid,
 * and that grid, put at the beginning of the memory. */
bool lido_layout_is_drawn(const lido_layout *layout, bool training);
int64_t lido_layout_draws(const lido_layout *layout);
size_t lido_layout_drawn_size(const lido_layout *layout);
void lido_layout_draw(const lido_layout *layout, const float *draws, void *memory);

#endif
