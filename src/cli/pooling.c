/* pooling.c - what pooling layers do and have learned, for people. */
#include "cli/pooling.h"

#include <inttypes.h>
#include <math.h>

/* ---- what they do --------------------------------------------------------------------------- */

static const char explanation[] =
    "mean, zeros: of the layer's input. reached: the share of the input that some window sends a "
    "gradient to. tied: windows in which another cell holds the chosen value too. empty: windows "
    "of zeros only. bits: entropy of the place in the window that gradients go to; even: that over "
    "its most, 1 where all places are alike.";

/* A number, or "-" where it means nothing. */
static void add_number(lido_table *table, const char *format, double value) {
    char text[LIDO_NUMBER_SIZE];
    snprintf(text, sizeof text, format, value);
    lido_table_add(table, "%s", isnan(value) ? "-" : text);
}

static void add_row(lido_table *table, const lido_graph *graph, const lido_pool_summary *summary) {
    lido_layer_info info;
    lido_graph_layer(graph, summary->layer, &info);
    lido_table_add(table, "%s", info.name);
    add_number(table, "%.4g", summary->mean);
    add_number(table, "%.1f %%", 100 * summary->zeros);
    add_number(table, "%.1f %%", 100 * summary->reached);
    add_number(table, "%.1f %%", 100 * summary->tied);
    add_number(table, "%.1f %%", 100 * summary->empty);
    add_number(table, "%.3f", summary->entropy);
    add_number(table, "%.3f", summary->evenness);
}

lido_status lido_say_pooling(const lido_pool_statistics *statistics, const lido_graph *graph,
                             const lido_output *output, lido_error *error) {
    static const char *const titles[] = {"<pooling", "mean",  "zeros", "reached",
                                         "tied",     "empty", "bits",  "even"};
    const int layers = lido_pool_statistics_layers(statistics);
    if (layers == 0) {
        lido_say(output, "\nno pooling layers\n");
        return LIDO_OK;
    }
    lido_table *table = lido_table_new(titles, 8);
    for (int i = 0; i < layers; i++) {
        lido_pool_summary summary;
        lido_pool_statistics_get(statistics, i, &summary);
        add_row(table, graph, &summary);
    }
    lido_say(output, "\n");
    lido_status status = lido_table_print(table, output, error);
    if (status) return status;
    lido_say(output, "\n");
    lido_say_wrapped(output, 0, explanation);
    return LIDO_OK;
}

/* ---- what they have learned ----------------------------------------------------------------- */

static bool learns(const lido_graph *graph, const lido_real *params) {
    int segments;
    lido_learned learned;
    lido_graph_segments(graph, &segments);
    for (int i = 0; i < segments; i++)
        if (lido_learned_get(graph, params, i, &learned)) return true;
    return false;
}

lido_status lido_say_learned(const lido_graph *graph, const lido_real *params,
                             const lido_output *output, lido_error *error) {
    static const char *const titles[] = {"<learned by", "<what", "numbers", "mean", "min", "max"};
    int segments;
    lido_graph_segments(graph, &segments);
    if (!learns(graph, params)) return LIDO_OK;
    lido_table *table = lido_table_new(titles, 6);
    for (int i = 0; i < segments; i++) {
        lido_learned learned;
        lido_layer_info info;
        char count[LIDO_NUMBER_SIZE];
        if (!lido_learned_get(graph, params, i, &learned)) continue;
        lido_graph_layer(graph, learned.layer, &info);
        lido_table_add(table, "%s", info.name);
        lido_table_add(table, "%s", learned.name);
        lido_table_add(table, "%s", lido_text_count(learned.count, count));
        add_number(table, "%.4g", learned.mean);
        add_number(table, "%.4g", learned.min);
        add_number(table, "%.4g", learned.max);
    }
    lido_say(output, "\n");
    return lido_table_print(table, output, error);
}
