/* lido/optim.h - optimisers as flat loops over the parameter vector, and learning-rate schedules.
 *
 * An optimiser is one file of src/optim and one line of src/optim/registry.def.
 */
#ifndef LIDO_OPTIM_H
#define LIDO_OPTIM_H

#include <lido/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One update of values[first, first + count): called for ranges of the flat vectors, so that work
 * is cut by the problem. slot[i] are the optimiser's own vectors, as long as the parameters, zero
 * at the start. */
typedef struct lido_update {
    const void *config;
    int64_t count;
    lido_real *value;          /* parameters, updated */
    const lido_real *gradient; /* multiply by `scale` first (gradient clipping) */
    lido_real *slot[2];
    double scale;
    double lr;    /* of this step, from the schedule */
    double decay; /* weight decay of this range (0 for biases and norms) */
    int64_t step; /* 1, 2, ...: of this update */
} lido_update;

typedef struct lido_optimizer {
    const char *name; /* as in a spec: "sgd" */
    const char *doc;
    const lido_option *options; /* each has lr and weight_decay first: lido_optimizer_common */
    size_t config_size;
    int slots;
    void (*update)(const lido_update *update);
} lido_optimizer;

/* Every optimiser's configuration starts with this. */
typedef struct lido_optimizer_common {
    double lr, weight_decay;
} lido_optimizer_common;

const lido_optimizer *const *lido_optimizers(size_t *count);
const lido_optimizer *lido_optimizer_find(const char *name);

/* Learning-rate schedules. With warm-up of w steps (fraction `warmup` of all steps, rounded), the
 * rate rises linearly to lr over the first w steps; the schedule then covers the remaining n steps,
 * t = 0..n-1:
 *   constant    lr
 *   step        lr * factor^floor(epoch / every)
 *   cosine      final + (lr - final) (1 + cos(pi t / n)) / 2      (Loshchilov & Hutter 2017)
 *   one_cycle   rises from lr / divide to lr by cosine over the first `rise` of the steps, then
 *               falls to lr / (divide * 1e4) by cosine                     (Smith & Topin 2018) */
typedef struct lido_schedule {
    int type;      /* index into lido_schedule_names */
    double warmup; /* fraction of all steps, [0, 1) */
    int64_t every; /* step: epochs */
    double factor; /* step */
    double final;  /* cosine: fraction of lr at the end */
    double divide; /* one_cycle */
    double rise;   /* one_cycle */
} lido_schedule;

extern const char *const lido_schedule_names[];
extern const lido_option lido_schedule_options[];

/* The learning rate of update `step` (0-based) out of `steps`, `steps_an_epoch` to an epoch. */
double lido_schedule_rate(const lido_schedule *schedule, double lr, int64_t step, int64_t steps,
                          int64_t steps_an_epoch);

#ifdef __cplusplus
}
#endif

#endif
