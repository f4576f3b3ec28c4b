/* test_placement.c - which tensors share memory, which must not, and what is not run at all. That
 * lifetimes are long enough is shown by the random graphs of test_gradcheck.c. */
#include "graph_of.h"
#include "team_of.h"
#include "net/placement.h"

static lido_error error;

#define CONV(name) "{\"type\": \"conv\", \"filters\": 2, \"kernel\": 3, \"name\": \"" name "\"}"
#define LAYER(type, name) "{\"type\": \"" type "\", \"name\": \"" name "\"}"
#define LAYER_OF(type, name, input) \
    "{\"type\": \"" type "\", \"name\": \"" name "\", \"input\": " input "}"

typedef struct setup {
    lido_graph *graph;
    lido_placement placement;
} setup;

static setup place(const char *layers, lido_net_options options) {
    setup s = {.graph = graph_of("[8, 8, 2]", layers)};
    if (options.batch == 0) options.batch = 3;
    options.team = team_of(2);
    assert_ok(lido_placement_make(s.graph, &options, &s.placement, &error));
    return s;
}

static setup place_training(const char *layers) {
    return place(layers, (lido_net_options){.training = true, .loss = LIDO_LOSS_SQUARED});
}

static setup place_inference(const char *layers) {
    return place(layers, (lido_net_options){.loss = LIDO_LOSS_SQUARED});
}

static const lido_place *of(const setup *s, const char *name) {
    for (int i = 0; i < s->graph->nodes; i++)
        if (strcmp(s->graph->node[i].name, name) == 0) return &s->placement.place[i];
    ck_abort_msg("no layer %s", name);
    return NULL;
}

static void release(setup *s) {
    lido_placement_free(&s->placement);
    lido_graph_free(s->graph);
}

START_TEST(a_rectifier_runs_in_place) {
    setup s = place_training(CONV("a") "," LAYER("relu", "b") "," CONV("c"));
    ck_assert_int_eq(of(&s, "a")->y, of(&s, "b")->y);
    ck_assert_int_ne(of(&s, "b")->y, of(&s, "c")->y);
    ck_assert_int_eq(of(&s, "a")->dy, of(&s, "b")->dy);
    ck_assert_int_ne(of(&s, "b")->dy, of(&s, "c")->dy);
    release(&s);
}
END_TEST

#define POOLED(type) \
    CONV("a") "," LAYER("relu", "b") ", {\"type\": \"" type "\", \"kernel\": 2, \"name\": \"p\"}"

/* What it would have read is then free as soon as the maxima are taken. */
START_TEST(a_rectifier_is_run_on_maxima_that_alone_read_it) {
    setup s = place_training(POOLED("max_pool") "," CONV("c"));
    ck_assert_int_eq(of(&s, "p")->rectifier, 1);
    ck_assert_int_eq(of(&s, "a")->y, of(&s, "b")->y);
    ck_assert_int_eq(of(&s, "a")->dy, of(&s, "b")->dy);
    ck_assert_int_eq(s.placement.request[of(&s, "a")->y].last, 2);
    ck_assert_int_eq(s.placement.request[of(&s, "p")->y].last, 2 * 4 - 1 - 2);
    release(&s);
}
END_TEST

START_TEST(a_rectifier_stays_where_others_see_it) {
    static const char *const layers[] = {
        POOLED("avg_pool"),
        POOLED("max_pool") "," LAYER_OF("flatten", "f", "\"p\"") "," LAYER_OF(
            "flatten", "g", "\"b\"") "," LAYER_OF("concat", "h", "[\"f\", \"g\"]"),
        /* which of equals was taken matters to who puts values back there */
        POOLED("max_pool") ", {\"type\": \"max_unpool\", \"of\": \"p\"}"};
    for (int i = 0; i < 3; i++) {
        setup s = place_training(layers[i]);
        ck_assert_int_eq(of(&s, "p")->rectifier, LIDO_NOWHERE);
        release(&s);
    }
    setup s = place_inference(POOLED("max_pool"));
    ck_assert_int_eq(of(&s, "p")->rectifier, LIDO_NOWHERE);
    release(&s);
}
END_TEST

