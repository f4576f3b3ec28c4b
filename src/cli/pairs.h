/* pairs.h - which reducer works on which grid, asked of the registry. */
#ifndef LIDO_CLI_PAIRS_H
#define LIDO_CLI_PAIRS_H

#include "cli/output.h"

/* A table in Markdown with a row for each pooling layer and a column for each grid, and below it
 * the reasons of those that are refused; as JSON, an object {grid: true or the reason} for each
 * layer. */
lido_status lido_list_pairs(const lido_output *output, lido_error *error);

#endif
