/* pool_gated.c - y = z max + (1 - z) average with z = 1 / (1 + exp(-w.x)), the window x itself
 * deciding on its mixture (Lee et al. 2016). Cells outside the input contribute nothing to w.x. */
#include "layers/pool_cells.h"

#include "kernels/clones.h"
#include "kernels/logistic.h"
#include "kernels/pool_blend.h"
#include "kernels/pool_window.h"

#include <string.h>

typedef struct gated_config {
    lido_grid_config grid;
    int learn;
} gated_config;

static const lido_option options[] = {
    LIDO_GRID_OPTIONS,
    {"learn", LIDO_OPTION_CHOICE, offsetof(gated_config, learn), "\"layer\"",
     .choices = lido_cell_weight_names, .doc = "one gate for the layer or one for each channel"},
    {0},
};

enum { KEPT = 3 /* reals of each output: z, max - average, room for the maximum's cell */ };

static lido_status infer(const lido_site *site, const lido_grid *grid, lido_pool_demand *demand,
                         lido_error *error) {
    const gated_config *config = site->config;
    const int64_t channels = site->x->channels;
    size_t sums;
    demand->saved = KEPT * sizeof(lido_real);
    demand->reads_x = true;
    lido_status status =
        lido_cells_infer(site, grid, "gate", 1, (lido_cell_weights)config->learn, demand, error);
    if (!status) status = lido_cells_sums(site, grid, 1, &sums, error);
    if (!status) status = lido_window_check(grid->cells, error);
    if (status) return status;
    demand->scratch = sums + lido_blend_scratch(channels) + (size_t)channels * sizeof(lido_real);
    return LIDO_OK;
}

/* Where everything lies: arrays of the shape of y, and scratch. */
typedef struct gated {
    lido_taps taps;
    int64_t channels;
    lido_real *z, *difference; /* of all outputs; NULL when nothing is kept */
    uint32_t *where;
    double *sums;
    lido_real *row; /* row[C] */
    void *blend;
} gated;

static gated open_piece(const lido_pool_piece *piece) {
    const gated_config *config = piece->config;
    const int64_t channels = piece->channels, elements = lido_grid_outputs(piece->grid) * channels;
    gated g = {.taps = lido_cells_taps(piece, 0, 1, (lido_cell_weights)config->learn),
               .channels = channels,
               .sums = piece->scratch};
    g.blend = g.sums + g.taps.cells * channels;
    g.row = (lido_real *)((char *)g.blend + lido_blend_scratch(channels));
    if (!piece->saved) return g;
    g.z = piece->saved;
    g.difference = g.z + elements;
    g.where = (uint32_t *)(g.difference + elements);
    return g;
}

LIDO_CLONES
static void open_gates(lido_real *z, int64_t channels) {
    for (int64_t c = 0; c < channels; c++) z[c] = lido_logistic(z[c]);
}

/* row[c] = what dy gives to w.x */
LIDO_CLONES
static void slope_gates(const lido_real *dy, const lido_real *z, const lido_real *difference,
                        int64_t channels, lido_real *row) {
    for (int64_t c = 0; c < channels; c++) row[c] = dy[c] * difference[c] * (z[c] * (1 - z[c]));
}

static void forward(const lido_pool_piece *piece) {
    gated g = open_piece(piece);
    lido_walk walk;
    lido_walk_outputs(&walk, piece->grid, &piece->box);
    while (lido_walk_window(&walk)) {
        const int64_t at = walk.output * g.channels;
        lido_real *z = g.z ? g.z + at : g.row;
        lido_taps_dot(&g.taps, &walk, piece->x, z);
        open_gates(z, g.channels);
        lido_blend_forward(&walk, piece->x, z, g.channels, g.blend, piece->y + at,
                           g.where ? g.where + at : NULL, g.difference ? g.difference + at : NULL);
    }
}

static void backward(const lido_pool_piece *piece) {
    gated g = open_piece(piece);
    lido_walk walk;
    lido_walk_inputs(&walk, piece->grid, &piece->box);
    while (lido_walk_window(&walk)) {
        const int64_t at = walk.output * g.channels;
        lido_blend_backward(&walk, piece->dy + at, g.z + at, g.where + at, g.channels, g.blend,
                            piece->dx);
        slope_gates(piece->dy + at, g.z + at, g.difference + at, g.channels, g.row);
        lido_taps_spread(&g.taps, &walk, g.row, piece->dx);
    }
}

static void backward_params(const lido_pool_piece *piece) {
    gated g = open_piece(piece);
    lido_walk walk;
    memset(g.sums, 0, (size_t)(g.taps.cells * g.channels) * sizeof *g.sums);
    lido_walk_outputs(&walk, piece->grid, &piece->box);
    while (lido_walk_window(&walk)) {
        const int64_t at = walk.output * g.channels;
        slope_gates(piece->dy + at, g.z + at, g.difference + at, g.channels, g.row);
        lido_taps_gather(&g.taps, &walk, piece->x, g.row, g.sums);
    }
    lido_taps_fold(&g.taps, g.sums, piece->dw[0]);
}

static const lido_reducer reducer = {
    .infer = infer, .forward = forward, .backward = backward, .backward_params = backward_params};

const lido_layer lido_layer_gated_pool = {
    .name = "gated_pool",
    .doc = "maximum and average mixed by a learned gate (a patent filing has been reported)",
    .options = options,
    .config_size = sizeof(gated_config),
    .family = &reducer,
    LIDO_POOL_LAYER,
};
