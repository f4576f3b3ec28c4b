/* pool_max.c - the largest value of each window. Keeps the chosen cell's number; reads neither x
 * nor y backward. */
#include "layers/pool.h"

#include "kernels/pool_extremum.h"

static const lido_option options[] = {LIDO_GRID_OPTIONS, LIDO_SEMANTICS_OPTION, {0}};

static lido_status infer(const lido_site *site, const lido_grid *grid, lido_pool_demand *demand,
                         lido_error *error) {
    demand->saved = lido_switch_size(grid->cells);
    demand->switches = LIDO_SWITCHES_NARROW;
    demand->selects = true;
    demand->scratch = lido_extremum_scratch(site->x->channels);
    if (demand->saved == 0)
        return lido_fail(error, LIDO_TOO_LARGE, "a window of more than 2^32 cells");
    return LIDO_OK;
}

static void forward(const lido_pool_piece *piece) {
    lido_extremum_forward(LIDO_MAXIMUM, piece->x, piece->grid, piece->channels, &piece->box,
                          piece->streams, piece->scratch, piece->y, piece->saved);
}

static void backward(const lido_pool_piece *piece) {
    lido_extremum_backward(piece->dy, piece->saved, piece->grid, piece->channels, &piece->box,
                           piece->scratch, piece->dx);
}

static const lido_reducer reducer = {.infer = infer, .forward = forward, .backward = backward};

const lido_layer lido_layer_max_pool = {
    .name = "max_pool",
    .doc = "the largest value of each window",
    .options = options,
    .config_size = sizeof(lido_grid_config),
    .family = &reducer,
    LIDO_POOL_LAYER,
};
