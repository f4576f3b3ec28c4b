/* drawing.h - what the sets that Lido draws share: the random numbers of a picture, and lines on a
 * small canvas. */
#ifndef LIDO_DATA_DRAWING_H
#define LIDO_DATA_DRAWING_H

#include <lido/base.h>

#include <stdint.h>

/* The numbers of one picture, drawn one after the other: a function of (key, picture) alone. */
typedef struct lido_picks {
    lido_key key;
    uint64_t picture, next;
    uint32_t word[4];
} lido_picks;

uint32_t lido_pick_word(lido_picks *d);

/* Uniform in [low, high). */
float lido_pick(lido_picks *d, float low, float high);

/* Uniform in [range[0], range[1]). */
float lido_pick_within(lido_picks *d, const float range[2]);

/* Uniform in 0..below - 1. */
int lido_pick_below(lido_picks *d, int below);

/* Of triangular density in -1..1. */
float lido_pick_noise(lido_picks *d);

typedef struct lido_point {
    float x, y;
} lido_point;

enum { LIDO_CANVAS_SIDE = 48 };

/* How much of each pixel is ink, 0..1: side x side of them, side <= LIDO_CANVAS_SIDE. */
typedef struct lido_canvas {
    int side;
    float ink[LIDO_CANVAS_SIDE * LIDO_CANVAS_SIDE];
} lido_canvas;

typedef enum lido_pen { LIDO_PEN_INK, LIDO_PEN_ERASER } lido_pen;

/* A line with round ends: full within half_width of it, falling off over the next pixel. What lies
 * outside the canvas is left out. */
void lido_canvas_line(lido_canvas *c, lido_point a, lido_point b, float half_width, lido_pen with);

#endif
