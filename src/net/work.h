/* work.h - what a layer's call has to do at least, to measure its time against what the machine can
 * do. */
#ifndef LIDO_NET_WORK_H
#define LIDO_NET_WORK_H

#include "net/graph.h"

typedef struct lido_work {
    double multiply_adds; /* products of the obvious algorithm, whatever the layer does instead */
    double bytes;         /* read or written: inputs, output, their gradients where they are wanted,
                             weights and theirs; each counted once */
} lido_work;

/* Of a forward call (dy NULL) or a backward call of a layer with these needs: backward takes the
 * products of forward once for the gradient of the input and once for that of the weights. A view
 * has no work. */
lido_work lido_work_of(const lido_needs *needs, const lido_call *call);

/* The same of a call that lido_net_watch shows; 0 of the loss (call NULL). */
lido_work lido_work_shown(const lido_graph *graph, int layer, const lido_call *call);

#endif
