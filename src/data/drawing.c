/* drawing.c - random numbers of a picture, and lines on a canvas. */
#include "data/drawing.h"

#include <math.h>

uint32_t lido_pick_word(lido_picks *d) {
    if (d->next % 4 == 0) lido_random(d->key, d->picture, d->next / 4, d->word);
    return d->word[d->next++ % 4];
}

float lido_pick(lido_picks *d, float low, float high) {
    return low + (high - low) * lido_uniform(lido_pick_word(d));
}

float lido_pick_within(lido_picks *d, const float range[2]) {
    return lido_pick(d, range[0], range[1]);
}

int lido_pick_below(lido_picks *d, int below) {
    return (int)(((uint64_t)lido_pick_word(d) * (uint64_t)below) >> 32);
}

/* From one word, 16 bits each for its two parts. */
float lido_pick_noise(lido_picks *d) {
    uint32_t word = lido_pick_word(d);
    return ((float)(word >> 16) - (float)(word & 0xffff)) * 0x1p-16f;
}

void lido_canvas_line(lido_canvas *c, lido_point a, lido_point b, float half_width, lido_pen with) {
    float reach = half_width + 1;
    int top = (int)fmaxf(0, ceilf(fminf(a.y, b.y) - reach));
    int bottom = (int)fminf((float)c->side - 1, floorf(fmaxf(a.y, b.y) + reach));
    int left = (int)fmaxf(0, ceilf(fminf(a.x, b.x) - reach));
    int right = (int)fminf((float)c->side - 1, floorf(fmaxf(a.x, b.x) + reach));
    float dx = b.x - a.x, dy = b.y - a.y, squared = dx * dx + dy * dy + 1e-12f;
    for (int y = top; y <= bottom; y++)
        for (int x = left; x <= right; x++) {
            float px = (float)x - a.x, py = (float)y - a.y;
            float along = fminf(fmaxf((px * dx + py * dy) / squared, 0), 1);
            float ox = px - along * dx, oy = py - along * dy;
            float distance = sqrtf(ox * ox + oy * oy);
            float cover = fminf(fmaxf(half_width + 0.5f - distance, 0), 1);
            float *ink = &c->ink[y * c->side + x];
            *ink = with == LIDO_PEN_INK ? fmaxf(*ink, cover) : fminf(*ink, 1 - cover);
        }
}
