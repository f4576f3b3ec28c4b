#include "study_helpers.h"

#define POOLS "'factors': {" TWO_POOLS "}, "
#define BASE_HEAD_VARIANT(units) \
    "'u" #units "': [{'type': 'flatten'}, {'type': 'dense', 'units': " #units "}]"

static lido_status prepare(const bench *b, const char *members, lido_error *error) {
    lido_study *study;
    lido_status status = bench_read(b, members, &study, error);
    if (!status) status = lido_study_prepare(study, &b->place, error);
    lido_study_free(study);
    return status;
}

START_TEST(makes_its_folder) {
    bench b;
    lido_error error;
    size_t size;
    bench_make(&b, "");
    lido_study *study = bench_study(&b, POOLS "'seeds': 2");
    char *file = file_of(b.out, "study.json", &size), *text = lido_study_resolved(study);
    ck_assert_str_eq(file, text);
    free(file);
    free(text);
    assert_ok(lido_study_prepare(study, &b.place, &error));
    lido_study_free(study);
    bench_free(&b);
}
END_TEST

/* More seeds, or other words: the runs there are still those of the study. */
START_TEST(knows_its_study_again) {
    bench b;
    lido_error error;
    bench_make(&b, "");
    assert_ok(prepare(&b, POOLS "'seeds': 2", &error));
    assert_ok(prepare(&b, POOLS "'seeds': [2, 5], 'claim': 'as one reads'", &error));
    assert_fails(prepare(&b, POOLS "'seeds': 2, 'train': {'epochs': 3}", &error), LIDO_MISMATCH,
                 "out: holds another study: train is {\"epochs\":3}, not absent; name another");
    assert_fails(prepare(&b, POOLS "'seeds': 2, 'measures': {'pooling': true}", &error),
                 LIDO_MISMATCH, "measures.pooling is true, not false");
    write_json(b.out, "study.json", "{'seeds': ");
    assert_fails(prepare(&b, POOLS "'seeds': 2", &error), LIDO_CORRUPT, "study.json");
    bench_free(&b);
}
END_TEST

/* Before any training, and before there is a folder. */
START_TEST(refuses_data_that_does_not_fit) {
    bench b;
    lido_error error;
    bench_make(&b, "");
    assert_fails(prepare(&b,
                         "'seeds': 1, 'factors': {'head': {" BASE_HEAD_VARIANT(
                             3) ", " BASE_HEAD_VARIANT(4) "}}",
                         &error),
                 LIDO_SHAPE, "head=u4: the network has 4 outputs, the data set");
    assert_fails(prepare(&b, POOLS "'seeds': 1, 'train': {'data': 'npy:nix'}", &error),
                 LIDO_NOT_FOUND, "study.json: ");
    ck_assert(!lido_path_exists(b.out));
    bench_free(&b);
}
END_TEST

LIDO_TEST_MAIN("prepare", makes_its_folder, knows_its_study_again, refuses_data_that_does_not_fit)
