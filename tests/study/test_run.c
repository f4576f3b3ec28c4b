#include "study_helpers.h"

#include "train/trainer.h"

/* Cells that share a convolution and a head, the second with a layer more between them. */
#define PAIRED                                                                              \
    "'seeds': [1, 2], 'measures': {'shift': {'pixels': 1}, 'accuracies': [0.01, 2e-2, 1]}," \
    "'factors': {'pool': {'max': {'type': 'max_pool', 'kernel': 2},"                        \
    "'strided': [{'type': 'conv', 'filters': 4, 'kernel': 2, 'stride': 2},"                 \
    "            {'type': 'dropout', 'rate': 0.2}]}}"
#define AUGMENTED ", 'validation': 0.2, 'augment': {'shift': 2}"

/* ---- pairing ------------------------------------------------------------------------------- */

/* A trainer of a cell, as a run of that seed has it before its first step; it stays in its place,
 * being pointed to from within. */
static void make_trainer(const lido_study *study, int cell, int64_t seed, lido_train_options *train,
                         const lido_run_options *options, lido_trainer *trainer) {
    lido_error error;
    *train = study->arm[cell].train;
    train->seed = seed;
    assert_ok(lido_trainer_make(study->arm[cell].spec, train, options, trainer, &error));
}

static const lido_segment *find_segment(const lido_graph *graph, const char *name) {
    int count;
    const lido_segment *segment = lido_graph_segments(graph, &count);
    for (int i = 0; i < count; i++)
        if (strcmp(segment[i].name, name) == 0) return &segment[i];
    return NULL;
}

/* How many segments the two have in common; `same`: whether their weights are the same. */
static int compare_weights(const lido_trainer *a, const lido_trainer *b, bool *same) {
    int count, common = 0;
    const lido_segment *of_a = lido_graph_segments(a->graph, &count);
    *same = true;
    for (int i = 0; i < count; i++) {
        const lido_segment *of_b = find_segment(b->graph, of_a[i].name);
        if (!of_b) continue;
        ck_assert_int_eq(of_a[i].count, of_b->count);
        *same &=
            memcmp(lido_net_params(a->net) + of_a[i].offset, lido_net_params(b->net) + of_b->offset,
                   (size_t)of_a[i].count * sizeof(lido_real)) == 0;
        common++;
    }
    return common;
}

/* True when an epoch shows both the same pictures in the same order, and its last batch is the
 * same to the bit, augmentation included. */
static bool same_batches(lido_trainer *a, lido_trainer *b) {
    lido_score score;
    lido_error error;
    double rate;
    assert_ok(lido_trainer_epoch(a, &score, &rate, &error));
    assert_ok(lido_trainer_epoch(b, &score, &rate, &error));
    ck_assert_int_eq(a->position.training, b->position.training);
    const size_t order = (size_t)a->position.training * sizeof *a->order;
    const size_t pixels =
        (size_t)(a->position.training % a->batch ? a->position.training % a->batch : a->batch) *
        (size_t)lido_shape_size(lido_graph_input(a->graph)) * sizeof *a->feed.x;
    return memcmp(a->order, b->order, order) == 0 && memcmp(a->feed.x, b->feed.x, pixels) == 0;
}

START_TEST(cells_are_paired) {
    bench b;
    bool same;
    bench_make(&b, AUGMENTED);
    lido_study *study = bench_study(&b, PAIRED);
    const lido_run_options options = {.team = NULL};
    lido_train_options of_max, of_strided, of_other;
    lido_trainer max, strided, other;
    make_trainer(study, 0, 1, &of_max, &options, &max);
    make_trainer(study, 1, 1, &of_strided, &options, &strided);
    make_trainer(study, 0, 2, &of_other, &options, &other);
    ck_assert_ptr_nonnull(find_segment(strided.graph, "pool#1/conv#1.weight"));
    ck_assert_int_eq(compare_weights(&max, &strided, &same), 4); /* conv and dense */
    ck_assert(same);
    ck_assert_int_eq(compare_weights(&max, &other, &same), 4);
    ck_assert(!same);
    for (int epoch = 0; epoch < 2; epoch++) {
        ck_assert(same_batches(&max, &strided));
        max.position.epoch++;
        strided.position.epoch++;
    }
    ck_assert(!same_batches(&max, &other));
    lido_trainer_free(&max);
    lido_trainer_free(&strided);
    lido_trainer_free(&other);
    lido_study_free(study);
    bench_free(&b);
}
END_TEST

