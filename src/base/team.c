/* team.c - threads that wait for a job, share its pieces, and wait again.
 *
 * All that members wait for is in one word, the gate. The caller opens it for a job and works like
 * everyone else; a member goes in while it is open and leaves when no piece is left to take; then
 * the caller closes it and waits for those inside. A member that comes late, because its core is
 * taken by another program, finds the gate closed and is not waited for. */
#define _GNU_SOURCE
#include "base/team.h"

#include "base/machine.h"

#include <pthread.h>
#include <signal.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    CACHE_LINE = 64,
    /* How long to look before sleeping: longer than most gaps between two layers, so that a step
     * finds its members awake. Longer still would only take time from other programs. */
    PATIENCE_NS = 50000,
    LOOKS = 64, /* between two readings of the clock */
    STACK_SIZE = 2 << 20,
};

/* The parts of the gate; above them stands the number of the job, which may wrap: a member that
 * takes a new job for one it has seen only stays out of it. */
enum { INSIDE = 0xffff, OPEN = 0x10000, DISMISSED = 0x20000, NUMBER = 0x40000 };
_Static_assert((int)LIDO_MAX_THREADS <= (int)INSIDE,
               "members inside are counted in their part of the gate");

/* A thread's place in the team, and its block: the pieces from `next` to `end` are still to be
 * taken. */
typedef struct seat {
    alignas(CACHE_LINE) _Atomic int64_t next;
    int64_t end;
    lido_team *team;
    pthread_t thread; /* unused in seat 0, the caller's */
    int number;       /* which is the worker a piece is told */
} seat;

/* Where threads sleep until the gate has changed. */
typedef struct bell {
    pthread_cond_t rung;
    atomic_int asleep;
} bell;

struct lido_team {
    alignas(CACHE_LINE) atomic_uint gate;
    /* the job: written while the gate is closed and nobody inside */
    lido_piece piece;
    void *context;
    /* what does not change between jobs */
    alignas(CACHE_LINE) int threads;
    int64_t patience;  /* in nanoseconds */
    pid_t process;     /* the one that has the threads: not a child of it */
    atomic_bool busy;  /* running a job */
    atomic_llong most; /* pieces of a job, since lido_team_most_pieces */
    pthread_mutex_t lock;
    bell called, left; /* for members; for the caller */
    seat seat[];       /* seat[threads] */
};

/* ---- waiting ------------------------------------------------------------------------------- */

/* Whether a gate lets go a thread that waits; seen is the number of the job it was in last. */
typedef bool (*gate_test)(unsigned gate, unsigned seen);

static unsigned number_in(unsigned gate) {
    return gate / NUMBER;
}

static bool calls(unsigned gate, unsigned seen) {
    return (gate & DISMISSED) || ((gate & OPEN) && number_in(gate) != seen);
}

static bool is_empty(unsigned gate, unsigned seen) {
    (void)seen;
    return (gate & INSIDE) == 0;
}

static void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static int64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static bool look_until(const lido_team *team, gate_test test, unsigned seen) {
    if (test(atomic_load(&team->gate), seen)) return true;
    if (team->patience == 0) return false;
    const int64_t end = nanoseconds() + team->patience;
    do {
        for (int i = 0; i < LOOKS; i++) {
            relax();
            if (test(atomic_load(&team->gate), seen)) return true;
        }
    } while (nanoseconds() < end);
    return false;
}

static void sleep_until_rung(lido_team *team, gate_test test, unsigned seen, bell *at) {
    pthread_mutex_lock(&team->lock);
    atomic_fetch_add(&at->asleep, 1);
    if (!test(atomic_load(&team->gate), seen)) pthread_cond_wait(&at->rung, &team->lock);
    atomic_fetch_sub(&at->asleep, 1);
    pthread_mutex_unlock(&team->lock);
}

/* Who wakes too late for a short job looks for the next one first: it would be late again. */
static void wait_until(lido_team *team, gate_test test, unsigned seen, bell *at) {
    while (!look_until(team, test, seen)) sleep_until_rung(team, test, seen, at);
}

/* Called after the gate was changed. A sleeper counts itself before it looks at the gate for the
 * last time, so it sees the change or is seen here. */
static void ring(lido_team *team, bell *at) {
    if (atomic_load(&at->asleep) == 0 || team->process != getpid()) return;
    pthread_mutex_lock(&team->lock);
    pthread_cond_broadcast(&at->rung);
    pthread_mutex_unlock(&team->lock);
}

/* ---- working ------------------------------------------------------------------------------- */

/* Runs what is left of a block. The order of memory is that of going in and out of the gate. */
static void work_off(const lido_team *team, seat *block, int number) {
    while (atomic_load_explicit(&block->next, memory_order_relaxed) < block->end) {
        int64_t index = atomic_fetch_add_explicit(&block->next, 1, memory_order_relaxed);
        if (index < block->end) team->piece(team->context, index, number);
    }
}

static void work(lido_team *team, int number) {
    for (int w = number; w < team->threads; w++) work_off(team, &team->seat[w], number);
    for (int w = 0; w < number; w++) work_off(team, &team->seat[w], number);
}

/* Goes into the next job; false when there will be none. */
static bool go_in(lido_team *team, unsigned *seen) {
    for (;;) {
        wait_until(team, calls, *seen, &team->called);
        unsigned gate = atomic_load(&team->gate);
        if (gate & DISMISSED) return false;
        if (!calls(gate, *seen)) continue;
        if (!atomic_compare_exchange_strong(&team->gate, &gate, gate + 1)) continue;
        *seen = number_in(gate);
        return true;
    }
}

