/* weights.h - which arrays of a checkpoint are a network's. */
#ifndef LIDO_NET_WEIGHTS_H
#define LIDO_NET_WEIGHTS_H

#include "net/checkpoint.h"

/* A network's weights are one tensor for each segment, under its name: parameters, then running
 * state. An optimiser's vector i is one tensor for each parameter segment, under
 * "optimizer/i/NAME". Both fill tensor[] with data pointing into the vectors and return how many
 * (at most the graph's segments). */
int lido_weights_tensors(const lido_graph *graph, const lido_real *params, const lido_real *state,
                         lido_tensor *tensor);
int lido_slot_tensors(const lido_graph *graph, int slot, const lido_real *values,
                      lido_tensor *tensor);

/* The reverse, into the vectors, which are written only when all of it fits. LIDO_MISMATCH names
 * the first tensor that is missing, of another shape (both are told) or element type, or, for
 * weights, of no layer. */
lido_status lido_weights_load(const lido_tensor_file *file, const lido_graph *graph,
                              lido_real *params, lido_real *state, lido_error *error);
lido_status lido_slot_load(const lido_tensor_file *file, const lido_graph *graph, int slot,
                           lido_real *values, lido_error *error);

#endif
