/* pool.h - what every pooling layer shares: the options that say where its windows lie, and the
 * adapter that turns a reducer (what becomes of a window) into a layer.
 *
 * A new reducer is one file pool_NAME.c: a configuration struct that begins with lido_grid_config,
 * an option table that begins with LIDO_GRID_OPTIONS, a lido_reducer, and the record
 *   const lido_layer lido_layer_NAME_pool = {..., .family = &reducer, LIDO_POOL_LAYER};
 * A new grid is a row of the table in pool.c. */
#ifndef LIDO_LAYERS_POOL_H
#define LIDO_LAYERS_POOL_H

#include <lido/layer.h>

#include "kernels/window.h"

/* Where the windows lie, as written: exactly one of kernel, global and output_size. */
typedef struct lido_grid_config {
    lido_axes kernel, stride, dilation;
    lido_padding padding;
    bool ceil;
    bool global, keepdims;
    lido_axes output_size;
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
                          "so many adaptive windows (null: all cells)")

/* One piece of work: a box of one sample. */
typedef struct lido_pool_piece {
    const void *config;
    const lido_grid *grid;
    int64_t channels;
    lido_box box;        /* outputs in forward, input cells in backward: overwritten there */
    const lido_real *x;  /* (D, H, W, C); NULL in backward */
    lido_real *y;        /* (OD, OH, OW, C); NULL in backward */
    const lido_real *dy; /* NULL in forward */
    lido_real *dx;       /* NULL in forward */
    void *saved;         /* this sample's; NULL in forward when nothing is to be kept */
    void *scratch;       /* this worker's */
} lido_pool_piece;

/* What a reducer needs. */
typedef struct lido_pool_demand {
    size_t saved;   /* bytes kept for each element of the output */
    size_t scratch; /* bytes for each worker */
} lido_pool_demand;

typedef struct lido_reducer {
    /* Checks the reducer's own options on a grid (sizes are there, tables not yet). */
    lido_status (*infer)(const lido_site *site, const lido_grid *grid, lido_pool_demand *demand,
                         lido_error *error);
    void (*forward)(const lido_pool_piece *piece);
    void (*backward)(const lido_pool_piece *piece);
} lido_reducer;

/* Refuses an option of the reducer that means something on a sliding window only. */
lido_status lido_pool_needs_kernel(const lido_site *site, const char *option, lido_error *error);

lido_status lido_pool_infer(const lido_site *site, lido_needs *needs, lido_error *error);
void lido_pool_prepare(const lido_site *site, const lido_needs *needs, void *tables);
void lido_pool_forward(const lido_call *call);
void lido_pool_backward(const lido_call *call);

#define LIDO_POOL_LAYER                                                                       \
    .min_inputs = 1, .max_inputs = 1, .infer = lido_pool_infer, .prepare = lido_pool_prepare, \
    .forward = lido_pool_forward, .backward = lido_pool_backward

#endif
