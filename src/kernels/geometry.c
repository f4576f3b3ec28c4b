/* geometry.c - where a sliding window lies: the size rules of convolution and window pooling. */
#include "kernels/geometry.h"

#include <inttypes.h>

/* One axis while it is being resolved. `name` is for messages. */
typedef struct axis_rule {
    const char *name;
    lido_padding_mode mode;
    bool ceil, keeps_last;
    int64_t length, kernel, stride, dilation, extent, before, after;
} axis_rule;

static lido_status check_numbers(const axis_rule *axis, lido_error *error) {
    if (axis->kernel < 1 || axis->stride < 1 || axis->dilation < 1)
        return lido_fail(error, LIDO_SPEC,
                         "%s: kernel %" PRId64 ", stride %" PRId64 ", dilation %" PRId64
                         ", allowed: each at least 1",
                         axis->name, axis->kernel, axis->stride, axis->dilation);
    if (axis->before < 0 || axis->after < 0)
        return lido_fail(error, LIDO_SPEC, "%s: padding is at least 0, not %" PRId64, axis->name,
                         axis->before < 0 ? axis->before : axis->after);
    return LIDO_OK;
}

static lido_status find_extent(axis_rule *axis, lido_error *error) {
    int64_t span;
    if (!lido_mul(axis->kernel - 1, axis->dilation, &span) || span >= LIDO_MAX_ELEMENTS ||
        axis->stride > LIDO_MAX_ELEMENTS)
        return lido_fail(error, LIDO_TOO_LARGE, "%s: kernel, dilation or stride beyond 2^40 cells",
                         axis->name);
    axis->extent = span + 1;
    if (axis->before >= axis->extent || axis->after >= axis->extent)
        return lido_fail(error, LIDO_SHAPE,
                         "%s: padding [%" PRId64 ", %" PRId64 "] must be smaller than the window's "
                         "extent of %" PRId64,
                         axis->name, axis->before, axis->after, axis->extent);
    return LIDO_OK;
}

/* "same": as many outputs as strides fit, the smaller half of the padding before. */
static int64_t same_length(axis_rule *axis) {
    int64_t output = (axis->length - 1) / axis->stride + 1;
    int64_t total = (output - 1) * axis->stride + axis->extent - axis->length;
    if (total < 0) total = 0;
    axis->before = total / 2;
    axis->after = total - total / 2;
    return output;
}

/* 0 when the window does not fit once, or with ceil would reach a stride or more beyond. */
static int64_t padded_length(const axis_rule *axis) {
    int64_t room = axis->length + axis->before + axis->after - axis->extent;
    if (axis->ceil) room += axis->stride - 1;
    if (room < 0) return 0;
    int64_t output = room / axis->stride + 1;
    bool starts_beyond = (output - 1) * axis->stride >= axis->length + axis->before;
    return axis->ceil && starts_beyond && !axis->keeps_last ? output - 1 : output;
}

static lido_status fail_missing(const axis_rule *axis, int64_t window, lido_error *error) {
    return lido_fail(error, LIDO_SHAPE,
                     "%s: window %" PRId64 " has no cell inside the input of length %" PRId64
                     " (padding %" PRId64 " before, stride %" PRId64 ", dilation %" PRId64 ")",
                     axis->name, window, axis->length, axis->before, axis->stride, axis->dilation);
}

/* Only a last one that is kept, and a window that starts in the padding before and steps over a
 * short input, can miss it. */
static lido_status check_windows(const axis_rule *axis, int64_t output, lido_error *error) {
    if (axis->keeps_last && (output - 1) * axis->stride >= axis->length)
        return fail_missing(axis, output - 1, error);
    if (axis->dilation <= axis->length) return LIDO_OK;
    for (int64_t o = 0; o < output && o * axis->stride < axis->before; o++) {
        int64_t missing = (axis->before - o * axis->stride) % axis->dilation;
        int64_t first = missing == 0 ? 0 : axis->dilation - missing;
        if (first >= axis->length) return fail_missing(axis, o, error);
    }
    return LIDO_OK;
}

