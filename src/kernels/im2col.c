/* im2col.c - patches of a convolution into the rows of a matrix, and back. */
#include "kernels/im2col.h"

#include <string.h>

const char *const lido_border_names[] = {"zero", "reflect", "edge", "circular", NULL};

int64_t lido_border_index(lido_border border, int64_t position, int64_t length) {
    if (position >= 0 && position < length) return position;
    switch (border) {
    case LIDO_BORDER_ZERO:
        return -1;
    case LIDO_BORDER_REFLECT:
        return position < 0 ? -position : 2 * (length - 1) - position;
    case LIDO_BORDER_EDGE:
        return position < 0 ? 0 : length - 1;
    case LIDO_BORDER_CIRCULAR:
        return position < 0 ? position + length : position - length;
    }
    return -1;
}

void lido_im2col_source(const lido_geometry *geometry, int axis, lido_border border,
                        int32_t *source) {
    const int64_t kernel = geometry->kernel[axis];
    for (int64_t o = 0; o < geometry->output[axis]; o++) {
        int64_t start = o * geometry->stride[axis] - geometry->before[axis];
        for (int64_t k = 0; k < kernel; k++)
            source[o * kernel + k] = (int32_t)lido_border_index(
                border, start + k * geometry->dilation[axis], geometry->input[axis]);
    }
}

/* An output position taken apart, with the index rows of its window. */
typedef struct window {
    const int32_t *d, *h, *w;
} window;

static window window_at(const lido_patches *patches, int64_t position) {
    const lido_geometry *g = patches->geometry;
    int64_t ow = position % g->output[2], rest = position / g->output[2];
    int64_t oh = rest % g->output[1], od = rest / g->output[1];
    return (window){.d = patches->source[0] + od * g->kernel[0],
                    .h = patches->source[1] + oh * g->kernel[1],
                    .w = patches->source[2] + ow * g->kernel[2]};
}

/* The input row (offset in positions) under kernel row `tap` = kd * KH + kh, or -1 for zero. */
static int64_t input_row(const lido_geometry *g, window at, int64_t tap) {
    int32_t d = at.d[tap / g->kernel[1]], h = at.h[tap % g->kernel[1]];
    if (d < 0 || h < 0) return -1;
    return (d * g->input[1] + h) * g->input[2];
}

/* True when the window's cells lie side by side along W, so that a whole row of it is one run. */
static bool is_run(const lido_geometry *g, const int32_t *w) {
    if (g->dilation[2] != 1 && g->kernel[2] != 1) return false;
    return w[0] >= 0 && w[g->kernel[2] - 1] == w[0] + g->kernel[2] - 1;
}

void lido_im2col(const lido_patches *patches, const lido_real *x, int64_t begin, int64_t end,
                 lido_real *rows) {
    const lido_geometry *g = patches->geometry;
    const int64_t kw = g->kernel[2], count = patches->count, channels = patches->channels;
    const bool whole = count == channels;
    for (int64_t p = begin; p < end; p++) {
        const window at = window_at(patches, p);
        const bool run = whole && is_run(g, at.w);
        for (int64_t t = 0; t < patches->tap_count; t++, rows += kw * count) {
            const int64_t row = input_row(g, at, patches->tap_first + t);
            if (row < 0) {
                memset(rows, 0, (size_t)(kw * count) * sizeof *rows);
            } else if (run) {
                memcpy(rows, x + (row + at.w[0]) * channels, (size_t)(kw * count) * sizeof *rows);
            } else {
                for (int64_t k = 0; k < kw; k++) {
                    if (at.w[k] < 0)
                        memset(rows + k * count, 0, (size_t)count * sizeof *rows);
                    else
                        memcpy(rows + k * count, x + (row + at.w[k]) * channels + patches->first,
                               (size_t)count * sizeof *rows);
                }
            }
        }
    }
}

/* out[i] = from[w[i * kernel] * channels], zero where the index is -1: one line of the transposed
 * patches, from -1s at the ends and (stride 1, one channel) a run in between. */
static void copy_line(lido_real *restrict out, const lido_real *restrict from, const int32_t *w,
                      int64_t kernel, int64_t length, int64_t channels) {
    int64_t begin = 0, end = length;
    while (begin < end && w[begin * kernel] < 0) out[begin++] = 0;
    while (begin < end && w[(end - 1) * kernel] < 0) out[--end] = 0;
    if (begin == end) return;
    const int64_t first = w[begin * kernel], last = w[(end - 1) * kernel];
    if (channels == 1 && last - first == end - 1 - begin) {
        memcpy(out + begin, from + first, (size_t)(end - begin) * sizeof *out);
        return;
    }
    for (int64_t i = begin; i < end; i++) {
        const int64_t source = w[i * kernel];
        out[i] = source < 0 ? 0 : from[source * channels];
    }
}

void lido_im2col_transposed(const lido_patches *patches, const lido_real *x, int64_t begin,
                            int64_t end, lido_real *columns) {
    const lido_geometry *g = patches->geometry;
    const int64_t kw = g->kernel[2], channels = patches->channels, length = end - begin;
    for (int64_t p = begin, run; p < end; p += run) {
        const window at = window_at(patches, p);
        const int64_t left = g->output[2] - p % g->output[2];
        run = left < end - p ? left : end - p;
        lido_real *out = columns + (p - begin);
        for (int64_t t = 0; t < patches->tap_count; t++) {
            const int64_t row = input_row(g, at, patches->tap_first + t);
            for (int64_t i = 0; i < kw * patches->count; i++, out += length) {
                const int64_t k = i / patches->count, c = i % patches->count;
                if (row < 0)
                    memset(out, 0, (size_t)run * sizeof *out);
                else
                    copy_line(out, x + row * channels + patches->first + c, at.w + k, kw, run,
                              channels);
            }
        }
    }
}

void lido_col2im(const lido_patches *patches, const lido_real *rows, int64_t begin, int64_t end,
                 lido_real *dx) {
    const lido_geometry *g = patches->geometry;
    const int64_t kw = g->kernel[2], count = patches->count, channels = patches->channels;
    for (int64_t p = begin; p < end; p++) {
        const window at = window_at(patches, p);
        const bool run = count == channels && is_run(g, at.w);
        for (int64_t t = 0; t < patches->tap_count; t++, rows += kw * count) {
            const int64_t row = input_row(g, at, patches->tap_first + t);
            if (row < 0) continue;
            if (run) {
                lido_real *restrict out = dx + (row + at.w[0]) * channels;
                for (int64_t i = 0; i < kw * count; i++) out[i] += rows[i];
                continue;
            }
            for (int64_t k = 0; k < kw; k++) {
                if (at.w[k] < 0) continue;
                lido_real *restrict out = dx + (row + at.w[k]) * channels + patches->first;
                for (int64_t c = 0; c < count; c++) out[c] += rows[k * count + c];
            }
        }
    }
}
