/* pool_power.h - power sums and means over windows: y = (sum f v^p)^(1/p), where v is |x| (Lp), or
 * x but at least eps (generalised mean), and f the cell's share: 1, 1 / cells or a given tap.
 *
 * Where powers would overflow, or digits of small ones would be lost, everything is divided by the
 * window's largest v before it is raised to p. A window with a NaN gives NaN, one with an infinity
 * infinity. */
#ifndef LIDO_KERNELS_POOL_POWER_H
#define LIDO_KERNELS_POOL_POWER_H

#include "kernels/pool_rows.h"

#include <stddef.h>

enum { LIDO_POWER_MAPS = 1 /* taken where walk->maps is there */ };

/* Bytes of walk->scratch for any of these. */
size_t lido_power_scratch(int64_t channels);

typedef enum lido_power_kind {
    LIDO_POWER_ONE,          /* p = 1 */
    LIDO_POWER_TWO,          /* p = 2 */
    LIDO_POWER_THREE,        /* p = 3 */
    LIDO_POWER_ANY,          /* p[lane] */
    LIDO_POWER_LIFTED_THREE, /* of x but at least eps instead of |x| */
    LIDO_POWER_LIFTED
} lido_power_kind;

typedef struct lido_power {
    lido_power_kind kind;
    const lido_real *p; /* by lido_row_spread */
    lido_real eps;      /* of lifted x */
    bool mean;
    const lido_real *tap; /* tap[cell number]; NULL: there are none */
} lido_power;

/* y[box] of one sample; slope, where it is not NULL, is dy/dp of each output (0 where y = 0). */
void lido_power_forward(const lido_power *power, const lido_row_walk *walk, const lido_box *box,
                        lido_real *y, lido_real *slope);

/* dx[box] += sum dy f sign(x) (v / y)^(p - 1), 0 where y = 0 or x was lifted. */
void lido_power_backward(const lido_power *power, const lido_row_walk *walk, const lido_box *box,
                         const lido_real *y, const lido_real *dy);

/* p = infinity: y = max |x|; chosen (NULL: not wanted) is the number of the first such cell. The
 * gradient sign(x) dy is added there. */
void lido_power_max_forward(const lido_row_walk *walk, const lido_box *box, lido_real *y,
                            uint32_t *chosen);
void lido_power_max_backward(const lido_row_walk *walk, const lido_box *box, const uint32_t *chosen,
                             const lido_real *dy);

#endif
