/* Tests of report_view.c: numbers as they are read, for every table of the page. */
#include "small_results.h"

#include "study/report_parts.h"
#include "study/report_results.h"
#include "study/report_tables.h"

typedef struct viewed {
    lido_json *results, *tables, *view;
    lido_report_result result;
} viewed;

static viewed *view_of(const char *from, const char *to, viewed *v) {
    v->results = small_results(from, to);
    v->tables = lido_report_tables(v->results);
    v->view = lido_json_object();
    v->result.notes = 0;
    lido_report report = {
        .results = v->results, .tables = v->tables, .view = v->view, .result = &v->result};
    lido_report_view(&report);
    return v;
}

static void free_viewed(viewed *v) {
    lido_json_free(v->view);
    lido_json_free(v->tables);
    lido_json_free(v->results);
}

static void check(const viewed *v, const char *path, const char *expected) {
    ck_assert_msg(strcmp(lido_results_text(v->view, path), expected) == 0,
                  "%s is \"%s\", not \"%s\"", path, lido_results_text(v->view, path), expected);
}

START_TEST(texts_of_every_table) {
    static const char *const texts[][2] = {
        {"name", "a <b>"},
        {"claim", "so & so"},
        {"facts", "2 arms, 2 seeds each, 4 runs"},
        {"date", "2026-01-31"},
        {"baseline_arm", "max"},
        {"factors/0/text", "pool"},
        {"arms/0/levels/0/text", "max"},
        {"arms/0/n", "2"},
        {"arms/0/mean", "80.00"},
        {"arms/0/interval", "17.00 to 143.00"},
        {"arms/1/mean", "85.00"},
        {"arms/1/parameters", "1,234"},
        {"arms/1/multiply_adds", "5,678"},
        {"arms/1/memory", "4.0 kB"},
        {"arms/1/seconds", "2.0 s"},
        {"differences/0/title", "Test accuracy, points"},
        {"differences/0/rows/0/mean", "+5.00"},
        {"differences/0/rows/0/interval", "\u22121.00 to +11.00"},
        {"differences/0/rows/0/p", "0.040"},
        {"differences/0/rows/0/sign_flip", "0.50"},
        {"differences/0/rows/0/effect", "1.23"},
        {"differences/0/rows/0/needed", "9"},
        {"effects/0/rows/0/factors", "pool"},
        {"effects/0/rows/0/f", "9.123"},
        {"effects/0/rows/0/df", "1, 1"},
        {"effects/0/rows/0/eta", "0.333"},
        {"mcnemar/0/arm_right", "8"},
        {"epochs_to/0/epochs", "1.5"},
        {"epochs_to/0/reached", "2 of 2"},
        {"epochs_to/1/epochs", "\u2013"},
        {"pooling/0/layer", "p#1"},
        {"pooling/0/values/2/text", "25.0"},
        {"pooling/0/values/5/text", "\u2013"},
        {"confusion/1/arm", "avg"},
        {"confusion/1/titles/1/text", "1"},
        {"confusion/1/lines/0/places/0/text", "10"},
        {"confusion/1/lines/0/places/0/shade", "right"},
        {"confusion/1/lines/0/places/1/shade", "s9"},
        {"confusion/1/lines/1/places/0/text", "\u00b7"},
        {"confusion/1/lines/1/places/0/shade", "s0"},
        {"environment/1/key", "cores"},
        {"environment/1/value", "2"},
    };
    viewed v;
    view_of(NULL, NULL, &v);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) check(&v, texts[i][0], texts[i][1]);
    ck_assert(lido_json_bool(lido_results_at(v.view, "arms/0/baseline")));
    ck_assert(!lido_json_bool(lido_results_at(v.view, "arms/1/baseline")));
    ck_assert_ptr_nonnull(strstr(lido_results_text(v.view, "study"), "\"name\":\t\"a <b>\""));
    free_viewed(&v);
}
END_TEST

START_TEST(what_is_short_or_not_known) {
    viewed v;
    view_of("'low': 0.17, 'high': 1.43", "'low': null, 'high': null", &v);
    check(&v, "arms/0/interval", "\u2013");
    free_viewed(&v);
    view_of("'seconds_per_epoch': 2,", "'seconds_per_epoch': -1.96,", &v);
    check(&v, "arms/0/seconds", "20 ms");
    free_viewed(&v);
}
END_TEST

START_TEST(many_classes_are_in_the_file_only) {
    char matrix[4096] = "'confusion': [[";
    for (int i = 0; i < 21; i++) strcat(matrix, i ? ",1" : "5");
    strcat(matrix, "], [1], [1]], 'other': [[1");
    viewed v;
    view_of("'confusion': [[5", matrix, &v);
    ck_assert_ptr_null(lido_results_at(v.view, "confusion/0"));
    ck_assert_int_eq(v.result.notes, 1);
    ck_assert_ptr_nonnull(strstr(v.result.note[0], "21 classes"));
    free_viewed(&v);
}
END_TEST

LIDO_TEST_MAIN("report_view", texts_of_every_table, what_is_short_or_not_known,
               many_classes_are_in_the_file_only)
