/* machine.h - the cores this process may use, and the thread count of the BLAS. */
#ifndef LIDO_BASE_MACHINE_H
#define LIDO_BASE_MACHINE_H

/* Cores this process may use (affinity respected), at least 1. */
int lido_cores(void);

/* Asks the system to let this process use at least `wanted` cores, where it was started on fewer
 * (as a child is by a parent bound to one). Returns how many it may use now. For measurements that
 * say how many cores they were made on; before a team is started, whose threads stay where the
 * process was allowed to be. */
int lido_cores_claim(int wanted);

/* The BLAS library's own threads are global by nature: set them to 1 around a run and restore. */
int lido_blas_threads_set(int threads); /* returns the number before */

/* The BLAS in use, for environment.json ("OpenBLAS 0.3.21 ... Zen"); a static string of the BLAS.
 */
const char *lido_blas_description(void);

#endif
