/* Tests of machine.c: cores, and the thread count of the BLAS. */
#define _GNU_SOURCE
#include "lido_check.h"

#include "base/machine.h"

#include <sched.h>

START_TEST(there_is_at_least_one_core) {
    ck_assert_int_ge(lido_cores(), 1);
}
END_TEST

START_TEST(blas_threads_are_set_and_restored) {
    int before = lido_blas_threads_set(1);
    ck_assert_int_ge(before, 1);
    ck_assert_int_eq(lido_blas_threads_set(before), 1);
    ck_assert_int_eq(lido_blas_threads_set(before), before);
    ck_assert_uint_gt(strlen(lido_blas_description()), 0);
}
END_TEST

#ifdef __linux__
START_TEST(a_bound_process_can_claim_its_cores) {
    const int cores = lido_cores();
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
    ck_assert_int_eq(lido_cores(), 1);
    ck_assert_int_eq(lido_cores_claim(1), 1);
    ck_assert_int_ge(lido_cores_claim(cores), cores);
}
END_TEST
#else
START_TEST(a_bound_process_can_claim_its_cores) {
    ck_assert_int_eq(lido_cores_claim(1), lido_cores());
}
END_TEST
#endif

LIDO_TEST_MAIN("machine", a_bound_process_can_claim_its_cores, there_is_at_least_one_core,
               blas_threads_are_set_and_restored)
