/* raster.h - small colour pictures drawn cell by cell: filters and feature maps. */
#ifndef LIDO_STUDY_RASTER_H
#define LIDO_STUDY_RASTER_H

#include <lido/base.h>

typedef struct lido_colour {
    uint8_t red, green, blue;
} lido_colour;

/* Owned by the caller; lido_raster_free. */
typedef struct lido_raster {
    lido_shape shape; /* [H, W, 3] */
    uint8_t *pixels;
} lido_raster;

/* All of one colour. LIDO_MEMORY, LIDO_TOO_LARGE, LIDO_SHAPE (a side below 1). */
lido_status lido_raster_make(int64_t height, int64_t width, lido_colour colour, lido_raster *raster,
                             lido_error *error);
void lido_raster_free(lido_raster *raster); /* harmless on a zeroed struct */

/* A block of size x size pixels with its upper left corner at (y, x), which lies inside. */
void lido_raster_block(lido_raster *raster, int64_t y, int64_t x, int64_t size, lido_colour colour);

/* From black at 0 to white at 1; outside as the nearer end. */
lido_colour lido_colour_grey(double value);
/* From blue at -1 over almost white at 0 to red at 1 (after ColorBrewer's RdBu, which those who
 * confuse red and green tell apart). */
lido_colour lido_colour_signed(double value);

#endif
