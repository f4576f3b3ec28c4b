/* pairs.c - which reducer works on which grid: each pair is read as a layer of a small network, and
 * what the library answers is the table. */
#include "cli/pairs.h"

#include "layers/pool.h"

#include <lido/net.h>

#include <string.h>

typedef struct grid {
    const char *name, *options;
} grid;

static const grid grids[] = {
    {"kernel", "\"kernel\": 3, \"stride\": 2"},
    {"global", "\"global\": true"},
    {"output_size", "\"output_size\": 3"},
    {"levels", "\"levels\": [1, 2]"},
    {"fractional", "\"fractional\": {\"ratio\": 0.7, \"kernel\": 2}"},
    {"stochastic_grid", "\"stochastic_grid\": {\"cell\": 4, \"keep\": 2}"},
};

enum {
    GRIDS = sizeof grids / sizeof *grids,
    MOST_REASONS = 26,
    SPEC_SIZE = 512,
    REASON_SIZE = 256
};

/* Each reason once, in the order of its first use. */
typedef struct reasons {
    int count;
    char text[MOST_REASONS][REASON_SIZE];
} reasons;

/* The reason alone, of a message that ends with: TYPE has no meaning with "GRID": REASON. */
static const char *reason_of(const char *message) {
    const char *place = strstr(message, "has no meaning with \"");
    const char *reason = place ? strstr(place, "\": ") : NULL;
    return reason ? reason + 3 : message;
}

/* LIDO_OK; otherwise why not. */
static lido_status try_pair(const char *type, const grid *on, lido_error *why) {
    char text[SPEC_SIZE];
    lido_spec *spec = NULL;
    lido_graph *graph = NULL;
    snprintf(text, sizeof text,
             "{\"input\": [8, 8, 2], \"layers\": [{\"type\": \"relu\"}, {\"type\": \"%s\", %s}]}",
             type, on->options);
    lido_status status = lido_spec_parse(text, strlen(text), "pair", &spec, why);
    if (!status) status = lido_graph_make(spec, &graph, why);
    lido_graph_free(graph);
    lido_spec_free(spec);
    return status;
}

static int number_of(reasons *known, const char *reason) {
    for (int i = 0; i < known->count; i++)
        if (strcmp(known->text[i], reason) == 0) return i;
    if (known->count == MOST_REASONS) return MOST_REASONS - 1;
    snprintf(known->text[known->count], REASON_SIZE, "%.*s", REASON_SIZE - 1, reason);
    return known->count++;
}

static void say_layer(const lido_layer *layer, reasons *known, const lido_output *output,
                      lido_json *json) {
    lido_json *row = lido_json_object();
    lido_say(output, "| `%s` |", layer->name);
    for (int g = 0; g < GRIDS; g++) {
        lido_error why;
        if (try_pair(layer->name, &grids[g], &why) == LIDO_OK) {
            lido_say(output, " yes |");
            lido_json_add_bool(row, grids[g].name, true);
            continue;
        }
        const char *reason = reason_of(why.message);
        lido_say(output, " %c |", 'a' + number_of(known, reason));
        lido_json_add_string(row, grids[g].name, reason);
    }
    lido_say(output, "\n");
    lido_json_add(json, layer->name, row);
}

lido_status lido_list_pairs(const lido_output *output, lido_error *error) {
    size_t count;
    reasons known = {0};
    lido_json *json = lido_json_object();
    const lido_layer *const *layers = lido_layers(&count);
    lido_say(output, "| |");
    for (int g = 0; g < GRIDS; g++) lido_say(output, " `%s` |", grids[g].name);
    lido_say(output, "\n|");
    for (int g = 0; g < GRIDS + 1; g++) lido_say(output, " --- |");
    lido_say(output, "\n");
    for (size_t i = 0; i < count; i++)
        if (lido_layer_is_pool(layers[i])) say_layer(layers[i], &known, output, json);
    for (int i = 0; i < known.count; i++)
        lido_say(output, "%s(%c) %s\n", i == 0 ? "\n" : "", 'a' + i, known.text[i]);
    return lido_output_json(output, json, error);
}
