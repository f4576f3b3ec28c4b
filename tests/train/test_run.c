#include "data_helpers.h"
#include "run_helpers.h"
#include "team_of.h"

#include "train/history.h"
#include "train/snapshot.h"

#include <lido/lido.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Everything whose state must survive: momentum, running state, draws, split, schedule. */
#define DIGITS(epochs, more)                                                        \
    "{\"data\": \"synthetic\", \"limit\": 200, \"batch\": 32, \"epochs\": " #epochs \
    ", \"validation\": 0.2, \"augment\": {\"shift\": 2}" more "}"

static const char plain[] = DIGITS(4, "");

/* Runs a spec in a folder, the test split cut to 50 pictures. */
static lido_status run_in(const char *folder, const char *train, bool resume, int threads,
                          const lido_trainer_events *events, lido_run_result *result,
                          lido_error *error) {
    lido_spec *spec = digits_spec(train);
    lido_train_options options = options_of(spec);
    lido_run_options run = {.out = folder,
                            .resume = resume,
                            .team = team_of(threads),
                            .data = {.limit = 50},
                            .events = events};
    lido_status status = lido_run(spec, &options, &run, result, error);
    lido_spec_free(spec);
    return status;
}

static void run_ok(const char *folder, const char *train, bool resume, lido_run_result *result) {
    lido_error error;
    assert_ok(run_in(folder, train, resume, 1, NULL, result, &error));
}

static void assert_same_run(const char *a, const char *b) {
    assert_same_file(a, b, "last.safetensors");
    assert_same_file(a, b, "best.safetensors");
}

static int lines_of(const char *folder, const char *name) {
    size_t size;
    char *text = file_of(folder, name, &size);
    int lines = 0;
    for (size_t i = 0; i < size; i++) lines += text[i] == '\n';
    free(text);
    return lines;
}

/* The position in one of the folder's checkpoints. */
static lido_position position_of(const char *folder, const char *name) {
    char path[LIDO_PATH_SIZE];
    lido_snapshot snapshot;
    lido_error error;
    assert_ok(lido_path_join(folder, name, path, sizeof path, &error));
    assert_ok(lido_snapshot_read(path, &snapshot, &error));
    lido_position position = snapshot.position;
    lido_snapshot_free(&snapshot);
    return position;
}

START_TEST(leaves_its_folder) {
    char folder[LIDO_PATH_SIZE];
    lido_run_result result;
    temporary_folder(folder);
    run_ok(folder, plain, false, &result);
    ck_assert_int_eq(result.epochs, 4);
    ck_assert_int_eq(result.test.rows, 50);
    ck_assert(result.test.loss > 0 && result.seconds > 0 && !result.already_finished);
    ck_assert_int_eq(lines_of(folder, "history.csv"), 5);
    ck_assert_int_eq(lines_of(folder, "history.jsonl"), 4);
    const char *const names[] = {"spec.json", "environment.json", "result.json"};
    for (int i = 0; i < 3; i++) ck_assert_int_gt(lines_of(folder, names[i]), 3);
    lido_position last = position_of(folder, "last.safetensors");
    ck_assert_int_eq(last.epoch, 4);
    ck_assert_int_eq(last.step, 4 * 5);
    ck_assert_int_eq(last.training, 160);
    ck_assert_int_eq(position_of(folder, "best.safetensors").epoch, last.best_epoch);
    remove_folder(folder);
}
END_TEST

START_TEST(without_validation_best_is_last) {
    char folder[LIDO_PATH_SIZE];
    lido_run_result result;
    temporary_folder(folder);
    run_ok(folder, "{\"data\": \"synthetic\", \"limit\": 100, \"epochs\": 2}", false, &result);
    size_t last_size, best_size;
    char *last = file_of(folder, "last.safetensors", &last_size);
    char *best = file_of(folder, "best.safetensors", &best_size);
    ck_assert(last_size == best_size && memcmp(last, best, last_size) == 0);
    free(last);
    free(best);
    remove_folder(folder);
}
END_TEST

