/* test_steps.c - calls point where the placement says, and show nothing that was not asked for. */
#include "graph_of.h"
#include "team_of.h"
#include "net/steps.h"

static lido_error error;

enum { BATCH = 2 };

typedef struct setup {
    lido_graph *graph;
    lido_placement placement;
    lido_memory memory;
    lido_steps steps;
} setup;

/* Nothing is run, so the memory is only addresses. */
static setup make(const char *layers) {
    static lido_real arena[1 << 14], params[1 << 10], gradients[1 << 10], state[64];
    static void *tables[8];
    setup s = {.graph = graph_of("[6, 6, 2]", layers),
               .memory = {(char *)arena, params, gradients, state, tables}};
    lido_net_options options = {
        .batch = BATCH, .training = true, .team = team_of(2), .loss = LIDO_LOSS_SQUARED};
    ck_assert_int_le(s.graph->nodes, 8);
    assert_ok(lido_placement_make(s.graph, &options, &s.placement, &error));
    ck_assert_int_le(s.placement.bytes, (int64_t)sizeof arena);
    assert_ok(lido_steps_make(s.graph, &s.placement, &s.memory, 5, &s.steps, &error));
    return s;
}

static void release(setup *s) {
    lido_steps_free(&s->steps);
    lido_placement_free(&s->placement);
    lido_graph_free(s->graph);
}

static void *at(const setup *s, int buffer) {
    return lido_buffer_at(&s->placement, &s->memory, buffer);
}

#define LAYERS                                                                   \
    "{\"type\": \"conv\", \"filters\": 3, \"kernel\": 3}, {\"type\": \"relu\"}," \
    "{\"type\": \"batch_norm\"}, {\"type\": \"flatten\"}, {\"type\": \"dense\", \"units\": 4}"

START_TEST(steps_run_in_order_without_views) {
    setup s = make(LAYERS);
    const int forward[] = {0, 1, 2, 4}, backward[] = {4, 2, 1, 0};
    ck_assert_int_eq(s.steps.forwards, 4);
    ck_assert_int_eq(s.steps.backwards, 4);
    for (int i = 0; i < 4; i++) {
        const lido_step *there = &s.steps.forward[i], *back = &s.steps.backward[i];
        ck_assert_int_eq(there->node, forward[i]);
        ck_assert_int_eq(back->node, backward[i]);
        ck_assert(there->run == s.graph->node[forward[i]].layer->forward);
        ck_assert(back->run == s.graph->node[backward[i]].layer->backward);
    }
    release(&s);
}
END_TEST

START_TEST(a_rectifier_is_run_behind_maxima) {
    setup s = make("{\"type\": \"conv\", \"filters\": 3, \"kernel\": 3}, {\"type\": \"relu\"},"
                   "{\"type\": \"max_pool\", \"kernel\": 2}");
    const lido_place *pool = &s.placement.place[2];
    const lido_call *there = &s.steps.forward[2].call, *back = &s.steps.backward[0].call;
    ck_assert_int_eq(s.steps.forwards, 3);
    ck_assert_int_eq(s.steps.backwards, 3);
    ck_assert_int_eq(s.steps.forward[1].node, 2);
    ck_assert_int_eq(s.steps.forward[2].node, 1);
    ck_assert_int_eq(s.steps.backward[0].node, 1);
    ck_assert_int_eq(s.steps.backward[1].node, 2);
    ck_assert(there->x[0] == at(&s, pool->y) && there->y == at(&s, pool->y));
    ck_assert(back->y == at(&s, pool->y) && back->dy == at(&s, pool->dy));
    ck_assert(back->dx[0] == at(&s, pool->dy));
    ck_assert_int_eq(lido_shape_size(back->y_shape), 2 * 2 * 3);
    release(&s);
}
END_TEST

START_TEST(segments_are_bound_by_layer_and_part) {
    setup s = make(LAYERS);
    for (int i = 0; i < s.graph->segments; i++) {
        const lido_segment *segment = &s.graph->segment[i];
        for (int k = 0; k < s.steps.forwards; k++) {
            const lido_step *step = &s.steps.forward[k];
            if (step->node != segment->layer) continue;
            if (segment->state) {
                ck_assert_ptr_eq(step->call.state[segment->part], s.memory.state + segment->offset);
            } else {
                ck_assert_ptr_eq(step->call.w[segment->part], s.memory.params + segment->offset);
                ck_assert_ptr_eq(step->call.dw[segment->part],
                                 s.memory.gradients + segment->offset);
            }
        }
    }
    ck_assert_ptr_null(s.steps.forward[1].call.w[0]);
    release(&s);
}
END_TEST