START_TEST(the_picture_is_not_overwritten) {
    setup s = place_inference(LAYER("relu", "a"));
    ck_assert_int_ge(of(&s, "a")->y, 0);
    release(&s);
    s = place_inference(LAYER("flatten", "f") "," LAYER("relu", "a"));
    ck_assert_int_eq(of(&s, "f")->y, LIDO_IMAGE);
    ck_assert_int_ge(of(&s, "a")->y, 0);
    release(&s);
}
END_TEST

START_TEST(an_input_with_another_reader_is_not_overwritten) {
    setup s = place_inference(
        CONV("a") "," LAYER("relu", "b") "," LAYER_OF("add", "c", "[\"a\", \"b\"]"));
    ck_assert_int_ne(of(&s, "a")->y, of(&s, "b")->y);
    release(&s);
    /* the other reader sees it through a view */
    s = place_inference(CONV("a") "," LAYER("flatten", "f") "," LAYER("relu", "b") "," LAYER_OF(
        "flatten", "g", "\"a\"") "," LAYER_OF("add", "c", "[\"g\", \"b\"]"));
    ck_assert_int_eq(of(&s, "a")->y, of(&s, "f")->y);
    ck_assert_int_ne(of(&s, "f")->y, of(&s, "b")->y);
    release(&s);
}
END_TEST

START_TEST(an_output_that_backward_reads_is_not_overwritten_in_training) {
    static const char *const layers[] = {
        CONV("z") "," LAYER("tanh", "a") "," LAYER("relu", "b"),
        CONV("z") "," LAYER("tanh", "a") "," LAYER("flatten", "f") "," LAYER("relu", "b")};
    for (int i = 0; i < 2; i++) {
        setup s = place_training(layers[i]);
        ck_assert(of(&s, "a")->needs.backward_reads_y && of(&s, "b")->needs.in_place);
        ck_assert_int_ne(of(&s, "a")->y, of(&s, "b")->y);
        release(&s);
        s = place_inference(layers[i]);
        ck_assert_int_eq(of(&s, "a")->y, of(&s, "b")->y);
        release(&s);
    }
}
END_TEST

START_TEST(an_input_that_backward_reads_is_not_overwritten_in_training) {
    setup s = {.graph = graph_of("[8, 8, 2]", CONV("a") "," LAYER("relu", "b"))};
    s.graph->node[1].needs.backward_reads_x = true;
    lido_net_options options = {.batch = 1, .training = true, .loss = LIDO_LOSS_SQUARED};
    assert_ok(lido_placement_make(s.graph, &options, &s.placement, &error));
    ck_assert_int_ne(of(&s, "a")->y, of(&s, "b")->y);
    release(&s);
}
END_TEST

START_TEST(a_view_shares_both_ways) {
    setup s = place_training(
        CONV("a") "," LAYER("flatten", "f") ","
                                            "{\"type\": \"dense\", \"units\": 3, \"name\": \"d\"}");
    ck_assert_int_eq(of(&s, "a")->y, of(&s, "f")->y);
    ck_assert_int_eq(of(&s, "a")->dy, of(&s, "f")->dy);
    ck_assert_int_eq(of(&s, "f")->dy, of(&s, "d")->dx[0]);
    release(&s);
}
END_TEST

/* Nothing is differentiated before the first parameters, unless the caller wants it. */
START_TEST(gradients_stop_where_nobody_wants_them) {
    const char *layers = "{\"type\": \"avg_pool\", \"kernel\": 2, \"name\": \"p\"}," CONV("a");
    setup s = place_training(layers);
    ck_assert_int_eq(of(&s, "p")->dy, LIDO_NOWHERE);
    ck_assert_int_eq(of(&s, "a")->dx[0], LIDO_NOWHERE);
    ck_assert_int_ge(of(&s, "a")->dy, 0);
    ck_assert_int_eq(s.placement.image_gradient, LIDO_NOWHERE);
    release(&s);
    s = place(layers, (lido_net_options){.training = true, .input_gradient = true});
    ck_assert_int_ge(of(&s, "p")->dy, 0);
    ck_assert_int_eq(of(&s, "p")->dx[0], s.placement.image_gradient);
    release(&s);
    s = place_inference(layers);
    ck_assert_int_eq(of(&s, "a")->dy, LIDO_NOWHERE);
    ck_assert_int_eq(of(&s, "a")->saved, LIDO_NOWHERE);
    release(&s);
}
END_TEST

