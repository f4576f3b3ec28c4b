/* placement.h - what a run keeps in memory: which tensors share a place, from which step to which
 * each is needed, and (by plan.h) where in the arena it lies. It knows no pointers; steps.h turns
 * it into calls.
 *
 * A buffer is named by the index of its request. Layer i of L runs forward at step i and backward
 * at step 2L-1-i. */
#ifndef LIDO_NET_PLACEMENT_H
#define LIDO_NET_PLACEMENT_H

#include "net/graph.h"
#include "net/plan.h"

/* Instead of a request: no buffer at all, or the caller's pictures or boxes. */
enum { LIDO_NOWHERE = -1, LIDO_IMAGE = -2, LIDO_BOXES = -3 };

/* The buffers of one layer. */
typedef struct lido_place {
    lido_needs needs; /* for the batch of the net */
    bool wanted;      /* a gradient is asked for by it or something before it: it is run backward,
                       unless it is the softmax of a cross-entropy */
    int y, saved;
    int dy;                   /* NOWHERE: its backward is not run */
    int dx[LIDO_MAX_INPUTS];  /* what its backward writes; NOWHERE: not wanted */
    int sum[LIDO_MAX_INPUTS]; /* the gradient dx is then added to; NOWHERE: dx is that gradient */
    int rectifier; /* the layer before it, which is run on y and dy instead; NOWHERE: none */
    int scratch[2], worker_scratch[2]; /* forward, backward */
    size_t worker_stride;
} lido_place;

typedef struct lido_placement {
    lido_place *place; /* place[graph->nodes] */
    lido_request *request;
    int requests;
    int image_gradient; /* NOWHERE unless options->input_gradient */
    int loss_parts;     /* partial sums of the loss */
    int64_t bytes;      /* of the arena */
} lido_placement;

/* Errors: LIDO_MEMORY, LIDO_TOO_LARGE. lido_placement_free releases. */
lido_status lido_placement_make(const lido_graph *graph, const lido_net_options *options,
                                lido_placement *placement, lido_error *error);
void lido_placement_free(lido_placement *placement);

/* The buffer that a node (or LIDO_FROM_IMAGE, LIDO_FROM_BOXES) gives its consumers. */
int lido_placement_home(const lido_placement *placement, int tensor);

#endif
