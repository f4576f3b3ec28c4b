/* pool.h - what every pooling layer shares: the options that say where its windows lie, and the
 * adapter that turns a reducer (what becomes of a window) into a layer.
 *
 * A new reducer is one file pool_NAME.c: a configuration struct that begins with lido_grid_config,
 * an option table that begins with LIDO_GRID_OPTIONS, a lido_reducer, and the record
 *   const lido_layer lido_layer_NAME_pool = {..., .family = &reducer, LIDO_POOL_LAYER};
 * A new grid is a row of the table in pool_grid.c.
 *
 * Beyond that a reducer may have learned parameters, a second input of the shape of x (the logits
 * of LIP), random draws, and read x and y in backward: it says so in lido_pool_demand, and finds
 * all of it in lido_pool_piece. It never cuts work, draws or allocates. */
#ifndef LIDO_LAYERS_POOL_H
#define LIDO_LAYERS_POOL_H

#include <lido/layer.h>

#include "kernels/semantics.h"
#include "kernels/window.h"

/* Windows whose size or place is drawn anew for each sample. */
typedef struct lido_fractional {
    bool given;
    double ratio; /* NaN: not written */
    lido_axes output_size, kernel;
    bool overlap;
    int mode; /* lido_fractional_mode */
} lido_fractional;

typedef enum lido_fractional_mode { LIDO_PSEUDO, LIDO_RANDOM } lido_fractional_mode;

typedef struct lido_stochastic_grid {
    bool given;
    lido_axes cell, keep, kernel;
} lido_stochastic_grid;

extern const lido_option lido_fractional_options[], lido_stochastic_grid_options[];

/* Where the windows lie, as written: exactly one of kernel, global, output_size, levels, fractional
 * and stochastic_grid. */
typedef struct lido_grid_config {
    lido_axes kernel, stride, dilation;
    lido_padding padding;
    bool ceil;
    bool global, keepdims;
    lido_axes output_size;
    int semantics; /* lido_engine_at; with LIDO_SEMANTICS_OPTION, else 0 */
    lido_list levels;
    lido_fractional fractional;
    lido_stochastic_grid stochastic_grid;
} lido_grid_config;

#define LIDO_GRID_NUMBERS(field, shape, text)                                       \
    {                                                                               \
        .name = #field, .kind = shape, .offset = offsetof(lido_grid_config, field), \
        .fallback = "null", .min = 1, .max = 1 << 20, .doc = text                   \
    }
#define LIDO_GRID_WORD(field, shape, text)                                          \
    {                                                                               \
        .name = #field, .kind = shape, .offset = offsetof(lido_grid_config, field), \
        .fallback = "null", .doc = text                                             \
    }
#define LIDO_GRID_TABLE(field, text)                                                             \
    {                                                                                            \
        .name = #field, .kind = LIDO_OPTION_OBJECT, .offset = offsetof(lido_grid_config, field), \
        .fallback = "null", .table = lido_##field##_options, .doc = text                         \
    }
#define LIDO_GRID_OPTIONS                                                                          \
    LIDO_GRID_NUMBERS(kernel, LIDO_OPTION_AXES, "size of a sliding window"),                       \
        LIDO_GRID_NUMBERS(stride, LIDO_OPTION_AXES, "step of the window (default: the kernel)"),   \
        LIDO_GRID_WORD(padding, LIDO_OPTION_PADDING, "cells added around (default: \"valid\")"),   \
        LIDO_GRID_NUMBERS(dilation, LIDO_OPTION_AXES,                                              \
                          "distance of neighbouring cells (default: 1)"),                          \
        LIDO_GRID_WORD(ceil, LIDO_OPTION_BOOL, "a last window may reach beyond (default: false)"), \
        LIDO_GRID_WORD(global, LIDO_OPTION_BOOL, "one window: the whole map"),                     \
        LIDO_GRID_WORD(keepdims, LIDO_OPTION_BOOL,                                                 \
                       "keep the axes of a global window, at length 1"),                           \
        LIDO_GRID_NUMBERS(output_size, LIDO_OPTION_SIZES,                                          \
                          "so many adaptive windows (null: all cells)"),                           \
        LIDO_GRID_NUMBERS(levels, LIDO_OPTION_LIST,                                                \
                          "a pyramid: n adaptive windows along each axis, for each n; a vector"),  \
        LIDO_GRID_TABLE(fractional, "windows a fraction apart, drawn for each sample"),            \
        LIDO_GRID_TABLE(stochastic_grid, "a window at each of some cells, drawn for each sample")

