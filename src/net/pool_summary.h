/* pool_summary.h - what pooling layers do and have learned, as JSON. */
#ifndef LIDO_NET_POOL_SUMMARY_H
#define LIDO_NET_POOL_SUMMARY_H

#include "base/json.h"

#include <lido/net.h>

/* An object for each pooling layer in running order: {key: "pool#1", "type": "max_pool",
 * "input_mean", "input_zeros", "reached", "tied", "empty", "entropy_bits", "evenness" (as in
 * lido_pool_summary; null where it means nothing), "learned": that of lido_learned_json}. */
lido_json *lido_pool_summaries_json(const lido_pool_statistics *statistics, const lido_graph *graph,
                                    const lido_real *params, const char *key);

#endif
