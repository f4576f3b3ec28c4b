/* steps.h - the calls of a run, made once: every pointer that the placement decides is in them, so
 * that running is a loop over records. */
#ifndef LIDO_NET_STEPS_H
#define LIDO_NET_STEPS_H

#include "net/placement.h"

/* The memory that calls point into. */
typedef struct lido_memory {
    char *arena;
    lido_real *params, *gradients, *state;
    void **tables; /* tables[graph->nodes] */
} lido_memory;

/* One layer's forward or backward call. */
typedef struct lido_step {
    int node;
    void (*run)(const lido_call *call); /* NULL: a view, whose gradient is only added */
    lido_call call;                     /* complete but for batch, team, training and sample */
    const lido_real *x[LIDO_MAX_INPUTS];
    lido_real *dx[LIDO_MAX_INPUTS];
    lido_real *sum[LIDO_MAX_INPUTS]; /* backward: dx[k] is then added into sum[k], unless NULL */
    lido_key key[2];                 /* of draws in evaluation, training */
} lido_step;

typedef struct lido_steps {
    lido_step *forward, *backward; /* in the order they run */
    int forwards, backwards;
    /* Places in all calls: where the pictures belong, where the boxes belong. */
    const lido_real ***image; /* image[images] */
    const lido_real ***boxes; /* boxes[boxed] */
    int images, boxed;
} lido_steps;

/* Errors: LIDO_MEMORY. lido_steps_free releases. */
lido_status lido_steps_make(const lido_graph *graph, const lido_placement *placement,
                            const lido_memory *memory, uint64_t seed, lido_steps *steps,
                            lido_error *error);
void lido_steps_free(lido_steps *steps);

/* Where a buffer of the placement lies; NULL for NOWHERE, IMAGE and BOXES. */
void *lido_buffer_at(const lido_placement *placement, const lido_memory *memory, int buffer);

#endif
