/* draws.h - the random numbers of one sample: drawn from the counter-based generator, or given
 * explicitly (to replay them, to compare with another framework, to check gradients). */
#ifndef LIDO_LAYERS_DRAWS_H
#define LIDO_LAYERS_DRAWS_H

#include <lido/layer.h>

/* numbers[count] of sample n of the batch, each in [0, 1): row n of draw->given, or else numbers of
 * the stream at (key, step, sample[n]), the same wherever in a batch the sample stands. count is
 * what the layer said in needs->draws. */
void lido_draws(const lido_draw *draw, int64_t n, int64_t count, float *numbers);

/* numbers[count]: those of a sample's `row` numbers from `first` on, a multiple of 4. */
void lido_draws_from(const lido_draw *draw, int64_t n, int64_t row, int64_t first, int64_t count,
                     float *numbers);

/* The largest needs->draws: a sample's numbers are counted in 32 bits, four to a count. */
#define LIDO_MAX_DRAWS ((int64_t)4 << 32)

#endif
