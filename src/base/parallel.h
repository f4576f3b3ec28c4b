/* parallel.h - the only user of OpenMP and the owner of the BLAS thread count.
 *
 * Work is cut by the problem, never by the number of workers: a caller names how many pieces there
 * are, each piece is computed by one thread in one fixed order, and sums over pieces are added in
 * index order by the caller. So results are the same bits for any number of threads. */
#ifndef LIDO_BASE_PARALLEL_H
#define LIDO_BASE_PARALLEL_H

#include <stdint.h>

/* One piece of work: index in [0, pieces), worker in [0, threads) (for scratch memory). */
typedef void (*lido_piece)(void *context, int64_t index, int worker);

/* Runs all pieces on at most `threads` threads; neighbouring pieces go to the same worker, and the
 * same split is made every time, so a worker finds in its cache what it wrote there before. */
void lido_parallel(int threads, int64_t pieces, lido_piece piece, void *context);

/* Cores this process may use (affinity respected), at least 1. */
int lido_cores(void);

/* Asks the system to let this process use at least `wanted` cores, where it was started on fewer
 * (as a child is by a parent bound to one). Returns how many it may use now. For measurements that
 * say how many cores they were made on. */
int lido_cores_claim(int wanted);

/* The BLAS library's own threads are global by nature: set them to 1 around a run and restore. */
int lido_blas_threads_set(int threads); /* returns the number before */

/* The BLAS in use, for environment.json ("OpenBLAS 0.3.21 ... Zen"); a static string of the BLAS.
 */
const char *lido_blas_description(void);

#endif
