/* avg_pool.c - the average of each window, by the rule of the divisor. */
#include "reference/pool.h"

#include <string.h>

void lido_reference_avg_pool(const lido_example *e, double *y);

static double average(const lido_example *e, const lido_reference_window *window) {
    double total = 0;
    for (int64_t i = 0; i < window->count; i++) total += window->value[i];
    if (lido_json_get(e->options, "divisor")) return total / lido_example_number(e, "divisor");
    const char *word = lido_example_text(e, "padding");
    bool counts = lido_json_get(e->options, "kernel") && !(word && strcmp(word, "same") == 0);
    const char *engine = lido_example_text(e, "semantics");
    if (engine && strcmp(engine, "torch") != 0 && strcmp(engine, "caffe") != 0) counts = false;
    if (lido_json_get(e->options, "count_include_pad"))
        counts = lido_example_number(e, "count_include_pad") == 1;
    return total / (double)(counts ? window->padded : window->count);
}

void lido_reference_avg_pool(const lido_example *e, double *y) {
    lido_reference_pool(e, average, y);
}
