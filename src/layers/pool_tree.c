/* pool_tree.c - a binary tree of learned filters over the window x (Lee et al. 2016): a leaf is
 * v.x, an inner node is z left + (1 - z) right with z = 1 / (1 + exp(-w.x)). `depth` counts the
 * levels, that of the leaves included. Cells outside the input contribute nothing to the products.
 *
 * Nodes are numbered from the root, level by level: the children of i are 2 i + 1 and 2 i + 2, so
 * gates come first and leaves last, each in order of their parameter. */
#include "layers/pool_cells.h"

#include "kernels/clones.h"
#include "kernels/logistic.h"
#include "kernels/pool_window.h"

#include <string.h>

typedef struct tree_config {
    lido_grid_config grid;
    int64_t depth;
    int learn;
} tree_config;

enum { LEAST_DEPTH = 2, MOST_DEPTH = 5 };

static const lido_option options[] = {
    LIDO_GRID_OPTIONS,
    {"depth", LIDO_OPTION_INT, offsetof(tree_config, depth), "2", LEAST_DEPTH, MOST_DEPTH,
     .doc = "levels of the tree; the last has 2^(depth - 1) leaves"},
    {"learn", LIDO_OPTION_CHOICE, offsetof(tree_config, learn), "\"layer\"",
     .choices = lido_cell_weight_names, .doc = "one tree for the layer or one for each channel"},
    {0},
};

static int leaves_of(const tree_config *config) {
    return 1 << (config->depth - 1);
}

static lido_status infer(const lido_site *site, const lido_grid *grid, lido_pool_demand *demand,
                         lido_error *error) {
    const tree_config *config = site->config;
    const lido_cell_weights weights = (lido_cell_weights)config->learn;
    const int leaves = leaves_of(config), nodes = 2 * leaves - 1;
    size_t sums;
    demand->saved = (size_t)nodes * sizeof(lido_real);
    demand->reads_x = true;
    demand->nonnegative = false;
    lido_status status = lido_cells_infer(site, grid, "gate", leaves - 1, weights, demand, error);
    if (!status) status = lido_cells_infer(site, grid, "leaf", leaves, weights, demand, error);
    if (!status) status = lido_cells_sums(site, grid, nodes, &sums, error);
    if (!status) status = lido_window_check(grid->cells, error);
    if (status) return status;
    demand->param[1].init = LIDO_INIT_LECUN_NORMAL; /* equal leaves would never part */
    demand->scratch = sums + (size_t)(3 * nodes * site->x->channels) * sizeof(lido_real);
    return LIDO_OK;
}

/* One piece: its parameters, what is kept of its outputs, and scratch. An array [nodes][C] begins
 * with the gates' rows; `value` has z for gates and v.x for leaves. */
typedef struct tree {
    lido_taps gates, leaves;
    int inner;
    int64_t channels, row;           /* row = nodes * C */
    lido_real *kept;                 /* kept[outputs][nodes][C]: value; NULL when it is not kept */
    double *sums;                    /* sums[nodes][cells][C] */
    lido_real *own, *result, *slope; /* one window's value, when it is not kept; scratch */
} tree;

static tree open_piece(const lido_pool_piece *piece) {
    const tree_config *config = piece->config;
    const lido_cell_weights weights = (lido_cell_weights)config->learn;
    const int leaves = leaves_of(config), inner = leaves - 1;
    tree t = {.gates = lido_cells_taps(piece, 0, inner, weights),
              .leaves = lido_cells_taps(piece, 1, leaves, weights),
              .inner = inner,
              .channels = piece->channels,
              .row = (inner + leaves) * piece->channels,
              .kept = piece->saved,
              .sums = piece->scratch};
    t.own = (lido_real *)(t.sums + piece->grid->cells * t.row);
    t.result = t.own + t.row;
    t.slope = t.result + t.row;
    return t;
}

LIDO_CLONES
static void open_gates(lido_real *z, int64_t count) {
    for (int64_t i = 0; i < count; i++) z[i] = lido_logistic(z[i]);
}

/* result[C] = z left + (1 - z) right */
LIDO_CLONES
static void join(const lido_real *z, const lido_real *left, const lido_real *right,
                 int64_t channels, lido_real *restrict result) {
    for (int64_t c = 0; c < channels; c++) result[c] = z[c] * left[c] + (1 - z[c]) * right[c];
}