/* For reducers that other engines have too, behind LIDO_GRID_OPTIONS. */
#define LIDO_SEMANTICS_OPTION                                                                   \
    {                                                                                           \
        .name = "semantics", .kind = LIDO_OPTION_CHOICE,                                        \
        .offset = offsetof(lido_grid_config, semantics), .fallback = "null",                    \
        .choices = lido_engine_names, .doc = "the window rules of this engine (default: torch)" \
    }

/* ---- reducers ------------------------------------------------------------------------------ */

/* One piece of work: a box of one sample. All arrays are whole and those of this sample. What is
 * not there (not asked for, not wanted) is NULL. */
typedef struct lido_pool_piece {
    const void *config;
    const lido_grid *grid; /* of this sample: a grid drawn at random is another for each */
    int64_t channels;
    bool training;
    bool streams;         /* y is so large that it may be written past the caches */
    lido_box box;         /* outputs; in backward input cells, one run of memory */
    const lido_real *x;   /* (D, H, W, C); after forward only with demand.reads_x */
    const lido_real *map; /* the second input, like x */
    lido_real *y;         /* (OD, OH, OW, C); read after forward, only with demand.reads_y */
    const lido_real *dy;  /* NULL in forward */
    lido_real *dx;        /* added to */
    lido_real *dmap;      /* added to */
    const lido_real *w[LIDO_MAX_PARAMS];
    double *dw[LIDO_MAX_PARAMS]; /* backward_params: added to, this piece's share of the sums */
    const float *draws;          /* draws[demand.draws] */
    const float *output_draws;   /* output_draws[outputs * C][demand.output_draws], as y lies */
    void *saved;                 /* demand.saved bytes for each element, as y lies */
    void *scratch;               /* this worker's */
    lido_real *maps;             /* demand.maps of the shape of x, this worker's; NULL where windows
                                  * hardly overlap */
} lido_pool_piece;

/* Whether an output is one chosen cell, and how saved keeps the cell's number inside the kernel. */
typedef enum lido_switches {
    LIDO_SWITCHES_NONE,
    LIDO_SWITCHES_NARROW, /* in lido_switch_size(grid->cells) bytes */
    LIDO_SWITCHES_WIDE    /* in 32 bits; LIDO_NO_CELL: none was chosen */
} lido_switches;

/* What a reducer needs. Zeroed before infer, but for nonnegative, which is then that of x. */
typedef struct lido_pool_demand {
    size_t saved;         /* bytes kept from a training forward for each element of the output */
    size_t scratch;       /* bytes for each worker */
    int maps;             /* and so many maps of the shape of x, where windows overlap */
    bool reads_x;         /* x and map are read after forward */
    bool reads_y;         /* y is */
    bool reads_draws;     /* draws and output_draws are */
    int switches;         /* lido_switches: saved begins with the number of each chosen cell */
    bool only_drawn;      /* in training: in evaluation no cell is chosen */
    bool nonnegative;     /* no element of y can be below zero */
    bool selects;         /* y is the largest of the window, as in lido_needs */
    int64_t draws;        /* uniform numbers in [0, 1) for each sample: in training only */
    int64_t output_draws; /* and for each element of the output */
    const char *decides;  /* what those numbers decide: static text */
    int params;
    lido_param param[LIDO_MAX_PARAMS];
} lido_pool_demand;

