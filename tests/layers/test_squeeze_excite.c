/* test_squeeze_excite.c - one layer against the graph it stands for, by hand on one channel, and
 * what is refused. (Values and gradients on all shapes: test_registry.c.) */
#include "layers/pool_check.h"

enum { BATCH = 3 };

static void copy(const lido_buffer *from, const lido_buffer *to) {
    ck_assert_int_eq(lido_count(from), lido_count(to));
    memcpy(lido_start(to), lido_reals(from), from->bytes);
}

/* Sums are in another order there: equal to rounding. */
static void assert_close(const lido_buffer *a, const lido_buffer *b) {
    const double allowed = 16 * (sizeof(lido_real) == 8 ? 1e-16 : 6e-8);
    ck_assert_int_eq(lido_count(a), lido_count(b));
    for (int64_t i = 0; i < lido_count(a); i++) {
        double one = (double)lido_reals(a)[i], other = (double)lido_reals(b)[i];
        ck_assert_msg(fabs(one - other) <= allowed * fmax(1, fabs(one)), "[%d] %.9g, %.9g", (int)i,
                      one, other);
    }
}

/* The graph: x -> avg_pool -> dense -> relu -> dense -> sigmoid -> multiply with x. */
typedef struct graph {
    lido_rig pool, squeeze, relu, excite, sigmoid, multiply;
} graph;

static graph graph_open(void) {
    return (graph){
        open_pool("{\"type\": \"avg_pool\", \"global\": true}", "[5,7,8]", BATCH),
        open_pool("{\"type\": \"dense\", \"units\": 4}", "[8]", BATCH),
        open_pool("{\"type\": \"relu\"}", "[4]", BATCH),
        open_pool("{\"type\": \"dense\", \"units\": 8}", "[4]", BATCH),
        open_pool("{\"type\": \"sigmoid\"}", "[8]", BATCH),
        open_pool("{\"type\": \"multiply\"}", "[5,7,8] [8]", BATCH),
    };
}

static void graph_run(graph *g, const lido_rig *one) {
    lido_rig *const chain[] = {&g->pool, &g->squeeze, &g->relu, &g->excite, &g->sigmoid};
    memcpy(lido_start(&g->pool.x[0]), lido_start(&one->x[0]), one->x[0].bytes);
    memcpy(lido_start(&g->multiply.x[0]), lido_start(&one->x[0]), one->x[0].bytes);
    memcpy(lido_start(&g->multiply.dy), lido_start(&one->dy), one->dy.bytes);
    for (int i = 0; i < 4; i++) {
        lido_rig *dense = i < 2 ? &g->squeeze : &g->excite;
        memcpy(lido_start(&dense->w[i % 2]), lido_start(&one->w[i]), one->w[i].bytes);
    }
    for (int i = 0; i < 5; i++) {
        lido_rig_run(chain[i], &(lido_way){0});
        copy(&chain[i]->y, i < 4 ? &chain[i + 1]->x[0] : &g->multiply.x[1]);
    }
    lido_rig_run(&g->multiply, &(lido_way){0});
    copy(&g->multiply.dx[1], &g->sigmoid.dy);
    for (int i = 4; i >= 0; i--) {
        lido_rig_run(chain[i], &(lido_way){0});
        if (i > 0) copy(&chain[i]->dx[0], &chain[i - 1]->dy);
    }
    for (int64_t i = 0; i < lido_count(&g->pool.dx[0]); i++)
        lido_reals(&g->pool.dx[0])[i] += lido_reals(&g->multiply.dx[0])[i];
}

static void graph_free(graph *g) {
    lido_rig *const all[] = {&g->pool,   &g->squeeze, &g->relu,
                             &g->excite, &g->sigmoid, &g->multiply};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) lido_rig_free(all[i]);
}

START_TEST(equals_the_graph) {
    lido_rig one = open_pool("{\"type\": \"squeeze_excite\", \"reduction\": 2}", "[5,7,8]", BATCH);
    graph g = graph_open();
    lido_rig_run(&one, &(lido_way){0});
    graph_run(&g, &one);
    assert_close(&one.y, &g.multiply.y);
    assert_close(&one.dx[0], &g.pool.dx[0]);
    for (int i = 0; i < 4; i++) assert_close(&one.dw[i], &(i < 2 ? g.squeeze : g.excite).dw[i % 2]);
    graph_free(&g);
    lido_rig_free(&one);
}
END_TEST

START_TEST(one_channel) {
    lido_rig rig = open_pool("{\"type\": \"squeeze_excite\", \"reduction\": 1}", "[2,1]", 1);
    set_values(&rig.x[0], 1, 3);
    set_values(&rig.w[0], 0.5);
    set_values(&rig.w[1], -1);
    set_values(&rig.w[2], 7);
    set_values(&rig.w[3], 0);
    set_values(&rig.dy, 1, 1);
    lido_rig_run(&rig, &(lido_way){0}); /* h = relu(2 / 2 - 1) = 0, s = 1/2, no gradient to h */
    assert_values(&rig.y, 0.5, 1.5);
    assert_values(&rig.dx[0], 0.5, 0.5);
    assert_values(&rig.dw[0], 0);
    assert_values(&rig.dw[3], 4 * 0.25);
    set_values(&rig.w[1], 0);
    set_values(&rig.w[2], 0);
    lido_rig_run(&rig, &(lido_way){0}); /* h = 1 */
    assert_values(&rig.dw[2], 4 * 0.25);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(nan_stays_in_its_sample) {
    lido_rig rig = open_pool("{\"type\": \"squeeze_excite\", \"reduction\": 1}", "[2,1]", 2);
    set_values(&rig.x[0], 1, NAN, 2, 4);
    lido_rig_run(&rig, &(lido_way){0});
    ck_assert(isnan(lido_reals(&rig.y)[0]) && isnan(lido_reals(&rig.y)[1]));
    ck_assert(isfinite(lido_reals(&rig.y)[2]) && isfinite(lido_reals(&rig.y)[3]));
    lido_rig_free(&rig);
}
END_TEST

START_TEST(refusals) {
    assert_refused("{\"type\": \"squeeze_excite\"}", "[4,4,24]", LIDO_SHAPE,
                   "\"reduction\" 16 must divide the input's 24 channels");
    assert_refused("{\"type\": \"squeeze_excite\"}", "[16]", LIDO_SHAPE, "vector");
    assert_refused("{\"type\": \"squeeze_excite\", \"reduction\": 0}", "[4,4,24]", LIDO_SPEC,
                   "reduction");
}
END_TEST

LIDO_TEST_MAIN("squeeze_excite", equals_the_graph, one_channel, nan_stays_in_its_sample, refusals)
