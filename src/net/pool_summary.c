/* pool_summary.c - what pooling layers do and have learned, as JSON. */
#include "net/pool_summary.h"

#include "net/learned.h"

static lido_json *layer_json(const lido_pool_summary *summary, const lido_graph *graph,
                             const lido_real *params, const char *key) {
    lido_layer_info info;
    lido_graph_layer(graph, summary->layer, &info);
    lido_json *json = lido_json_object();
    lido_json_add_string(json, key, info.name);
    lido_json_add_string(json, "type", info.type);
    lido_json_add_number(json, "input_mean", summary->mean);
    lido_json_add_number(json, "input_zeros", summary->zeros);
    lido_json_add_number(json, "reached", summary->reached);
    lido_json_add_number(json, "tied", summary->tied);
    lido_json_add_number(json, "empty", summary->empty);
    lido_json_add_number(json, "entropy_bits", summary->entropy);
    lido_json_add_number(json, "evenness", summary->evenness);
    lido_json_add(json, "learned", lido_learned_json(graph, params, summary->layer));
    return json;
}

lido_json *lido_pool_summaries_json(const lido_pool_statistics *statistics, const lido_graph *graph,
                                    const lido_real *params, const char *key) {
    lido_json *json = lido_json_array();
    for (int i = 0; i < lido_pool_statistics_layers(statistics); i++) {
        lido_pool_summary summary;
        lido_pool_statistics_get(statistics, i, &summary);
        lido_json_append(json, layer_json(&summary, graph, params, key));
    }
    return json;
}