/* The first to run backward (the last in order) writes the gradient, the next one adds to it. */
START_TEST(gradients_of_several_readers_are_summed) {
    setup s = place_training(CONV("a") "," CONV(
        "b") ","
             "{\"type\": \"conv\", \"filters\": 2, \"kernel\": 3, \"name\": \"c\", "
             "\"input\": \"a\"}," LAYER_OF("add", "d", "[\"b\", \"c\"]"));
    const lido_place *b = of(&s, "b"), *c = of(&s, "c");
    ck_assert_int_eq(c->dx[0], of(&s, "a")->dy);
    ck_assert_int_eq(c->sum[0], LIDO_NOWHERE);
    ck_assert_int_eq(b->sum[0], of(&s, "a")->dy);
    ck_assert_int_ne(b->dx[0], of(&s, "a")->dy);
    const lido_request *extra = &s.placement.request[b->dx[0]];
    ck_assert_int_eq(extra->first, extra->last);
    release(&s);
}
END_TEST

START_TEST(cross_entropy_skips_the_backward_of_softmax) {
    const char *layers =
        LAYER("flatten",
              "f") ","
                   "{\"type\": \"dense\", \"units\": 3, \"name\": \"d\"}," LAYER("softmax", "s");
    setup s = place(layers, (lido_net_options){.training = true});
    ck_assert_int_eq(of(&s, "s")->dy, LIDO_NOWHERE);
    ck_assert_int_eq(of(&s, "s")->dx[0], of(&s, "d")->dy);
    release(&s);
    s = place_training(layers);
    ck_assert_int_ge(of(&s, "s")->dy, 0);
    release(&s);
}
END_TEST

START_TEST(tensors_live_as_long_as_they_are_read) {
    setup s = place_training(CONV("a") "," LAYER("relu", "b") "," CONV("c"));
    const lido_request *y = &s.placement.request[of(&s, "b")->y];
    ck_assert_int_eq(y->first, 0); /* with a, whose place it takes */
    ck_assert_int_eq(y->last, 4);  /* relu's own backward */
    const lido_request *dy = &s.placement.request[of(&s, "b")->dy];
    ck_assert_int_eq(dy->first, 3); /* c's backward */
    ck_assert_int_eq(dy->last, 5);  /* a's, whose dy it is as well */
    release(&s);
    s = place_inference(CONV("a") "," LAYER("relu", "b") "," CONV("c"));
    ck_assert_int_eq(s.placement.request[of(&s, "b")->y].last, 2);
    release(&s);
}
END_TEST

START_TEST(what_is_saved_is_kept_until_backward) {
    setup s = place_training(CONV("a") "," LAYER("batch_norm", "b") "," CONV("c"));
    ck_assert_uint_gt(of(&s, "b")->needs.saved, 0);
    const lido_request *saved = &s.placement.request[of(&s, "b")->saved];
    ck_assert_int_eq(saved->first, 1);
    ck_assert_int_eq(saved->last, 4);
    release(&s);
}
END_TEST

START_TEST(the_arena_ends_where_its_highest_buffer_does) {
    setup s = place_training(CONV("a") "," LAYER("relu", "b") "," CONV("c"));
    int64_t highest = 0;
    for (int i = 0; i < s.placement.requests; i++) {
        const lido_request *r = &s.placement.request[i];
        int64_t end = (r->offset + r->bytes + LIDO_ALIGNMENT - 1) / LIDO_ALIGNMENT * LIDO_ALIGNMENT;
        if (end > highest) highest = end;
    }
    ck_assert_int_eq(s.placement.bytes, highest);
    release(&s);
}
END_TEST

LIDO_TEST_MAIN("placement", a_rectifier_runs_in_place,
               a_rectifier_is_run_on_maxima_that_alone_read_it,
               a_rectifier_stays_where_others_see_it, the_picture_is_not_overwritten,
               an_input_with_another_reader_is_not_overwritten,
               an_output_that_backward_reads_is_not_overwritten_in_training,
               an_input_that_backward_reads_is_not_overwritten_in_training, a_view_shares_both_ways,
               gradients_stop_where_nobody_wants_them, gradients_of_several_readers_are_summed,
               cross_entropy_skips_the_backward_of_softmax, tensors_live_as_long_as_they_are_read,
               what_is_saved_is_kept_until_backward, the_arena_ends_where_its_highest_buffer_does)