START_TEST(same_bits_for_any_number_of_threads) {
    static const char *const trains[] = {
        "{\"data\": \"synthetic\", \"limit\": 50, \"batch\": 20, \"epochs\": 1}",
        "{\"data\": \"synthetic\", \"limit\": 50, \"batch\": 20, \"epochs\": 1, \"clip\": 0.5, "
        "\"validation\": 0.2, \"augment\": {\"shift\": 2}, \"optimizer\": {\"type\": \"sgd\", "
        "\"lr\": 0.1, \"momentum\": 0.9, \"weight_decay\": 0.001}, \"schedule\": \"cosine\"}"};
    const int threads[] = {2, 3, 8};
    for (int i = 0; i < 2; i++) {
        char one[LIDO_PATH_SIZE], many[LIDO_PATH_SIZE];
        lido_run_result result;
        lido_error error;
        temporary_folder(one);
        run_ok(one, trains[i], false, &result);
        for (int t = 0; t < 3; t++) {
            temporary_folder(many);
            assert_ok(run_in(many, trains[i], false, threads[t], NULL, &result, &error));
            assert_same_run(one, many);
            remove_folder(many);
        }
        remove_folder(one);
    }
}
END_TEST

typedef struct counter {
    int steps, stop_at, epochs;
} counter;

static bool count_step(void *context, int64_t epoch, int64_t epochs, int64_t done, int64_t total,
                       double loss) {
    (void)epoch, (void)epochs, (void)done, (void)total, (void)loss;
    counter *c = context;
    return ++c->steps != c->stop_at;
}

static void count_epoch(void *context, const lido_epoch *epoch) {
    counter *c = context;
    ck_assert_int_eq(epoch->epoch, ++c->epochs);
    ck_assert(epoch->validation.rows == 40 && epoch->train.rows == 160 && epoch->lr > 0);
}

/* A run stopped in every epoch, the first included, ends like one left alone. */
START_TEST(an_interrupted_run_goes_on) {
    char whole[LIDO_PATH_SIZE], parts[LIDO_PATH_SIZE];
    lido_run_result result, resumed;
    lido_error error;
    temporary_folder(whole);
    temporary_folder(parts);
    run_ok(whole, plain, false, &result);
    const int stops[] = {2, 7, 9, 5, 1};
    for (int i = 0; i < 5; i++) {
        counter c = {.stop_at = stops[i]};
        lido_trainer_events events = {.context = &c, .step = count_step};
        assert_fails(run_in(parts, plain, i > 0, 1, &events, &resumed, &error), LIDO_INTERRUPTED,
                     "interrupted in epoch");
        ck_assert_int_eq(c.steps, stops[i]);
    }
    ck_assert_int_eq(position_of(parts, "last.safetensors").epoch, 2);
    run_ok(parts, plain, true, &resumed);
    assert_same_run(whole, parts);
    ck_assert(result.test.loss == resumed.test.loss);
    ck_assert_int_eq(lines_of(parts, "history.csv"), 5);
    remove_folder(whole);
    remove_folder(parts);
}
END_TEST

START_TEST(interrupted_at_once_keeps_the_initial_weights) {
    char folder[LIDO_PATH_SIZE];
    lido_run_result result;
    lido_error error;
    counter c = {.stop_at = 1};
    lido_trainer_events events = {.context = &c, .step = count_step};
    temporary_folder(folder);
    assert_fails(run_in(folder, plain, false, 1, &events, &result, &error), LIDO_INTERRUPTED,
                 "interrupted in epoch 1; 0 finished epochs are kept");
    ck_assert_int_eq(position_of(folder, "last.safetensors").epoch, 0);
    ck_assert_int_eq(position_of(folder, "best.safetensors").epoch, 0);
    remove_folder(folder);
}
END_TEST

