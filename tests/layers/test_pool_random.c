/* test_pool_random.c - grids drawn at random, as PyTorch has them: values, chosen cells and
 * gradients of fractional max pooling from the same random numbers (tests/golden/fractional.json).
 * (Windows along one axis: kernels/test_random_windows.c; everything else: test_registry.c.) */
#include "layers/pool_check.h"

#include <stdio.h>

static void write_shape(const lido_json *dims, char *text, size_t size) {
    size_t used = 0;
    for (const lido_json *d = lido_json_first(dims); d; d = lido_json_next(d))
        used += (size_t)snprintf(text + used, size - used, "%s%d", used ? "," : "[",
                                 (int)lido_json_number(d));
    snprintf(text + used, size - used, "]");
}

static const lido_json *list_of(const lido_json *json, const char *key, int64_t count) {
    const lido_json *list = lido_json_get(json, key);
    ck_assert_msg(lido_json_count(list) == count, "%s: %d numbers", key, lido_json_count(list));
    return lido_json_first(list);
}

static void fill(const lido_json *json, const char *key, const lido_buffer *buffer) {
    const lido_json *value = list_of(json, key, lido_count(buffer));
    for (int64_t i = 0; value; value = lido_json_next(value), i++)
        lido_start(buffer)[i] = (lido_real)lido_json_number(value);
}

/* Inputs are multiples of 1/64: nothing is rounded. */
static void compare(const lido_json *json, const char *key, const lido_buffer *buffer) {
    const lido_json *value = list_of(json, key, lido_count(buffer));
    for (int64_t i = 0; value; value = lido_json_next(value), i++)
        if ((double)lido_reals(buffer)[i] != lido_json_number(value))
            ck_abort_msg("%s[%d] is %g, not %g", key, (int)i, (double)lido_reals(buffer)[i],
                         lido_json_number(value));
}

static void compare_switches(const lido_json *json, const lido_rig *rig) {
    const lido_json *value = list_of(json, "switches", lido_count(&rig->y));
    ck_assert_ptr_nonnull(rig->switches);
    for (int64_t i = 0; value; value = lido_json_next(value), i++)
        ck_assert_int_eq(rig->switches[i], (int64_t)lido_json_number(value));
}

static void run_case(const lido_json *json) {
    char shape[64];
    char *layer = lido_json_print(lido_json_get(json, "layer"), false);
    const int64_t batch = (int64_t)lido_json_number(lido_json_get(json, "batch"));
    write_shape(lido_json_get(json, "shape"), shape, sizeof shape);
    lido_rig rig = open_pool(layer, shape, batch);
    fill(json, "x", &rig.x[0]);
    fill(json, "dy", &rig.dy);
    float *draws = calloc((size_t)(batch * rig.needs.draws), sizeof *draws);
    ck_assert_ptr_nonnull(draws);
    const lido_json *draw = list_of(json, "draws", batch * rig.needs.draws);
    for (int64_t i = 0; draw; draw = lido_json_next(draw), i++)
        draws[i] = (float)lido_json_number(draw);
    rig.draws = draws;
    lido_rig_run(&rig, &(lido_way){0});
    compare(json, "y", &rig.y);
    compare(json, "dx", &rig.dx[0]);
    compare_switches(json, &rig);
    free(draws);
    free(layer);
    lido_rig_free(&rig);
}

START_TEST(as_pytorch) {
    lido_json *file;
    assert_ok(lido_json_read(LIDO_SOURCE_DIR "/tests/golden/fractional.json", &file, &error));
    const lido_json *layers = lido_json_get(file, "layers");
    ck_assert_int_ge(lido_json_count(layers), 6);
    for (const lido_json *c = lido_json_first(layers); c; c = lido_json_next(c)) run_case(c);
    lido_json_free(file);
}
END_TEST

/* One number for each axis, D, H, W; then one for each channel. */
START_TEST(draws_are_told) {
    lido_rig rig = open_pool("{\"type\": \"mixed_choice_pool\", \"fractional\": "
                             "{\"output_size\": 3, \"kernel\": 2}}",
                             "[5,5,5,4]", 1);
    ck_assert_int_eq(rig.needs.draws, 3 + 4);
    ck_assert_str_eq(rig.needs.draws_text,
                     "1 along D, 1 along H, 1 along W, then 4: maximum or average of each channel");
    ck_assert(rig.needs.draws_evaluating);
    lido_rig_free(&rig);
    rig = open_pool("{\"type\": \"avg_pool\", \"stochastic_grid\": {\"cell\": 4, \"keep\": 2}}",
                    "[8,4,1]", 1);
    ck_assert_str_eq(rig.needs.draws_text, "8 along H, 4 along W");
    ck_assert(!rig.needs.draws_evaluating);
    lido_rig_free(&rig);
    rig = open_pool("{\"type\": \"max_pool\", \"kernel\": 2}", "[4,4,1]", 1);
    ck_assert(rig.needs.draws == 0 && rig.needs.draws_text[0] == '\0');
    lido_rig_free(&rig);
}
END_TEST

LIDO_TEST_MAIN("pool_random", as_pytorch, draws_are_told)
