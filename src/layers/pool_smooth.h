/* pool_smooth.h - what the smooth reducers share: their windows as rows, and the number that says
 * how sharply they prefer large values (p of power pooling, r of log-sum-exp). That is given, or
 * learned through a parameter that may take any value: p = 1 + ln(1 + e^w), r = e^w. */
#ifndef LIDO_LAYERS_POOL_SMOOTH_H
#define LIDO_LAYERS_POOL_SMOOTH_H

#include "kernels/pool_rows.h"
#include "layers/pool.h"

/* The piece's windows, whose gathered rows lie at the beginning of its scratch. */
lido_row_walk lido_pool_rows(const lido_pool_piece *piece);

/* Elements of y on the piece's grid. */
int64_t lido_pool_elements(const lido_pool_piece *piece);

typedef enum lido_learning {
    LIDO_LEARN_NONE,
    LIDO_LEARN_LAYER,  /* one for all channels */
    LIDO_LEARN_CHANNEL /* one for each */
} lido_learning;

extern const char *const lido_learning_names[]; /* choices of an option "learn" */

typedef enum lido_exponent_range {
    LIDO_EXPONENT_ABOVE_ONE, /* p = 1 + ln(1 + e^w), the parameter "raw_p" */
    LIDO_EXPONENT_POSITIVE   /* r = e^w, the parameter "log_r" */
} lido_exponent_range;

typedef struct lido_exponent {
    lido_exponent_range range;
    lido_learning learn;
    double value; /* given, or where learning starts */
} lido_exponent;

/* Its parameter, if it is learned. */
lido_status lido_exponent_infer(const lido_exponent *exponent, const lido_site *site,
                                lido_pool_demand *demand, lido_error *error);

/* Its values now, by lido_row_spread. */
void lido_exponent_values(const lido_exponent *exponent, const lido_pool_piece *piece,
                          lido_real *spread);

/* dw += the sum of dy slope dp/dw over the outputs of the piece; slope = dy/dp, of the shape of y.
 * Only where it is learned. */
void lido_exponent_gradient(const lido_exponent *exponent, const lido_pool_piece *piece,
                            const lido_real *slope);

#endif
