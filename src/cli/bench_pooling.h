/* bench_pooling.h - every pooling reducer on every kind of grid, timed beside average pooling on
 * the same grid and beside a plain copy of memory. */
#ifndef LIDO_CLI_BENCH_POOLING_H
#define LIDO_CLI_BENCH_POOLING_H

#include "cli/output.h"

typedef struct lido_bench_pooling {
    const lido_list *dims; /* N, H, W, C */
    const char *type;      /* a pooling layer, or "all" */
    double seconds;        /* for each pair */
    uint64_t seed;
    lido_team *team;
} lido_bench_pooling;

/* Prints the table, and the pairs as JSON. Pairs a reducer refuses are listed with its reason. */
lido_status lido_bench_pooling_run(const lido_bench_pooling *bench, const lido_output *output,
                                   lido_error *error);

#endif
