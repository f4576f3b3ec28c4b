/* picture.c - fitting an 8-bit picture to a network's input. */
#include "cli/picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool lido_picture_channels(const uint8_t *in, int64_t positions, int64_t from_channels,
                           int64_t to_channels, uint8_t *out) {
    if (from_channels == to_channels) {
        memcpy(out, in, (size_t)(positions * to_channels));
        return true;
    }
    if (from_channels == 3 && to_channels == 1) {
        for (int64_t i = 0; i < positions; i++, in += 3)
            out[i] = (uint8_t)((299 * in[0] + 587 * in[1] + 114 * in[2] + 500) / 1000);
        return true;
    }
    if (from_channels != 1 || to_channels != 3) return false;
    for (int64_t i = 0; i < positions; i++) memset(out + 3 * i, in[i], 3);
    return true;
}

/* Resizes along one axis: out[outer][to][inner] from in[outer][from][inner]. */
static void resize_axis(const float *in, int64_t outer, int64_t from, int64_t to, int64_t inner,
                        float *out) {
    double ratio = (double)from / (double)to, reach = ratio > 1 ? ratio : 1;
    memset(out, 0, (size_t)(outer * to * inner) * sizeof *out);
    for (int64_t o = 0; o < to; o++) {
        double centre = ((double)o + 0.5) * ratio - 0.5, total = 0;
        int64_t first = (int64_t)ceil(centre - reach), last = (int64_t)floor(centre + reach);
        if (first < 0) first = 0;
        if (last > from - 1) last = from - 1;
        for (int64_t i = first; i <= last; i++) total += 1 - fabs((double)i - centre) / reach;
        for (int64_t i = first; i <= last; i++) {
            float weight = (float)((1 - fabs((double)i - centre) / reach) / total);
            for (int64_t n = 0; n < outer; n++) {
                const float *source = in + (n * from + i) * inner;
                float *target = out + (n * to + o) * inner;
                for (int64_t c = 0; c < inner; c++) target[c] += weight * source[c];
            }
        }
    }
}

lido_status lido_picture_resize(const uint8_t *in, int64_t h, int64_t w, int64_t channels,
                                int64_t oh, int64_t ow, uint8_t *out, lido_error *error) {
    float *whole = calloc((size_t)(h * w * channels), sizeof *whole);
    float *narrow = calloc((size_t)(h * ow * channels), sizeof *narrow);
    float *small = calloc((size_t)(oh * ow * channels), sizeof *small);
    lido_status status = LIDO_OK;
    if (whole && narrow && small) {
        for (int64_t i = 0; i < h * w * channels; i++) whole[i] = in[i];
        resize_axis(whole, h, w, ow, channels, narrow);
        resize_axis(narrow, 1, h, oh, ow * channels, small);
        for (int64_t i = 0; i < oh * ow * channels; i++) out[i] = (uint8_t)lrintf(small[i]);
    } else {
        status = lido_fail(error, LIDO_MEMORY, "out of memory while resizing a picture");
    }
    free(whole);
    free(narrow);
    free(small);
    return status;
}
