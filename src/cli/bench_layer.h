/* bench_layer.h - one layer by itself, timed. */
#ifndef LIDO_CLI_BENCH_LAYER_H
#define LIDO_CLI_BENCH_LAYER_H

#include "cli/output.h"

typedef struct lido_bench_layer_options {
    const char *layer;     /* as of lido_document_argument */
    const lido_list *dims; /* N, H, W, C: of every input */
    double seconds;
    uint64_t seed;
    lido_team *team;
} lido_bench_layer_options;

/* Prints the time of a forward in prediction, and what a forward in training and its backward take
 * beyond that. */
lido_status lido_bench_layer(const lido_bench_layer_options *options, const lido_output *output,
                             lido_error *error);

#endif