/* What becomes of a window. Forward and backward_params are called for boxes of outputs that are
 * disjoint and make up the whole, backward for such boxes of input cells; for one sample, in any
 * order and at the same time.
 *   forward          y[box] = ..., and saved[box] when training
 *   backward         dx[box] += what dy of all outputs whose windows hold the cell (see
 *                    lido_grid_reaching) gives; dmap likewise; either may be NULL when there are
 *                    two inputs. They begin as zero
 *   backward_params  dw[j] += what dy[box] gives; NULL without parameters. The sums are kept in
 *                    double, over a fixed number of chunks of the batch, and added in order */
typedef struct lido_reducer {
    /* Checks the reducer's own options and says what it needs. The sizes of the grid are there
     * (axis[].outputs, .kernel, cells), its windows not yet. A grid that differs from sample to
     * sample has the largest kernel of all; of several grids it is the one of largest windows. */
    lido_status (*infer)(const lido_site *site, const lido_grid *grid, lido_pool_demand *demand,
                         lido_error *error);
    void (*forward)(const lido_pool_piece *piece);
    void (*backward)(const lido_pool_piece *piece);
    void (*backward_params)(const lido_pool_piece *piece);
} lido_reducer;

/* Refuses an option of the reducer that means something on a sliding window only. */
lido_status lido_pool_needs_kernel(const lido_site *site, const char *option, lido_error *error);

/* What a reducer may ask of the grid. */
typedef enum lido_grid_trait {
    LIDO_GRID_ONE_KERNEL, /* all windows have one kernel: cell i means the same in each */
    LIDO_GRID_POSITIONS,  /* output o means the same place, in training and evaluation */
    LIDO_GRID_WHOLE_MAP,  /* each window is the whole map */
    LIDO_GRID_TRAITS
} lido_grid_trait;

/* Refuses a grid without the trait; the message ends with `because`: "the gate has a weight for
 * each cell of a window". */
lido_status lido_pool_needs_grid(const lido_site *site, lido_grid_trait trait, const char *because,
                                 lido_error *error);

/* Refuses an input that may be negative; the message ends with `because`: "values are
 * probabilities". */
lido_status lido_pool_needs_nonnegative(const lido_site *site, const char *because,
                                        lido_error *error);

lido_status lido_pool_infer(const lido_site *site, lido_needs *needs, lido_error *error);
void lido_pool_prepare(const lido_site *site, const lido_needs *needs, void *tables);
void lido_pool_forward(const lido_call *call);
void lido_pool_backward(const lido_call *call);
void lido_pool_switches(const lido_call *call, int64_t *position);

/* A layer with x alone; one with a second input of the same shape (piece.map) that may be left out
 * has LIDO_POOL_CALLS and its own .min_inputs = 1, .max_inputs = 2. */
#define LIDO_POOL_LAYER .min_inputs = 1, .max_inputs = 1, LIDO_POOL_CALLS
#define LIDO_POOL_CALLS                                                                   \
    .infer = lido_pool_infer, .prepare = lido_pool_prepare, .forward = lido_pool_forward, \
    .backward = lido_pool_backward, .switches = lido_pool_switches

/* ---- looking at a layer --------------------------------------------------------------------- */

/* Whether the layer is a reducer on a grid; what follows is for such layers only. */
bool lido_layer_is_pool(const lido_layer *layer);
/* Cells of each window; 0 where windows have not one kernel, so that cell i is not the same place
 * in each. Of the tables that lido_pool_prepare filled. */
int64_t lido_pool_cells(const void *tables);
/* The grids of a sample, whose outputs come one after another. */
int lido_pool_parts(const lido_call *call);
/* One of them, where its outputs begin in the sample's at *at. After a forward or backward in
 * training, whose scratch has the grids that are drawn. */
const lido_grid *lido_pool_grid(const lido_call *call, int64_t sample, int part, int64_t *at);

#endif
