/* Tests of report_verdict.c: what is said of decided, undecided and single-seed studies. */
#include "small_results.h"

#include "study/report_parts.h"
#include "study/report_results.h"

/* The view of the verdict on the results with one change; the caller frees it. */
static lido_json *verdict_on(const char *from, const char *to) {
    lido_json *results = small_results(from, to);
    lido_report_result result = {.notes = 0};
    lido_report report = {.results = results, .view = lido_json_object(), .result = &result};
    lido_report_verdict(&report);
    lido_json_free(results);
    return report.view;
}

static void assert_says(const lido_json *view, const char *path, const char *expected) {
    const char *text = lido_results_text(view, path);
    ck_assert_msg(strstr(text, expected) != NULL, "\"%s\" is not in \"%s\"", expected, text);
}

START_TEST(says_what_is_not_decided) {
    lido_json *view = verdict_on(NULL, NULL);
    assert_says(view, "headline", "No difference is decided: with 2 seeds");
    assert_says(view, "headline", "(max)");
    assert_says(view, "verdict/0/arm", "avg");
    assert_says(
        view, "verdict/0/text",
        "5.00 points more (95\u00a0% interval \u22121.00 to +11.00): 2 seeds cannot decide.");
    assert_says(view, "cautions/0", "2 seeds are too few to decide anything");
    assert_says(view, "cautions/0", "below 0.50");
    ck_assert_ptr_null(lido_results_at(view, "verdict/1"));
    lido_json_free(view);
}
END_TEST

START_TEST(says_what_is_decided) {
    lido_json *view = verdict_on("'decided': false", "'decided': true");
    assert_says(view, "headline", "1 of the 1 other arm differs from the baseline (max)");
    ck_assert(lido_json_bool(lido_results_at(view, "verdict/0/decided")));
    lido_json_free(view);
    view = verdict_on("'mean': 0.05", "'mean': -0.05");
    assert_says(view, "verdict/0/text", "5.00 points less");
    lido_json_free(view);
    view = verdict_on("'mean': 0.05", "'mean': 0");
    assert_says(view, "verdict/0/text", "no points of difference (95");
    lido_json_free(view);
}
END_TEST

START_TEST(says_when_there_is_nothing_to_decide_by) {
    lido_json *view = verdict_on("'statistics'", "'statistic'");
    assert_says(view, "headline", "Nothing can be decided");
    ck_assert_ptr_null(lido_results_at(view, "verdict/0"));
    lido_json_free(view);
}
END_TEST

START_TEST(a_quick_study_is_a_demonstration) {
    lido_json *view = verdict_on("'profile': 'full'", "'profile': 'quick'");
    assert_says(view, "cautions/0", "a demonstration");
    lido_json_free(view);
}
END_TEST

LIDO_TEST_MAIN("report_verdict", says_what_is_not_decided, says_what_is_decided,
               says_when_there_is_nothing_to_decide_by, a_quick_study_is_a_demonstration)
