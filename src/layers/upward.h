/* upward.h - where the windows of a layer lie that goes back up: a sliding window over its output
 * with one window for each cell of its input. */
#ifndef LIDO_LAYERS_UPWARD_H
#define LIDO_LAYERS_UPWARD_H

#include <lido/layer.h>

#include "base/team.h"
#include "kernels/window.h"

typedef struct lido_upward {
    lido_window_options window; /* `ceil` has no part in it */
    lido_axes output_padding;   /* cells added at the end; count 0: none */
    lido_axes output_size;      /* the lengths themselves; count 0, or 0 of an axis: by the rule */
} lido_upward;

/* The window over the output (geometry->input) whose outputs are the cells of x. Its length, with
 * e = dilation (kernel - 1) + 1 and L cells of x:
 *   explicit  (L - 1) s - before - after + e + output_padding   (PyTorch)
 *   same      L s, padding shared out as over that length       (Keras)
 * or as output_size says, which must lie strictly within a stride of the rule (explicit padding).
 * output_padding is less than the stride or the dilation. LIDO_SPEC, LIDO_SHAPE, LIDO_TOO_LARGE. */
lido_status lido_upward_make(const lido_upward *options, const lido_shape *x,
                             lido_geometry *geometry, lido_error *error);

/* *length = wish (0: the rule's) if it lies strictly within the stride of the rule's length. */
lido_status lido_upward_length(int64_t rule, int64_t stride, int64_t wish, int64_t *length,
                               lido_error *error);

/* The shape of the output. */
lido_status lido_upward_shape(const lido_geometry *geometry, int64_t channels, lido_shape *y,
                              lido_error *error);

/* ---- unpooling: that window as a grid, and the work cut into boxes ------------------------- */

/* Blocks along the first axis longer than 1. */
typedef struct lido_upward_cut {
    int axis;
    int64_t blocks;
    int64_t whole[LIDO_MAX_AXES];
} lido_upward_cut;

/* The tables of an unpooling layer begin with it; windows and cell list follow. */
typedef struct lido_upward_plan {
    lido_geometry geometry;
    lido_grid grid; /* over y, a window for each cell of x */
    lido_upward_cut x, y;
} lido_upward_plan;

/* One piece: a box of one sample's x or y. */
typedef struct lido_upward_piece {
    int64_t sample;
    lido_box box;
} lido_upward_piece;

/* All but the windows, from plan->geometry; y is the shape of the output. */
lido_status lido_upward_plan_make(lido_upward_plan *plan, const lido_shape *y, lido_error *error);
/* Bytes of windows and list, and the filling of them. */
size_t lido_upward_tables(const lido_upward_plan *plan);
void lido_upward_fill(lido_upward_plan *plan, void *tables);

lido_upward_piece lido_upward_piece_of(const lido_upward_cut *cut, int64_t index);
/* This sample's y, the piece's box of it cleared. */
lido_real *lido_upward_clear(const lido_upward_plan *plan, const lido_call *call,
                             const lido_upward_piece *piece);
/* Calls `piece` for each piece of the cut of every sample; its context is a copy of the call. */
void lido_upward_run(const lido_call *call, const lido_upward_cut *cut, lido_piece piece);
void *lido_upward_scratch(const lido_call *call, int worker);

#endif
