/* window.h - where the cells of a window lie, worked out from the options alone. */
#ifndef LIDO_REFERENCE_WINDOW_H
#define LIDO_REFERENCE_WINDOW_H

#include "harness/reference.h"

/* Cell i of window o lies at first(o) + i * dilation. */
typedef struct lido_reference_axis {
    int64_t length, output, kernel, stride, dilation, before, after;
    bool adaptive;
    const int64_t *start, *count; /* of windows that follow no rule; else NULL */
} lido_reference_axis;

lido_reference_axis lido_reference_axis_of(const lido_example *example, int axis);

/* Where cell i of window o lies; beyond length + after when the window has no such cell. */
int64_t lido_reference_cell(const lido_reference_axis *axis, int64_t o, int64_t i);

/* The cell shown at `at`, which may lie outside an input of so many cells; -1: none, a zero. */
int64_t lido_reference_border(const char *mode, int64_t at, int64_t length);

#endif
