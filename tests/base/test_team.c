/* Tests of team.c: each piece once, by whom, the same results for any number of threads; calls from
 * within, from other threads and after fork; threads that the system refuses. The file is compiled
 * in here, so that threads can be refused and the joined ones counted. */
#define _GNU_SOURCE
#include "lido_check.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>

static int creations_allowed = 1 << 20;
static int created, joined;

static int create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                  void *argument) {
    if (creations_allowed-- <= 0) return EAGAIN;
    int reason = pthread_create(thread, attributes, start, argument);
    created += reason == 0;
    return reason;
}

static int join(pthread_t thread, void **result) {
    joined++;
    return pthread_join(thread, result);
}

#define pthread_create create
#define pthread_join join
#include "base/team.c"
#undef pthread_create
#undef pthread_join

enum { PIECES = 1001, MOST = 8 };

static const int thread_counts[] = {1, 2, 3, MOST};
enum { COUNTS = sizeof thread_counts / sizeof *thread_counts };

static lido_error error;

static lido_team *started(int threads) {
    lido_team *team;
    assert_ok(lido_team_start(threads, &team, &error));
    return team;
}

static void pass_time(long time) {
    nanosleep(&(struct timespec){.tv_nsec = time}, NULL);
}

/* ---- pieces -------------------------------------------------------------------------------- */

typedef struct record {
    int visits[PIECES], worker[PIECES];
    double value[PIECES];
    atomic_bool at_work[MOST]; /* each worker */
    atomic_bool clashed;       /* two threads were the same worker */
} record;

static void visit(void *context, int64_t index, int worker) {
    record *r = context;
    if (atomic_exchange(&r->at_work[worker], true)) atomic_store(&r->clashed, true);
    r->visits[index]++;
    r->worker[index] = worker;
    r->value[index] = sin((double)index) / 3;
    atomic_store(&r->at_work[worker], false);
}

static void check_visits(const record *r, int64_t pieces, int threads) {
    for (int64_t i = 0; i < PIECES; i++) {
        ck_assert_int_eq(r->visits[i], i < pieces);
        ck_assert_int_ge(r->worker[i], 0);
        ck_assert_int_lt(r->worker[i], threads);
    }
    ck_assert(!r->clashed);
}

START_TEST(runs_each_piece_once) {
    static const int64_t pieces[] = {0, 1, 2, 7, PIECES};
    for (int t = 0; t < COUNTS; t++) {
        lido_team *team = started(thread_counts[t]);
        ck_assert_int_eq(lido_team_threads(team), thread_counts[t]);
        for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++) {
            record r = {0};
            lido_team_run(team, pieces[p], visit, &r);
            check_visits(&r, pieces[p], thread_counts[t]);
        }
        lido_team_stop(team);
    }
}
END_TEST

START_TEST(none_named_is_one_for_each_core) {
    lido_team *team = started(0);
    ck_assert_int_eq(lido_team_threads(team), lido_cores());
    lido_team_stop(team);
}
END_TEST

START_TEST(results_do_not_depend_on_threads) {
    static record alone, shared;
    lido_team_run(NULL, PIECES, visit, &alone);
    for (int t = 0; t < COUNTS; t++) {
        memset(&shared, 0, sizeof shared);
        lido_team *team = started(thread_counts[t]);
        lido_team_run(team, PIECES, visit, &shared);
        ck_assert_mem_eq(alone.value, shared.value, sizeof alone.value);
        lido_team_stop(team);
    }
}
END_TEST

static void note_order(void *context, int64_t index, int worker) {
    int64_t *next = context;
    ck_assert_int_eq(index, *next);
    ck_assert_int_eq(worker, 0);
    ++*next;
}

START_TEST(no_team_is_the_caller_alone) {
    int64_t next = 0;
    lido_team_run(NULL, 5, note_order, &next);
    ck_assert_int_eq(next, 5);
    ck_assert_int_eq(lido_team_threads(NULL), 1);
    lido_team_stop(NULL);
}
END_TEST

static void add_one(void *context, int64_t index, int worker) {
    (void)worker;
    ((int *)context)[index]++;
}

/* More jobs than their number in the gate can count, then some with members asleep. */
START_TEST(runs_one_job_after_another) {
    enum { JOBS = 20000, SLOW_JOBS = 20 };
    int count[4] = {0};
    for (int threads = 2; threads <= 3; threads++) {
        lido_team *team = started(threads);
        for (int job = 0; job < JOBS; job++) lido_team_run(team, 4, add_one, count);
        for (int job = 0; job < SLOW_JOBS; job++) {
            pass_time(4 * PATIENCE_NS);
            lido_team_run(team, 4, add_one, count);
        }
        lido_team_stop(team);
    }
    for (int i = 0; i < 4; i++) ck_assert_int_eq(count[i], 2 * (JOBS + SLOW_JOBS));
}
END_TEST

