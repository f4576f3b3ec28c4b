#include "study_helpers.h"

#include "study/budget.h"

#include <math.h>

/* The second cell has a strided convolution more: another number of multiply-adds a picture. */
#define STRIDED                                                                  \
    "'seeds': 1, 'factors': {'pool': {'max': {'type': 'max_pool', 'kernel': 2}," \
    "'strided': {'type': 'conv', 'filters': 4, 'kernel': 2, 'stride': 2}}}, 'budget': "

static lido_study_cell cell_of(const lido_study *study, int index) {
    lido_study_cell cell;
    lido_study_cell_get(study, index, &cell);
    return cell;
}

/* 60 pictures in batches of 10: 6 steps an epoch, 2 epochs. */
static void assert_steps(const char *budget, int64_t max, int64_t strided) {
    bench b;
    char members[1024];
    bench_make(&b, "");
    snprintf(members, sizeof members, STRIDED "%s", budget);
    lido_study *study = bench_study(&b, members);
    ck_assert_int_eq(cell_of(study, 0).steps, max);
    ck_assert_int_eq(cell_of(study, 1).steps, strided);
    for (int i = 0; i < 2; i++) {
        const lido_study_cell cell = cell_of(study, i);
        ck_assert_int_eq(cell.epochs, (cell.steps + 5) / 6);
        ck_assert_int_eq(study->arm[i].train.steps, cell.steps % 6 ? cell.steps : 0);
    }
    lido_study_free(study);
    bench_free(&b);
}

START_TEST(by_epochs_and_steps) {
    assert_steps("{}", 12, 12);
    assert_steps("{'equal': 'epochs', 'amount': 3}", 18, 18);
    assert_steps("{'equal': 'steps'}", 12, 12);
    assert_steps("{'equal': 'steps', 'amount': 7}", 7, 7);
}
END_TEST

/* conv: 36 cells * 4 filters * 9, dense 36 * 3; strided: 9 cells * 4 * 16 more. */
START_TEST(by_multiply_adds) {
    const double max = 36 * 4 * 9 + 36 * 3, strided = max + 9 * 4 * 16;
    assert_steps("{'equal': 'multiply_adds'}", 12, llround(12 * max / strided));
    assert_steps("{'equal': 'multiply_adds', 'amount': 1e6}", llround(1e6 / (10 * max)),
                 llround(1e6 / (10 * strided)));
}
END_TEST

/* Timed once: who comes later finds the same steps. */
START_TEST(by_seconds_and_remembers) {
    bench b;
    lido_error error;
    bench_make(&b, "");
    lido_study *first = bench_study(&b, STRIDED "{'equal': 'seconds', 'amount': 0.01}");
    const int64_t steps[] = {cell_of(first, 0).steps, cell_of(first, 1).steps};
    ck_assert(steps[0] > 0 && steps[1] > 0);
    for (int i = 0; i < 5; i++) {
        lido_study *again;
        assert_ok(lido_study_read(b.study, NULL, &again, &error));
        assert_ok(lido_study_prepare(again, &b.place, &error));
        ck_assert_int_eq(cell_of(again, 0).steps, steps[0]);
        ck_assert_int_eq(cell_of(again, 1).steps, steps[1]);
        lido_study_free(again);
    }
    lido_study_free(first);
    write_json(b.out, "steps.json", "{'pool=max': 12}");
    assert_ok(lido_study_read(b.study, NULL, &first, &error));
    assert_fails(lido_study_prepare(first, &b.place, &error), LIDO_CORRUPT, "steps.json");
    lido_study_free(first);
    bench_free(&b);
}
END_TEST

START_TEST(baseline_in_seconds_keeps_its_epochs) {
    bench b;
    bench_make(&b, "");
    lido_study *study = bench_study(&b, STRIDED "{'equal': 'seconds'}");
    ck_assert_int_eq(cell_of(study, 0).steps, 12);
    lido_study_free(study);
    bench_free(&b);
}
END_TEST

START_TEST(refuses_less_than_a_step) {
    bench b;
    lido_error error;
    lido_study *study;
    bench_make(&b, "");
    assert_ok(bench_read(&b, STRIDED "{'equal': 'steps', 'amount': 0.2}", &study, &error));
    assert_fails(lido_study_prepare(study, &b.place, &error), LIDO_SPEC,
                 "budget: it comes to 0.2 steps of pool=max, allowed: 1 to");
    lido_study_free(study);
    static const refusal refusals[] = {
        {STRIDED "{'equal': 'time'}", "\"budget\": \"equal\" is \"time\", allowed: one of epochs"},
        {STRIDED "{'amount': -1}", "\"budget\": \"amount\" is -1"},
        {STRIDED "{'steps': 3}", "\"budget\": unknown key \"steps\""},
        {STRIDED "3", "\"budget\" is 3"},
    };
    ASSERT_REFUSED(refusals);
    bench_free(&b);
}
END_TEST

LIDO_TEST_MAIN("budget", by_epochs_and_steps, by_multiply_adds, by_seconds_and_remembers,
               baseline_in_seconds_keeps_its_epochs, refuses_less_than_a_step)
