/* lido/optim.h - optimisers as flat loops over the parameter vector, and learning-rate schedules.
 *
 * An optimiser is one file of src/optim and one line of src/optim/registry.def; a schedule is one
 * row of src/optim/schedule.c.
 */
#ifndef LIDO_OPTIM_H
#define LIDO_OPTIM_H

#include <lido/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- optimisers ---------------------------------------------------------------------------- */

enum { LIDO_MAX_SLOTS = 2, LIDO_OPTIMIZER_CONFIG_SIZE = 64 };

/* One update of `count` parameters: called for ranges of the flat vectors, so that work is cut by
 * the problem. slot[i] are the optimiser's own vectors, zero at the start. */
typedef struct lido_update {
    const void *config;
    int64_t count;
    lido_real *value;          /* parameters, updated */
    const lido_real *gradient; /* multiply by `scale` first (gradient clipping) */
    lido_real *slot[LIDO_MAX_SLOTS];
    double scale;
    double lr;    /* of this step, from the schedule */
    double decay; /* weight decay of this range (0 for biases and norms) */
    int64_t step; /* 1, 2, ...: of this update */
} lido_update;

typedef struct lido_optimizer {
    const char *name; /* as in a spec: "sgd" */
    const char *doc;
    const lido_option *options; /* each has lr and weight_decay first: lido_optimizer_common */
    size_t config_size;         /* at most LIDO_OPTIMIZER_CONFIG_SIZE */
    int slots;
    /* Options that contradict each other: LIDO_SPEC; NULL when none can. */
    lido_status (*check)(const void *config, lido_error *error);
    void (*update)(const lido_update *update);
} lido_optimizer;

/* Every optimiser's configuration starts with this. */
typedef struct lido_optimizer_common {
    double lr, weight_decay;
} lido_optimizer_common;

/* All optimisers, in the order of the registry. */
const lido_optimizer *const *lido_optimizers(size_t *count);
/* NULL when there is none of that name. */
const lido_optimizer *lido_optimizer_find(const char *name);

/* ---- an optimiser at work ------------------------------------------------------------------ */

/* A stretch of the parameter vector: those of a network follow each other without gaps. */
typedef struct lido_stretch {
    int64_t count;
    bool decay; /* weight decay applies */
} lido_stretch;

typedef struct lido_updater lido_updater;

typedef struct lido_updater_options {
    const lido_optimizer *optimizer;
    const void *config;          /* read at every step; must outlive the updater */
    const lido_stretch *stretch; /* stretch[stretches], only read while making */
    int stretches;
    double clip; /* largest global norm of the gradient; 0: no clipping */
    lido_team *team;
} lido_updater_options;

/* Allocates the optimiser's vectors, zero. The team must outlive the updater. LIDO_MEMORY. */
lido_status lido_updater_make(const lido_updater_options *options, lido_updater **updater,
                              lido_error *error);
void lido_updater_free(lido_updater *updater); /* NULL is allowed */

/* Update number `step` (1, 2, ...) of all parameters: the gradient g is first scaled by
 * min(1, clip / ||g||), its norm taken over the whole vector (Pascanu et al. 2013). Allocates
 * nothing; the result does not depend on the number of threads. */
void lido_updater_step(lido_updater *updater, lido_real *params, const lido_real *gradient,
                       double lr, int64_t step);

/* The optimiser's vector i < optimizer->slots, as long as the parameters: for checkpoints. */
lido_real *lido_updater_slot(lido_updater *updater, int i);

/* ---- learning-rate schedules --------------------------------------------------------------- */

/* The rate of update s = 0..steps-1. With warm-up it first rises linearly, lr (s + 1) / w over the
 * first w = round(warmup * steps) updates; the schedule then covers the remaining n = steps - w,
 * t = s - w:
 *   constant    lr
 *   step        lr * factor^floor(epoch / every), epoch = 0, 1, ... of the whole run
 *   cosine      lr (final + (1 - final) (1 + cos(pi t / n)) / 2)    (Loshchilov & Hutter 2017)
 *   one_cycle   from lr / divide to lr by a half cosine over the first `rise` of the updates, then
 *               by another to lr / divide / 1e4 at the last one     (Smith & Topin 2018; as
 *               PyTorch's OneCycleLR); takes no warm-up */
typedef struct lido_schedule {
    const struct lido_schedule_type *type;
    double warmup; /* fraction of all updates, in [0, 1] */
    int64_t every; /* step: epochs */
    double factor; /* step */
    double final;  /* cosine: fraction of lr at the end */
    double divide; /* one_cycle */
    double rise;   /* one_cycle */
} lido_schedule;

typedef struct lido_schedule_type {
    const char *name; /* as in a spec: "cosine" */
    const char *doc;
    const lido_option *options; /* those that apply, fields of lido_schedule */
    bool spans_run;             /* depends on the number of steps: a run cannot be prolonged */
    /* The rate as a multiple of lr at update t of n after the warm-up. */
    double (*rate)(const lido_schedule *schedule, int64_t t, int64_t n, int64_t epoch);
} lido_schedule_type;

const lido_schedule_type *lido_schedules(size_t *count);
/* NULL when there is none of that name. */
const lido_schedule_type *lido_schedule_find(const char *name);

/* The learning rate of update `step` (0-based) out of `steps`, `steps_an_epoch` to an epoch. */
double lido_schedule_rate(const lido_schedule *schedule, double lr, int64_t step, int64_t steps,
                          int64_t steps_an_epoch);

#ifdef __cplusplus
}
#endif

#endif
