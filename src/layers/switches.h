/* switches.h - which cell of its window an output was taken from. Layers keep the cell's number
 * inside the window, in as few bytes as it needs; this says where that cell lies in the map, and
 * turns it into the indices of other engines. */
#ifndef LIDO_LAYERS_SWITCHES_H
#define LIDO_LAYERS_SWITCHES_H

#include <lido/layer.h>

struct lido_grid; /* kernels/window.h */

/* position[c] = (d H + h) W + w of the cell that channel c of window o (od, oh, ow) has chosen.
 * switches, as the grid's outputs (OD, OH, OW, channels) lie, are numbers of `size` bytes (1, 2 or
 * 4), row-major inside the kernel; one that no cell has, such as LIDO_NO_CELL, becomes -1. */
void lido_switch_positions(const struct lido_grid *grid, const void *switches, size_t size,
                           const int64_t o[LIDO_MAX_AXES], int64_t channels, int64_t *position);

/* How a cell is counted in a file. */
typedef enum lido_switch_index {
    LIDO_INDEX_PLANE, /* (d H + h) W + w in the plane of its sample and channel: PyTorch */
    LIDO_INDEX_ONNX   /* ((n C + c) D + d) H W + h W + w in a tensor (N, C, D, H, W): ONNX */
} lido_switch_index;

/* From the first to the other, in place: switches[batch][elements] are of a layer's outputs, whose
 * channels lie innermost, on inputs of shape x. Those below zero stay. */
void lido_switches_to_onnx(const lido_shape *x, int64_t batch, int64_t elements, int64_t *switches);

#endif
