/* study_pool.c - runs in processes of their own. Each process tells of its run through a pipe,
 * whole events at a time; the end of the pipe is the end of the process. A process whose parent is
 * gone ends by SIGPIPE when it next tells something. */
#define _POSIX_C_SOURCE 200809L
#include "cli/study_pool.h"

#include "cli/interrupt.h"
#include "cli/output.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TICK_MILLISECONDS = 20, PROGRESS_MILLISECONDS = 100 };

static_assert(sizeof(lido_run_event) <= PIPE_BUF, "an event goes through a pipe as a whole");

/* A process at work. */
typedef struct worker {
    pid_t process; /* 0: the place is free */
    int pipe;      /* the end that is read */
    int run;
    bool ended; /* it has told of the end of its run */
} worker;

typedef struct pool {
    const lido_pool *plan;
    worker *worker; /* worker[plan->jobs] */
    int busy;
    bool no_more, stopping;
} pool;

/* ---- in the process of a run --------------------------------------------------------------- */

typedef struct teller {
    int pipe, run;
    double last; /* when it last told of progress */
} teller;

/* A pipe takes so few bytes as a whole or not at all. */
static void tell(const teller *t, const lido_run_event *event) {
    while (write(t->pipe, event, sizeof *event) < 0 && errno == EINTR) continue;
}

static bool tell_progress(teller *t, const lido_run_event *event) {
    double now = lido_seconds();
    if (now - t->last >= 1e-3 * PROGRESS_MILLISECONDS) {
        tell(t, event);
        t->last = now;
    }
    return !lido_interrupted();
}

static bool tell_step(void *context, int64_t epoch, int64_t epochs, int64_t done, int64_t total,
                      double loss) {
    teller *t = context;
    double before = (double)(epoch - 1) * (double)total;
    return tell_progress(
        t, &(lido_run_event){.run = t->run,
                             .stage = LIDO_RUN_TRAINING,
                             .epoch = epoch,
                             .epochs = epochs,
                             .fraction = (before + (double)done) / ((double)epochs * (double)total),
                             .loss = loss});
}

static bool tell_evaluation(void *context, int64_t done, int64_t total) {
    teller *t = context;
    return tell_progress(t, &(lido_run_event){.run = t->run,
                                              .stage = LIDO_RUN_EVALUATING,
                                              .fraction = (double)done / (double)total});
}

static lido_run_event end_event(int run, lido_status status, const lido_study_outcome *outcome,
                                const lido_error *error, double seconds) {
    lido_run_event event = {.run = run, .status = status, .seconds = seconds};
    if (!status) {
        event.stage = LIDO_RUN_FINISHED;
        event.accuracy = outcome->test.accuracy;
        event.already_finished = outcome->already_finished;
        return event;
    }
    event.stage = status == LIDO_INTERRUPTED ? LIDO_RUN_INTERRUPTED : LIDO_RUN_FAILED;
    snprintf(event.message, sizeof event.message, "%.511s", error->message);
    return event;
}

static void do_run(const lido_pool *plan, int run, int pipe) {
    teller t = {.pipe = pipe, .run = run};
    const lido_trainer_events events = {
        .context = &t, .step = tell_step, .evaluation = tell_evaluation};
    lido_study_place place = *plan->place;
    lido_study_outcome outcome = {.already_finished = false};
    lido_error error = {.status = LIDO_OK};
    double started = lido_seconds();
    place.team = NULL;
    tell(&t, &(lido_run_event){.run = run, .stage = LIDO_RUN_STARTED});
    lido_status status = lido_team_start(plan->threads, &place.team, &error);
    if (!status) status = lido_study_train(plan->study, run, &place, &events, &outcome, &error);
    lido_team_stop(place.team);
    const lido_run_event end = end_event(run, status, &outcome, &error, lido_seconds() - started);
    tell(&t, &end);
}

/* Other processes' pipes are closed, so that each ends with its own process. */
static void become_worker(const pool *p, int run, int pipe) {
    signal(SIGPIPE, SIG_DFL);
    for (int i = 0; i < p->plan->jobs; i++)
        if (p->worker[i].process) close(p->worker[i].pipe);
    do_run(p->plan, run, pipe);
    _exit(EXIT_SUCCESS);
}