START_TEST(calls_point_where_the_placement_says) {
    setup s = make(LAYERS);
    for (int i = 0; i < s.steps.forwards; i++) {
        const lido_step *step = &s.steps.forward[i];
        const lido_place *place = &s.placement.place[step->node];
        int input = s.graph->node[step->node].input[0];
        ck_assert_ptr_eq(step->call.y, at(&s, place->y));
        ck_assert_ptr_eq(step->call.saved, at(&s, place->saved));
        ck_assert_ptr_eq(step->call.scratch, at(&s, place->scratch[0]));
        ck_assert_ptr_eq(step->call.x[0], input < 0 ? NULL : at(&s, s.placement.place[input].y));
        ck_assert_ptr_null(step->call.dy);
        ck_assert_ptr_null(step->call.dx[0]);
    }
    for (int i = 0; i < s.steps.backwards; i++) {
        const lido_step *step = &s.steps.backward[i];
        const lido_place *place = &s.placement.place[step->node];
        ck_assert_ptr_eq(step->call.dy, at(&s, place->dy));
        ck_assert_ptr_eq(step->call.dx[0], at(&s, place->dx[0]));
        ck_assert_ptr_eq(step->call.y, place->needs.backward_reads_y ? at(&s, place->y) : NULL);
        if (!place->needs.backward_reads_x) ck_assert_ptr_null(step->call.x[0]);
    }
    release(&s);
}
END_TEST

START_TEST(the_picture_has_its_places) {
    setup s = make(LAYERS);
    int places = 1 + s.graph->node[0].needs.backward_reads_x;
    ck_assert_int_eq(s.steps.images, places);
    ck_assert_ptr_eq(s.steps.image[0], &s.steps.forward[0].x[0]);
    ck_assert_ptr_eq(s.steps.image[places - 1],
                     places == 2 ? &s.steps.backward[3].x[0] : &s.steps.forward[0].x[0]);
    release(&s);
    /* through a view, and by several readers */
    s = make("{\"type\": \"flatten\", \"name\": \"f\"},"
             "{\"type\": \"add\", \"input\": [\"f\", \"f\"]}, {\"type\": \"relu\"}");
    ck_assert_int_eq(s.steps.images, 2);
    release(&s);
}
END_TEST

START_TEST(training_and_evaluation_draw_from_different_keys) {
    setup s = make(LAYERS);
    const lido_step *there = &s.steps.forward[1], *back = &s.steps.backward[2];
    ck_assert_int_eq(there->node, back->node);
    ck_assert_mem_eq(there->key, back->key, sizeof there->key);
    ck_assert_mem_ne(&there->key[0], &there->key[1], sizeof there->key[0]);
    lido_key training = lido_key_make(5, s.graph->node[1].name, 0);
    ck_assert_mem_eq(&there->key[1], &training, sizeof training);
    release(&s);
}
END_TEST

/* A view runs nothing, but its gradient may have to be added. */
START_TEST(the_gradient_behind_a_view_is_added) {
    setup s = make("{\"type\": \"flatten\"}, {\"type\": \"dense\", \"units\": 4, \"name\": \"a\"},"
                   "{\"type\": \"flatten\", \"name\": \"f\"},"
                   "{\"type\": \"relu\", \"input\": \"a\", \"name\": \"r\"},"
                   "{\"type\": \"add\", \"input\": [\"f\", \"r\"]}");
    const lido_step *view = &s.steps.backward[2];
    ck_assert_int_eq(s.steps.backwards, 4);
    ck_assert_int_eq(view->node, 2);
    ck_assert(view->run == NULL);
    ck_assert_ptr_eq(view->sum[0], at(&s, s.placement.place[1].dy));
    ck_assert_ptr_eq(view->dx[0], at(&s, s.placement.place[2].dy));
    ck_assert_ptr_ne(view->sum[0], view->dx[0]);
    release(&s);
}
END_TEST

LIDO_TEST_MAIN("steps", steps_run_in_order_without_views, a_rectifier_is_run_behind_maxima,
               segments_are_bound_by_layer_and_part, calls_point_where_the_placement_says,
               the_picture_has_its_places, training_and_evaluation_draw_from_different_keys,
               the_gradient_behind_a_view_is_added)
