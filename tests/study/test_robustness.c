#include "study/robustness.h"

#include "model_helpers.h"

#include "team_of.h"

/* Five points in four columns: one that a shift to the right takes to the other half, one that a
 * shift to the left does, two at the edges, of which a shift leaves nothing. */
static const int rows[] = {1, 2, 1, 2, 0}, columns[] = {1, 2, 0, 3, 1};

typedef struct bench {
    lido_model model;
    lido_dataset *set;
    lido_examination examination;
} bench;

static bench make(lido_team *team) {
    bench b = {.model = model_of(HALVES, 4, "", team), .set = points_set(4, 5, rows, columns)};
    make_halves(&b.model, 4, 5);
    return b;
}

static lido_examination examination_of(const bench *b, lido_team *team) {
    return (lido_examination){.model = &b->model, .test = b->set, .team = team};
}

static void destroy(bench *b) {
    lido_model_free(&b->model);
    lido_dataset_free(b->set);
}

static void assert_numbers(const lido_json *list, int count, const double *expected) {
    ck_assert_int_eq(lido_json_count(list), count);
    for (const lido_json *v = lido_json_first(list); v; v = lido_json_next(v))
        ck_assert_double_eq_tol(lido_json_number(v), *expected++, 1e-12);
}

/* Counted by hand over 20 = 5 pictures * 4 directions; a black picture is taken for left. The
 * first label is made wrong, so that right and consistent are not the same. */
START_TEST(shifts_by_hand) {
    static const struct {
        const char *fill;
        double accuracy[3], consistency[3];
    } expected[] = {{"circular", {0.8, 0.65, 0.5}, {1, 0.75, 0.5}},
                    {"zero", {0.8, 0.7, 0.45}, {1, 0.8, 0.55}}};
    bench b = make(NULL);
    lido_examination examination = examination_of(&b, NULL);
    const lido_shift_options shift = {
        .pixels = 2, .fills = 2, .fill = {LIDO_FILL_CIRCULAR, LIDO_FILL_ZERO}};
    lido_json *json;
    lido_error error;
    b.set->labels[0] = 1;
    assert_ok(lido_shift_json(&examination, &shift, &json, &error));
    const lido_json *entry = lido_json_first(json);
    for (int i = 0; i < 2; i++, entry = lido_json_next(entry)) {
        ck_assert_str_eq(lido_json_string(lido_json_get(entry, "fill")), expected[i].fill);
        assert_numbers(lido_json_get(entry, "accuracy"), 3, expected[i].accuracy);
        assert_numbers(lido_json_get(entry, "consistency"), 3, expected[i].consistency);
    }
    ck_assert_ptr_null(entry);
    lido_json_free(json);
    destroy(&b);
}
END_TEST

/* Two of five pictures, evenly spaced, are the first and the third. */
START_TEST(a_part_is_looked_at) {
    bench b = make(NULL);
    lido_examination examination = examination_of(&b, NULL);
    const lido_shift_options shift = {.pixels = 1, .images = 2, .fills = 1};
    lido_json *json;
    lido_error error;
    assert_ok(lido_shift_json(&examination, &shift, &json, &error));
    assert_numbers(lido_json_get(lido_json_first(json), "accuracy"), 2, (double[]){1, 7.0 / 8});
    ck_assert_int_eq(lido_shift_pictures(&examination, &shift), 10);
    lido_json_free(json);
    destroy(&b);
}
END_TEST

/* A half turn takes left to right; half the size and a blur leave all where they are. */
START_TEST(changes_by_hand) {
    bench b = make(NULL);
    lido_examination examination = examination_of(&b, NULL);
    const lido_measure_options options = {.rotation = {2, {0, 180}}, .blur = {1, {0.6}}};
    lido_json *json = lido_json_object();
    lido_error error;
    assert_ok(lido_changes_add(&examination, &options, json, &error));
    char *text = lido_json_print(json, false);
    ck_assert_str_eq(text, "{\"rotation\":[{\"amount\":0,\"accuracy\":1},"
                           "{\"amount\":180,\"accuracy\":0}],"
                           "\"blur\":[{\"amount\":0.6,\"accuracy\":1}]}");
    ck_assert_int_eq(lido_change_pictures(&examination, &options), 15);
    free(text);
    lido_json_free(json);
    destroy(&b);
}
END_TEST

static char *text_of(lido_team *team, uint64_t seed) {
    bench b = make(team);
    lido_examination examination = examination_of(&b, team);
    const lido_measure_options options = {.rotation = {2, {10, 50}}, .noise = {3, {0.2, 0.5, 2}}};
    const lido_shift_options shift = {.pixels = 2, .fills = 1, .fill = {LIDO_FILL_EDGE}};
    lido_json *json = lido_json_object(), *shifts;
    lido_error error;
    examination.seed = seed;
    assert_ok(lido_changes_add(&examination, &options, json, &error));
    assert_ok(lido_shift_json(&examination, &shift, &shifts, &error));
    lido_json_add(json, "shift", shifts);
    char *text = lido_json_print(json, false);
    lido_json_free(json);
    destroy(&b);
    return text;
}

START_TEST(threads_change_nothing) {
    char *alone = text_of(NULL, 1);
    for (int threads = 2; threads <= 8; threads += 3) {
        char *many = text_of(team_of(threads), 1);
        ck_assert_str_eq(alone, many);
        free(many);
    }
    free(alone);
}
END_TEST

static bool stop(void *context, int64_t done, int64_t total) {
    (void)done, (void)total;
    return ++*(int *)context < 4;
}

START_TEST(progress_may_stop_it) {
    bench b = make(NULL);
    lido_examination examination = examination_of(&b, NULL);
    const lido_shift_options shift = {.pixels = 1, .fills = 1};
    int calls = 0;
    lido_json *json;
    lido_error error;
    examination.progress = stop;
    examination.context = &calls;
    assert_fails(lido_shift_json(&examination, &shift, &json, &error), LIDO_INTERRUPTED,
                 "interrupted");
    ck_assert_ptr_null(json);
    ck_assert_int_eq(calls, 4);
    destroy(&b);
}
END_TEST

LIDO_TEST_MAIN("robustness", shifts_by_hand, a_part_is_looked_at, changes_by_hand,
               threads_change_nothing, progress_may_stop_it)