static void leave(lido_team *team) {
    unsigned gate = atomic_fetch_sub(&team->gate, 1) - 1;
    if (!(gate & OPEN) && is_empty(gate, 0)) ring(team, &team->left);
}

static void *serve(void *argument) {
    const seat *self = argument;
    unsigned seen = 0;
    while (go_in(self->team, &seen)) {
        work(self->team, self->number);
        leave(self->team);
    }
    return NULL;
}

/* The number of the member that calls; 0 when it is none. Found without a thread-local variable,
 * which would be a global. */
static int own_number(const lido_team *team) {
    const int threads = lido_team_threads(team);
    for (int w = 1; w < threads; w++)
        if (pthread_equal(team->seat[w].thread, pthread_self())) return w;
    return 0;
}

static void share_out(lido_team *team, int64_t pieces) {
    const int64_t sharing = pieces < team->threads ? pieces : team->threads;
    for (int w = 0; w < team->threads; w++) {
        seat *block = &team->seat[w];
        block->end = w < sharing ? pieces * (w + 1) / sharing : 0;
        atomic_store_explicit(&block->next, w < sharing ? pieces * w / sharing : 0,
                              memory_order_relaxed);
    }
}

static void note_pieces(lido_team *team, int64_t pieces) {
    long long most = atomic_load_explicit(&team->most, memory_order_relaxed);
    while (pieces > most && !atomic_compare_exchange_weak(&team->most, &most, pieces)) continue;
}

int64_t lido_team_most_pieces(lido_team *team) {
    return team ? atomic_exchange(&team->most, 0) : 0;
}

void lido_team_run(lido_team *team, int64_t pieces, lido_piece piece, void *context) {
    if (team) note_pieces(team, pieces);
    if (lido_team_threads(team) == 1 || pieces < 2 || atomic_exchange(&team->busy, true)) {
        const int number = own_number(team);
        for (int64_t i = 0; i < pieces; i++) piece(context, i, number);
        return;
    }
    share_out(team, pieces);
    team->piece = piece;
    team->context = context;
    atomic_store(&team->gate, (atomic_load(&team->gate) + NUMBER) | OPEN);
    ring(team, &team->called);
    work(team, 0);
    atomic_fetch_and(&team->gate, ~(unsigned)OPEN);
    wait_until(team, is_empty, 0, &team->left);
    atomic_store(&team->busy, false);
}

/* ---- life ---------------------------------------------------------------------------------- */

int lido_team_threads(const lido_team *team) {
    return team ? team->threads : 1;
}

static lido_team *make_team(int threads) {
    lido_team *team =
        aligned_alloc(alignof(lido_team), sizeof *team + (size_t)threads * sizeof *team->seat);
    if (!team) return NULL;
    *team = (lido_team){.threads = 1,
                        .patience = threads <= lido_cores() ? PATIENCE_NS : 0,
                        .process = getpid(),
                        .lock = PTHREAD_MUTEX_INITIALIZER,
                        .called.rung = PTHREAD_COND_INITIALIZER,
                        .left.rung = PTHREAD_COND_INITIALIZER};
    for (int w = 0; w < threads; w++) team->seat[w] = (seat){.team = team, .number = w};
    return team;
}

/* Blocks all signals but those that a thread's own instructions raise; a thread made now inherits
 * it. */
static void block_signals(sigset_t *before) {
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT};
    sigset_t blocked;
    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) sigdelset(&blocked, own[i]);
    pthread_sigmask(SIG_SETMASK, &blocked, before);
}

/* Adds members until there are `threads`; returns 0, or the system's reason why not. */
static int add_members(lido_team *team, int threads) {
    pthread_attr_t attributes;
    int reason = pthread_attr_init(&attributes);
    if (reason) return reason;
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    sigset_t before;
    block_signals(&before);
    while (!reason && team->threads < threads) {
        seat *member = &team->seat[team->threads];
        reason = pthread_create(&member->thread, &attributes, serve, member);
        if (!reason) team->threads++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return reason;
}

lido_status lido_team_start(int threads, lido_team **team, lido_error *error) {
    *team = NULL;
    if (threads < 0 || threads > LIDO_MAX_THREADS)
        return lido_fail(error, LIDO_USAGE, "threads: %d is not in 0..%d", threads,
                         LIDO_MAX_THREADS);
    if (threads == 0) threads = lido_cores() < LIDO_MAX_THREADS ? lido_cores() : LIDO_MAX_THREADS;
    lido_team *made = make_team(threads);
    if (!made) return lido_fail(error, LIDO_MEMORY, "no memory for a team of %d threads", threads);
    const int reason = add_members(made, threads);
    if (reason) {
        lido_fail(error, LIDO_MEMORY, "cannot start thread %d of %d: %s", made->threads + 1,
                  threads, strerror(reason));
        lido_team_stop(made);
        return LIDO_MEMORY;
    }
    *team = made;
    return LIDO_OK;
}

void lido_team_stop(lido_team *team) {
    if (!team) return;
    if (team->process == getpid()) {
        atomic_fetch_or(&team->gate, DISMISSED);
        ring(team, &team->called);
        for (int w = 1; w < team->threads; w++) pthread_join(team->seat[w].thread, NULL);
        pthread_cond_destroy(&team->left.rung);
        pthread_cond_destroy(&team->called.rung);
        pthread_mutex_destroy(&team->lock);
    }
    free(team);
}
