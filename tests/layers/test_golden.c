/* test_golden.c - layers against other engines: the cases in tests/golden, forward, backward and
 * which cells were chosen. golden.py there says what a case is, the make_*.py made them.
 *
 * test-layers-golden FILE.json runs a file of cases that is not kept. */
#include "harness/rig.h"
#include "lido_check.h"

#include <math.h>
#include <stdio.h>

/* Errors are fractions of what a case says, see golden.py. */
#ifdef LIDO_DOUBLE
static const double exact = 1e-12, summed = 1e-12;
#else
static const double exact = 1e-6, summed = 1e-5;
#endif
/* What was computed in float, if only in part. */
static const double published = 1e-6;

static lido_error error;

/* One case, and what it is in messages. */
typedef struct golden {
    const lido_json *json;
    char *layer;
    char shape[128];
    double tolerance;
} golden;

/* ---- numbers ------------------------------------------------------------------------------- */

/* JSON has no numbers for "nan", "inf" and "-inf". */
static double number(const lido_json *value) {
    const char *text = lido_json_string(value);
    return text ? strtod(text, NULL) : lido_json_number(value);
}

static void append_shape(const lido_json *dims, char *text, size_t size) {
    size_t used = strlen(text);
    const char *separator = "[";
    for (const lido_json *d = lido_json_first(dims); d; d = lido_json_next(d), separator = ",")
        used +=
            (size_t)snprintf(text + used, size - used, "%s%d", separator, (int)lido_json_number(d));
    snprintf(text + used, size - used, "]");
}

static void check_count(const golden *g, const char *what, const lido_json *list, int64_t count) {
    ck_assert_msg(lido_json_count(list) == count, "%s on %s: %d numbers in %s, not %d", g->layer,
                  g->shape, (int)count, what, lido_json_count(list));
}

static void fill(const golden *g, const char *what, const lido_json *list,
                 const lido_buffer *buffer) {
    check_count(g, what, list, lido_count(buffer));
    const lido_json *value = lido_json_first(list);
    for (int64_t i = 0; value; value = lido_json_next(value), i++)
        lido_start(buffer)[i] = (lido_real)number(value);
}

static double largest(const lido_json *list) {
    double most = 1;
    for (const lido_json *v = lido_json_first(list); v; v = lido_json_next(v))
        if (isfinite(number(v))) most = fmax(most, fabs(number(v)));
    return most;
}

/* What is wanted counts as rounded to the precision of what was computed. */
static void compare_number(const golden *g, const char *what, int64_t i, lido_real value,
                           double listed, double allowed) {
    const double got = (double)value, wanted = (double)(lido_real)listed;
    if (got == wanted || (isnan(got) && isnan(wanted)) || fabs(got - wanted) <= allowed) return;
    ck_abort_msg("%s on %s: %s[%d] is %.17g, not %.17g", g->layer, g->shape, what, (int)i, got,
                 wanted);
}

static void compare(const golden *g, const char *what, const lido_json *list,
                    const lido_buffer *buffer) {
    check_count(g, what, list, lido_count(buffer));
    const lido_json *value = lido_json_first(list);
    const double allowed = g->tolerance * largest(list);
    for (int64_t i = 0; value; value = lido_json_next(value), i++)
        compare_number(g, what, i, lido_reals(buffer)[i], number(value), allowed);
}

/* Errors of y are fractions of the largest magnitude in each window. */
static void compare_windows(const golden *g, const lido_json *list, const lido_json *window,
                            const lido_buffer *y) {
    const bool listed = lido_json_kind_of(window) == LIDO_JSON_ARRAY;
    const lido_json *value = lido_json_first(list), *most = lido_json_first(window);
    check_count(g, "y", list, lido_count(y));
    if (listed) check_count(g, "window", window, lido_count(y));
    for (int64_t i = 0; value; value = lido_json_next(value), i++) {
        double allowed = g->tolerance * number(listed ? most : window);
        compare_number(g, "y", i, lido_reals(y)[i], number(value), allowed);
        if (listed) most = lido_json_next(most);
    }
}

static void fill_each(const golden *g, const char *key, int count, const lido_buffer *buffers) {
    const lido_json *lists = lido_json_get(g->json, key), *list = lido_json_first(lists);
    ck_assert_int_eq(lido_json_count(lists), count);
    for (int i = 0; i < count; i++, list = lido_json_next(list)) fill(g, key, list, &buffers[i]);
}

static void compare_each(const golden *g, const char *key, int count, const lido_buffer *buffers) {
    const lido_json *lists = lido_json_get(g->json, key), *list = lido_json_first(lists);
    ck_assert_int_eq(lido_json_count(lists), count);
    for (int i = 0; i < count; i++, list = lido_json_next(list)) compare(g, key, list, &buffers[i]);
}

/* ---- chosen cells -------------------------------------------------------------------------- */

/* The cell that has the gradient of channel c of output o; every other has none. */
static void compare_switch(const golden *g, const lido_rig *rig, int64_t sample, int64_t o,
                           int64_t c, int64_t wanted) {
    const int64_t channels = rig->x_shape[0].channels;
    const int64_t cells = lido_shape_size(&rig->x_shape[0]) / channels;
    const lido_real *dx = lido_reals(&rig->dx[0]) + sample * cells * channels + c;
    for (int64_t cell = 0; cell < cells; cell++)
        if (dx[cell * channels] != (cell == wanted))
            ck_abort_msg("%s on %s: dx[%d,%d,%d] is %g, but output %d was taken from cell %d",
                         g->layer, g->shape, (int)sample, (int)cell, (int)c,
                         (double)dx[cell * channels], (int)o, (int)wanted);
}