/* ---- who runs what ------------------------------------------------------------------------- */

/* Waits until *count is `wanted`; gives up after ten seconds, and the count then shows it. */
static void await_count(atomic_int *count, int wanted) {
    for (int i = 0; i < 100000 && atomic_load(count) < wanted; i++) pass_time(100000);
}

typedef struct meeting {
    int threads;
    atomic_int arrived;
    int64_t first[MOST]; /* piece of each worker; -1: none yet */
} meeting;

static void meet(void *context, int64_t index, int worker) {
    meeting *m = context;
    if (m->first[worker] >= 0) return;
    m->first[worker] = index;
    atomic_fetch_add(&m->arrived, 1);
    await_count(&m->arrived, m->threads);
    if (worker > 0) pass_time(4 * PATIENCE_NS); /* so that the caller waits asleep */
}

START_TEST(each_worker_begins_with_its_block) {
    enum { THREADS = 3, BLOCK = 5 };
    lido_team *team = started(THREADS);
    for (int again = 0; again < 3; again++) {
        pass_time(again * 4 * PATIENCE_NS); /* members look for work, then sleep */
        meeting m = {.threads = THREADS, .first = {-1, -1, -1}};
        lido_team_run(team, THREADS * BLOCK, meet, &m);
        for (int w = 0; w < THREADS; w++) ck_assert_int_eq(m.first[w], w * BLOCK);
    }
    lido_team_stop(team);
}
END_TEST

typedef struct hold_up {
    atomic_int done;
    int done_before; /* when the piece that waits for all others went on */
} hold_up;

static void wait_in_first(void *context, int64_t index, int worker) {
    (void)worker;
    hold_up *h = context;
    if (index == 0) {
        await_count(&h->done, 9);
        h->done_before = atomic_load(&h->done);
    }
    atomic_fetch_add(&h->done, 1);
}

START_TEST(others_take_what_a_slow_worker_leaves) {
    lido_team *team = started(2);
    hold_up h = {0};
    lido_team_run(team, 10, wait_in_first, &h);
    ck_assert_int_eq(h.done_before, 9);
    lido_team_stop(team);
}
END_TEST

/* ---- calls while at work ------------------------------------------------------------------- */

typedef struct nest {
    lido_team *team, *other;
    meeting meeting;
    record inner[2], of_other[2];
} nest;

static void run_inside(void *context, int64_t index, int worker) {
    nest *n = context;
    meet(&n->meeting, index, worker);
    lido_team_run(n->team, PIECES, visit, &n->inner[index]);
    for (int i = 0; i < PIECES; i++) ck_assert_int_eq(n->inner[index].worker[i], worker);
    lido_team_run(n->other, PIECES, visit, &n->of_other[index]);
}

START_TEST(a_piece_that_runs_its_team_works_alone) {
    static nest n;
    n = (nest){
        .team = started(2), .other = started(3), .meeting = {.threads = 2, .first = {-1, -1}}};
    lido_team_run(n.team, 2, run_inside, &n);
    ck_assert_int_eq(n.meeting.arrived, 2);
    for (int i = 0; i < 2; i++) {
        check_visits(&n.inner[i], PIECES, 2);
        check_visits(&n.of_other[i], PIECES, 3);
    }
    lido_team_stop(n.other);
    lido_team_stop(n.team);
}
END_TEST

static void *run_beside(void *context) {
    nest *n = context;
    lido_team_run(n->team, PIECES, visit, &n->inner[0]);
    return NULL;
}

static void run_beside_first(void *context, int64_t index, int worker) {
    (void)worker;
    if (index != 0) return;
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, run_beside, context), 0);
    pthread_join(thread, NULL);
}

START_TEST(another_thread_works_alone_meanwhile) {
    static nest n;
    n = (nest){.team = started(2)};
    lido_team_run(n.team, 2, run_beside_first, &n);
    check_visits(&n.inner[0], PIECES, 1);
    lido_team_stop(n.team);
}
END_TEST

/* ---- processes and signals ----------------------------------------------------------------- */

