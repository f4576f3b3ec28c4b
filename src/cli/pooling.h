/* pooling.h - what pooling layers do and have learned, for people. */
#ifndef LIDO_CLI_POOLING_H
#define LIDO_CLI_POOLING_H

#include "cli/output.h"

#include <lido/net.h>

/* A row for each pooling layer, and what the columns mean. */
lido_status lido_say_pooling(const lido_pool_statistics *statistics, const lido_graph *graph,
                             const lido_output *output, lido_error *error);

/* A row for each parameter that a pooling layer learns; nothing where there is none. */
lido_status lido_say_learned(const lido_graph *graph, const lido_real *params,
                             const lido_output *output, lido_error *error);

#endif
