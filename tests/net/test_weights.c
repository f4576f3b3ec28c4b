/* test_weights.c - a network's arrays in a file: they come back bit for bit, and a file of another
 * network is refused with the name of what differs. */
#include "graph_of.h"
#include "net/weights.h"

#include <unistd.h>

static lido_error error;
static char path[128];

#define DENSE(name, units) "{\"type\": \"dense\", \"units\": " units ", \"name\": \"" name "\"}"
#define LAYERS DENSE("fc", "3") ", {\"type\": \"batch_norm\", \"name\": \"bn\"}"

enum { TENSORS = 6 };

typedef struct setup {
    lido_graph *graph;
    lido_net *net;
    lido_tensor tensor[16];
    int tensors;
} setup;

static setup make(const char *input, const char *layers, uint64_t seed) {
    snprintf(path, sizeof path, "/tmp/lido-weights-%ld", (long)getpid());
    setup s = {.graph = graph_of(input, layers)};
    s.net =
        net_of(s.graph, &(lido_net_options){.batch = 1, .seed = seed, .loss = LIDO_LOSS_SQUARED});
    s.tensors =
        lido_weights_tensors(s.graph, lido_net_params(s.net), lido_net_state(s.net), s.tensor);
    return s;
}

static void release(setup *s) {
    lido_net_free(s->net);
    lido_graph_free(s->graph);
}

static lido_tensor_file write_and_read(const lido_tensor *tensor, int tensors) {
    lido_tensor_file file;
    assert_ok(lido_tensors_write(path, tensor, tensors, NULL, 0, &error));
    assert_ok(lido_tensor_file_read(path, &file, &error));
    unlink(path);
    return file;
}

static lido_status load(const lido_tensor_file *file, const setup *s) {
    return lido_weights_load(file, s->graph, lido_net_params(s->net), lido_net_state(s->net),
                             &error);
}

START_TEST(weights_come_back_bit_for_bit) {
    setup a = make("[4]", LAYERS, 1), b = make("[4]", LAYERS, 2);
    ck_assert_int_eq(a.tensors, TENSORS);
    ck_assert_str_eq(a.tensor[0].name, "fc.weight");
    ck_assert_int_eq(a.tensor[0].rank, 2);
    ck_assert_int_eq(a.tensor[0].dtype, LIDO_REAL_DTYPE);
    lido_net_state(a.net)[0] = 5;
    size_t bytes = (size_t)lido_graph_params(a.graph) * sizeof(lido_real);
    ck_assert_mem_ne(lido_net_params(a.net), lido_net_params(b.net), bytes);
    lido_tensor_file file = write_and_read(a.tensor, a.tensors);
    assert_ok(load(&file, &b));
    ck_assert_mem_eq(lido_net_params(a.net), lido_net_params(b.net), bytes);
    ck_assert(lido_net_state(b.net)[0] == 5);
    lido_tensor_file_free(&file);
    release(&a);
    release(&b);
}
END_TEST

START_TEST(the_other_precision_is_converted) {
    setup a = make("[4]", LAYERS, 1);
    int64_t count = lido_tensor_count(&a.tensor[0]);
    float narrow[16];
    double wide[16];
    for (int i = 0; i < count; i++) wide[i] = narrow[i] = (float)i / 3;
    for (int to_wide = 0; to_wide < 2; to_wide++) {
        a.tensor[0].dtype = to_wide ? LIDO_F64 : LIDO_F32;
        a.tensor[0].data = to_wide ? (const void *)wide : narrow;
        lido_tensor_file file = write_and_read(a.tensor, a.tensors);
        memset(lido_net_params(a.net), 0, (size_t)count * sizeof(lido_real));
        assert_ok(load(&file, &a));
        for (int i = 0; i < count; i++)
            ck_assert(lido_net_params(a.net)[i] == (lido_real)narrow[i]);
        lido_tensor_file_free(&file);
    }
    release(&a);
}
END_TEST

START_TEST(the_first_difference_is_named) {
    setup a = make("[4]", LAYERS, 1), b = make("[5]", LAYERS, 1);
    size_t bytes = (size_t)lido_graph_params(b.graph) * sizeof(lido_real);
    lido_real *before = malloc(bytes);
    memcpy(before, lido_net_params(b.net), bytes);
    lido_tensor_file file = write_and_read(a.tensor, a.tensors);
    assert_fails(load(&file, &b), LIDO_MISMATCH,
                 "\"fc.weight\" is of shape [4,3], the network's of [5,3]");
    ck_assert_mem_eq(before, lido_net_params(b.net), bytes);
    free(before);
    lido_tensor_file_free(&file);

    file = write_and_read(a.tensor + 1, a.tensors - 1);
    assert_fails(load(&file, &a), LIDO_MISMATCH, "no tensor \"fc.weight\" of shape [4,3]");
    lido_tensor_file_free(&file);

    file = write_and_read(a.tensor, a.tensors - 1); /* without the last running state */
    assert_fails(load(&file, &a), LIDO_MISMATCH, a.tensor[a.tensors - 1].name);
    lido_tensor_file_free(&file);

    setup c = make("[4]", DENSE("fc", "3"), 1);
    file = write_and_read(a.tensor, a.tensors);
    assert_fails(load(&file, &c), LIDO_MISMATCH, "is of no layer of the network");
    ck_assert(strstr(error.message, "\"bn.") != NULL);
    lido_tensor_file_free(&file);

    static const int64_t numbers[12];
    a.tensor[0].dtype = LIDO_I64;
    a.tensor[0].data = numbers;
    file = write_and_read(a.tensor, a.tensors);
    assert_fails(load(&file, &a), LIDO_MISMATCH, "\"fc.weight\" must be F32 or F64");
    lido_tensor_file_free(&file);
    release(&a);
    release(&b);
    release(&c);
}
END_TEST

START_TEST(optimiser_vectors_lie_beside_the_weights) {
    setup a = make("[4]", LAYERS, 1);
    lido_real slots[2][64], loaded[64] = {0};
    int64_t params = lido_graph_params(a.graph);
    ck_assert_int_le(params, 64);
    for (int i = 0; i < 64; i++) {
        slots[0][i] = (lido_real)i;
        slots[1][i] = (lido_real)-i;
    }
    int count = a.tensors;
    for (int slot = 0; slot < 2; slot++)
        count += lido_slot_tensors(a.graph, slot, slots[slot], a.tensor + count);
    ck_assert_int_eq(count, TENSORS + 2 * 4);
    lido_tensor_file file = write_and_read(a.tensor, count);
    ck_assert_ptr_nonnull(lido_tensor_find(&file, "optimizer/1/fc.weight"));
    assert_ok(load(&file, &a));
    assert_ok(lido_slot_load(&file, a.graph, 1, loaded, &error));
    ck_assert_mem_eq(loaded, slots[1], (size_t)params * sizeof(lido_real));
    assert_fails(lido_slot_load(&file, a.graph, 2, loaded, &error), LIDO_MISMATCH,
                 "no tensor \"optimizer/2/fc.weight\"");
    lido_tensor_file_free(&file);
    release(&a);
}
END_TEST

LIDO_TEST_MAIN("weights", weights_come_back_bit_for_bit, the_other_precision_is_converted,
               the_first_difference_is_named, optimiser_vectors_lie_beside_the_weights)
