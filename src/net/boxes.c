/* boxes.c - boxes at random. */
#include "net/boxes.h"

/* From and to along an axis of the given length. */
static void draw_side(const uint32_t word[2], int64_t length, lido_real *from, lido_real *to) {
    double side = (double)length * (0.25 + 0.75 * (double)lido_uniform(word[0]));
    double start = ((double)length - side) * (double)lido_uniform(word[1]);
    *from = (lido_real)start;
    *to = (lido_real)(start + side);
}

void lido_boxes_random(uint64_t seed, const lido_shape *image, int64_t count, lido_real *boxes) {
    lido_key key = lido_key_make(seed, "random boxes", 0);
    for (int64_t i = 0; i < count; i++, boxes += 5) {
        uint32_t word[4];
        lido_random(key, 0, (uint64_t)i, word);
        boxes[0] = 0;
        draw_side(&word[0], image->axis[2], &boxes[1], &boxes[3]);
        draw_side(&word[2], image->axis[1], &boxes[2], &boxes[4]);
    }
}
