/* init.h - the numbers a segment of weights starts with. */
#ifndef LIDO_NET_INIT_H
#define LIDO_NET_INIT_H

#include <lido/layer.h>

/* values[i], i = 0 .. product of param->dim - 1, by the rule of param->init (see lido/layer.h):
 * each a pure function of (seed, layer key, segment name, part, i), so networks that share a layer
 * start it from the same weights whatever the rest of them is. `part` is the segment's index in the
 * layer's params or states. Drawn in double and rounded once, so both builds start alike. */
void lido_init_fill(const lido_param *param, uint64_t seed, const char *key, int64_t part,
                    lido_real *values);

/* Numbers in a segment: the product of its dimensions; false when it exceeds LIDO_MAX_ELEMENTS. */
bool lido_param_count(const lido_param *param, int64_t *count);

#endif