START_TEST(a_finished_run_returns_at_once_and_may_be_prolonged) {
    char whole[LIDO_PATH_SIZE], parts[LIDO_PATH_SIZE];
    lido_run_result first, again;
    lido_error error;
    counter c = {0};
    lido_trainer_events events = {.context = &c, .step = count_step, .epoch = count_epoch};
    temporary_folder(whole);
    temporary_folder(parts);
    assert_ok(run_in(parts, DIGITS(2, ""), true, 1, &events, &first, &error));
    ck_assert_int_eq(c.steps, 2 * 5);
    ck_assert_int_eq(c.epochs, 2);
    assert_ok(run_in(parts, DIGITS(2, ""), true, 1, &events, &again, &error));
    ck_assert(again.already_finished && again.epochs == 2);
    ck_assert(again.test.loss == first.test.loss && again.test.rows == 50);
    ck_assert_int_eq(c.steps, 2 * 5);

    assert_ok(run_in(parts, plain, true, 1, &events, &again, &error));
    ck_assert(!again.already_finished && again.epochs == 4);
    ck_assert_int_eq(c.epochs, 4);
    run_ok(whole, plain, false, &first);
    assert_same_file(whole, parts, "last.safetensors");
    remove_folder(whole);
    remove_folder(parts);
}
END_TEST

/* 160 pictures in batches of 32 are 5 steps an epoch: the third is cut short. */
START_TEST(steps_may_end_within_an_epoch) {
    static const char train[] = DIGITS(9, ", \"steps\": 12, \"schedule\": \"cosine\"");
    char whole[LIDO_PATH_SIZE], parts[LIDO_PATH_SIZE];
    lido_run_result result;
    lido_error error;
    temporary_folder(whole);
    temporary_folder(parts);
    counter c = {.stop_at = 11};
    lido_trainer_events events = {.context = &c, .step = count_step};
    run_ok(whole, train, false, &result);
    ck_assert_int_eq(result.epochs, 3);
    ck_assert_int_eq(position_of(whole, "last.safetensors").step, 12);
    assert_fails(run_in(parts, train, false, 1, &events, &result, &error), LIDO_INTERRUPTED,
                 "2 finished epochs are kept");
    run_ok(parts, train, true, &result);
    assert_same_run(whole, parts);
    run_ok(parts, train, true, &result);
    ck_assert(result.already_finished);
    remove_folder(whole);
    remove_folder(parts);
}
END_TEST

/* The schedule falls to its end over the steps there are, fewer than the epochs would give. */
START_TEST(the_schedule_spans_the_steps) {
    char folder[LIDO_PATH_SIZE];
    lido_run_result result;
    lido_history history;
    lido_error error;
    temporary_folder(folder);
    run_ok(folder, DIGITS(9, ", \"steps\": 5, \"schedule\": \"cosine\""), false, &result);
    assert_ok(lido_history_read(folder, 1, &history, &error));
    const char *row = strchr(history.csv, '\n') + 1;
    ck_assert_double_eq_tol(strtod(strchr(row, ',') + 1, NULL),
                            0.001 * (1 + cos(3.14159265358979 * 4 / 5)) / 2, 1e-9);
    lido_history_free(&history);
    remove_folder(folder);
}
END_TEST

/* Looking at the test split changes nothing else. */
START_TEST(epochs_may_be_tested) {
    char plainly[LIDO_PATH_SIZE], tested[LIDO_PATH_SIZE], last[64];
    lido_run_result result;
    lido_error error;
    temporary_folder(plainly);
    temporary_folder(tested);
    run_ok(plainly, plain, false, &result);
    lido_spec *spec = digits_spec(plain);
    lido_train_options train = options_of(spec);
    lido_run_options run = {.out = tested, .test_epochs = true, .data = {.limit = 50}};
    assert_ok(lido_run(spec, &train, &run, &result, &error));
    assert_same_run(plainly, tested);
    lido_history without, with;
    assert_ok(lido_history_read(plainly, 4, &without, &error));
    assert_ok(lido_history_read(tested, 4, &with, &error));
    ck_assert_ptr_null(strstr(without.jsonl, "\"test_accuracy\""));
    snprintf(last, sizeof last, "\"test_accuracy\":%.15g,", result.test.accuracy);
    ck_assert_ptr_nonnull(strstr(strstr(with.jsonl, "\"epoch\":4"), last));
    lido_history_free(&with);
    lido_history_free(&without);
    lido_spec_free(spec);
    remove_folder(plainly);
    remove_folder(tested);
}
END_TEST

