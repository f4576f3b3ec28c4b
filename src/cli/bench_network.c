/* bench_network.c - networks as they are timed: on eight batches in turn, so that no batch is in
 * the cache because it was just used. */
#include "cli/bench_network.h"

#include "cli/bench_data.h"
#include "cli/spec_argument.h"
#include "net/boxes.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- making --------------------------------------------------------------------------------- */

static int32_t *random_labels(uint64_t seed, uint64_t which, int64_t count, int64_t classes,
                              lido_error *error) {
    int32_t *labels = calloc((size_t)count, sizeof *labels);
    if (!labels) lido_fail(error, LIDO_MEMORY, "no memory for %" PRId64 " labels", count);
    lido_key key = lido_key_make(seed, "bench labels", which);
    for (int64_t i = 0; labels && i < count; i++)
        labels[i] = (int32_t)lido_random_below(key, 0, (uint64_t)i, (uint64_t)classes);
    return labels;
}

static lido_status make_updater(lido_bench_network *of, lido_error *error) {
    int segments, stretches = 0;
    const lido_segment *segment = lido_graph_segments(of->graph, &segments);
    lido_stretch *stretch = calloc((size_t)segments + 1, sizeof *stretch);
    if (!stretch) return lido_fail(error, LIDO_MEMORY, "out of memory");
    for (int i = 0; i < segments; i++)
        if (!segment[i].state)
            stretch[stretches++] = (lido_stretch){segment[i].count, segment[i].decay};
    lido_updater_options options = {.optimizer = of->train.optimizer,
                                    .config = of->train.optimizer_config,
                                    .stretch = stretch,
                                    .stretches = stretches,
                                    .clip = of->train.clip,
                                    .team = of->team};
    lido_status status = lido_updater_make(&options, &of->updater, error);
    free(stretch);
    return status;
}

static lido_status make_boxes(lido_bench_network *of, uint64_t seed, lido_error *error) {
    const lido_shape *boxes = lido_graph_boxes(of->graph);
    if (!boxes) return LIDO_OK;
    int64_t rows = of->batch * boxes->axis[2];
    of->boxes = calloc((size_t)rows, (size_t)boxes->channels * sizeof *of->boxes);
    if (!of->boxes) return lido_fail(error, LIDO_MEMORY, "no memory for %" PRId64 " boxes", rows);
    lido_boxes_random(seed, lido_graph_input(of->graph), rows, of->boxes);
    return LIDO_OK;
}

static lido_status make_data(lido_bench_network *of, uint64_t seed, lido_error *error) {
    const lido_shape *input = lido_graph_input(of->graph), *output = lido_graph_output(of->graph);
    int64_t count = of->batch * lido_shape_size(input);
    int64_t rows = of->batch * lido_shape_positions(output);
    for (uint64_t i = 0; i < LIDO_BENCH_BATCHES; i++) {
        of->x[i] = lido_bench_magnitudes(seed, i, count, error);
        of->labels[i] = random_labels(seed, i, rows, output->channels, error);
        if (!of->x[i] || !of->labels[i]) return LIDO_MEMORY;
    }
    return make_boxes(of, seed, error);
}

lido_status lido_bench_network_make(const char *path, const lido_bench_network_options *options,
                                    lido_bench_network *of, lido_error *error) {
    *of = (lido_bench_network){.team = options->team};
    lido_status status = lido_spec_argument(options->common, path, &of->spec, error);
    if (!status) status = lido_train_options_read(of->spec, &of->train, error);
    if (!status) status = lido_graph_make(of->spec, &of->graph, error);
    if (status) return status;
    of->batch = options->batch ? options->batch : of->train.batch;
    lido_net_options net_options = {.batch = of->batch,
                                    .training = !options->inference,
                                    .team = of->team,
                                    .seed = options->seed,
                                    .loss = of->train.loss};
    status = lido_net_make(of->graph, &net_options, &of->net, error);
    if (!status && !options->inference) status = make_updater(of, error);
    if (!status) status = make_data(of, options->seed, error);
    return status;
}

void lido_bench_network_free(lido_bench_network *of) {
    for (int i = 0; i < LIDO_BENCH_BATCHES; i++) {
        free(of->x[i]);
        free(of->labels[i]);
    }
    free(of->boxes);
    lido_updater_free(of->updater);
    lido_net_free(of->net);
    lido_graph_free(of->graph);
    lido_spec_free(of->spec);
}

/* ---- running -------------------------------------------------------------------------------- */

static lido_batch next_batch(lido_bench_network *of) {
    int turn = (int)(of->step++ % LIDO_BENCH_BATCHES);
    return (lido_batch){.count = of->batch,
                        .x = of->x[turn],
                        .boxes = of->boxes,
                        .labels = of->labels[turn],
                        .step = (uint64_t)of->step};
}

static void train(lido_bench_network *of) {
    lido_result result;
    lido_batch batch = next_batch(of);
    lido_net_gradients(of->net, &batch, &result);
    const lido_optimizer_common *common = (const void *)of->train.optimizer_config;
    lido_updater_step(of->updater, lido_net_params(of->net), lido_net_gradient(of->net), common->lr,
                      of->step);
}

static void predict(lido_bench_network *of) {
    lido_batch batch = next_batch(of);
    batch.labels = NULL;
    lido_net_forward(of->net, &batch, NULL);
}

void lido_bench_network_step(void *context) {
    lido_bench_network *of = context;
    if (of->updater)
        train(of);
    else
        predict(of);
}

int64_t lido_bench_network_bytes(const lido_bench_network *of) {
    lido_net_memory memory;
    lido_net_memory_get(of->net, &memory);
    return memory.arena + memory.params + memory.gradients + memory.state + memory.tables;
}
