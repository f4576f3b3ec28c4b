/* roi.h - what roi_pool and roi_align share: a map (H, W, C) and n boxes (n, 5) in, for each box a
 * grid of bins out, (n, bins down, bins across, C). A box is (-, x1, y1, x2, y2), the first number
 * being looked at by nobody here: the boxes lie with their sample. No gradient goes to the boxes.
 */
#ifndef LIDO_LAYERS_ROI_H
#define LIDO_LAYERS_ROI_H

#include <lido/layer.h>

/* What a configuration begins with. */
typedef struct lido_roi_config {
    lido_axes output_size;
    double spatial_scale;
    int reducer; /* lido_roi_reducer */
} lido_roi_config;

typedef enum lido_roi_reducer { LIDO_ROI_MAX, LIDO_ROI_MEAN } lido_roi_reducer;

extern const char *const lido_roi_reducers[]; /* "max", "mean", NULL */

#define LIDO_ROI_OPTIONS(reducer_default)                                          \
    {.name = "output_size",                                                        \
     .kind = LIDO_OPTION_AXES,                                                     \
     .offset = offsetof(lido_roi_config, output_size),                             \
     .min = 1,                                                                     \
     .max = 1024,                                                                  \
     .doc = "bins of a box: n or [down, across]"},                                 \
        {.name = "spatial_scale",                                                  \
         .kind = LIDO_OPTION_REAL,                                                 \
         .offset = offsetof(lido_roi_config, spatial_scale),                       \
         .fallback = "1",                                                          \
         .min = 1e-6,                                                              \
         .max = 1e6,                                                               \
         .doc = "cells of the map to one pixel of the boxes"},                     \
    {                                                                              \
        .name = "reducer", .kind = LIDO_OPTION_CHOICE,                             \
        .offset = offsetof(lido_roi_config, reducer), .fallback = reducer_default, \
        .choices = lido_roi_reducers, .doc = "what becomes of a bin"               \
    }

/* One box and some of the channels: the unit of work. Arrays start at their first channel. */
typedef struct lido_roi_piece {
    const void *config;
    const lido_shape *map;
    int64_t bins[2];      /* down, across */
    const lido_real *box; /* (5) */
    int64_t channels;     /* of this piece; a row of the arrays has map->channels */
    const lido_real *x;   /* (H, W, C); NULL in backward */
    lido_real *y;         /* (down, across, C); NULL in backward */
    const lido_real *dy;  /* NULL in forward */
    lido_real *dx;        /* (H, W, C), added to; NULL in forward */
    int32_t *saved;       /* (down, across, C): where a maximum lies; NULL: not wanted */
    double *scratch;      /* (channels) */
} lido_roi_piece;

typedef void (*lido_roi_function)(const lido_roi_piece *piece);

lido_status lido_roi_infer(const lido_site *site, lido_needs *needs, lido_error *error);
void lido_roi_forward(const lido_call *call, lido_roi_function forward);
void lido_roi_backward(const lido_call *call, lido_roi_function backward);
/* Where saved says each output lies; the layer must save places in the map. */
void lido_roi_switches(const lido_call *call, int64_t *position);

#endif