/* What a child does with the team of its parent; its exit status. */
static int use_in_child(lido_team *team) {
    static record r;
    lido_team_run(team, PIECES, visit, &r);
    for (int i = 0; i < PIECES; i++)
        if (r.visits[i] != 1 || r.worker[i] != 0) return 1;
    lido_team_stop(team);
#ifndef LIDO_SANITIZED /* the thread sanitizer knows no threads of a child */
    static record own;
    if (lido_team_start(2, &team, NULL) != LIDO_OK) return 2;
    lido_team_run(team, PIECES, visit, &own);
    for (int i = 0; i < PIECES; i++)
        if (own.visits[i] != 1) return 3;
    lido_team_stop(team);
#endif
    return 0;
}

static void check_child(lido_team *team) {
    fflush(NULL);
    pthread_mutex_lock(&team->lock); /* as a member on its way to sleep might at that moment */
    pid_t child = fork();
    if (child != 0) pthread_mutex_unlock(&team->lock);
    ck_assert_int_ge(child, 0);
    if (child == 0) _exit(use_in_child(team));
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}

START_TEST(a_child_can_run_and_stop_the_team) {
    for (int threads = 2; threads <= MOST; threads *= 4) {
        lido_team *team = started(threads);
        record r = {0};
        check_child(team); /* members look for work */
        pass_time(4 * PATIENCE_NS);
        check_child(team); /* members sleep */
        lido_team_run(team, PIECES, visit, &r);
        check_visits(&r, PIECES, threads);
        lido_team_stop(team);
    }
}
END_TEST

typedef struct masks {
    meeting meeting;
    sigset_t of[2];
} masks;

static void note_mask(void *context, int64_t index, int worker) {
    masks *m = context;
    meet(&m->meeting, index, worker);
    pthread_sigmask(SIG_BLOCK, NULL, &m->of[worker]);
}

START_TEST(members_leave_signals_to_the_caller) {
    masks m = {.meeting = {.threads = 2, .first = {-1, -1}}};
    sigset_t before;
    pthread_sigmask(SIG_BLOCK, NULL, &before);
    lido_team *team = started(2);
    lido_team_run(team, 2, note_mask, &m);
    for (int signal = 1; signal < 32; signal++)
        ck_assert_int_eq(sigismember(&m.of[0], signal), sigismember(&before, signal));
    ck_assert(sigismember(&m.of[1], SIGINT) && sigismember(&m.of[1], SIGTERM));
    ck_assert(!sigismember(&m.of[1], SIGSEGV));
    lido_team_stop(team);
}
END_TEST

/* ---- refusals ------------------------------------------------------------------------------ */

START_TEST(refuses_numbers_of_threads) {
    static const int numbers[] = {-1, LIDO_MAX_THREADS + 1};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        lido_team *team = (lido_team *)&error;
        assert_fails(lido_team_start(numbers[i], &team, &error), LIDO_USAGE, "is not in 0..1024");
        ck_assert_ptr_null(team);
    }
}
END_TEST

START_TEST(ends_its_threads_when_one_is_refused) {
    lido_team *team = (lido_team *)&error;
    creations_allowed = 3;
    created = joined = 0;
    assert_fails(lido_team_start(MOST, &team, &error), LIDO_MEMORY, "cannot start thread 5 of 8");
    ck_assert_ptr_null(team);
    ck_assert_int_eq(created, 3);
    ck_assert_int_eq(joined, 3);
    creations_allowed = 1 << 20;
}
END_TEST

static void do_nothing(void *context, int64_t index, int worker) {
    (void)context, (void)index, (void)worker;
}

START_TEST(tells_the_most_pieces_of_a_job) {
    for (int i = 0; i < COUNTS; i++) {
        lido_team *team;
        assert_ok(lido_team_start(thread_counts[i], &team, &error));
        ck_assert_int_eq(lido_team_most_pieces(team), 0);
        lido_team_run(team, 3, do_nothing, NULL);
        lido_team_run(team, 7, do_nothing, NULL);
        lido_team_run(team, 1, do_nothing, NULL);
        ck_assert_int_eq(lido_team_most_pieces(team), 7);
        ck_assert_int_eq(lido_team_most_pieces(team), 0);
        lido_team_stop(team);
    }
    ck_assert_int_eq(lido_team_most_pieces(NULL), 0);
}
END_TEST

LIDO_TEST_MAIN("team", runs_each_piece_once, tells_the_most_pieces_of_a_job,
               none_named_is_one_for_each_core, results_do_not_depend_on_threads,
               no_team_is_the_caller_alone, runs_one_job_after_another,
               each_worker_begins_with_its_block, others_take_what_a_slow_worker_leaves,
               a_piece_that_runs_its_team_works_alone, another_thread_works_alone_meanwhile,
               a_child_can_run_and_stop_the_team, members_leave_signals_to_the_caller,
               refuses_numbers_of_threads, ends_its_threads_when_one_is_refused)
