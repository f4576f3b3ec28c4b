#include "study_helpers.h"

#define STUDY "'seeds': [3, 1], 'claim': 'so', 'factors': {" TWO_POOLS "}"

static lido_json *results_of(const bench *b) {
    char path[LIDO_PATH_SIZE];
    lido_json *results;
    lido_error error;
    path_in(b->out, "results.json", path);
    assert_ok(lido_json_read(path, &results, &error));
    return results;
}

static void train(const lido_study *study, const bench *b, int run) {
    lido_study_outcome outcome;
    lido_error error;
    assert_ok(lido_study_train(study, run, &b->place, NULL, &outcome, &error));
}

static const char *text_at(const lido_json *object, const char *key) {
    return lido_json_string(lido_json_get(object, key));
}

START_TEST(puts_all_together) {
    bench b;
    lido_error error;
    int finished;
    bench_make(&b, "");
    lido_study *study = bench_study(&b, STUDY);
    for (int i = 0; i < 4; i++) train(study, &b, i);
    assert_ok(lido_study_gather(study, &b.place, &finished, &error));
    ck_assert_int_eq(finished, 4);
    lido_json *results = results_of(&b);
    ck_assert_str_eq(text_at(lido_json_get(results, "study"), "claim"), "so");
    ck_assert_str_eq(text_at(results, "lido"), lido_version());
    ck_assert_str_eq(text_at(results, "baseline"), "pool=max");
    ck_assert(lido_json_kind_of(lido_json_get(results, "profile")) == LIDO_JSON_NULL);
    ck_assert_ptr_nonnull(lido_json_get(lido_json_get(results, "environment"), "blas"));
    ck_assert_ptr_null(lido_json_get(lido_json_get(results, "environment"), "date"));
    const lido_json *factor = lido_json_first(lido_json_get(results, "factors"));
    ck_assert_str_eq(text_at(factor, "name"), "pool");
    ck_assert_int_eq(lido_json_count(lido_json_get(factor, "variants")), 2);

    const lido_json *cell = lido_json_next(lido_json_first(lido_json_get(results, "cells")));
    ck_assert_str_eq(text_at(cell, "name"), "pool=avg");
    ck_assert_str_eq(lido_json_string(lido_json_first(lido_json_get(cell, "levels"))), "avg");
    ck_assert_double_eq(lido_json_number(lido_json_get(cell, "steps")), 12);
    const lido_json *run = lido_json_first(lido_json_get(cell, "runs"));
    ck_assert_double_eq(lido_json_number(lido_json_get(run, "seed")), 3);
    ck_assert_str_eq(text_at(run, "folder"), "runs/pool=avg/seed-3");
    ck_assert_int_eq(lido_json_count(lido_json_get(run, "history")), 2);
    ck_assert_ptr_nonnull(lido_json_get(lido_json_get(run, "measures"), "test_accuracy"));
    ck_assert_int_gt(
        lido_json_count(lido_json_get(lido_json_get(results, "statistics"), "measures")), 0);
    lido_json_free(results);
    lido_study_free(study);
    bench_free(&b);
}
END_TEST

START_TEST(takes_what_is_there) {
    bench b;
    lido_error error;
    int finished;
    bench_make(&b, "");
    lido_study *study = bench_study(&b, STUDY);
    assert_ok(lido_study_gather(study, &b.place, &finished, &error));
    ck_assert_int_eq(finished, 0);
    train(study, &b, 2);
    assert_ok(lido_study_gather(study, &b.place, &finished, &error));
    ck_assert_int_eq(finished, 1);
    lido_json *results = results_of(&b);
    const lido_json *cell = lido_json_first(lido_json_get(results, "cells"));
    const lido_json *run = lido_json_first(lido_json_get(cell, "runs"));
    ck_assert_double_eq(lido_json_number(lido_json_get(run, "seed")), 1);
    ck_assert_int_eq(lido_json_count(lido_json_get(lido_json_next(cell), "runs")), 0);
    lido_json_free(results);
    lido_study_free(study);
    bench_free(&b);
}
END_TEST

START_TEST(refuses_broken_measures) {
    bench b;
    lido_error error;
    int finished;
    char folder[LIDO_PATH_SIZE];
    bench_make(&b, "");
    lido_study *study = bench_study(&b, STUDY);
    train(study, &b, 0);
    path_in(b.out, "runs/pool=max/seed-3", folder);
    write_json(folder, "measures.json", "{'test_accuracy'");
    ck_assert(lido_study_gather(study, &b.place, &finished, &error) == LIDO_CORRUPT);
    ck_assert_ptr_nonnull(strstr(error.message, "measures.json"));
    lido_study_free(study);
    bench_free(&b);
}
END_TEST

LIDO_TEST_MAIN("results", puts_all_together, takes_what_is_there, refuses_broken_measures)