static lido_status resolve_axis(axis_rule *axis, int64_t *output, lido_error *error) {
    lido_status status = check_numbers(axis, error);
    if (!status) status = find_extent(axis, error);
    if (status) return status;
    *output = axis->mode == LIDO_SAME ? same_length(axis) : padded_length(axis);
    if (*output < 1)
        return lido_fail(error, LIDO_SHAPE,
                         "%s: a window of %" PRId64 " cells does not fit into an input of %" PRId64
                         " with padding [%" PRId64 ", %" PRId64 "]",
                         axis->name, axis->extent, axis->length, axis->before, axis->after);
    return check_windows(axis, *output, error);
}

/* Spreads the written options over the axes of the input. */
static lido_status expand_options(const lido_window_options *options, int rank,
                                  lido_geometry *geometry, lido_error *error) {
    static const lido_axes one = {.count = 1, .at = {1}};
    const lido_axes *fallback = options->stride_is_kernel ? &options->kernel : &one;
    const lido_axes *stride = options->stride.count > 0 ? &options->stride : fallback;
    const lido_axes *dilation = options->dilation.count > 0 ? &options->dilation : &one;
    const lido_padding *padding = &options->padding;
    int pairs = padding->mode == LIDO_EXPLICIT ? padding->count : 0;
    lido_axes before = {.count = pairs}, after = {.count = pairs};
    for (int i = 0; i < pairs && i < LIDO_MAX_AXES; i++) {
        before.at[i] = padding->before[i];
        after.at[i] = padding->after[i];
    }
    if (pairs == 0) before.count = after.count = 1;
    const struct {
        const lido_axes *from;
        int64_t absent;
        const char *name;
        int64_t *to;
    } parts[] = {
        {&options->kernel, 1, "kernel", geometry->kernel},
        {stride, 1, "stride", geometry->stride},
        {dilation, 1, "dilation", geometry->dilation},
        {&before, 0, "padding", geometry->before},
        {&after, 0, "padding", geometry->after},
    };
    lido_status status = LIDO_OK;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !status; i++)
        status = lido_axes_expand(parts[i].from, rank, parts[i].absent, parts[i].name, parts[i].to,
                                  error);
    return status;
}

static bool is_padded(const lido_geometry *geometry) {
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        if (geometry->before[a] > 0 || geometry->after[a] > 0) return true;
    return false;
}

lido_status lido_geometry_make(const lido_window_options *options, const lido_shape *input,
                               lido_geometry *geometry, lido_error *error) {
    static const char *const names[] = {"depth", "height", "width"};
    *geometry = (lido_geometry){.rank = input->rank};
    if (input->rank == 0)
        return lido_fail(error, LIDO_SHAPE, "a window needs spatial axes, the input is a vector");
    if (options->ceil && options->padding.mode == LIDO_SAME)
        return lido_fail(error, LIDO_SPEC, "\"ceil\" has no meaning with \"same\" padding");
    lido_status status = expand_options(options, input->rank, geometry, error);
    if (status) return status;
    const bool keeps_last = options->keeps_last && options->ceil && !is_padded(geometry);
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        bool exists = a >= LIDO_MAX_AXES - input->rank;
        axis_rule axis = {.name = names[a],
                          .mode = exists ? options->padding.mode : LIDO_VALID,
                          .ceil = options->ceil,
                          .keeps_last = keeps_last,
                          .length = input->axis[a],
                          .kernel = geometry->kernel[a],
                          .stride = geometry->stride[a],
                          .dilation = geometry->dilation[a],
                          .before = geometry->before[a],
                          .after = geometry->after[a]};
        status = resolve_axis(&axis, &geometry->output[a], error);
        if (status) return status;
        geometry->input[a] = axis.length;
        geometry->before[a] = axis.before;
        geometry->after[a] = axis.after;
    }
    return LIDO_OK;
}

int64_t lido_geometry_extent(const lido_geometry *geometry, int axis) {
    return geometry->dilation[axis] * (geometry->kernel[axis] - 1) + 1;
}
