/* bench_data.h - the random numbers that measurements are made on. */
#ifndef LIDO_CLI_BENCH_DATA_H
#define LIDO_CLI_BENCH_DATA_H

#include <lido/base.h>

/* Array `which` of N(0, 1), or of its magnitudes; malloc'ed. NULL: LIDO_MEMORY, in *error. */
lido_real *lido_bench_normal(uint64_t seed, uint64_t which, int64_t count, lido_error *error);
lido_real *lido_bench_magnitudes(uint64_t seed, uint64_t which, int64_t count, lido_error *error);

#endif
