#include "run_helpers.h"
#include "team_of.h"

#include "train/trainer.h"

#include <math.h>

static const char digits[] = "{\"data\": \"synthetic\", \"limit\": 200, \"batch\": 32, "
                             "\"epochs\": 8, \"validation\": 0.2, "
                             "\"optimizer\": {\"type\": \"adam\", \"lr\": 0.01}}";

typedef struct bench {
    lido_spec *spec;
    lido_train_options train;
    lido_run_options run;
    lido_trainer trainer;
} bench;

/* Made in place: the trainer points into the options. */
static void make(bench *b, const char *train) {
    lido_error error;
    *b = (bench){.spec = digits_spec(train), .run = {.team = team_of(2), .data = {.limit = 100}}};
    b->train = options_of(b->spec);
    assert_ok(lido_trainer_make(b->spec, &b->train, &b->run, &b->trainer, &error));
}

static void destroy(bench *b) {
    lido_trainer_free(&b->trainer);
    lido_spec_free(b->spec);
}

START_TEST(the_loss_falls) {
    bench b;
    lido_score first, last = {0};
    lido_error error;
    double lr;
    make(&b, digits);
    assert_ok(lido_trainer_epoch(&b.trainer, &first, &lr, &error));
    ck_assert_int_eq(first.rows, 160);
    for (int epoch = 1; epoch < 8; epoch++) {
        b.trainer.position.epoch = epoch;
        assert_ok(lido_trainer_epoch(&b.trainer, &last, &lr, &error));
    }
    ck_assert_int_eq(b.trainer.position.step, 8 * 5);
    ck_assert_msg(last.loss < 0.6 * first.loss, "from %g to %g", first.loss, last.loss);
    ck_assert(last.accuracy > first.accuracy);
    lido_score validation, test;
    assert_ok(lido_trainer_validate(&b.trainer, &validation, &error));
    assert_ok(lido_trainer_test(&b.trainer, &test, &error));
    ck_assert_int_eq(validation.rows, 40);
    ck_assert_int_eq(test.rows, 100);
    ck_assert(isfinite(validation.loss) && isfinite(test.loss));
    destroy(&b);
}
END_TEST

START_TEST(the_split_is_a_seeded_partition) {
    bench one, two, other;
    make(&one, digits);
    make(&two, digits);
    make(&other, "{\"data\": \"synthetic\", \"limit\": 200, \"validation\": 0.2, \"seed\": 2}");
    int64_t *order = one.trainer.held_out;
    ck_assert_int_eq(one.trainer.position.validation, 40);
    ck_assert_int_eq(one.trainer.position.training, 160);
    ck_assert_ptr_eq(one.trainer.kept, order + 40);
    bool seen[200] = {false};
    for (int i = 0; i < 200; i++) {
        ck_assert(order[i] >= 0 && order[i] < 200 && !seen[order[i]]);
        seen[order[i]] = true;
    }
    ck_assert_mem_eq(order, two.trainer.held_out, 200 * sizeof *order);
    ck_assert_mem_ne(order, other.trainer.held_out, 200 * sizeof *order);
    destroy(&one);
    destroy(&two);
    destroy(&other);
}
END_TEST

START_TEST(every_epoch_has_its_own_order_of_all_pictures) {
    bench b;
    lido_score score;
    lido_error error;
    double lr;
    int64_t first[200];
    make(&b, "{\"data\": \"synthetic\", \"limit\": 200, \"epochs\": 2}");
    assert_ok(lido_trainer_epoch(&b.trainer, &score, &lr, &error));
    memcpy(first, b.trainer.order, sizeof first);
    b.trainer.position.epoch = 1;
    assert_ok(lido_trainer_epoch(&b.trainer, &score, &lr, &error));
    ck_assert_mem_ne(first, b.trainer.order, sizeof first);
    int64_t sum = 0;
    for (int i = 0; i < 200; i++) sum += first[i] - b.trainer.order[i];
    ck_assert_int_eq(sum, 0);
    destroy(&b);
}
END_TEST

