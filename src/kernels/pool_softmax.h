/* pool_softmax.h - windows weighted by exponentials: log-sum-exp, and the mean of x with weights
 * e^g, where g is another map (LIP) or x itself (soft pooling).
 *
 * Exponents are taken relative to the window's largest, so nothing overflows. A window with a NaN
 * gives NaN; one whose largest x is infinite gives that, but in LIP with a map of its own, where an
 * infinite g has no meaning. */
#ifndef LIDO_KERNELS_POOL_SOFTMAX_H
#define LIDO_KERNELS_POOL_SOFTMAX_H

#include "kernels/pool_rows.h"

#include <stddef.h>

enum { LIDO_SOFTMAX_SAVED = 2 };

/* Taken where walk->maps is there; of softmax with one input only. */
enum { LIDO_SOFTMAX_MAPS = 2, LIDO_LOGSUMEXP_MAPS = 2 };

/* Bytes of walk->scratch for any of these. */
size_t lido_softmax_scratch(int64_t channels);

/* What backward needs of each output: weights are e^(g - most) inverse. Both NULL in forward:
 * nothing is kept. */
typedef struct lido_softmax_saved {
    lido_real *most, *inverse;
} lido_softmax_saved;

/* The same as parts of LIDO_SOFTMAX_SAVED * outputs numbers (which may be NULL). */
static inline lido_softmax_saved lido_softmax_split(lido_real *saved, int64_t outputs) {
    return (lido_softmax_saved){saved, saved ? saved + outputs : NULL};
}

/* Log-sum-exp: y = m + ln(mean e^(r (x - m))) / r, r[lane] by lido_row_spread. slope
 * (NULL: not wanted) is dy/dr. */
void lido_logsumexp_forward(const lido_real *r, const lido_row_walk *walk, const lido_box *box,
                            lido_real *y, const lido_softmax_saved *saved, lido_real *slope);
/* dx[box] += sum dy w */
void lido_logsumexp_backward(const lido_real *r, const lido_row_walk *walk, const lido_box *box,
                             const lido_softmax_saved *saved, const lido_real *dy);

/* y = sum w x, w the softmax of the window's g: walk->x[1], or x where there is one input. */
void lido_softmax_forward(const lido_row_walk *walk, const lido_box *box, lido_real *y,
                          const lido_softmax_saved *saved);
/* dx[box] += sum dy w and dg[box] += sum dy w (x - y); of one input dx gets the sum of both, or,
 * with `straight`, dy w alone (then y is not read). */
void lido_softmax_backward(bool straight, const lido_row_walk *walk, const lido_box *box,
                           const lido_real *y, const lido_softmax_saved *saved,
                           const lido_real *dy);

#endif
