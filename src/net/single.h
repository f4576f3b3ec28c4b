/* single.h - one layer run by itself on arrays the caller gives: for `lido op` and
 * `lido bench --layer`, on which any other framework can be compared. */
#ifndef LIDO_NET_SINGLE_H
#define LIDO_NET_SINGLE_H

#include "base/json.h"
#include "net/work.h"

typedef struct lido_single lido_single;

typedef struct lido_single_options {
    int64_t batch;           /* samples of every run */
    lido_team *team;         /* must outlive the single */
    uint64_t seed;           /* of weights and draws */
    const bool *nonnegative; /* nonnegative[inputs]: no element of that input is below zero; NULL:
                                not known of any */
    bool switches;           /* evaluation keeps them too */
} lido_single_options;

/* A parameter, or a running state (gradient NULL). Owned by the single. */
typedef struct lido_single_array {
    char name[LIDO_TEXT_SIZE]; /* "weight"; of an inner activation "relu.weight" */
    int rank;
    int64_t dim[LIDO_MAX_DIMS];
    int64_t count;
    lido_real *value, *gradient;
} lido_single_array;

/* `layer` is a layer object as in a spec, inner activation included; its "input", if written, is
 * passed over in favour of x[inputs]. `name` opens messages. Allocates all that is needed and draws
 * the weights. Errors as of lido_spec_parse and lido_graph_make. */
lido_status lido_single_make(const lido_json *layer, const char *name, int inputs,
                             const lido_shape *x, const lido_single_options *options,
                             lido_single **single, lido_error *error);
void lido_single_free(lido_single *single); /* NULL is allowed */

const lido_shape *lido_single_output(const lido_single *single);
lido_single_array *lido_single_arrays(lido_single *single, int *count);

/* Returns y (batch, output), valid until the next call. x must stay as it is until backward. */
const lido_real *lido_single_forward(lido_single *single, const lido_real *const *x, bool training);
/* After a forward in training: overwrites dx[inputs] (NULL: not wanted) and the gradients of the
 * parameters with those of sum(dy * y). */
void lido_single_backward(lido_single *single, const lido_real *dy, lido_real *const *dx);

/* The work (work.h) of all its layers in a forward, and in a backward like the last one. */
lido_work lido_single_work(const lido_single *single, bool backward);

/* ---- random numbers -------------------------------------------------------------------------- */

/* How many each sample takes in training or in evaluation, and what they decide. LIDO_SPEC: none,
 * and why. */
lido_status lido_single_draws(const lido_single *single, bool training, int64_t *count,
                              const char **decide, lido_error *error);
/* Those every forward and backward uses: draws[batch][count], which must stay; NULL: the
 * generator's. */
void lido_single_give_draws(lido_single *single, const float *draws);
/* draws[batch][count] = those that are used. */
void lido_single_take_draws(const lido_single *single, bool training, float *draws);

/* ---- switches -------------------------------------------------------------------------------- */

/* LIDO_SPEC where the outputs of training or evaluation are not each taken from one cell, and why.
 * Evaluation needs lido_single_options.switches. */
lido_status lido_single_check_switches(const lido_single *single, bool training, lido_error *error);
/* After a forward: switches as of lido_layer, of the shape of the output. */
void lido_single_switches(const lido_single *single, int64_t *switches);

#endif
