/* op_draws.h - the random numbers of a layer in a .npy file [samples, numbers of a sample]. */
#ifndef LIDO_CLI_OP_DRAWS_H
#define LIDO_CLI_OP_DRAWS_H

#include <lido/base.h>

/* *draws = draws[batch][count], malloc'ed. LIDO_SHAPE: another shape; the message says what the
 * numbers decide. LIDO_MISMATCH: not floating-point numbers, or one that is not in [0, 1). */
lido_status lido_op_draws_read(const char *path, int64_t batch, int64_t count, const char *decide,
                               float **draws, lido_error *error);
lido_status lido_op_draws_write(const char *path, int64_t batch, int64_t count, const float *draws,
                                lido_error *error);

#endif
