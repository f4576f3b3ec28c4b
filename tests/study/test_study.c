#include "study_helpers.h"

#define POOLS "'factors': {" TWO_POOLS "}, 'seeds': 2"

static lido_study *study_of(const bench *b, const char *members) {
    lido_study *study;
    lido_error error;
    assert_ok(bench_read(b, members, &study, &error));
    return study;
}

START_TEST(is_called_after_its_file) {
    bench b;
    bench_make(&b, "");
    lido_study *study = study_of(&b, POOLS);
    ck_assert_str_eq(lido_study_name(study), "study");
    ck_assert_ptr_null(lido_study_profile(study));
    lido_study_free(study);
    study = study_of(&b, POOLS ", 'name': 'pools-1'");
    ck_assert_str_eq(lido_study_name(study), "pools-1");
    lido_study_free(study);
    bench_free(&b);
}
END_TEST

/* What is written out is a study's file that says the same, wherever it lies. */
START_TEST(resolved_reads_the_same) {
    bench b;
    lido_error error;
    bench_make(&b, "");
    write_json(b.folder, "study.json",
               "{'base': 'base.json', 'claim': 'pools differ', " POOLS
               ", 'measures': {'shift': {'pixels': 2}}, 'budget': {'equal': 'steps', 'amount': 9},"
               " 'profiles': {'quick': {'seeds': [4, 2]}}}");
    const lido_study_options options = {.profile = "quick"};
    lido_study *first, *second;
    assert_ok(lido_study_read(b.study, &options, &first, &error));
    char *one = lido_study_resolved(first), path[LIDO_PATH_SIZE];
    path_in(b.folder, "elsewhere", path);
    assert_ok(lido_make_folder(path, &error));
    path_in(b.folder, "elsewhere/study.json", path);
    assert_ok(lido_file_write(path, one, strlen(one), &error));
    assert_ok(lido_study_read(path, NULL, &second, &error));
    char *two = lido_study_resolved(second);
    ck_assert_str_eq(one, two);
    ck_assert_str_eq(lido_study_profile(second), "quick");
    ck_assert_int_eq(lido_study_runs(second), 4);
    free(one);
    free(two);
    lido_study_free(first);
    lido_study_free(second);
    bench_free(&b);
}
END_TEST

START_TEST(refuses_settings) {
    static const refusal refusals[] = {
        {POOLS ", 'name': 'a/b'", "the name \"a/b\" is not a word"},
        {POOLS ", 'name': '.hidden'", "the name \".hidden\" is not a word"},
        {POOLS ", 'name': 3", "\"name\" is 3"},
        {POOLS ", 'claim': 3", "\"claim\" is 3"},
        {POOLS ", 'train': []", "\"train\" is []"},
        {POOLS ", 'profile': '../x'", "the profile \"../x\" is not a word"},
        {POOLS ", 'parameters': 'same'", "\"parameters\" is \"same\", allowed: one of own, match"},
        {POOLS ", 'measures': {'shifts': 3}", "measures: unknown key \"shifts\""},
        {POOLS ", 'measures': {'passes': [12]}", "measures: \"passes\": nothing in this network"},
        {POOLS ", 'cell': []", "unknown key \"cell\"; did you mean \"cells\"?"},
    };
    ASSERT_REFUSED(refusals);
}
END_TEST

/* One cell that draws is enough. */
START_TEST(takes_passes_of_some_cells) {
    bench b;
    bench_make(&b, "");
    lido_study_free(study_of(
        &b, "'seeds': 1, 'measures': {'passes': [3]}, 'factors': {'pool': {"
            "'max': {'type': 'max_pool', 'kernel': 2},"
            "'fractional': {'type': 'max_pool', 'fractional': {'ratio': 0.5, 'kernel': 2}}}}"));
    bench_free(&b);
}
END_TEST

LIDO_TEST_MAIN("study", is_called_after_its_file, resolved_reads_the_same, refuses_settings,
               takes_passes_of_some_cells)
