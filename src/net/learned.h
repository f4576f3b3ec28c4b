/* learned.h - what pooling layers have learned, as JSON. */
#ifndef LIDO_NET_LEARNED_H
#define LIDO_NET_LEARNED_H

#include "base/json.h"

#include <lido/net.h>

/* {"p": {"mean": 3.1, "min": 2.8, "max": 3.4}} of one layer; {} where it learns nothing or is not
 * pooling. */
lido_json *lido_learned_json(const lido_graph *graph, const lido_real *params, int layer);

/* {"gem_pool#1": that} of all layers that learn. */
lido_json *lido_learned_document(const lido_graph *graph, const lido_real *params);

#endif
