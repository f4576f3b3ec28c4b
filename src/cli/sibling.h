/* sibling.h - the same program in double precision, lido-f64, which stands beside this one or is
 * installed out of the way of PATH. */
#ifndef LIDO_CLI_SIBLING_H
#define LIDO_CLI_SIBLING_H

#include <lido/base.h>

/* Becomes lido-f64 with the same arguments; returns only on failure (LIDO_NOT_FOUND, LIDO_IO). */
lido_status lido_sibling_become(char *const *argv, lido_error *error);

#endif
