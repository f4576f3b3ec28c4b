/* test_golden.c - layers against PyTorch: the cases in tests/golden, forward and backward; the
 * make_*.py there made them. */
#include "harness/rig.h"
#include "lido_check.h"

#include <math.h>
#include <stdio.h>

/* Errors are relative to the largest magnitude of an array, at least 1. */
#ifdef LIDO_DOUBLE
static const double exact = 1e-12, summed = 1e-12;
#else
static const double exact = 1e-6, summed = 1e-5;
#endif

static lido_error error;

/* One case, and what it is in messages. */
typedef struct golden {
    const lido_json *json;
    char *layer;
    char shape[64];
    double tolerance;
} golden;

static void write_shape(const lido_json *dims, char *text, size_t size) {
    size_t used = 0;
    for (const lido_json *d = lido_json_first(dims); d; d = lido_json_next(d))
        used += (size_t)snprintf(text + used, size - used, "%s%d", used ? "," : "[",
                                 (int)lido_json_number(d));
    snprintf(text + used, size - used, "]");
}

/* The buffer's contents become (or are compared with) a list of the case. */
static void fill(const golden *g, const lido_json *list, const lido_buffer *buffer) {
    const lido_json *value = lido_json_first(list);
    ck_assert_msg(lido_json_count(list) == lido_count(buffer), "%s on %s: %d numbers, not %d",
                  g->layer, g->shape, (int)lido_count(buffer), lido_json_count(list));
    for (int64_t i = 0; value; value = lido_json_next(value), i++)
        lido_start(buffer)[i] = (lido_real)lido_json_number(value);
}

static double largest(const lido_json *list) {
    double most = 1;
    for (const lido_json *v = lido_json_first(list); v; v = lido_json_next(v))
        most = fmax(most, fabs(lido_json_number(v)));
    return most;
}

static void compare(const golden *g, const char *what, const lido_json *list,
                    const lido_buffer *buffer) {
    const lido_json *value = lido_json_first(list);
    const double allowed = g->tolerance * largest(list);
    ck_assert_msg(lido_json_count(list) == lido_count(buffer), "%s on %s: %d numbers in %s, not %d",
                  g->layer, g->shape, (int)lido_count(buffer), what, lido_json_count(list));
    for (int64_t i = 0; value; value = lido_json_next(value), i++) {
        double got = (double)lido_reals(buffer)[i], wanted = lido_json_number(value);
        ck_assert_msg(fabs(got - wanted) <= allowed, "%s on %s: %s[%d] is %.17g, not %.17g",
                      g->layer, g->shape, what, (int)i, got, wanted);
    }
}

static void fill_each(const golden *g, const char *key, int count, const lido_buffer *buffers) {
    const lido_json *lists = lido_json_get(g->json, key), *list = lido_json_first(lists);
    ck_assert_int_eq(lido_json_count(lists), count);
    for (int i = 0; i < count; i++, list = lido_json_next(list)) fill(g, list, &buffers[i]);
}

static void compare_each(const golden *g, const char *key, int count, const lido_buffer *buffers) {
    const lido_json *lists = lido_json_get(g->json, key), *list = lido_json_first(lists);
    ck_assert_int_eq(lido_json_count(lists), count);
    for (int i = 0; i < count; i++, list = lido_json_next(list)) compare(g, key, list, &buffers[i]);
}

static void run_case(const golden *g) {
    lido_rig rig;
    const bool evaluation = lido_json_get(g->json, "dy") == NULL;
    const int64_t batch = (int64_t)lido_json_number(lido_json_get(g->json, "batch"));
    assert_ok(lido_rig_open(g->layer, g->shape, batch, false, &rig, &error));
    fill(g, lido_json_get(g->json, "x"), &rig.x[0]);
    fill_each(g, "w", rig.needs.params, rig.w);
    fill_each(g, "state", rig.needs.states, rig.state);
    if (!evaluation) fill(g, lido_json_get(g->json, "dy"), &rig.dy);
    lido_rig_run(&rig, &(lido_way){.evaluation = evaluation});
    compare(g, "y", lido_json_get(g->json, "y"), &rig.y);
    if (!evaluation) {
        compare(g, "dx", lido_json_get(g->json, "dx"), &rig.dx[0]);
        compare_each(g, "dw", rig.needs.params, rig.dw);
        compare_each(g, "state_after", rig.needs.states, rig.state);
    }
    lido_rig_free(&rig);
}

static void run_file(const char *name, int least, double tolerance) {
    char path[512];
    lido_json *file;
    snprintf(path, sizeof path, "%s/tests/golden/%s", LIDO_SOURCE_DIR, name);
    assert_ok(lido_json_read(path, &file, &error));
    const lido_json *cases = lido_json_get(file, "cases");
    ck_assert_int_ge(lido_json_count(cases), least);
    for (const lido_json *c = lido_json_first(cases); c; c = lido_json_next(c)) {
        golden g = {.json = c, .tolerance = tolerance};
        g.layer = lido_json_print(lido_json_get(c, "layer"), false);
        write_shape(lido_json_get(c, "shape"), g.shape, sizeof g.shape);
        run_case(&g);
        free(g.layer);
    }
    lido_json_free(file);
}

START_TEST(pooling_and_padding) {
    run_file("pool.json", 37, exact);
}
END_TEST

START_TEST(blurring) {
    run_file("blur.json", 14, exact);
}
END_TEST

START_TEST(convolution) {
    run_file("conv.json", 14, summed);
}
END_TEST

START_TEST(other_layers) {
    run_file("other.json", 11, summed);
}
END_TEST

START_TEST(around_pooling) {
    run_file("around.json", 39, summed);
}
END_TEST

START_TEST(smooth_pooling) {
    run_file("smooth.json", 39, summed);
}
END_TEST

LIDO_TEST_MAIN("golden", smooth_pooling, around_pooling, pooling_and_padding, blurring, convolution,
               other_layers)
