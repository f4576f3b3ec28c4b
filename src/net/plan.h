/* plan.h - placing everything a run needs in one arena: a pure function from lifetimes to offsets.
 *
 * Steps are numbered 0..L-1 forward and L..2L-1 backward (training). A request lives from its first
 * to its last step inclusive; requests that live at the same time never overlap. */
#ifndef LIDO_NET_PLAN_H
#define LIDO_NET_PLAN_H

#include <lido/base.h>

typedef struct lido_request {
    int64_t bytes;
    int first, last; /* steps, inclusive */
    int64_t offset;  /* out: multiple of LIDO_ALIGNMENT */
} lido_request;

enum { LIDO_ALIGNMENT = 64 };

/* Gives every request an offset, largest first, each at the lowest place free during its life;
 * *total is the arena's size. LIDO_TOO_LARGE on overflow, LIDO_MEMORY. */
lido_status lido_plan(lido_request *request, int requests, int64_t *total, lido_error *error);

#endif
