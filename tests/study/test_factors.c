#include "study_helpers.h"

#include "study/factors.h"

#define POOLS "'factors': {" TWO_POOLS "}, "
#define BOTH "'factors': {" TWO_POOLS ", " TWO_HEADS "}, 'seeds': 2"

static void assert_cells(const char *members, const char *const *names, int baseline) {
    bench b;
    lido_study *study;
    lido_error error;
    bench_make(&b, "");
    assert_ok(bench_read(&b, members, &study, &error));
    int count = 0;
    for (; names[count]; count++) {
        lido_study_cell cell;
        lido_study_cell_get(study, count, &cell);
        ck_assert_str_eq(cell.name, names[count]);
    }
    ck_assert_int_eq(lido_study_cells(study), count);
    ck_assert_int_eq(lido_study_baseline(study), baseline);
    lido_study_free(study);
    bench_free(&b);
}

START_TEST(all_combinations_in_order) {
    static const char *const names[] = {"pool=max,head=fc", "pool=max,head=gap", "pool=avg,head=fc",
                                        "pool=avg,head=gap", NULL};
    assert_cells(BOTH, names, 0);
    assert_cells(BOTH ", 'baseline': {'head': 'gap', 'pool': 'avg'}", names, 3);
}
END_TEST

START_TEST(listed_cells) {
    static const char *const names[] = {"pool=avg,head=gap", "pool=max,head=fc", NULL};
    assert_cells(BOTH ", 'cells': [{'pool': 'avg', 'head': 'gap'}, {'head': 'fc', 'pool': 'max'}]",
                 names, 0);
}
END_TEST

START_TEST(refuses_factors) {
    static const refusal refusals[] = {
        {"'seeds': 1", "\"factors\" is missing, allowed: an object"},
        {"'factors': [], 'seeds': 1", "\"factors\" is []"},
        {"'factors': {}, 'seeds': 1", "\"factors\" is {}"},
        {"'factors': {'pol': {'a': {'type': 'relu'}}}, 'seeds': 1",
         "factors: the base's \"define\" has no \"pol\"; did you mean \"pool\"?"},
        {"'factors': {'po ol': {}}, 'seeds': 1", "factors: the name \"po ol\" is not a word"},
        {"'factors': {'pool': []}, 'seeds': 1", "\"factors.pool\" is []"},
        {"'factors': {'pool': {}}, 'seeds': 1", "\"factors.pool\" is {}"},
        {"'factors': {'pool': {'a/b': {'type': 'relu'}}}, 'seeds': 1",
         "factors.pool: the name \"a/b\" is not a word"},
        {"'factors': {'pool': {'a': {'type': 'max_pool', 'kernel': 2},"
         " 'a': {'type': 'avg_pool', 'kernel': 2}}}, 'seeds': 1",
         "factors.pool.a: duplicate key"},
    };
    ASSERT_REFUSED(refusals);
}
END_TEST

START_TEST(refuses_cells) {
    static const refusal refusals[] = {
        {BOTH ", 'cells': {}", "\"cells\" is {}, allowed: a list"},
        {BOTH ", 'cells': []", "there is no cell to compare"},
        {BOTH ", 'cells': [{'pool': 'max', 'head': 'fc'}]", "there is one cell to compare"},
        {BOTH ", 'cells': ['max', 'avg']", "\"cells[0]\" is \"max\", allowed: an object"},
        {BOTH ", 'cells': [{'pool': 'max', 'head': 'fc'}, {'pool': 'mx', 'head': 'fc'}]",
         "cells[1].pool: \"mx\" is no variant; did you mean \"max\"?"},
        {BOTH ", 'cells': [{'pool': 2, 'head': 'fc'}, {'pool': 'avg', 'head': 'fc'}]",
         "cells[0].pool: 2 is no variant; there are: max, avg"},
        {BOTH ", 'cells': [{'head': 'fc'}, {'pool': 'avg', 'head': 'fc'}]",
         "cells[0]: \"pool\" is missing; there are: max, avg"},
        {BOTH ", 'cells': [{'pool': 'max', 'heads': 'fc'}, {'pool': 'avg', 'head': 'fc'}]",
         "cells[0]: no factor \"heads\"; did you mean \"head\"?"},
        {BOTH ", 'cells': [{'pool': 'max', 'head': 'fc'}, {'head': 'fc', 'pool': 'max'}]",
         "cells[1]: pool=max,head=fc is cells[0] already"},
        {BOTH ", 'baseline': 'max'", "\"baseline\" is \"max\", allowed: an object"},
        {BOTH ", 'baseline': {'pool': 'max'}", "baseline: \"head\" is missing"},
        {BOTH ", 'cells': [{'pool': 'max', 'head': 'fc'}, {'pool': 'avg', 'head': 'fc'}],"
              "'baseline': {'pool': 'max', 'head': 'gap'}",
         "baseline: pool=max,head=gap is none of the cells"},
        {"'factors': {'pool': {'a': {'type': 'max_pool', 'kernel': 2}}}, 'seeds': 1",
         "there is one cell to compare, allowed: 2 to 256"},
    };
    ASSERT_REFUSED(refusals);
}
END_TEST

