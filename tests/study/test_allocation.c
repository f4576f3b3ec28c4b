/* test_allocation.c - any allocation may fail: measuring and statistics then say so and leave
 * nothing behind. The functions below take the place of the C library's. */
#include "study/measures.h"
#include "study/statistics_json.h"

#include "model_helpers.h"
#include "study_helpers.h"

#if defined(LIDO_SANITIZED) || !defined(__GLIBC__)

START_TEST(allocations_are_refused) {
    printf("skipped: needs glibc's allocator, without sanitizers\n");
}
END_TEST

LIDO_TEST_MAIN("study allocation", allocations_are_refused)

#else

#    include <errno.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);

static long until_failure = -1; /* allocations; -1: none fails */
static long held;               /* allocated and not freed */

static bool refused(void) {
    if (until_failure < 0 || until_failure-- > 0) return false;
    errno = ENOMEM;
    return true;
}

static void *counted(void *memory) {
    held += memory != NULL;
    return memory;
}

void *malloc(size_t size) {
    return refused() ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t number, size_t size) {
    return refused() ? NULL : counted(__libc_calloc(number, size));
}

void *realloc(void *old, size_t size) {
    if (refused()) return NULL;
    held -= old != NULL;
    return counted(__libc_realloc(old, size));
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    *memory = refused() ? NULL : counted(__libc_memalign(alignment, size));
    return *memory ? 0 : ENOMEM;
}

void free(void *memory) {
    held -= memory != NULL;
    __libc_free(memory);
}

/* Runs `work` with its first, second, ... allocation failing until none does: it must fail with
 * LIDO_MEMORY, or give something that cannot be printed, and hold no memory in the end. */
static void refuse_each(lido_status (*work)(void *context, lido_json **json, lido_error *error),
                        void *context) {
    bool done = false;
    long failures = 0;
    while (!done) {
        lido_json *json;
        lido_error error;
        const long before = held;
        until_failure = failures++;
        lido_status status = work(context, &json, &error);
        done = until_failure >= 0;
        until_failure = -1;
        char *text = status ? NULL : lido_json_print(json, false);
        ck_assert_msg(status == (done ? LIDO_OK : LIDO_MEMORY) || (!done && !status && !text),
                      "allocation %ld: %s", failures, lido_status_text(status));
        ck_assert(!done || text);
        free(text);
        lido_json_free(json);
        ck_assert_msg(held == before, "allocation %ld: %ld left", failures, held - before);
    }
    ck_assert_int_gt(failures, 20);
}

static bool answers_of_a_failure;

static lido_status measure(void *context, lido_json **json, lido_error *error) {
    lido_answers answers;
    lido_status status = lido_measure(context, json, &answers, error);
    if (status && answers.predictions) answers_of_a_failure = true;
    lido_answers_free(&answers);
    return status;
}

START_TEST(measuring_may_run_out) {
    static const int rows[] = {1, 2, 0}, columns[] = {1, 2, 3};
    lido_model model = model_of("{\"type\": \"max_pool\", \"kernel\": 2}, " HALVES, 4, "", NULL);
    lido_dataset *set = points_set(4, 3, rows, columns);
    const lido_measure_options options = {
        .shift = {.pixels = 1, .fills = 1}, .blur = {1, {0.5}}, .pooling = true};
    lido_measuring measuring = {.model = &model, .test = set, .train = set, .options = &options};
    refuse_each(measure, &measuring);
    ck_assert(!answers_of_a_failure);
    lido_dataset_free(set);
    lido_model_free(&model);
}
END_TEST

static lido_status compute(void *context, lido_json **json, lido_error *error) {
    return lido_statistics_json(context, NULL, json, error);
}

START_TEST(statistics_may_run_out) {
    static const char text[] =
        "{\"baseline\": \"a\", \"factors\": [{\"name\": \"f\", \"variants\": [\"x\", \"y\"]}],"
        "\"cells\": [{\"name\": \"a\", \"levels\": [\"x\"], \"runs\": ["
        "  {\"seed\": 1, \"measures\": {\"test_loss\": 0.5}},"
        "  {\"seed\": 2, \"measures\": {\"test_loss\": 0.25}}]},"
        "{\"name\": \"b\", \"levels\": [\"y\"], \"runs\": ["
        "  {\"seed\": 1, \"measures\": {\"test_loss\": 0.5}},"
        "  {\"seed\": 2, \"measures\": {\"test_loss\": 0.75}}]}]}";
    lido_json *document;
    lido_error error;
    assert_ok(lido_json_parse(text, sizeof text - 1, "test", &document, &error));
    refuse_each(compute, document);
    lido_json_free(document);
}
END_TEST

/* The study written out, malloc'ed; NULL when memory ran out, of which the C library's streams too
 * may tell. The allocation that fails is *until; it becomes -1 when it did. */
static char *study_text(const char *path, long *until) {
    lido_study *study;
    lido_error error;
    until_failure = *until;
    lido_status status = lido_study_read(path, NULL, &study, &error);
    char *text = status ? NULL : lido_study_resolved(study);
    *until = until_failure;
    until_failure = -1;
    bool memory = status == LIDO_MEMORY || strstr(error.message, strerror(ENOMEM));
    ck_assert_msg(!status || memory, "%s", error.message);
    lido_study_free(study);
    return text;
}

/* No member may be lost on the way: a study that says less would be another one. */
START_TEST(reading_a_study_may_run_out) {
    bench b;
    bench_make(&b, "");
    write_json(b.folder, "study.json",
               "{'base': 'base.json', 'factors': {" TWO_POOLS
               "}, 'seeds': 2, 'train': {'epochs': 1},"
               " 'profiles': {'quick': {'seeds': 1}}}");
    long failures = -1, until = -1;
    char *whole = study_text(b.study, &until);
    const long before = held;
    for (bool done = false; !done;) {
        until = ++failures;
        char *text = study_text(b.study, &until);
        done = until >= 0;
        if (text) ck_assert_str_eq(text, whole);
        ck_assert(!done || text);
        free(text);
        ck_assert_int_eq(held, before);
    }
    ck_assert_int_gt(failures, 200);
    free(whole);
    bench_free(&b);
}
END_TEST

LIDO_TEST_MAIN("study allocation", measuring_may_run_out, statistics_may_run_out,
               reading_a_study_may_run_out)

#endif