/* What the layer says of it; and the gradient of one output at a time goes to that cell. */
static void compare_switches(const golden *g, lido_rig *rig, const lido_json *list) {
    const int64_t channels = rig->needs.y.channels;
    const int64_t outputs = lido_shape_size(&rig->needs.y) / channels;
    lido_real *dy = lido_start(&rig->dy);
    int64_t *wanted = calloc((size_t)lido_count(&rig->y), sizeof *wanted);
    ck_assert_ptr_nonnull(wanted);
    check_count(g, "switches", list, lido_count(&rig->y));
    const lido_json *v = lido_json_first(list);
    for (int64_t i = 0; v; v = lido_json_next(v)) wanted[i++] = (int64_t)lido_json_number(v);
    ck_assert_ptr_nonnull(rig->switches);
    ck_assert_msg(memcmp(rig->switches, wanted, (size_t)lido_count(&rig->y) * sizeof *wanted) == 0,
                  "%s on %s: other switches", g->layer, g->shape);
    for (int64_t o = 0; o < outputs; o++) {
        for (int64_t i = 0; i < lido_count(&rig->dy); i++) dy[i] = i / channels % outputs == o;
        lido_rig_run(rig, &(lido_way){0});
        for (int64_t i = 0; i < lido_count(&rig->dy); i++)
            if (dy[i] != 0)
                compare_switch(g, rig, i / channels / outputs, o, i % channels, wanted[i]);
    }
    free(wanted);
}

/* ---- cases --------------------------------------------------------------------------------- */

static void open_case(golden *g, lido_rig *rig) {
    const lido_json *second = lido_json_get(g->json, "second");
    const int64_t batch = (int64_t)lido_json_number(lido_json_get(g->json, "batch"));
    append_shape(lido_json_get(g->json, "shape"), g->shape, sizeof g->shape);
    if (second) append_shape(lido_json_get(second, "shape"), g->shape, sizeof g->shape);
    g->layer = lido_json_print(lido_json_get(g->json, "layer"), false);
    ck_assert_ptr_nonnull(g->layer);
    lido_status status = lido_rig_open(g->layer, g->shape, batch, false, rig, &error);
    ck_assert_msg(status == LIDO_OK, "%s on %s: %s", g->layer, g->shape, error.message);
    fill(g, "x", lido_json_get(g->json, "x"), &rig->x[0]);
    if (second) fill(g, "second x", lido_json_get(second, "x"), &rig->x[1]);
    if (rig->of) fill(g, "of_x", lido_json_get(g->json, "of_x"), &rig->of->x[0]);
    fill_each(g, "w", rig->needs.params, rig->w);
    fill_each(g, "state", rig->needs.states, rig->state);
}

static void check_gradients(const golden *g, const lido_rig *rig) {
    compare(g, "dx", lido_json_get(g->json, "dx"), &rig->dx[0]);
    compare_each(g, "dw", rig->needs.params, rig->dw);
    compare_each(g, "state_after", rig->needs.states, rig->state);
}

static void run_case(golden *g) {
    lido_rig rig;
    const lido_json *dy = lido_json_get(g->json, "dy"), *y = lido_json_get(g->json, "y");
    const lido_json *window = lido_json_get(g->json, "window");
    const lido_json *switches = lido_json_get(g->json, "switches");
    open_case(g, &rig);
    if (dy) fill(g, "dy", dy, &rig.dy);
    lido_rig_run(&rig, &(lido_way){.evaluation = dy == NULL});
    window ? compare_windows(g, y, window, &rig.y) : compare(g, "y", y, &rig.y);
    if (dy) check_gradients(g, &rig);
    if (switches) compare_switches(g, &rig, switches);
    lido_rig_free(&rig);
    free(g->layer);
}

static void run_path(const char *path, int least, double tolerance) {
    lido_json *file;
    assert_ok(lido_json_read(path, &file, &error));
    const lido_json *cases = lido_json_get(file, "cases");
    ck_assert_int_ge(lido_json_count(cases), least);
    for (const lido_json *c = lido_json_first(cases); c; c = lido_json_next(c))
        run_case(&(golden){.json = c, .tolerance = tolerance});
    lido_json_free(file);
}

static void run_file(const char *name, int least, double tolerance) {
    char path[512];
    snprintf(path, sizeof path, "%s/tests/golden/%s", LIDO_SOURCE_DIR, name);
    run_path(path, least, tolerance);
}

/* ---- files --------------------------------------------------------------------------------- */

START_TEST(torch_pooling) {
    run_file("pool.json", 139, exact);
}
END_TEST

START_TEST(torch_sweep) {
    run_file("sweep.json", 72, exact);
}
END_TEST

START_TEST(keras_pooling) {
    run_file("keras.json", 90, published);
}
END_TEST

START_TEST(onnx_pooling) {
    run_file("onnx.json", 56, published);
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
    run_file("other.json", 17, summed);
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

/* The file to run instead. */
static const char *given;

START_TEST(the_given_file) {
    run_path(given, 1, exact);
}
END_TEST

int main(int argc, char **argv) {
    const TTest *const tests[] = {torch_pooling, torch_sweep,    keras_pooling,
                                  onnx_pooling,  blurring,       convolution,
                                  other_layers,  around_pooling, smooth_pooling};
    Suite *suite = suite_create("golden");
    TCase *tcase = tcase_create("golden");
    tcase_set_timeout(tcase, 120);
    given = argc == 2 ? argv[1] : NULL;
    if (given) tcase_add_test(tcase, the_given_file);
    for (size_t i = 0; !given && i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    return lido_check_run(suite);
}
