/* learned.c - the learned parameters of pooling layers in the units of their options. Layers learn
 * through numbers that may take any value; how they are called says what becomes of them. */
#include "net/learned.h"

#include "layers/pool.h"
#include "net/graph.h"

#include <math.h>
#include <string.h>

static double logistic(double w) {
    return 1 / (1 + exp(-w));
}

/* 1 + ln(1 + e^w), written so that neither end overflows. */
static double one_and_more(double w) {
    return 1 + fmax(w, 0) + log1p(exp(-fabs(w)));
}

static double as_it_is(double w) {
    return w;
}

typedef struct unit {
    const char *parameter, *name;
    double (*value)(double w);
} unit;

static const unit units[] = {
    {"raw_p", "p", one_and_more},
    {"log_r", "r", exp},
    {"log_lambda", "lambda", exp},
    {"logit", "a", logistic},
};

static unit unit_of(const char *parameter) {
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(units[i].parameter, parameter) == 0) return units[i];
    return (unit){parameter, parameter, as_it_is};
}

bool lido_learned_get(const lido_graph *graph, const lido_real *params, int index,
                      lido_learned *learned) {
    const lido_segment *segment = &graph->segment[index];
    const lido_node *node = &graph->node[segment->layer];
    if (segment->state || !lido_layer_is_pool(node->layer)) return false;
    const unit u = unit_of(node->needs.param[segment->part].name);
    *learned = (lido_learned){.layer = segment->layer,
                              .name = u.name,
                              .count = segment->count,
                              .min = INFINITY,
                              .max = -INFINITY};
    for (int64_t i = 0; i < segment->count; i++) {
        const double value = u.value((double)params[segment->offset + i]);
        learned->mean += value / (double)segment->count;
        learned->min = fmin(learned->min, value);
        learned->max = fmax(learned->max, value);
    }
    return true;
}

lido_json *lido_learned_json(const lido_graph *graph, const lido_real *params, int layer) {
    lido_json *json = lido_json_object();
    lido_learned learned;
    for (int i = 0; i < graph->segments; i++) {
        if (graph->segment[i].layer != layer) continue;
        if (!lido_learned_get(graph, params, i, &learned)) continue;
        lido_json *values = lido_json_object();
        lido_json_add_number(values, "mean", learned.mean);
        lido_json_add_number(values, "min", learned.min);
        lido_json_add_number(values, "max", learned.max);
        lido_json_add(json, learned.name, values);
    }
    return json;
}

lido_json *lido_learned_document(const lido_graph *graph, const lido_real *params) {
    lido_json *json = lido_json_object();
    for (int i = 0; i < graph->nodes; i++) {
        lido_json *layer = lido_learned_json(graph, params, i);
        if (layer && lido_json_count(layer) == 0)
            lido_json_free(layer);
        else
            lido_json_add(json, graph->node[i].name, layer);
    }
    return json;
}
