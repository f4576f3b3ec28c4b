/* team.h - running the pieces of a job on a team of threads.
 *
 * Work is cut by the problem, never by the number of workers: a caller names how many pieces there
 * are, each piece is computed by one thread in one fixed order, and sums over pieces are added in
 * index order by the caller. So results are the same bits for any number of threads.
 *
 * A team is a handle: nothing is shared between teams. Its members are made once and wait between
 * jobs, a short while by looking, then asleep; where there are more threads than cores they sleep
 * at once. They block the signals sent to the process, which so reach the program's own threads. */
#ifndef LIDO_BASE_TEAM_H
#define LIDO_BASE_TEAM_H

#include <lido/base.h>

/* One piece of work: index in [0, pieces), worker in [0, threads) (for scratch memory). */
typedef void (*lido_piece)(void *context, int64_t index, int worker);

/* Runs piece(context, i, worker) once for each i in [0, pieces), and returns when all are done;
 * what they wrote is then seen by the caller. Worker is in [0, lido_team_threads(team)), and never
 * the same in two threads at once. Each worker begins with a block of neighbouring pieces, the same
 * every time, so that it finds in its cache what it wrote there before; one that has finished goes
 * on with what is left of the others' blocks. So which worker runs a piece is not fixed, and no
 * result may depend on it.
 *
 * The calling thread runs all pieces alone, in order, when team is NULL; when the team is at work
 * already, be it for another thread or because a piece calls this (worker is then that of the
 * piece); and in a child made by fork, which has no other threads: it can run and stop the team,
 * and starts one of its own to be faster. */
void lido_team_run(lido_team *team, int64_t pieces, lido_piece piece, void *context);

/* The most pieces of a job that the team was given since this was last asked: to tell how work is
 * cut. 0 for NULL. */
int64_t lido_team_most_pieces(lido_team *team);

#endif
