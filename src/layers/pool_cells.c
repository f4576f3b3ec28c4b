/* pool_cells.c - parameters with a weight for each cell of a window. */
#include "layers/pool_cells.h"

const char *const lido_cell_weight_names[] = {"layer", "channel", NULL};

lido_status lido_cells_infer(const lido_site *site, const lido_grid *grid, const char *name,
                             int count, lido_cell_weights weights, lido_pool_demand *demand,
                             lido_error *error) {
    lido_param *param = &demand->param[demand->params++];
    *param = (lido_param){.name = name, .init = LIDO_INIT_ZEROS, .decay = true};
    param->fan_in = grid->cells;
    param->fan_out = 1;
    if (count > 1) param->dim[param->rank++] = count;
    for (int a = LIDO_MAX_AXES - site->x->rank; a < LIDO_MAX_AXES; a++)
        param->dim[param->rank++] = grid->axis[a].kernel;
    if (weights == LIDO_CELLS_CHANNEL) param->dim[param->rank++] = site->x->channels;
    return lido_pool_needs_grid(site, LIDO_GRID_ONE_KERNEL,
                                "there is a weight for each cell of a window", error);
}

lido_taps lido_cells_taps(const lido_pool_piece *piece, int param, int count,
                          lido_cell_weights weights) {
    return (lido_taps){.weight = piece->w[param],
                       .count = count,
                       .cells = piece->grid->cells,
                       .channels = piece->channels,
                       .per_channel = weights == LIDO_CELLS_CHANNEL};
}

lido_status lido_cells_sums(const lido_site *site, const lido_grid *grid, int count, size_t *bytes,
                            lido_error *error) {
    int64_t needed;
    *bytes = 0;
    if (!lido_mul(grid->cells, site->x->channels, &needed) ||
        !lido_mul(needed, count * (int64_t)sizeof(double), &needed))
        return lido_fail(error, LIDO_TOO_LARGE, "the weights of a window are too many");
    *bytes = (size_t)needed;
    return LIDO_OK;
}