START_TEST(patience_runs_out) {
    char folder[LIDO_PATH_SIZE];
    lido_run_result result;
    temporary_folder(folder);
    lido_spec *spec = spec_of(
        "{\"input\": [28, 28, 1], \"layers\": [{\"type\": \"flatten\"}, {\"type\": \"dense\", "
        "\"units\": 10}, {\"type\": \"softmax\"}], \"train\": {\"data\": \"synthetic\", "
        "\"limit\": 50, \"epochs\": 9, \"validation\": 0.2, \"patience\": 2, "
        "\"optimizer\": {\"type\": \"sgd\", \"lr\": 0}}}");
    lido_train_options train = options_of(spec);
    lido_run_options run = {.out = folder, .data = {.limit = 10}};
    lido_error error;
    assert_ok(lido_run(spec, &train, &run, &result, &error));
    ck_assert_int_eq(result.epochs, 3);
    ck_assert_int_eq(position_of(folder, "best.safetensors").epoch, 1);
    run.resume = true;
    assert_ok(lido_run(spec, &train, &run, &result, &error));
    ck_assert(result.already_finished);
    lido_spec_free(spec);
    remove_folder(folder);
}
END_TEST

START_TEST(what_cannot_go_on_is_refused) {
    char folder[LIDO_PATH_SIZE], path[LIDO_PATH_SIZE];
    lido_run_result result;
    lido_error error;
    temporary_folder(folder);
    run_ok(folder, DIGITS(2, ""), false, &result);
    size_t before_size, after_size;
    char *before = file_of(folder, "last.safetensors", &before_size);
    assert_fails(run_in(folder, DIGITS(2, ""), false, 1, NULL, &result, &error), LIDO_USAGE,
                 "holds a run; resume it (--resume) or name another folder");
    assert_fails(run_in(folder, DIGITS(2, ", \"seed\": 2"), true, 1, NULL, &result, &error),
                 LIDO_MISMATCH, "train.seed is 2, not 1");
    char *after = file_of(folder, "last.safetensors", &after_size);
    ck_assert(before_size == after_size && memcmp(before, after, before_size) == 0);
    assert_ok(lido_path_join(folder, "last.safetensors", path, sizeof path, &error));
    assert_ok(lido_file_write(path, before, before_size / 2, &error));
    assert_fails(run_in(folder, DIGITS(2, ""), true, 1, NULL, &result, &error), LIDO_CORRUPT,
                 "last.safetensors");
    free(before);
    free(after);
    remove_folder(folder);
}
END_TEST

/* Also: a set without a test split trains all the same. */
START_TEST(another_data_set_under_the_same_name_is_refused) {
    char folder[LIDO_PATH_SIZE], data[LIDO_PATH_SIZE], train[2 * LIDO_PATH_SIZE];
    lido_run_result result;
    lido_error error;
    temporary_folder(folder);
    temporary_folder(data);
    write_columns_set(data, 40, 28, 10);
    snprintf(train, sizeof train, "{\"data\": \"npy:%s\", \"epochs\": 1}", data);
    run_ok(folder, train, false, &result);
    ck_assert_int_eq(result.test.rows, 0);
    write_columns_set(data, 50, 28, 10);
    snprintf(train, sizeof train, "{\"data\": \"npy:%s\", \"epochs\": 2}", data);
    assert_fails(run_in(folder, train, true, 1, NULL, &result, &error), LIDO_MISMATCH,
                 "the run there trains on 40 pictures, the data set");
    remove_folder(folder);
    remove_folder(data);
}
END_TEST

START_TEST(options_set_by_a_program_are_checked) {
    char folder[LIDO_PATH_SIZE];
    lido_run_result result;
    lido_error error;
    temporary_folder(folder);
    lido_spec *spec = digits_spec(plain);
    lido_train_options train = options_of(spec);
    lido_run_options run = {.out = folder};
    train.epochs = 0;
    assert_fails(lido_run(spec, &train, &run, &result, &error), LIDO_SPEC, "\"epochs\" is 0");
    train.epochs = 1;
    run.out = NULL;
    assert_fails(lido_run(spec, &train, &run, &result, &error), LIDO_USAGE, "no folder");
    lido_spec_free(spec);
    remove_folder(folder);
}
END_TEST