/* ---- a run --------------------------------------------------------------------------------- */

static void folder_of(const lido_study *study, const bench *b, int run,
                      char folder[LIDO_PATH_SIZE]) {
    lido_study_run info;
    lido_study_run_get(study, run, &info);
    path_in(b->out, info.folder, folder);
}

/* measures.json without what is measured by a clock; the caller frees it. */
static char *measured(const char *folder) {
    char path[LIDO_PATH_SIZE];
    lido_json *measures, *timeless = lido_json_object();
    lido_error error;
    path_in(folder, "measures.json", path);
    assert_ok(lido_json_read(path, &measures, &error));
    for (const lido_json *m = lido_json_first(measures); m; m = lido_json_next(m))
        if (strcmp(lido_json_key(m), "seconds_per_epoch") != 0)
            lido_json_add(timeless, lido_json_key(m), lido_json_copy(m));
    char *text = lido_json_print(timeless, false);
    lido_json_free(timeless);
    lido_json_free(measures);
    return text;
}

static void assert_same_runs(const char *a, const char *b) {
    static const char *const files[] = {"last.safetensors", "best.safetensors", "spec.json",
                                        "predictions.npy",  "confidences.npy",  NULL};
    for (const char *const *file = files; *file; file++) assert_same_file(a, b, *file);
    char *one = measured(a), *two = measured(b);
    ck_assert_str_eq(one, two);
    free(one);
    free(two);
}

START_TEST(leaves_its_measures_last) {
    bench b;
    lido_study_outcome outcome;
    lido_error error;
    char folder[LIDO_PATH_SIZE], path[LIDO_PATH_SIZE];
    bench_make(&b, AUGMENTED);
    lido_study *study = bench_study(&b, PAIRED);
    ck_assert(!lido_study_finished(study, &b.place, 3));
    assert_ok(lido_study_train(study, 3, &b.place, NULL, &outcome, &error));
    ck_assert(lido_study_finished(study, &b.place, 3) && !outcome.already_finished);
    ck_assert(!lido_study_finished(study, &b.place, 2));
    ck_assert_int_eq(outcome.test.rows, 24);
    folder_of(study, &b, 3, folder);
    ck_assert_ptr_nonnull(strstr(folder, "/out/runs/pool=strided/seed-2"));

    lido_json *measures;
    path_in(folder, "measures.json", path);
    assert_ok(lido_json_read(path, &measures, &error));
    ck_assert_double_eq(lido_json_number(lido_json_get(measures, "test_accuracy")),
                        outcome.test.accuracy);
    ck_assert(lido_json_number(lido_json_get(measures, "seconds_per_epoch")) > 0);
    ck_assert_int_eq(lido_json_count(lido_json_get(measures, "shift")), 1);
    ck_assert_int_eq(lido_json_count(lido_json_get(measures, "epochs_to")), 3);
    const lido_json *first = lido_json_first(lido_json_get(measures, "epochs_to"));
    ck_assert_double_eq(lido_json_number(lido_json_get(first, "accuracy")), 0.01);
    ck_assert_double_eq(lido_json_number(lido_json_get(first, "epochs")), 1);
    lido_json_free(measures);

    lido_npy predictions;
    path_in(folder, "predictions.npy", path);
    assert_ok(lido_npy_read(path, &predictions, &error));
    ck_assert(predictions.type == LIDO_NPY_I32 && predictions.count == 24);
    lido_npy_free(&predictions);
    lido_study_free(study);
    bench_free(&b);
}
END_TEST

