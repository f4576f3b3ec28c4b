/* Tests of work.c, and of the watching that shows it calls: what is told, in which order, and the
 * work of it by hand. */
#include "graph_of.h"
#include "net/work.h"

enum { MOST = 16, REAL = sizeof(lido_real) };

typedef struct event {
    int layer;
    bool is_loss, backward;
    lido_work work;
} event;

typedef struct record {
    const lido_graph *graph;
    int events;
    event event[MOST];
} record;

static void note(void *context, int layer, const lido_call *call) {
    record *r = context;
    ck_assert_int_lt(r->events, MOST);
    r->event[r->events++] = (event){.layer = layer,
                                    .is_loss = !call,
                                    .backward = call && call->dy,
                                    .work = lido_work_shown(r->graph, layer, call)};
}

static void assert_event(const event *e, int layer, bool backward, double products, double reals) {
    ck_assert_int_eq(e->layer, layer);
    ck_assert(!e->is_loss && e->backward == backward);
    ck_assert_double_eq(e->work.multiply_adds, products);
    ck_assert_double_eq(e->work.bytes, reals * REAL);
}

/* x 4x4x1, conv 2 filters of 3x3 (18 + 2 weights), y 2x2x2; dense of 8 to 3 (24 + 3). */
#define LAYERS                                             \
    "{\"type\": \"conv\", \"filters\": 2, \"kernel\": 3}," \
    "{\"type\": \"tanh\"}, {\"type\": \"flatten\"},"       \
    "{\"type\": \"dense\", \"units\": 3}, {\"type\": \"softmax\"}"

START_TEST(a_training_step_is_told) {
    lido_graph *graph = graph_of("[4,4,1]", LAYERS);
    lido_net *net = net_of(graph, &(lido_net_options){.batch = 5, .training = true});
    lido_batch batch = random_batch(graph, 5, 1);
    record told = {.graph = graph};
    lido_result result;
    lido_net_watch(net, note, &told);
    lido_net_gradients(net, &batch, &result);
    lido_net_watch(net, NULL, NULL);
    lido_net_gradients(net, &batch, &result);

    ck_assert_int_eq(told.events, 7);
    assert_event(&told.event[0], 0, false, 5 * 8 * 9, 5 * (16 + 8) + 20);
    assert_event(&told.event[1], 1, false, 0, 5 * (8 + 8));
    assert_event(&told.event[2], 3, false, 5 * 24, 5 * (8 + 3) + 27);
    ck_assert(told.event[3].is_loss && told.event[3].layer == 4);
    ck_assert_double_eq(told.event[3].work.bytes, 0);
    /* dy, x, dx and two times the weights; tanh reads y; the picture's gradient is not wanted */
    assert_event(&told.event[4], 3, true, 2 * 5 * 24, 5 * (3 + 8 + 8) + 2 * 27);
    assert_event(&told.event[5], 1, true, 0, 5 * (8 + 8 + 8));
    assert_event(&told.event[6], 0, true, 5 * 8 * 9, 5 * (8 + 16) + 2 * 20);
    free_batch(&batch);
    lido_net_free(net);
    lido_graph_free(graph);
}
END_TEST

START_TEST(a_prediction_is_told) {
    lido_graph *graph = graph_of("[4,4,1]", LAYERS);
    lido_net *net = net_of(graph, &(lido_net_options){.batch = 5});
    lido_batch batch = random_batch(graph, 2, 1);
    record told = {.graph = graph};
    lido_net_watch(net, note, &told);
    lido_net_forward(net, &(lido_batch){.count = 2, .x = batch.x}, NULL);
    ck_assert_int_eq(told.events, 4);
    assert_event(&told.event[0], 0, false, 2 * 8 * 9, 2 * (16 + 8) + 20);
    assert_event(&told.event[3], 4, false, 0, 2 * (3 + 3));
    free_batch(&batch);
    lido_net_free(net);
    lido_graph_free(graph);
}
END_TEST

/* A view runs nothing, but the gradients of two readers are added up, and that is told of. */
START_TEST(additions_are_told) {
    lido_graph *graph = graph_of(
        "[4,1]", "{\"type\": \"conv\", \"filters\": 1, \"kernel\": 1, \"name\": \"a\"},"
                 "{\"type\": \"flatten\", \"name\": \"b\"},"
                 "{\"type\": \"flatten\", \"input\": \"a\", \"name\": \"c\"},"
                 "{\"type\": \"add\", \"input\": [\"b\", \"c\"]}, {\"type\": \"softmax\"}");
    lido_net *net = net_of(graph, &(lido_net_options){.batch = 3, .training = true});
    lido_batch batch = random_batch(graph, 3, 1);
    record told = {.graph = graph};
    lido_result result;
    lido_net_watch(net, note, &told);
    lido_net_gradients(net, &batch, &result);
    int views = 0;
    for (int i = 0; i < told.events; i++) {
        const event *e = &told.event[i];
        if (e->layer != 1 && e->layer != 2) continue;
        ck_assert(e->backward && e->work.bytes == 0);
        views++;
    }
    ck_assert_int_eq(views, 1);
    ck_assert_int_eq(told.event[told.events - 1].layer, 0);
    free_batch(&batch);
    lido_net_free(net);
    lido_graph_free(graph);
}
END_TEST

LIDO_TEST_MAIN("work", a_training_step_is_told, a_prediction_is_told, additions_are_told)
