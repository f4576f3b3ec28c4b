/* sibling.h - where this program lies, and the same program built otherwise, which stands beside it
 * or is installed out of the way of PATH. */
#ifndef LIDO_CLI_SIBLING_H
#define LIDO_CLI_SIBLING_H

#include "base/file.h"

/* The whole path of this program; false where the system does not tell. */
bool lido_own_path(char path[LIDO_PATH_SIZE]);

typedef enum lido_sibling {
    LIDO_SIBLING_DOUBLE, /* lido-f64, in double precision */
    LIDO_SIBLING_MPI     /* lido-mpi, which uses MPI; where Open MPI was there to build it */
} lido_sibling;

/* Becomes it with the same arguments; returns only on failure (LIDO_NOT_FOUND, LIDO_IO). */
lido_status lido_sibling_become(lido_sibling which, char *const *argv, lido_error *error);

#endif
