/* boxes.h - boxes at random, for checks and measurements that have no data. */
#ifndef LIDO_NET_BOXES_H
#define LIDO_NET_BOXES_H

#include <lido/base.h>

/* boxes (count, 5): (0, x1, y1, x2, y2), each inside the picture, with sides of a quarter of it or
 * more; a function of the seed. */
void lido_boxes_random(uint64_t seed, const lido_shape *image, int64_t count, lido_real *boxes);

#endif
