/* study_slurm.h - a study as an array job of Slurm. */
#ifndef LIDO_CLI_STUDY_SLURM_H
#define LIDO_CLI_STUDY_SLURM_H

#include <lido/study.h>

/* Writes slurm.sh into the study's folder: run by sh it submits a task for each run, and a job that
 * gathers when they have ended; by what it submits it is run again, to do that. `threads` is of a
 * task. *path[size] is where it was written. LIDO_IO, LIDO_TOO_LARGE, LIDO_MEMORY. */
lido_status lido_study_slurm(const lido_study *study, const lido_study_place *place, int threads,
                             char *path, size_t size, lido_error *error);

#endif
