/* Tests of parallel.c: each piece once, the same results for any number of threads. */
#define _GNU_SOURCE
#include "lido_check.h"

#include <sched.h>

#include "base/parallel.h"

#include <math.h>

enum { PIECES = 1001 };

typedef struct record {
    int visits[PIECES], worker[PIECES];
    int64_t last[8]; /* the piece a worker did last */
    bool in_order[8];
    double value[PIECES];
} record;

static void visit(void *context, int64_t index, int worker) {
    record *r = context;
    r->visits[index]++;
    r->worker[index] = worker;
    r->in_order[worker] = r->in_order[worker] && index > r->last[worker];
    r->last[worker] = index;
    r->value[index] = sin((double)index) / 3;
}

static void start(record *r) {
    memset(r, 0, sizeof *r);
    for (int w = 0; w < 8; w++) {
        r->last[w] = -1;
        r->in_order[w] = true;
    }
}

START_TEST(visits_each_piece_once_in_order) {
    static const int threads[] = {1, 2, 3, 8};
    static const int64_t pieces[] = {0, 1, 2, 7, PIECES};
    static record r;
    for (size_t t = 0; t < 4; t++) {
        for (size_t p = 0; p < 5; p++) {
            start(&r);
            lido_parallel(threads[t], pieces[p], visit, &r);
            for (int64_t i = 0; i < PIECES; i++) {
                ck_assert_int_eq(r.visits[i], i < pieces[p]);
                ck_assert_int_lt(r.worker[i], threads[t]);
            }
            for (int w = 0; w < 8; w++) ck_assert(r.in_order[w]);
        }
    }
}
END_TEST

START_TEST(results_do_not_depend_on_threads) {
    static record one, many;
    start(&one);
    lido_parallel(1, PIECES, visit, &one);
    for (int threads = 2; threads <= 8; threads++) {
        start(&many);
        lido_parallel(threads, PIECES, visit, &many);
        ck_assert_mem_eq(one.value, many.value, sizeof one.value);
    }
}
END_TEST

START_TEST(the_split_is_contiguous_and_repeats) {
    static record first, again;
    start(&first);
    start(&again);
    lido_parallel(3, PIECES, visit, &first);
    lido_parallel(3, PIECES, visit, &again);
    ck_assert_mem_eq(first.worker, again.worker, sizeof first.worker);
    int share[3] = {0};
    for (int i = 0; i < PIECES; i++) {
        ck_assert(i == 0 || first.worker[i] >= first.worker[i - 1]);
        share[first.worker[i]]++;
    }
    for (int w = 0; w < 3; w++) ck_assert_int_le(abs(share[w] - PIECES / 3), 1);
}
END_TEST

START_TEST(no_threads_means_one) {
    static record r;
    start(&r);
    lido_parallel(0, 5, visit, &r);
    for (int i = 0; i < 5; i++) ck_assert_int_eq(r.visits[i], 1);
}
END_TEST

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

LIDO_TEST_MAIN("parallel", a_bound_process_can_claim_its_cores, visits_each_piece_once_in_order,
               results_do_not_depend_on_threads, the_split_is_contiguous_and_repeats,
               no_threads_means_one, there_is_at_least_one_core, blas_threads_are_set_and_restored)
