/* sibling.h - where this program lies, and the same program in double precision, lido-f64, which
 * stands beside it or is installed out of the way of PATH. */
#ifndef LIDO_CLI_SIBLING_H
#define LIDO_CLI_SIBLING_H

#include "base/file.h"

/* The whole path of this program; false where the system does not tell. */
bool lido_own_path(char path[LIDO_PATH_SIZE]);

/* Becomes lido-f64 with the same arguments; returns only on failure (LIDO_NOT_FOUND, LIDO_IO). */
lido_status lido_sibling_become(char *const *argv, lido_error *error);

#endif
