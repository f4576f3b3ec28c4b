/* bench_network.h - a network with random data in memory, and the steps that are timed. */
#ifndef LIDO_CLI_BENCH_NETWORK_H
#define LIDO_CLI_BENCH_NETWORK_H

#include "cli/arguments.h"

#include <lido/lido.h>

enum { LIDO_BENCH_BATCHES = 8 };

typedef struct lido_bench_network {
    lido_team *team; /* the caller's */
    lido_spec *spec;
    lido_graph *graph;
    lido_net *net;
    lido_updater *updater; /* NULL: inference */
    lido_train_options train;
    int64_t batch, step;
    lido_real *x[LIDO_BENCH_BATCHES];
    lido_real *boxes; /* of every batch; NULL: the network has none */
    int32_t *labels[LIDO_BENCH_BATCHES];
} lido_bench_network;

typedef struct lido_bench_network_options {
    const lido_common *common; /* of which what reading a spec needs */
    int64_t batch;             /* 0: the spec's */
    bool inference;
    uint64_t seed;
    lido_team *team;
} lido_bench_network_options;

/* Of the spec at path. lido_bench_network_free releases, also after a failure. */
lido_status lido_bench_network_make(const char *path, const lido_bench_network_options *options,
                                    lido_bench_network *network, lido_error *error);
void lido_bench_network_free(lido_bench_network *network);

/* On the next batch; context is a lido_bench_network. One whole training step, as in training:
 * forward, loss, backward, update. Or a prediction, where that was asked for. */
void lido_bench_network_step(void *context);

/* Bytes of the network alone: activations, parameters, gradients, state, tables. */
int64_t lido_bench_network_bytes(const lido_bench_network *network);

#endif
