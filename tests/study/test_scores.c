#include "study/scores.h"

#include "lido_check.h"

#include <math.h>

static lido_scores scores_of(int64_t classes, int64_t rows) {
    lido_scores scores;
    lido_error error;
    assert_ok(lido_scores_make(classes, rows, &scores, &error));
    return scores;
}

/* By hand: two rows in bin 14 (0.95, right; 0.97, wrong), one in bin 8 (0.6, right). */
START_TEST(calibration_by_hand) {
    const lido_real y[] = {0.95f, 0.05f, 0.97f, 0.03f, 0.4f, 0.6f};
    const int32_t labels[] = {0, 1, 1};
    lido_scores scores = scores_of(2, 3);
    lido_scores_add(&scores, y, labels, 3);
    const double expected = (fabs(1 - 1.92) + fabs(1 - 0.6)) / 3;
    ck_assert_double_eq_tol(lido_scores_calibration_error(&scores), expected, 1e-7);
    const double brier = 2 * (0.05 * 0.05 + 0.97 * 0.97 + 0.4 * 0.4) / 3;
    ck_assert_double_eq_tol(lido_scores_brier(&scores), brier, 1e-7);
    lido_scores_free(&scores);
}
END_TEST

START_TEST(bins_are_fifteenths) {
    static const struct {
        double confidence;
        int bin;
    } cases[] = {{0, 0},       {0.0666, 0}, {0.0667, 1}, {0.5, 7}, {0.9333, 13},
                 {0.9334, 14}, {1, 14},     {1.5, 14},   {-1, 0},  {NAN, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lido_scores scores = scores_of(1, 1);
        const lido_real y = (lido_real)cases[i].confidence;
        lido_scores_add(&scores, &y, (int32_t[]){0}, 1);
        ck_assert_msg(scores.bin[cases[i].bin].rows == 1, "%g", cases[i].confidence);
        lido_scores_free(&scores);
    }
}
END_TEST

/* Sure and right is perfect, sure and wrong is as bad as can be. */
START_TEST(extremes) {
    const lido_real y[] = {1, 0, 0, 0, 0, 1};
    lido_scores right = scores_of(3, 2), wrong = scores_of(3, 2), none = scores_of(3, 2);
    lido_scores_add(&right, y, (int32_t[]){0, 2}, 2);
    lido_scores_add(&wrong, y, (int32_t[]){1, 0}, 2);
    lido_scores_add(&none, y, (int32_t[]){-1, -1}, 2);
    ck_assert(lido_scores_calibration_error(&right) == 0 && lido_scores_brier(&right) == 0);
    ck_assert(lido_scores_calibration_error(&wrong) == 1 && lido_scores_brier(&wrong) == 2);
    ck_assert(isnan(lido_scores_calibration_error(&none)) && isnan(lido_scores_brier(&none)));
    lido_scores_free(&right);
    lido_scores_free(&wrong);
    lido_scores_free(&none);
}
END_TEST

/* In any pieces; rows without a label are kept in the answers and count nowhere else. */
START_TEST(answers_and_confusion) {
    const lido_real y[] = {0.7f, 0.2f, 0.1f, 0.2f, 0.5f, 0.3f, 0.25f, 0.375f, 0.375f, 0, 0, 1};
    const int32_t labels[] = {0, 0, -1, 1};
    lido_scores scores = scores_of(3, 4);
    lido_scores_add(&scores, y, labels, 1);
    lido_scores_add(&scores, y + 3, labels + 1, 3);
    const lido_answers *answers = &scores.answers;
    const int32_t predictions[] = {0, 1, -1, 2};
    const float confidences[] = {0.7f, 0.5f, 0, 1};
    ck_assert_int_eq(answers->rows, 4);
    ck_assert_mem_eq(answers->predictions, predictions, sizeof predictions);
    for (int i = 0; i < 4; i++) ck_assert(answers->confidences[i] == confidences[i]);
    ck_assert_int_eq(scores.rows, 3);
    lido_json *matrix = lido_scores_confusion(&scores, 2);
    char *text = lido_json_print(matrix, false);
    ck_assert_str_eq(text, "[[1,1,0],[0,0,1]]");
    free(text);
    lido_json_free(matrix);
    lido_scores_free(&scores);
}
END_TEST

/* Of equal outputs the first. */
START_TEST(ties_go_to_the_first) {
    const lido_real y[] = {0.25f, 0.375f, 0.375f};
    lido_scores scores = scores_of(3, 1);
    lido_scores_add(&scores, y, (int32_t[]){2}, 1);
    ck_assert_int_eq(scores.answers.predictions[0], 1);
    lido_scores_free(&scores);
}
END_TEST

START_TEST(too_much_is_refused) {
    lido_scores scores;
    lido_error error;
    assert_fails(lido_scores_make((int64_t)1 << 40, 1, &scores, &error), LIDO_TOO_LARGE, "classes");
    lido_scores_free(&scores);
}
END_TEST

LIDO_TEST_MAIN("scores", calibration_by_hand, bins_are_fifteenths, extremes, answers_and_confusion,
               ties_go_to_the_first, too_much_is_refused)