/* ---- in the parent ------------------------------------------------------------------------- */

static worker *free_place(const pool *p) {
    for (int i = 0; i < p->plan->jobs; i++)
        if (!p->worker[i].process) return &p->worker[i];
    return NULL;
}

static lido_status start(pool *p, int run, lido_error *error) {
    int ends[2];
    worker *w = free_place(p);
    if (pipe(ends) != 0)
        return lido_fail(error, LIDO_IO, "cannot start a process: %s", strerror(errno));
    fflush(NULL);
    pid_t process = fork();
    if (process == 0) {
        close(ends[0]);
        become_worker(p, run, ends[1]);
    }
    close(ends[1]);
    if (process < 0) {
        close(ends[0]);
        return lido_fail(error, LIDO_MEMORY, "cannot start a process: %s", strerror(errno));
    }
    *w = (worker){.process = process, .pipe = ends[0], .run = run};
    p->busy++;
    return LIDO_OK;
}

static lido_status fill_places(pool *p, lido_error *error) {
    while (!p->no_more && p->busy < p->plan->jobs) {
        int run = p->plan->next(p->plan->context);
        if (run == LIDO_POOL_WAIT) return LIDO_OK;
        p->no_more = run == LIDO_POOL_END;
        lido_status status = p->no_more ? LIDO_OK : start(p, run, error);
        if (status) return status;
    }
    return LIDO_OK;
}

/* Its process has ended; if it has not said how its run did, the system does. */
static void end_worker(pool *p, worker *w) {
    int state = 0;
    close(w->pipe);
    while (waitpid(w->process, &state, 0) < 0 && errno == EINTR) continue;
    w->process = 0;
    p->busy--;
    if (w->ended) return;
    lido_run_event event = {.run = w->run, .stage = LIDO_RUN_FAILED, .status = LIDO_IO};
    if (p->stopping) event.stage = LIDO_RUN_INTERRUPTED;
    if (WIFSIGNALED(state))
        snprintf(event.message, sizeof event.message, "its process was ended by signal %d (%s)",
                 WTERMSIG(state), strsignal(WTERMSIG(state)));
    else
        snprintf(event.message, sizeof event.message, "its process ended with status %d",
                 WEXITSTATUS(state));
    p->plan->event(p->plan->context, &event);
}

static void hear(pool *p, worker *w) {
    lido_run_event event;
    ssize_t size = read(w->pipe, &event, sizeof event);
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (size != (ssize_t)sizeof event) {
        end_worker(p, w);
        return;
    }
    w->ended = event.stage >= LIDO_RUN_FINISHED;
    p->plan->event(p->plan->context, &event);
}

static void listen(pool *p) {
    struct pollfd ready[LIDO_POOL_JOBS];
    worker *of[LIDO_POOL_JOBS];
    nfds_t count = 0;
    for (int i = 0; i < p->plan->jobs; i++) {
        if (!p->worker[i].process) continue;
        of[count] = &p->worker[i];
        ready[count++] = (struct pollfd){.fd = p->worker[i].pipe, .events = POLLIN};
    }
    if (poll(ready, count, TICK_MILLISECONDS) <= 0) return;
    for (nfds_t i = 0; i < count; i++)
        if (ready[i].revents) hear(p, of[i]);
}

static void stop_workers(pool *p) {
    for (int i = 0; i < p->plan->jobs && !p->stopping; i++)
        if (p->worker[i].process) kill(p->worker[i].process, SIGTERM);
    p->stopping = p->no_more = true;
}

lido_status lido_pool_work(const lido_pool *plan, lido_error *error) {
    pool p = {.plan = plan, .worker = calloc((size_t)plan->jobs, sizeof *p.worker)};
    lido_status status = LIDO_OK;
    if (!p.worker) return lido_fail(error, LIDO_MEMORY, "out of memory for %d jobs", plan->jobs);
    do {
        if (lido_interrupted() || status) stop_workers(&p);
        if (!status && !p.stopping) status = fill_places(&p, error);
        listen(&p);
        if (plan->tick) plan->tick(plan->context);
    } while (p.busy > 0 || (!p.no_more && !status));
    free(p.worker);
    if (status) return status;
    return lido_interrupted() ? lido_fail(error, LIDO_INTERRUPTED, "interrupted") : LIDO_OK;
}
