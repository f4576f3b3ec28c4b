/* loss.h - losses over rows: a row is one position of one sample, its label a class. Sums are taken
 * over parts of a fixed number of rows and then over the parts in order, in double, so that they do
 * not depend on threads. */
#ifndef LIDO_NET_LOSS_H
#define LIDO_NET_LOSS_H

#include <lido/net.h>

/* Where the first maximum of values[count] is; a NaN is never one, unless it comes first. */
int64_t lido_largest(const lido_real *values, int64_t count);

/* What one part of the rows adds up to. */
typedef struct lido_loss_part {
    double loss;
    int64_t correct;
} lido_loss_part;

/* How many parts samples * positions rows have; 0 when there are more than 2^63 rows. */
int64_t lido_loss_parts(int64_t samples, int64_t positions);

typedef struct lido_loss_call {
    const lido_real *z;    /* (rows, classes) */
    const int32_t *labels; /* (rows), each in [0, classes), or -1: the row does not count */
    int64_t rows, classes;
    lido_real *dz;        /* (rows, classes): d(loss)/dz; NULL: not wanted */
    lido_loss_part *part; /* room for lido_loss_parts */
    lido_team *team;
} lido_loss_call;

/* z are logits: loss = mean over the rows that count of log(sum_c exp z_c) - z_label,
 * dz = (softmax(z) - onehot) / rows, 0 in a row that does not count. Largest value by first
 * maximum; a row with a NaN is wrong. Without a row that counts the loss is 0. */
void lido_loss_cross_entropy(const lido_loss_call *call, lido_result *result);

/* z are outputs: loss = mean over the rows that count and classes of (z - onehot)^2,
 * dz = 2 (z - onehot) / (rows * classes). */
void lido_loss_squared(const lido_loss_call *call, lido_result *result);

#endif
