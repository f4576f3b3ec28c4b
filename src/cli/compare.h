/* compare.h - `lido op --compare-semantics`: one pooling layer under the window rules of every
 * engine. */
#ifndef LIDO_CLI_COMPARE_H
#define LIDO_CLI_COMPARE_H

#include "cli/output.h"

/* Runs the layer (a file or JSON) with each value of its "semantics" on a ramp of the shape
 * (spatial sizes, then channels): its cells are 1, 2, 3, ... Prints the shapes of the outputs, what
 * stands at their corners, and where two engines differ; as JSON, all values at the border. */
lido_status lido_compare_semantics(const char *layer, const lido_list *shape,
                                   const lido_output *output, lido_error *error);

#endif