/* result[nodes][C] of the tree, leaves first. */
static void climb(const tree *t, const lido_real *value) {
    const int64_t channels = t->channels, inner = t->inner * channels;
    memcpy(t->result + inner, value + inner, (size_t)(t->row - inner) * sizeof *value);
    for (int64_t i = t->inner - 1; i >= 0; i--)
        join(value + i * channels, t->result + (2 * i + 1) * channels,
             t->result + (2 * i + 2) * channels, channels, t->result + i * channels);
}

/* A gate's slope: what reaches it is passed on to its children, and turned into what w.x gets. */
LIDO_CLONES
static void part(const lido_real *z, const lido_real *left, const lido_real *right,
                 int64_t channels, lido_real *restrict slope, lido_real *restrict slope_left,
                 lido_real *restrict slope_right) {
    for (int64_t c = 0; c < channels; c++) {
        lido_real came = slope[c];
        slope_left[c] = came * z[c];
        slope_right[c] = came * (1 - z[c]);
        slope[c] = came * (left[c] - right[c]) * (z[c] * (1 - z[c]));
    }
}

/* slope[nodes][C]: what dy gives to w.x of the gates and v.x of the leaves. */
static void descend(const tree *t, const lido_real *value, const lido_real *dy) {
    const int64_t channels = t->channels;
    climb(t, value);
    memcpy(t->slope, dy, (size_t)channels * sizeof *dy);
    for (int64_t i = 0; i < t->inner; i++) {
        const int64_t left = (2 * i + 1) * channels, right = left + channels;
        part(value + i * channels, t->result + left, t->result + right, channels,
             t->slope + i * channels, t->slope + left, t->slope + right);
    }
}

static void forward(const lido_pool_piece *piece) {
    tree t = open_piece(piece);
    const int64_t inner = t.inner * t.channels;
    lido_walk walk;
    lido_walk_outputs(&walk, piece->grid, &piece->box);
    while (lido_walk_window(&walk)) {
        lido_real *value = t.kept ? t.kept + walk.output * t.row : t.own;
        lido_taps_dot(&t.gates, &walk, piece->x, value);
        lido_taps_dot(&t.leaves, &walk, piece->x, value + inner);
        open_gates(value, inner);
        climb(&t, value);
        memcpy(piece->y + walk.output * t.channels, t.result,
               (size_t)t.channels * sizeof *piece->y);
    }
}

static void backward(const lido_pool_piece *piece) {
    tree t = open_piece(piece);
    lido_walk walk;
    lido_walk_inputs(&walk, piece->grid, &piece->box);
    while (lido_walk_window(&walk)) {
        descend(&t, t.kept + walk.output * t.row, piece->dy + walk.output * t.channels);
        lido_taps_spread(&t.gates, &walk, t.slope, piece->dx);
        lido_taps_spread(&t.leaves, &walk, t.slope + t.inner * t.channels, piece->dx);
    }
}

static void backward_params(const lido_pool_piece *piece) {
    tree t = open_piece(piece);
    const int64_t inner = t.inner * t.channels;
    double *of_leaves = t.sums + inner * piece->grid->cells;
    lido_walk walk;
    memset(t.sums, 0, (size_t)(t.row * piece->grid->cells) * sizeof *t.sums);
    lido_walk_outputs(&walk, piece->grid, &piece->box);
    while (lido_walk_window(&walk)) {
        descend(&t, t.kept + walk.output * t.row, piece->dy + walk.output * t.channels);
        lido_taps_gather(&t.gates, &walk, piece->x, t.slope, t.sums);
        lido_taps_gather(&t.leaves, &walk, piece->x, t.slope + inner, of_leaves);
    }
    lido_taps_fold(&t.gates, t.sums, piece->dw[0]);
    lido_taps_fold(&t.leaves, of_leaves, piece->dw[1]);
}

static const lido_reducer reducer = {
    .infer = infer, .forward = forward, .backward = backward, .backward_params = backward_params};

const lido_layer lido_layer_tree_pool = {
    .name = "tree_pool",
    .doc = "a learned tree of filters and gates (a patent filing has been reported)",
    .options = options,
    .config_size = sizeof(tree_config),
    .family = &reducer,
    LIDO_POOL_LAYER,
};
