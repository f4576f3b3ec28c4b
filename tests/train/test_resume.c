#include "run_helpers.h"

#include "train/resume.h"

/* Resumes as one training object a run begun as another. */
static lido_status check(const char *ours, const char *theirs, int64_t epoch, lido_error *error) {
    lido_spec *our_spec = digits_spec(ours), *their_spec = digits_spec(theirs);
    lido_train_options our = options_of(our_spec), their = options_of(their_spec);
    char *our_text = lido_train_resolved(our_spec, &our);
    char *their_text = lido_train_resolved(their_spec, &their);
    lido_position position = {.epoch = epoch};
    lido_status status = lido_resume_check("run", our_text, their_text, &our, &position, error);
    free(our_text);
    free(their_text);
    lido_spec_free(our_spec);
    lido_spec_free(their_spec);
    return status;
}

START_TEST(only_epochs_may_change) {
    lido_error error;
    assert_ok(check("{\"epochs\": 4}", "{\"epochs\": 4}", 4, &error));
    assert_ok(check("{\"epochs\": 9}", "{\"epochs\": 4}", 4, &error));
    assert_ok(check("{\"epochs\": 3}", "{\"epochs\": 4}", 3, &error));
    assert_fails(check("{\"epochs\": 2}", "{\"epochs\": 4}", 3, &error), LIDO_MISMATCH,
                 "run: train.epochs is 2, the run there has already done 3");
    assert_fails(check("{\"batch\": 32}", "{}", 1, &error), LIDO_MISMATCH,
                 "train.batch is 32, not 64");
    assert_fails(check("{\"optimizer\": \"sgd\"}", "{}", 1, &error), LIDO_MISMATCH,
                 "train.optimizer");
}
END_TEST

START_TEST(epochs_stay_where_the_schedule_spans_the_run) {
    lido_error error;
    assert_fails(check("{\"epochs\": 9, \"schedule\": \"cosine\"}",
                       "{\"epochs\": 4, \"schedule\": \"cosine\"}", 2, &error),
                 LIDO_MISMATCH, "train.epochs is 9, not 4; the learning rates would be others");
    const char warm[] = "{\"epochs\": %d, \"schedule\": {\"type\": \"constant\", \"warmup\": 0.1}}";
    char ours[128], theirs[128];
    snprintf(ours, sizeof ours, warm, 9);
    snprintf(theirs, sizeof theirs, warm, 4);
    assert_fails(check(ours, theirs, 2, &error), LIDO_MISMATCH, "train.epochs is 9, not 4");
    assert_ok(check("{\"epochs\": 9, \"schedule\": \"step\"}",
                    "{\"epochs\": 4, \"schedule\": \"step\"}", 2, &error));
}
END_TEST

START_TEST(a_broken_spec_is_corrupt) {
    lido_spec *spec = digits_spec("{}");
    lido_train_options train = options_of(spec);
    lido_position position = {0};
    lido_error error;
    assert_fails(lido_resume_check("run", "{}", "{", &train, &position, &error), LIDO_CORRUPT,
                 "the checkpoint's spec");
    lido_spec_free(spec);
}
END_TEST

START_TEST(the_best_is_by_accuracy_then_loss) {
    const lido_score scores[] = {
        {2, 0.5, 10}, {1, 0.5, 10}, {0.5, 0.4, 10}, {1, 0.5, 10}, {3, 0.6, 10}};
    const bool best[] = {true, true, false, false, true};
    const int64_t waited[] = {0, 0, 1, 2, 0};
    lido_position position = {0};
    lido_train_options train = {.epochs = 9, .patience = 2};
    for (int i = 0; i < 5; i++) {
        ck_assert(lido_position_advance(&position, &scores[i]) == best[i]);
        ck_assert_int_eq(position.waited, waited[i]);
        ck_assert(lido_position_finished(&position, &train) == (waited[i] == 2));
    }
    ck_assert_int_eq(position.epoch, 5);
    ck_assert_int_eq(position.best_epoch, 5);
    train.epochs = 5;
    ck_assert(lido_position_finished(&position, &train));
}
END_TEST

START_TEST(without_validation_the_last_is_the_best) {
    lido_position position = {0};
    const lido_score none = {0};
    for (int i = 0; i < 3; i++) ck_assert(lido_position_advance(&position, &none));
    ck_assert_int_eq(position.best_epoch, 3);
}
END_TEST

LIDO_TEST_MAIN("resume", only_epochs_may_change, epochs_stay_where_the_schedule_spans_the_run,
               a_broken_spec_is_corrupt, the_best_is_by_accuracy_then_loss,
               without_validation_the_last_is_the_best)