START_TEST(normalisation_is_of_the_training_part) {
    bench b;
    lido_normalisation wanted;
    make(&b, digits);
    lido_normalisation_measure(b.trainer.set, b.trainer.kept, 160, &wanted);
    ck_assert(b.trainer.rule.normalisation.mean[0] == wanted.mean[0]);
    ck_assert(b.trainer.rule.normalisation.deviation[0] == wanted.deviation[0]);
    ck_assert(b.trainer.test_rule.normalisation.mean[0] == wanted.mean[0]);
    destroy(&b);
    make(&b, "{\"data\": \"synthetic\", \"limit\": 50, \"normalize\": false}");
    ck_assert(b.trainer.rule.normalisation.mean[0] == 0);
    ck_assert(b.trainer.rule.normalisation.deviation[0] == 1);
    destroy(&b);
}
END_TEST

START_TEST(a_loss_that_is_not_finite_names_its_layer) {
    bench b;
    lido_score score;
    lido_error error;
    double lr;
    make(&b, "{\"data\": \"synthetic\", \"limit\": 200, \"optimizer\": {\"type\": \"sgd\", "
             "\"lr\": 1e30}}");
    assert_fails(lido_trainer_epoch(&b.trainer, &score, &lr, &error), LIDO_NOT_FINITE,
                 "; first in layer \"");
    ck_assert_msg(strncmp(error.message, "epoch 1, step ", 14) == 0, "%s", error.message);
    destroy(&b);
}
END_TEST

typedef struct log {
    int steps;
    int stop_at;
} log_of_steps;

static bool on_step(void *context, int64_t epoch, int64_t epochs, int64_t done, int64_t total,
                    double loss) {
    log_of_steps *log = context;
    ck_assert_int_eq(epoch, 1);
    ck_assert_int_eq(epochs, 8);
    ck_assert_int_eq(done, ++log->steps);
    ck_assert_int_eq(total, 5);
    ck_assert(loss > 0);
    return log->steps != log->stop_at;
}

START_TEST(a_step_may_be_the_last) {
    bench b;
    lido_score score;
    lido_error error;
    double lr;
    log_of_steps log = {.stop_at = 3};
    lido_trainer_events events = {.context = &log, .step = on_step};
    make(&b, digits);
    b.run.events = &events;
    assert_fails(lido_trainer_epoch(&b.trainer, &score, &lr, &error), LIDO_INTERRUPTED,
                 "interrupted in epoch 1; 0 finished epochs are kept");
    ck_assert_int_eq(log.steps, 3);
    destroy(&b);
}
END_TEST

static const struct {
    const char *train, *message;
    lido_status status;
} refused[] = {
    {"{}", "train.data: no data set is named", LIDO_SPEC},
    {"{\"data\": \"no-such-set\"}", "no-such-set", LIDO_NOT_FOUND},
    {"{\"data\": \"synthetic\", \"limit\": 1, \"validation\": 0.5}", "leaves none to train on",
     LIDO_SHAPE},
    {"{\"data\": \"synthetic-color\", \"limit\": 20}", "synthetic-color", LIDO_SHAPE},
};

START_TEST(what_cannot_be_trained_is_refused) {
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        lido_spec *spec = digits_spec(refused[i].train);
        lido_train_options train = options_of(spec);
        lido_run_options run = {0};
        lido_trainer trainer;
        lido_error error;
        assert_fails(lido_trainer_make(spec, &train, &run, &trainer, &error), refused[i].status,
                     refused[i].message);
        lido_trainer_free(&trainer);
        lido_spec_free(spec);
    }
}
END_TEST

LIDO_TEST_MAIN("trainer", the_loss_falls, the_split_is_a_seeded_partition,
               every_epoch_has_its_own_order_of_all_pictures, normalisation_is_of_the_training_part,
               a_loss_that_is_not_finite_names_its_layer, a_step_may_be_the_last,
               what_cannot_be_trained_is_refused)
