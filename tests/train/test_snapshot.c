#include "run_helpers.h"

#include "train/snapshot.h"

#include <math.h>

/* A network with its optimiser after nothing at all. */
typedef struct bench {
    lido_spec *spec;
    lido_train_options train;
    lido_graph *graph;
    lido_net *net;
    lido_updater *updater;
    lido_normalisation normalisation;
    lido_position position;
} bench;

static const lido_position somewhere = {.epoch = 3,
                                        .step = 1234567890123,
                                        .best_accuracy = 1.0 / 3,
                                        .best_loss = 1e-310,
                                        .best_epoch = 2,
                                        .waited = 1,
                                        .training = 160,
                                        .validation = 40};

static bench make(uint64_t seed, int units) {
    char text[512];
    snprintf(text, sizeof text,
             "{\"input\": [6, 6, 1], \"layers\": [{\"type\": \"conv\", \"filters\": 3, "
             "\"kernel\": 3}, {\"type\": \"batch_norm\"}, {\"type\": \"flatten\"}, "
             "{\"type\": \"dense\", \"units\": %d}, {\"type\": \"softmax\"}]}",
             units);
    bench b = {.spec = spec_of(text)};
    b.train = options_of(b.spec);
    lido_net_options options = {.batch = 2, .training = true, .seed = seed};
    lido_error error;
    assert_ok(lido_graph_make(b.spec, &b.graph, &error));
    assert_ok(lido_net_make(b.graph, &options, &b.net, &error));
    lido_updater_options updater = {
        .optimizer = b.train.optimizer,
        .config = b.train.optimizer_config,
        .stretch = &(lido_stretch){.count = lido_graph_params(b.graph), .decay = true},
        .stretches = 1};
    assert_ok(lido_updater_make(&updater, &b.updater, &error));
    return b;
}

static void destroy(bench *b) {
    lido_updater_free(b->updater);
    lido_net_free(b->net);
    lido_graph_free(b->graph);
    lido_spec_free(b->spec);
}

static lido_snapshot_parts parts_of(bench *b) {
    return (lido_snapshot_parts){.graph = b->graph,
                                 .net = b->net,
                                 .updater = b->updater,
                                 .slots = b->train.optimizer->slots,
                                 .normalisation = &b->normalisation,
                                 .position = &b->position};
}

/* Writes a bench with recognisable numbers to path. */
static bench written(const char *path) {
    bench b = make(1, 5);
    lido_error error;
    b.position = somewhere;
    b.normalisation = (lido_normalisation){.channels = 1, .mean = {0.1}, .deviation = {1.0 / 3}};
    for (int slot = 0; slot < 2; slot++)
        for (int64_t i = 0; i < lido_graph_params(b.graph); i++)
            lido_updater_slot(b.updater, slot)[i] = (lido_real)(slot + sin((double)i));
    lido_net_state(b.net)[0] = 42;
    lido_snapshot_parts parts = parts_of(&b);
    assert_ok(lido_snapshot_write(path, &parts, "{\"a\": \"spec\"}", &error));
    return b;
}

static void file_in(const char *folder, char path[LIDO_PATH_SIZE]) {
    lido_error error;
    assert_ok(lido_path_join(folder, "x.safetensors", path, LIDO_PATH_SIZE, &error));
}

START_TEST(everything_is_restored) {
    char folder[LIDO_PATH_SIZE], path[LIDO_PATH_SIZE];
    lido_snapshot snapshot;
    lido_error error;
    temporary_folder(folder);
    file_in(folder, path);
    bench from = written(path), to = make(2, 5);
    assert_ok(lido_snapshot_read(path, &snapshot, &error));
    ck_assert_str_eq(snapshot.spec, "{\"a\": \"spec\"}");
    lido_snapshot_parts parts = parts_of(&to);
    assert_ok(lido_snapshot_restore(&snapshot, &parts, &error));
    lido_snapshot_free(&snapshot);
    size_t bytes = (size_t)lido_graph_params(from.graph) * sizeof(lido_real);
    ck_assert_mem_eq(lido_net_params(from.net), lido_net_params(to.net), bytes);
    for (int slot = 0; slot < 2; slot++)
        ck_assert_mem_eq(lido_updater_slot(from.updater, slot), lido_updater_slot(to.updater, slot),
                         bytes);
    ck_assert(lido_net_state(to.net)[0] == 42);
    ck_assert_mem_eq(&to.position, &somewhere, sizeof somewhere);
    ck_assert(to.normalisation.channels == 1 && to.normalisation.mean[0] == 0.1 &&
              to.normalisation.deviation[0] == 1.0 / 3);
    destroy(&from);
    destroy(&to);
    remove_folder(folder);
}
END_TEST

