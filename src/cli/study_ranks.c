/* study_ranks.c - a study shared out among the ranks of MPI. Nobody waits in a call of MPI, which
 * would keep a core busy that a run could use: ranks look for messages now and then. Runs are in
 * processes of their own, which know nothing of MPI. */
#define _POSIX_C_SOURCE 200809L
#include "cli/study_ranks.h"

#include <stdlib.h>

bool lido_ranks_wanted(void) {
    return getenv("OMPI_COMM_WORLD_SIZE") || getenv("PMIX_RANK");
}

#ifndef LIDO_HAVE_MPI

const bool lido_ranks_built = false;

lido_status lido_ranks_start(lido_ranks *ranks, lido_error *error) {
    (void)error;
    *ranks = (lido_ranks){.count = 1};
    return LIDO_OK;
}

bool lido_ranks_agree(const lido_ranks *ranks, bool well) {
    (void)ranks;
    return well;
}

lido_status lido_ranks_work(lido_ranks *ranks, const lido_pool *pool, lido_error *error) {
    (void)ranks;
    return lido_pool_work(pool, error);
}

void lido_ranks_leave(const lido_ranks *ranks) {
    (void)ranks;
}

void lido_ranks_stop(const lido_ranks *ranks) {
    (void)ranks;
}

#else

#    include "cli/interrupt.h"

#    include <mpi.h>
#    include <time.h>

const bool lido_ranks_built = true;

enum { FIRST = 0, REQUEST = 1, REPLY, EVENT, FAREWELL }; /* the first rank; tags of messages */

static void pause_briefly(void) {
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

static void wait_for(MPI_Request *request) {
    for (int done = 0;;) {
        MPI_Test(request, &done, MPI_STATUS_IGNORE);
        if (done) return;
        pause_briefly();
    }
}

lido_status lido_ranks_start(lido_ranks *ranks, lido_error *error) {
    *ranks = (lido_ranks){.count = 1};
    if (!lido_ranks_wanted()) return LIDO_OK;
    if (MPI_Init(NULL, NULL) != MPI_SUCCESS)
        return lido_fail(error, LIDO_IO, "MPI cannot be started");
    MPI_Comm_rank(MPI_COMM_WORLD, &ranks->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks->count);
    ranks->away = ranks->count - 1;
    return LIDO_OK;
}

bool lido_ranks_agree(const lido_ranks *ranks, bool well) {
    int said = well;
    MPI_Request request;
    if (ranks->count == 1) return well;
    MPI_Ibcast(&said, 1, MPI_INT, FIRST, MPI_COMM_WORLD, &request);
    wait_for(&request);
    return said != 0;
}

void lido_ranks_stop(const lido_ranks *ranks) {
    MPI_Request request;
    if (!lido_ranks_wanted()) return;
    if (ranks->count > 1) {
        MPI_Ibarrier(MPI_COMM_WORLD, &request);
        wait_for(&request);
    }
    MPI_Finalize();
}

/* ---- the first rank ------------------------------------------------------------------------ */

typedef struct first_rank {
    lido_ranks *ranks;
    const lido_pool *plan;
} first_rank;

static void answer(first_rank *first, const MPI_Status *from) {
    int run = lido_interrupted() ? LIDO_POOL_END : first->plan->next(first->plan->context);
    MPI_Recv(NULL, 0, MPI_BYTE, from->MPI_SOURCE, REQUEST, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Send(&run, 1, MPI_INT, from->MPI_SOURCE, REPLY, MPI_COMM_WORLD);
}

static void hear_event(first_rank *first, const MPI_Status *from) {
    lido_run_event event;
    MPI_Recv(&event, sizeof event, MPI_BYTE, from->MPI_SOURCE, EVENT, MPI_COMM_WORLD,
             MPI_STATUS_IGNORE);
    first->plan->event(first->plan->context, &event);
}

/* All messages that are there. */
static void serve(first_rank *first) {
    for (;;) {
        int there;
        MPI_Status from;
        MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &there, &from);
        if (!there) return;
        if (from.MPI_TAG == REQUEST) {
            answer(first, &from);
        } else if (from.MPI_TAG == EVENT) {
            hear_event(first, &from);
        } else {
            MPI_Recv(NULL, 0, MPI_BYTE, from.MPI_SOURCE, FAREWELL, MPI_COMM_WORLD,
                     MPI_STATUS_IGNORE);
            first->ranks->away--;
        }
    }
}

static int first_next(void *context) {
    first_rank *first = context;
    return first->plan->next(first->plan->context);
}

static void first_event(void *context, const lido_run_event *event) {
    first_rank *first = context;
    first->plan->event(first->plan->context, event);
}

static void first_tick(void *context) {
    first_rank *first = context;
    serve(first);
    if (first->plan->tick) first->plan->tick(first->plan->context);
}

static lido_status work_first(lido_ranks *ranks, const lido_pool *plan, lido_error *error) {
    first_rank first = {.ranks = ranks, .plan = plan};
    lido_pool pool = *plan;
    pool.next = first_next;
    pool.event = first_event;
    pool.tick = first_tick;
    pool.context = &first;
    lido_status status = lido_pool_work(&pool, error);
    while (ranks->away > 0) {
        first_tick(&first);
        pause_briefly();
    }
    return status;
}

/* ---- the others ---------------------------------------------------------------------------- */

typedef struct other_rank {
    bool asked;
    int reply;
    MPI_Request request; /* of the reply, when asked */
} other_rank;

static int other_next(void *context) {
    other_rank *other = context;
    int there;
    if (!other->asked) {
        MPI_Irecv(&other->reply, 1, MPI_INT, FIRST, REPLY, MPI_COMM_WORLD, &other->request);
        MPI_Send(NULL, 0, MPI_BYTE, FIRST, REQUEST, MPI_COMM_WORLD);
        other->asked = true;
    }
    MPI_Test(&other->request, &there, MPI_STATUS_IGNORE);
    if (!there) return LIDO_POOL_WAIT;
    other->asked = false;
    return other->reply;
}

static void other_event(void *context, const lido_run_event *event) {
    (void)context;
    MPI_Send(event, sizeof *event, MPI_BYTE, FIRST, EVENT, MPI_COMM_WORLD);
}

static lido_status work_other(const lido_pool *plan, lido_error *error) {
    other_rank other = {.asked = false};
    lido_pool pool = *plan;
    pool.next = other_next;
    pool.event = other_event;
    pool.tick = NULL;
    pool.context = &other;
    lido_status status = lido_pool_work(&pool, error);
    if (other.asked) wait_for(&other.request);
    return status;
}

lido_status lido_ranks_work(lido_ranks *ranks, const lido_pool *pool, lido_error *error) {
    if (ranks->count == 1) return lido_pool_work(pool, error);
    if (ranks->rank == FIRST) return work_first(ranks, pool, error);
    lido_status status = work_other(pool, error);
    lido_ranks_leave(ranks);
    return status;
}

void lido_ranks_leave(const lido_ranks *ranks) {
    if (ranks->rank != FIRST) MPI_Send(NULL, 0, MPI_BYTE, FIRST, FAREWELL, MPI_COMM_WORLD);
}

#endif