/* What is there is not made again: the file is as it was, even where it says something else. */
START_TEST(does_not_repeat_itself) {
    bench b;
    lido_study_outcome outcome;
    lido_error error;
    char folder[LIDO_PATH_SIZE];
    bench_make(&b, "");
    lido_study *study = bench_study(&b, PAIRED);
    assert_ok(lido_study_train(study, 0, &b.place, NULL, &outcome, &error));
    folder_of(study, &b, 0, folder);
    write_json(folder, "measures.json", "{'test_accuracy': 0.125, 'test_loss': 3}");
    assert_ok(lido_study_train(study, 0, &b.place, NULL, &outcome, &error));
    ck_assert(outcome.already_finished);
    ck_assert_double_eq(outcome.test.accuracy, 0.125);
    lido_study_free(study);
    bench_free(&b);
}
END_TEST

typedef struct countdown {
    int steps, evaluations;
} countdown;

static bool count_step(void *context, int64_t epoch, int64_t epochs, int64_t done, int64_t total,
                       double loss) {
    (void)epoch, (void)epochs, (void)done, (void)total, (void)loss;
    countdown *left = context;
    return left->steps-- > 0;
}

static bool count_evaluation(void *context, int64_t done, int64_t total) {
    (void)done, (void)total;
    countdown *left = context;
    return left->evaluations-- > 0;
}

/* Stopped after any number of steps, or of batches evaluated in training or measuring, and begun
 * again until it comes through. */
START_TEST(goes_on_where_it_was_stopped) {
    static const countdown stops[] = {{0, 99}, {3, 99}, {8, 99}, {2, 99},  {99, 1},
                                      {99, 3}, {99, 5}, {99, 7}, {99, 10}, {99, 14}};
    bench b;
    lido_study_outcome outcome;
    lido_error error;
    char whole[LIDO_PATH_SIZE], pieces[LIDO_PATH_SIZE], other[LIDO_PATH_SIZE];
    bench_make(&b, AUGMENTED);
    lido_study *study = bench_study(&b, PAIRED);
    assert_ok(lido_study_train(study, 1, &b.place, NULL, &outcome, &error));
    folder_of(study, &b, 1, whole);
    path_in(b.folder, "other", other);
    b.place.out = other;
    path_in(other, "runs/pool=strided/seed-1", pieces);
    int stopped = 0;
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
        countdown left = stops[i];
        const lido_trainer_events events = {
            .context = &left, .step = count_step, .evaluation = count_evaluation};
        lido_status status = lido_study_train(study, 1, &b.place, &events, &outcome, &error);
        ck_assert_msg(!status || status == LIDO_INTERRUPTED, "%s", error.message);
        stopped += status == LIDO_INTERRUPTED;
    }
    ck_assert_int_ge(stopped, 7);
    assert_ok(lido_study_train(study, 1, &b.place, NULL, &outcome, &error));
    assert_same_runs(whole, pieces);
    lido_study_free(study);
    bench_free(&b);
}
END_TEST

START_TEST(is_the_same_for_any_threads) {
    bench b;
    lido_study_outcome outcome;
    lido_error error;
    char one[LIDO_PATH_SIZE], three[LIDO_PATH_SIZE], other[LIDO_PATH_SIZE];
    bench_make(&b, AUGMENTED);
    lido_study *study = bench_study(&b, PAIRED);
    assert_ok(lido_study_train(study, 1, &b.place, NULL, &outcome, &error));
    folder_of(study, &b, 1, one);
    path_in(b.folder, "other", other);
    b.place.out = other;
    path_in(other, "runs/pool=strided/seed-1", three);
    assert_ok(lido_team_start(3, &b.place.team, &error));
    assert_ok(lido_study_train(study, 1, &b.place, NULL, &outcome, &error));
    lido_team_stop(b.place.team);
    assert_same_runs(one, three);
    lido_study_free(study);
    bench_free(&b);
}
END_TEST

LIDO_TEST_MAIN("run", cells_are_paired, leaves_its_measures_last, does_not_repeat_itself,
               goes_on_where_it_was_stopped, is_the_same_for_any_threads)
