#include "golden.h"

enum { STEPS = 20, STEPS_AN_EPOCH = 5 };

/* A schedule from its options as in a spec. */
static lido_schedule make(const lido_json *options) {
    const char *const skip[] = {"type", NULL};
    lido_schedule schedule = {0};
    lido_given given;
    lido_error error;
    schedule.type = lido_schedule_find(lido_json_string(lido_json_get(options, "type")));
    assert_ok(lido_options_read(schedule.type->options, options, "schedule", skip, &schedule,
                                &given, &error));
    return schedule;
}

static double rate(const lido_schedule *schedule, int64_t step) {
    return lido_schedule_rate(schedule, 0.5, step, STEPS, STEPS_AN_EPOCH);
}

START_TEST(agree_with_pytorch) {
    lido_json *json = golden_read();
    const lido_json *one = lido_json_first(lido_json_get(json, "schedules"));
    int cases = 0;
    for (; one; one = lido_json_next(one), cases++) {
        lido_schedule schedule = make(lido_json_get(one, "options"));
        double wanted[STEPS];
        ck_assert_int_eq(golden_numbers(lido_json_get(one, "rates"), wanted, STEPS), STEPS);
        for (int step = 0; step < STEPS; step++)
            ck_assert_double_eq_tol(rate(&schedule, step), wanted[step], 1e-14);
    }
    ck_assert_int_eq(cases, 4);
    lido_json_free(json);
}
END_TEST

START_TEST(warmup_rises_to_lr_and_the_rest_follows) {
    lido_schedule constant = {.type = lido_schedule_find("constant"), .warmup = 0.2};
    lido_schedule cosine = {.type = lido_schedule_find("cosine"), .warmup = 0.2};
    for (int step = 0; step < 4; step++) {
        ck_assert_double_eq_tol(rate(&constant, step), 0.5 * (step + 1) / 4, 1e-15);
        ck_assert_double_eq_tol(rate(&cosine, step), 0.5 * (step + 1) / 4, 1e-15);
    }
    for (int step = 4; step < STEPS; step++) {
        ck_assert(rate(&constant, step) == 0.5);
        double half = 0.5 * (1 + cos(acos(-1) * (step - 4) / 16)) / 2;
        ck_assert_double_eq_tol(rate(&cosine, step), half, 1e-15);
    }
}
END_TEST

START_TEST(step_counts_epochs_of_the_whole_run) {
    lido_schedule step = {
        .type = lido_schedule_find("step"), .warmup = 0.15, .every = 1, .factor = 0.1};
    ck_assert_double_eq_tol(rate(&step, 3), 0.5, 1e-15);
    ck_assert_double_eq_tol(rate(&step, 5), 0.05, 1e-15);
    ck_assert_double_eq_tol(rate(&step, 19), 0.0005, 1e-15);
}
END_TEST

/* Every type stays finite at the ends of its options' ranges and for runs of one step. */
START_TEST(extremes_stay_finite) {
    size_t count;
    const lido_schedule_type *types = lido_schedules(&count);
    ck_assert_uint_eq(count, 4);
    const double ends[] = {0, 1};
    for (size_t i = 0; i < count; i++) {
        ck_assert_ptr_eq(lido_schedule_find(types[i].name), &types[i]);
        for (int e = 0; e < 4; e++) {
            lido_schedule schedule = {&types[i], ends[e % 2], 1, 0, ends[e % 2], 1, ends[e / 2]};
            for (int64_t steps = 1; steps < 4; steps++)
                for (int64_t step = 0; step < steps; step++) {
                    double lr = lido_schedule_rate(&schedule, 0.5, step, steps, 1);
                    ck_assert_msg(lr >= 0 && lr <= 0.5, "%s: %g", types[i].name, lr);
                }
        }
    }
    ck_assert_ptr_null(lido_schedule_find("linear"));
}
END_TEST

LIDO_TEST_MAIN("schedule", agree_with_pytorch, warmup_rises_to_lr_and_the_rest_follows,
               step_counts_epochs_of_the_whole_run, extremes_stay_finite)
