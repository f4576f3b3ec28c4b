/* graph_of.h - networks for the tests of this floor: from a spec's layers to a graph, and a batch
 * of random input and labels. */
#ifndef LIDO_TEST_GRAPH_OF_H
#define LIDO_TEST_GRAPH_OF_H

#include "lido_check.h"

#include <lido/net.h>
#include <stdio.h>

/* The graph of {"name": "test", "input": INPUT, "layers": [LAYERS]}: graph_of("[4]", "{...},
 * {...}").
 */
static inline lido_graph *graph_of(const char *input, const char *layers) {
    static char text[1 << 16];
    lido_error error;
    lido_spec *spec;
    lido_graph *graph;
    int size = snprintf(text, sizeof text, "{\"name\":\"test\",\"input\":%s,\"layers\":[%s]}",
                        input, layers);
    ck_assert_int_lt(size, (int)sizeof text);
    assert_ok(lido_spec_parse(text, (size_t)size, "test", &spec, &error));
    assert_ok(lido_graph_make(spec, &graph, &error));
    lido_spec_free(spec);
    return graph;
}

static inline lido_net *net_of(const lido_graph *graph, const lido_net_options *options) {
    lido_error error;
    lido_net *net;
    assert_ok(lido_net_make(graph, options, &net, &error));
    return net;
}

/* Random x in [-1, 1) and labels for `count` samples; free_batch releases. */
static inline lido_batch random_batch(const lido_graph *graph, int64_t count, uint64_t seed) {
    int64_t size = count * lido_shape_size(lido_graph_input(graph));
    int64_t rows = count * lido_shape_positions(lido_graph_output(graph));
    lido_key key = lido_key_make(seed, "test batch", 0);
    float *uniform = malloc((size_t)size * sizeof *uniform);
    lido_real *x = malloc((size_t)size * sizeof *x);
    int32_t *labels = malloc((size_t)rows * sizeof *labels);
    ck_assert(uniform && x && labels);
    lido_fill_uniform(key, 0, uniform, size);
    for (int64_t i = 0; i < size; i++) x[i] = 2 * uniform[i] - 1;
    for (int64_t i = 0; i < rows; i++)
        labels[i] = (int32_t)lido_random_below(key, 1, (uint64_t)i,
                                               (uint64_t)lido_graph_output(graph)->channels);
    free(uniform);
    return (lido_batch){.count = count, .x = x, .labels = labels};
}

static inline void free_batch(lido_batch *batch) {
    free((void *)batch->x);
    free((void *)batch->labels);
    *batch = (lido_batch){0};
}

#endif
