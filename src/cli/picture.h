/* picture.h - fitting an 8-bit picture to a network's input: channels, size, inversion. */
#ifndef LIDO_CLI_PICTURE_H
#define LIDO_CLI_PICTURE_H

#include <lido/base.h>

/* out (H, W, to_channels) from in (H, W, from_channels): colour to grey by the luma of ITU-R 601
 * (0.299 R + 0.587 G + 0.114 B), grey to colour by repetition, any other number only as it is
 * (returns false). */
bool lido_picture_channels(const uint8_t *in, int64_t positions, int64_t from_channels,
                           int64_t to_channels, uint8_t *out);

/* out (oh, ow, channels) from in (h, w, channels): bilinear with half-pixel centres; when it
 * shrinks, the tent is widened by the factor, so that no pixel is left out. LIDO_MEMORY. */
lido_status lido_picture_resize(const uint8_t *in, int64_t h, int64_t w, int64_t channels,
                                int64_t oh, int64_t ow, uint8_t *out, lido_error *error);

#endif