START_TEST(refuses_too_many_cells) {
    char members[3000] = "'seeds': 1, 'factors': {'pool': {", end[64];
    for (int i = 0; i < 17; i++) {
        snprintf(end, sizeof end, "%s'v%d': {'type': 'max_pool', 'kernel': 2}", i ? ", " : "", i);
        strcat(members, end);
    }
    strcat(members, "}, 'head': {");
    for (int i = 0; i < 17; i++) {
        snprintf(end, sizeof end, "%s'h%d': {'type': 'flatten'}", i ? ", " : "", i);
        strcat(members, end);
    }
    strcat(members, "}}");
    const refusal refusals[] = {
        {members, "there are too many cells to compare, allowed: 2 to 256"}};
    ASSERT_REFUSED(refusals);
}
END_TEST

START_TEST(refuses_long_names) {
    static const refusal refusals[] = {
        {"'seeds': 1, 'factors': {'pool': {"
         "'a123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
         "8901234567890123456789012345678901234': {'type': 'max_pool', 'kernel': 2},"
         "'b': {'type': 'avg_pool', 'kernel': 2}}}",
         "the name of a cell, \"pool=a1234567890"},
    };
    ASSERT_REFUSED(refusals);
}
END_TEST

START_TEST(reads_seeds) {
    bench b;
    lido_study *study;
    lido_error error;
    lido_study_run run;
    bench_make(&b, "");
    assert_ok(bench_read(&b, POOLS "'seeds': 3", &study, &error));
    ck_assert_int_eq(lido_study_runs(study), 6);
    lido_study_run_get(study, 5, &run);
    ck_assert_int_eq(run.seed, 3);
    ck_assert_int_eq(run.cell, 1);
    ck_assert_str_eq(run.folder, "runs/pool=avg/seed-3");
    lido_study_free(study);
    assert_ok(bench_read(&b, POOLS "'seeds': [7, 0, 9007199254740992]", &study, &error));
    lido_study_run_get(study, 1, &run);
    ck_assert_int_eq(run.seed, 7);
    lido_study_run_get(study, 4, &run);
    ck_assert_int_eq(run.seed, 9007199254740992);
    lido_study_free(study);
    bench_free(&b);
}
END_TEST

START_TEST(refuses_seeds) {
    static const refusal refusals[] = {
        {POOLS "'claim': ''", "\"seeds\" is missing, allowed: how many, 1 to 1000"},
        {POOLS "'seeds': 0", "\"seeds\" is 0"},
        {POOLS "'seeds': -3", "\"seeds\" is -3"},
        {POOLS "'seeds': 1001", "\"seeds\" is 1001"},
        {POOLS "'seeds': 1.5", "\"seeds\" is 1.5"},
        {POOLS "'seeds': '3'", "\"seeds\" is \"3\""},
        {POOLS "'seeds': []", "\"seeds\" is []"},
        {POOLS "'seeds': [1, 2, 1]", "\"seeds\" is [1,2,1]"},
        {POOLS "'seeds': [-1]", "\"seeds\" is [-1]"},
        {POOLS "'seeds': [1e300]", "\"seeds\" is [1e+300]"},
    };
    ASSERT_REFUSED(refusals);
}
END_TEST

LIDO_TEST_MAIN("factors", all_combinations_in_order, listed_cells, refuses_factors, refuses_cells,
               refuses_too_many_cells, refuses_long_names, reads_seeds, refuses_seeds)
