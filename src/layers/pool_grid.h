/* pool_grid.h - where the windows of a pooling layer lie: the grid its options ask for, with the
 * shape of the output and the tables of windows. A new grid is a row of the table in pool_grid.c.
 */
#ifndef LIDO_LAYERS_POOL_GRID_H
#define LIDO_LAYERS_POOL_GRID_H

#include <lido/layer.h>

#include "kernels/window.h"

typedef struct lido_grid_kind lido_grid_kind;

typedef struct lido_layout {
    const lido_grid_kind *kind;
    lido_geometry geometry; /* of a kernel grid */
    lido_grid grid;
} lido_layout;

/* All but the tables; needs gets the output's shape, extent and stride. */
lido_status lido_layout_make(const lido_site *site, lido_layout *layout, lido_needs *needs,
                             lido_error *error);
/* Bytes of the tables, and the filling of them. */
size_t lido_layout_tables(const lido_layout *layout);
void lido_layout_fill(lido_layout *layout, void *tables);

#endif
