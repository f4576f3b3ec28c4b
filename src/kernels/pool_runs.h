/* pool_runs.h - the windows of a box, for reducers that are quicker on long rows: full windows that
 * slide (pool_slide.h) are shown a run at a time, all others in boxes. Where some windows of a run
 * need more care, its reducer takes the run's box too, but keeps the others as the run has them:
 * what lies beside a number must not change its digits. */
#ifndef LIDO_KERNELS_POOL_RUNS_H
#define LIDO_KERNELS_POOL_RUNS_H

#include "kernels/pool_slide.h"

/* Neighbouring windows along W. */
typedef struct lido_run {
    int64_t output; /* the first one: (od OH + oh) OW + ow */
    int64_t windows;
    int64_t position; /* of its first cell: (d H + h) W + w */
    lido_box box;     /* the same outputs */
} lido_run;

typedef struct lido_run_visitor {
    const lido_grid *grid;
    int64_t channels;
    const void *reducer;
    void (*run)(const void *reducer, const lido_run *run);
    void (*box)(const void *reducer, const lido_box *box);
} lido_run_visitor;

/* The most elements of output a run has. */
int64_t lido_run_elements(int64_t channels);

/* Shows all windows of a box of outputs. */
void lido_runs_forward(const lido_run_visitor *visitor, const lido_box *box);

/* Of every element of a run its window's largest number and (NULL: not wanted) the number of its
 * cell, by the rule of lido_window_max (pool_window.h). */
void lido_run_max(const lido_grid *grid, int64_t channels, const lido_run *run, const lido_real *x,
                  lido_real *best, uint32_t *where);

#endif