START_TEST(a_loss_that_is_not_finite_keeps_the_last_good_checkpoint) {
    char folder[LIDO_PATH_SIZE];
    lido_run_result result;
    lido_error error;
    temporary_folder(folder);
    const char wild[] = DIGITS(2, ", \"optimizer\": {\"type\": \"sgd\", \"lr\": 1e30}");
    assert_fails(run_in(folder, wild, false, 1, NULL, &result, &error), LIDO_NOT_FINITE,
                 "epoch 1, step 2: loss is nan; first in layer \"");
    ck_assert_int_eq(position_of(folder, "last.safetensors").epoch, 0);
    remove_folder(folder);
}
END_TEST

/* The weights go bad in the last step of an epoch, when no loss is left to show it. */
START_TEST(weights_that_are_not_finite_are_not_kept) {
    char folder[LIDO_PATH_SIZE];
    lido_run_result result;
    lido_error error;
    temporary_folder(folder);
    const char wild[] = "{\"data\": \"synthetic\", \"limit\": 32, \"batch\": 32, \"epochs\": 2, "
                        "\"optimizer\": {\"type\": \"sgd\", \"lr\": 1e300}}";
    assert_fails(run_in(folder, wild, false, 1, NULL, &result, &error), LIDO_NOT_FINITE,
                 "epoch 1: a number of \"");
    ck_assert_int_eq(position_of(folder, "last.safetensors").epoch, 0);
    remove_folder(folder);
}
END_TEST

/* ---- processes that die -------------------------------------------------------------------- */

static pid_t start_child(const char *folder, const char *train, rlim_t largest_file) {
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child > 0) return child;
    lido_run_result result;
    lido_error error;
    const struct rlimit limit = {largest_file, largest_file};
    signal(SIGXFSZ, SIG_IGN);
    if (largest_file != RLIM_INFINITY && setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(99);
    _exit((int)run_in(folder, train, true, 2, NULL, &result, &error));
}

/* Its exit status, or -1 when it was killed. */
static int end_of(pid_t child) {
    int state;
    ck_assert_int_eq(waitpid(child, &state, 0), child);
    return WIFEXITED(state) ? WEXITSTATUS(state) : -1;
}

static void run_to_the_end(const char *folder, const char *train) {
    lido_run_result result;
    run_ok(folder, train, true, &result);
}

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

START_TEST(a_killed_run_goes_on) {
    char whole[LIDO_PATH_SIZE], parts[LIDO_PATH_SIZE];
    const char longer[] = DIGITS(12, "");
    temporary_folder(whole);
    temporary_folder(parts);
    double start = seconds_now();
    run_to_the_end(whole, longer);
    double longest = seconds_now() - start;
    lido_key key = lido_key_make(5, "kills", 0);
    int killed = 0;
    for (uint64_t kills = 0; kills < 6 || killed < 2; kills++) {
        ck_assert_uint_lt(kills, 60);
        uint64_t wait = lido_random_below(key, 0, kills, (uint64_t)(longest * 0.4e9) + 1);
        pid_t child = start_child(parts, longer, RLIM_INFINITY);
        nanosleep(&(struct timespec){(time_t)(wait / 1000000000), (long)(wait % 1000000000)}, NULL);
        kill(child, SIGKILL);
        int status = end_of(child);
        ck_assert_msg(status == -1 || status == LIDO_OK, "%s", lido_status_text(status));
        killed += status == -1;
        if (status == -1 || killed >= 2) continue;
        remove_folder(parts); /* faster than it was: once more, with less time */
        temporary_folder(parts);
        longest /= 2;
        killed = 0;
    }
    run_to_the_end(parts, longer);
    assert_same_run(whole, parts);
    ck_assert_int_eq(lines_of(parts, "history.csv"), 13);
    ck_assert_int_eq(lines_of(parts, "history.jsonl"), 12);
    remove_folder(whole);
    remove_folder(parts);
}
END_TEST

START_TEST(a_full_disk_leaves_the_checkpoint_whole) {
    char whole[LIDO_PATH_SIZE], parts[LIDO_PATH_SIZE];
    temporary_folder(whole);
    temporary_folder(parts);
    run_to_the_end(parts, DIGITS(2, ""));
    ck_assert_int_eq(end_of(start_child(parts, plain, 4000)), LIDO_IO);
    ck_assert_int_eq(position_of(parts, "last.safetensors").epoch, 2);
    run_to_the_end(parts, plain);
    run_to_the_end(whole, plain);
    assert_same_file(whole, parts, "last.safetensors");
    remove_folder(whole);
    remove_folder(parts);
}
END_TEST

