/* Tests of report_answers.c: answers of three arms on four pictures, and predictions that do not
 * belong to the pictures. */
#define _GNU_SOURCE
#include "data/data_files.h"

#include "study/report_answers.h"
#include "study/report_results.h"

enum { PICTURES = 4, RUNS = 2 };

/* Three arms of two runs each, in folders r0 ... r5 of a scratch folder. */
static const char results_text[] =
    "{\"cells\": ["
    "{\"name\": \"a\", \"levels\": [\"a\"], \"runs\": [{\"folder\": \"r0\"}, {\"folder\": "
    "\"r1\"}]},"
    "{\"name\": \"b\", \"levels\": [\"b\"], \"runs\": [{\"folder\": \"r2\"}, {\"folder\": "
    "\"r3\"}]},"
    "{\"name\": \"c\", \"levels\": [\"c\"], \"runs\": [{\"folder\": \"r4\"}, {\"folder\": \"r5\"}]}"
    "]}";

static const int32_t labels[PICTURES] = {0, 1, 2, 0};
static const int32_t said[3 * RUNS][PICTURES] = {
    {0, 1, 2, 1}, {0, 1, 2, 0}, /* a: of one vote each, the lowest class */
    {0, 2, 2, 1}, {0, 2, 1, 1}, /* b */
    {0, 1, 1, 1}, {0, 2, 1, 1}, /* c */
};

typedef struct study {
    scratch folder;
    lido_json *results;
    lido_dataset *test;
    lido_report_result result;
    lido_report report;
} study;

static void write_predictions(study *s, int run, int64_t count) {
    char name[64];
    lido_error error;
    snprintf(name, sizeof name, "r%d/predictions.npy", run);
    scratch_write(&s->folder, name, "", 0);
    const lido_npy npy = {
        .type = LIDO_NPY_I32, .rank = 1, .dim = {count}, .count = count, .data = (void *)said[run]};
    assert_ok(lido_npy_write(s->folder.path, &npy, &error));
}

static void make_study(study *s) {
    const lido_shape shape = {2, {1, 2, 2}, 1};
    lido_error error;
    s->folder = scratch_make();
    assert_ok(lido_json_parse(results_text, sizeof results_text - 1, "r", &s->results, &error));
    assert_ok(lido_dataset_new("four", &shape, PICTURES, 3, 1, &s->test, &error));
    memset(s->test->pixels, 128, PICTURES * 4);
    memcpy(s->test->labels, labels, sizeof labels);
    for (int run = 0; run < 3 * RUNS; run++) write_predictions(s, run, PICTURES);
    s->report = (lido_report){.folder = s->folder.folder,
                              .results = s->results,
                              .numbers = lido_json_object(),
                              .view = lido_json_object(),
                              .result = &s->result};
}

static void free_study(study *s) {
    lido_json_free(s->report.view);
    lido_json_free(s->report.numbers);
    lido_json_free(s->results);
    lido_dataset_free(s->test);
    scratch_free(&s->folder);
}

START_TEST(finds_where_arms_disagree) {
    study s;
    int64_t picture;
    lido_error error;
    make_study(&s);
    const lido_status status = lido_report_answers(&s.report, s.test, &picture, &error);
    ck_assert_int_eq(picture,
                     1); /* a has it right twice, b never, as c's picture 2, which is later */
    const lido_json *rows = lido_json_get(s.report.numbers, "disagreements");
    static const double expected[][6] = {
        /* picture, class, answer, votes, right, runs of arms a, b, c */
        {1, 1, 1, 2, 2, 2}, {1, 1, 2, 2, 0, 2}, {1, 1, 1, 1, 1, 2},
        {2, 2, 2, 2, 2, 2}, {2, 2, 1, 1, 1, 2}, {2, 2, 1, 2, 0, 2},
        {3, 0, 0, 1, 1, 2}, {3, 0, 1, 2, 0, 2}, {3, 0, 1, 2, 0, 2}};
    static const char *const keys[] = {"picture", "class", "answer", "votes", "right", "runs"};
    ck_assert_int_eq(lido_json_count(rows), 9);
    const lido_json *row = lido_json_first(rows);
    for (int i = 0; i < 9; i++, row = lido_json_next(row))
        for (int k = 0; k < 6; k++)
            ck_assert_msg(lido_json_number(lido_json_get(row, keys[k])) == expected[i][k],
                          "row %d, %s", i, keys[k]);
#ifdef LIDO_HAVE_PNG
    ck_assert_int_eq(status, LIDO_OK);
    const lido_json *view = lido_json_get(s.report.view, "disagreements");
    ck_assert_str_eq(lido_results_text(view, "summary"),
                     "On 3 of 4 test pictures the arms' answers differ.");
    ck_assert_str_eq(lido_results_text(view, "pictures/0/number"), "1");
    ck_assert_str_eq(lido_results_text(view, "pictures/0/groups/0/class"), "1");
    ck_assert_str_eq(lido_results_text(view, "pictures/0/groups/0/arms/1"), "c (1 of 2)");
    ck_assert(lido_json_bool(lido_results_at(view, "pictures/0/groups/0/right")));
    ck_assert_str_eq(lido_results_text(view, "pictures/0/groups/1/arms/0"), "b");
    ck_assert(!lido_json_bool(lido_results_at(view, "pictures/0/groups/1/right")));
#else
    ck_assert_int_eq(status, LIDO_UNSUPPORTED);
#endif
    free_study(&s);
}
END_TEST

START_TEST(refuses_answers_to_other_pictures) {
    study s;
    int64_t picture;
    lido_error error;
    make_study(&s);
    write_predictions(&s, 4, PICTURES - 1);
    assert_fails(lido_report_answers(&s.report, s.test, &picture, &error), LIDO_MISMATCH,
                 "r4/predictions.npy: 3 answers, allowed: one int32 for each of the 4");
    remove(scratch_path(&s.folder, "r1/predictions.npy"));
    assert_fails(lido_report_answers(&s.report, s.test, &picture, &error), LIDO_NOT_FOUND,
                 "r1/predictions.npy");
    s.test->labels_each = 4;
    assert_fails(lido_report_answers(&s.report, s.test, &picture, &error), LIDO_UNSUPPORTED,
                 "several labels");
    free_study(&s);
}
END_TEST

LIDO_TEST_MAIN("report_answers", finds_where_arms_disagree, refuses_answers_to_other_pictures)
