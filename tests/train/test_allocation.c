/* test_allocation.c - an epoch allocates nothing once its memory is in place. Every allocation of
 * the process is counted: the functions below take the place of the C library's. (The network keeps
 * clear of products with few columns, for which OpenBLAS itself may allocate.) */
#include "run_helpers.h"
#include "team_of.h"

#include "train/trainer.h"

#if defined(LIDO_SANITIZED) || !defined(__GLIBC__)

START_TEST(allocations_are_counted) {
    printf("skipped: needs glibc's allocator, without sanitizers\n");
}
END_TEST

LIDO_TEST_MAIN("train allocation", allocations_are_counted)

#else

#    include <stdatomic.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_long allocations;

void *malloc(size_t size) {
    atomic_fetch_add(&allocations, 1);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    atomic_fetch_add(&allocations, 1);
    return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
    atomic_fetch_add(&allocations, 1);
    return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    atomic_fetch_add(&allocations, 1);
    return __libc_memalign(alignment, size);
}

START_TEST(an_epoch_allocates_nothing) {
    lido_spec *spec =
        spec_of("{\"input\": [28, 28, 1], \"layers\": ["
                "{\"type\": \"conv\", \"filters\": 16, \"kernel\": 3, \"activation\": \"relu\"},"
                "{\"type\": \"max_pool\", \"kernel\": 2}, {\"type\": \"flatten\"},"
                "{\"type\": \"dense\", \"units\": 10}, {\"type\": \"softmax\"}],"
                "\"train\": {\"data\": \"synthetic\", \"limit\": 100, \"batch\": 16, \"clip\": 1, "
                "\"epochs\": 2, \"augment\": {\"shift\": 2}}}");
    lido_train_options train = options_of(spec);
    lido_run_options run = {.team = team_of(2), .data = {.limit = 10}};
    lido_trainer trainer;
    lido_score score;
    lido_error error;
    double lr;
    long start = atomic_load(&allocations);
    assert_ok(lido_trainer_make(spec, &train, &run, &trainer, &error));
    ck_assert_int_gt(atomic_load(&allocations), start);
    /* The first epoch makes the buffers of the BLAS. */
    assert_ok(lido_trainer_epoch(&trainer, &score, &lr, &error));
    trainer.position.epoch = 1;
    long before = atomic_load(&allocations);
    lido_status status = lido_trainer_epoch(&trainer, &score, &lr, &error);
    ck_assert_int_eq(atomic_load(&allocations) - before, 0);
    assert_ok(status);
    lido_trainer_free(&trainer);
    lido_spec_free(spec);
}
END_TEST

LIDO_TEST_MAIN("train allocation", an_epoch_allocates_nothing)

#endif
