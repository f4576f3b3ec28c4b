/* raster.c - small colour pictures drawn cell by cell. */
#include "study/raster.h"

#include <math.h>
#include <stdlib.h>

lido_status lido_raster_make(int64_t height, int64_t width, lido_colour colour, lido_raster *raster,
                             lido_error *error) {
    const int64_t dims[] = {height, width, 3};
    raster->pixels = NULL;
    lido_status status = lido_shape_make(dims, 3, &raster->shape, error);
    if (status) return status;
    raster->pixels = malloc((size_t)lido_shape_size(&raster->shape));
    if (!raster->pixels) return lido_fail(error, LIDO_MEMORY, "out of memory for a picture");
    for (int64_t y = 0; y < height; y++)
        for (int64_t x = 0; x < width; x++) lido_raster_block(raster, y, x, 1, colour);
    return LIDO_OK;
}

void lido_raster_free(lido_raster *raster) {
    free(raster->pixels);
    *raster = (lido_raster){.pixels = NULL};
}

void lido_raster_block(lido_raster *raster, int64_t y, int64_t x, int64_t size,
                       lido_colour colour) {
    const int64_t width = raster->shape.axis[2];
    for (int64_t i = y; i < y + size; i++)
        for (int64_t j = x; j < x + size; j++) {
            uint8_t *pixel = raster->pixels + 3 * (i * width + j);
            pixel[0] = colour.red;
            pixel[1] = colour.green;
            pixel[2] = colour.blue;
        }
}

static double limit(double value, double least, double most) {
    return value < least ? least : value > most ? most : value;
}

static uint8_t blend(int from, int to, double share) {
    return (uint8_t)lround(from + (to - from) * share);
}

lido_colour lido_colour_grey(double value) {
    const uint8_t level = blend(0, 255, limit(value, 0, 1));
    return (lido_colour){level, level, level};
}

lido_colour lido_colour_signed(double value) {
    static const lido_colour zero = {0xf7, 0xf7, 0xf7}, least = {0x21, 0x66, 0xac},
                             most = {0xb2, 0x18, 0x2b};
    const double share = fabs(limit(value, -1, 1));
    const lido_colour end = value < 0 ? least : most;
    return (lido_colour){blend(zero.red, end.red, share), blend(zero.green, end.green, share),
                         blend(zero.blue, end.blue, share)};
}
