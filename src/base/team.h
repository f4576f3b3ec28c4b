/* team.h - a team of threads that runs the pieces of one job after another.
 *
 * A team is a handle: nothing is shared between teams, and a program may hold several. Its members
 * are made once and wait between jobs, a short while by looking, then asleep; where there are more
 * threads than cores they sleep at once. They block the signals sent to the process, which so
 * reach the program's own threads. */
#ifndef LIDO_BASE_TEAM_H
#define LIDO_BASE_TEAM_H

#include "base/parallel.h"

#include <lido/base.h>

enum { LIDO_MAX_THREADS = 1024 };

typedef struct lido_team lido_team;

/* Starts a team of 1..LIDO_MAX_THREADS threads, the calling one included. LIDO_USAGE, LIDO_MEMORY
 * (also when the system refuses a thread); then *team is NULL and no thread is left. */
lido_status lido_team_start(int threads, lido_team **team, lido_error *error);

/* Ends the threads and frees the team, which must not be at work; NULL is allowed. */
void lido_team_stop(lido_team *team);

/* Number of threads, the caller's included; 1 for NULL. */
int lido_team_threads(const lido_team *team);

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

#endif
