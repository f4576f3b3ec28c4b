/* bench_profile.h - where the time of a network's steps goes. */
#ifndef LIDO_CLI_BENCH_PROFILE_H
#define LIDO_CLI_BENCH_PROFILE_H

#include "cli/bench_network.h"
#include "cli/output.h"

/* Runs steps for so many seconds and prints, as a table and as JSON, the time of each layer's
 * forward and backward, of the loss and of the update; together they are the whole step. Errors:
 * LIDO_MEMORY, LIDO_IO. */
lido_status lido_bench_profile(lido_bench_network *network, double seconds,
                               const lido_output *output, lido_error *error);

#endif
