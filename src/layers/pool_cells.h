/* pool_cells.h - parameters with a weight for each cell of a window: what gates and trees learn,
 * one set for the layer or one for each channel. */
#ifndef LIDO_LAYERS_POOL_CELLS_H
#define LIDO_LAYERS_POOL_CELLS_H

#include "kernels/pool_taps.h"
#include "layers/pool.h"

typedef enum lido_cell_weights { LIDO_CELLS_LAYER, LIDO_CELLS_CHANNEL } lido_cell_weights;

/* Their names, ended by NULL. */
extern const char *const lido_cell_weight_names[];

/* The next parameter: [count if above 1, cells along each axis, C if by channel]; refuses grids
 * whose windows have not one kernel. */
lido_status lido_cells_infer(const lido_site *site, const lido_grid *grid, const char *name,
                             int count, lido_cell_weights weights, lido_pool_demand *demand,
                             lido_error *error);

/* Parameter number `param` of a piece, of `count` weightings. */
lido_taps lido_cells_taps(const lido_pool_piece *piece, int param, int count,
                          lido_cell_weights weights);

/* Bytes of the sums of lido_taps_gather; LIDO_TOO_LARGE. */
lido_status lido_cells_sums(const lido_site *site, const lido_grid *grid, int count, size_t *bytes,
                            lido_error *error);

#endif
