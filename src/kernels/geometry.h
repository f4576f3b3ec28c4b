/* geometry.h - where a sliding window lies: sizes, padding and rounding for convolution and window
 * pooling alike. The one place that knows the size rules. */
#ifndef LIDO_KERNELS_GEOMETRY_H
#define LIDO_KERNELS_GEOMETRY_H

#include <lido/base.h>

/* A sliding window over (D, H, W); absent axes have length, kernel, stride and dilation 1. Output o
 * covers input cells o * stride - before + i * dilation, i = 0..kernel-1; those outside
 * [0, input) are padding. `after` is the padding as written or, for "same", as computed; the last
 * window may end before or (with ceil) beyond it. */
typedef struct lido_geometry {
    int rank;
    int64_t input[LIDO_MAX_AXES], output[LIDO_MAX_AXES];
    int64_t kernel[LIDO_MAX_AXES], stride[LIDO_MAX_AXES], dilation[LIDO_MAX_AXES];
    int64_t before[LIDO_MAX_AXES], after[LIDO_MAX_AXES];
} lido_geometry;

/* The options as written. */
typedef struct lido_window_options {
    lido_axes kernel, stride, dilation;
    lido_padding padding;
    bool ceil;
    bool stride_is_kernel; /* an absent stride is the kernel (pooling) instead of 1 (convolution) */
    bool keeps_last; /* with ceil and no padding on any axis, no window is taken away (Caffe) */
} lido_window_options;

/* Resolves the options for an input. Effective kernel e = dilation (kernel - 1) + 1, per axis:
 *   valid     O = floor((L - e) / s) + 1
 *   same      O = ceil(L / s), total padding max(0, (O-1) s + e - L), the smaller half before
 *             (Keras, TensorFlow, ONNX SAME_UPPER)
 *   explicit  O = floor((L + before + after - e + (ceil ? s - 1 : 0)) / s) + 1; with ceil one less
 *             when the last window would start beyond L + before (PyTorch, ONNX)
 * A last window that is kept beyond the input has no valid cell there.
 * LIDO_SPEC when a list fits not the rank, LIDO_SHAPE when the input has no spatial axes, padding
 * reaches the effective kernel, no output is left, or a window would have no valid cell. */
lido_status lido_geometry_make(const lido_window_options *options, const lido_shape *input,
                               lido_geometry *geometry, lido_error *error);

/* Input cells one output spans along an axis: dilation (kernel - 1) + 1. */
int64_t lido_geometry_extent(const lido_geometry *geometry, int axis);

#endif
