/* dropout.c - elements kept with probability 1 - rate and scaled by 1 / (1 - rate). Element i of
 * sample n is decided by word i % 4 of the draw at (step, n * 2^32 + i / 4). */
#include "harness/reference.h"

void lido_reference_dropout(const lido_example *e, double *y);

void lido_reference_dropout(const lido_example *e, double *y) {
    int64_t size = lido_shape_size(e->y_shape);
    double rate = e->training ? lido_example_number(e, "rate") : 0;
    for (int64_t n = 0; n < e->batch; n++)
        for (int64_t i = 0; i < size; i++) {
            uint32_t word[4];
            uint64_t counter = (uint64_t)e->draw.sample[n] * ((uint64_t)1 << 32) + (uint64_t)i / 4;
            lido_random(e->draw.key, e->draw.step, counter, word);
            bool kept = (double)lido_uniform(word[i % 4]) >= rate;
            y[n * size + i] = kept ? e->x[0][n * size + i] / (1 - rate) : 0;
        }
}