START_TEST(another_network_is_refused) {
    char folder[LIDO_PATH_SIZE], path[LIDO_PATH_SIZE];
    lido_snapshot snapshot;
    lido_error error;
    temporary_folder(folder);
    file_in(folder, path);
    bench from = written(path), to = make(2, 6);
    assert_ok(lido_snapshot_read(path, &snapshot, &error));
    lido_snapshot_parts parts = parts_of(&to);
    assert_fails(lido_snapshot_restore(&snapshot, &parts, &error), LIDO_MISMATCH, "dense#1.weight");
    snapshot.normalisation.channels = 3;
    parts = parts_of(&from);
    assert_fails(lido_snapshot_restore(&snapshot, &parts, &error), LIDO_MISMATCH,
                 "lido.input is of 3 channels, the network's input of 1");
    lido_snapshot_free(&snapshot);
    destroy(&from);
    destroy(&to);
    remove_folder(folder);
}
END_TEST

#define POSITION(epoch)                                                                     \
    "{\"epoch\":" epoch ",\"step\":1,\"best_epoch\":1,\"best_accuracy\":0,\"best_loss\":0," \
    "\"waited\":0,\"training\":9,\"validation\":0}"

static const struct {
    const char *position, *input, *spec, *message;
} broken[] = {
    {NULL, "{\"mean\":[0],\"deviation\":[1]}", "{}", "\"lido.position\" is missing"},
    {POSITION("1"), NULL, "{}", "\"lido.input\" is missing"},
    {POSITION("1"), "{\"mean\":[0],\"deviation\":[1]}", NULL, "\"lido.spec\" is missing"},
    {POSITION("-1"), "{\"mean\":[0],\"deviation\":[1]}", "{}", "\"epoch\" is -1"},
    {POSITION("1.5"), "{\"mean\":[0],\"deviation\":[1]}", "{}", "\"epoch\" is 1.5"},
    {"{", "{\"mean\":[0],\"deviation\":[1]}", "{}", "lido.position"},
    {POSITION("1"), "{\"mean\":[0],\"deviation\":[0]}", "{}", "lido.input: expected as many"},
    {POSITION("1"), "{\"mean\":[0,1],\"deviation\":[1]}", "{}", "lido.input: expected as many"},
    {POSITION("1"), "{\"mean\":[null],\"deviation\":[1]}", "{}", "lido.input: expected as many"},
    {POSITION("1"), "[]", "{}", "lido.input: expected as many"},
};

START_TEST(a_file_that_is_no_checkpoint_is_refused) {
    char folder[LIDO_PATH_SIZE], path[LIDO_PATH_SIZE];
    temporary_folder(folder);
    file_in(folder, path);
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        lido_text_pair texts[3];
        int count = 0;
        if (broken[i].position)
            texts[count++] = (lido_text_pair){"lido.position", broken[i].position};
        if (broken[i].input) texts[count++] = (lido_text_pair){"lido.input", broken[i].input};
        if (broken[i].spec) texts[count++] = (lido_text_pair){"lido.spec", broken[i].spec};
        lido_snapshot snapshot;
        lido_error error;
        assert_ok(lido_tensors_write(path, NULL, 0, texts, count, &error));
        assert_fails(lido_snapshot_read(path, &snapshot, &error), LIDO_CORRUPT, broken[i].message);
        ck_assert_ptr_null(snapshot.spec);
        lido_snapshot_free(&snapshot);
    }
    remove_folder(folder);
}
END_TEST

LIDO_TEST_MAIN("snapshot", everything_is_restored, another_network_is_refused,
               a_file_that_is_no_checkpoint_is_refused)