/* Stops at step `stop_at` (0: never); the pooling learns. */
static lido_status run_learning(const char *folder, int stop_at, lido_error *error) {
    lido_spec *spec = spec_of(
        "{\"input\": [28, 28, 1], \"layers\": [{\"type\": \"gem_pool\", \"name\": \"gem\","
        "\"kernel\": 4}, {\"type\": \"conv\", \"filters\": 3, \"kernel\": 3, "
        "\"activation\": \"relu\"}, {\"type\": \"lse_pool\", \"kernel\": 5, \"learn\": "
        "\"channel\"}, {\"type\": \"flatten\"}, {\"type\": \"dense\", \"units\": 10}, {\"type\": "
        "\"softmax\"}],"
        "\"train\": {\"data\": \"synthetic\", \"limit\": 64, \"batch\": 16, \"epochs\": 4}}");
    lido_train_options train = options_of(spec);
    counter c = {.stop_at = stop_at};
    lido_trainer_events events = {.context = &c, .step = count_step};
    lido_run_options options = {
        .out = folder, .resume = true, .data = {.limit = 10}, .events = &events};
    lido_run_result result;
    lido_status status = lido_run(spec, &train, &options, &result, error);
    lido_spec_free(spec);
    return status;
}

/* What each row of history.jsonl says was learned, one after another. */
static void read_learned(const char *folder, char text[4096]) {
    static const char key[] = "\"learned\":";
    size_t size, used = 0;
    char *rows = file_of(folder, "history.jsonl", &size);
    for (char *row = strtok(rows, "\n"); row; row = strtok(NULL, "\n")) {
        const char *learned = strstr(row, key);
        ck_assert_ptr_nonnull(learned);
        used += (size_t)snprintf(text + used, 4096 - used, "%s\n", learned);
        ck_assert_uint_lt(used, 4096);
    }
    free(rows);
}

START_TEST(what_pooling_learns_is_in_the_history) {
    char whole[LIDO_PATH_SIZE], parts[LIDO_PATH_SIZE], of_whole[4096], of_parts[4096];
    lido_error error;
    temporary_folder(whole);
    temporary_folder(parts);
    assert_ok(run_learning(whole, 0, &error));
    assert_fails(run_learning(parts, 6, &error), LIDO_INTERRUPTED, "interrupted in epoch 2");
    assert_fails(run_learning(parts, 8, &error), LIDO_INTERRUPTED, "interrupted in epoch 3");
    assert_ok(run_learning(parts, 0, &error));
    read_learned(whole, of_whole);
    read_learned(parts, of_parts);
    ck_assert_str_eq(of_whole, of_parts);
    ck_assert_int_eq(lines_of(parts, "history.jsonl"), 4);
    ck_assert_ptr_nonnull(strstr(of_whole, "{\"gem\":{\"p\":{\"mean\":"));
    ck_assert_ptr_nonnull(strstr(of_whole, "\"lse_pool#1\":{\"r\":{\"mean\":"));
    remove_folder(whole);
    remove_folder(parts);
}
END_TEST

LIDO_TEST_MAIN("run", leaves_its_folder, without_validation_best_is_last,
               same_bits_for_any_number_of_threads, an_interrupted_run_goes_on,
               interrupted_at_once_keeps_the_initial_weights,
               a_finished_run_returns_at_once_and_may_be_prolonged, steps_may_end_within_an_epoch,
               the_schedule_spans_the_steps, epochs_may_be_tested, patience_runs_out,
               what_cannot_go_on_is_refused, another_data_set_under_the_same_name_is_refused,
               options_set_by_a_program_are_checked,
               a_loss_that_is_not_finite_keeps_the_last_good_checkpoint,
               weights_that_are_not_finite_are_not_kept, a_killed_run_goes_on,
               a_full_disk_leaves_the_checkpoint_whole, what_pooling_learns_is_in_the_history)
