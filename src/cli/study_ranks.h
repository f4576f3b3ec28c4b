/* study_ranks.h - a study shared out among the ranks of MPI: the first hands out runs to whoever is
 * free, itself included, and hears of them; every rank works as `lido study` does alone. Built
 * without MPI, or not started by mpirun, there is one rank. */
#ifndef LIDO_CLI_STUDY_RANKS_H
#define LIDO_CLI_STUDY_RANKS_H

#include "cli/study_pool.h"

/* Whether mpirun, or srun --mpi=pmix, has started this process; and whether this program can do
 * what that asks for. */
bool lido_ranks_wanted(void);
extern const bool lido_ranks_built;

typedef struct lido_ranks {
    int rank, count;
    int away; /* first rank: others that still work */
} lido_ranks;

/* LIDO_IO when MPI cannot be started. */
lido_status lido_ranks_start(lido_ranks *ranks, lido_error *error);

/* What the first rank says, at every rank; the others wait for it. */
bool lido_ranks_agree(const lido_ranks *ranks, bool well);

/* lido_pool_work of all ranks. `pool` is the first rank's as it would be alone; of the others only
 * study, place, jobs and threads are looked at. Returns at the first rank when all are done. */
lido_status lido_ranks_work(lido_ranks *ranks, const lido_pool *pool, lido_error *error);

/* Instead, of a rank that cannot work: the others do not wait for it. */
void lido_ranks_leave(const lido_ranks *ranks);

/* All ranks meet. Harmless when there is one. */
void lido_ranks_stop(const lido_ranks *ranks);

#endif
