/* lido/train.h - training, evaluation, and the folder a run leaves behind. Nothing here prints:
 * progress goes to callbacks. */
#ifndef LIDO_TRAIN_H
#define LIDO_TRAIN_H

#include <lido/data.h>
#include <lido/net.h>
#include <lido/optim.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- options ------------------------------------------------------------------------------- */

/* The "train" object of a spec. */
typedef struct lido_train_options {
    char data[LIDO_TEXT_SIZE]; /* data set, or "" */
    int64_t batch, epochs;
    int64_t steps; /* no more than so many, the last epoch being cut short; 0: no such limit */
    int64_t seed;
    int loss;          /* lido_loss */
    double clip;       /* largest global norm of the gradient; 0: no clipping */
    double validation; /* fraction of the training set held out, [0, 0.9] */
    int64_t patience;  /* stop after so many epochs without a better validation; 0: never */
    int64_t limit;     /* use only the first so many training pictures; 0: all */
    bool normalize;    /* input minus mean over deviation of the training part; else x/255 */
    const lido_optimizer *optimizer;
    double optimizer_config[LIDO_OPTIMIZER_CONFIG_SIZE / sizeof(double)]; /* of the optimiser's own
        type, which starts with lido_optimizer_common */
    lido_schedule schedule;
    bool augmented; /* "augment" was written */
    lido_augment augment;
} lido_train_options;

/* All but "optimizer" and "schedule" (a name, or an object of "type" and the type's options) and
 * "augment" (an object by lido_augment_options). */
extern const lido_option lido_train_option_table[];

/* Defaults, then what the spec's "train" says. LIDO_SPEC with the JSON path; also for options that
 * contradict each other. */
lido_status lido_train_options_read(const lido_spec *spec, lido_train_options *options,
                                    lido_error *error);

/* The spec with every default filled, training included, as indented JSON: malloc'ed; NULL when
 * memory ran out. Reading it gives the same network and the same options. */
char *lido_train_resolved(const lido_spec *spec, const lido_train_options *options);

/* ---- a model: network, weights and how pictures become its input ---------------------------- */

/* What a checkpoint holds and what predicting needs. Owned by the caller; lido_model_free. */
typedef struct lido_model {
    lido_spec *spec;
    lido_graph *graph;
    lido_net *net;
    lido_train_options options; /* from the spec kept in the checkpoint */
    lido_normalisation normalisation;
    int64_t epoch; /* epochs trained */
} lido_model;

/* From a checkpoint file, or the last.safetensors of a run's folder; `batch` (0: that of its
 * training) and `team`, which must outlive the model, are those of the network that is made.
 * Errors: LIDO_NOT_FOUND, LIDO_CORRUPT (truncated, bad header; NaN weights are accepted),
 * LIDO_MISMATCH (tensors are not those of the network). */
lido_status lido_model_load(const char *path, int64_t batch, lido_team *team, lido_model *model,
                            lido_error *error);
/* Makes the model's network anew for another size of picture and batch, with the same weights: what
 * a head of global, adaptive or pyramid pooling allows. LIDO_SHAPE when the input has other
 * channels or axes, when a layer does not fit, or when a layer's weights depend on the size (names
 * it); the model is then as it was. */
lido_status lido_model_resize(lido_model *model, const lido_shape *input, int64_t batch,
                              lido_team *team, lido_error *error);
/* Harmless on a zeroed struct. */
void lido_model_free(lido_model *model);

typedef struct lido_score {
    double loss, accuracy; /* accuracy a fraction */
    int64_t rows;          /* labels seen: one a picture, or one a position */
} lido_score;

/* Called after each batch; return false to stop. */
typedef bool (*lido_progress)(void *context, int64_t done, int64_t total);

typedef struct lido_evaluation {
    const lido_batch_rule *rule; /* with augment NULL */
    const int64_t *samples;      /* samples[count] of the set; NULL: all */
    int64_t count;
    int64_t batch;          /* at most the one the net was made for */
    int passes;             /* outputs are the mean of so many, each with draws of its own; 0: 1 */
    lido_progress progress; /* NULL: none */
    /* Shown each batch and its outputs y[count][output]; NULL: none. */
    void (*shown)(void *context, const lido_batch *batch, const lido_real *y);
    void *context;
} lido_evaluation;

/* Loss and accuracy over a data set. LIDO_SHAPE when the set does not fit the network (pictures,
 * labels a picture, more classes than outputs), LIDO_INTERRUPTED, LIDO_MEMORY. */
lido_status lido_evaluate(lido_net *net, const lido_graph *graph, const lido_evaluation *evaluation,
                          lido_score *score, lido_error *error);

/* ---- training ------------------------------------------------------------------------------ */

typedef struct lido_epoch {
    int64_t epoch;         /* 1, 2, ... */
    double lr;             /* of the last step */
    lido_score train;      /* running means over the epoch's batches */
    lido_score validation; /* rows 0 without a validation split */
    double seconds;        /* of training and validation */
    lido_score test;       /* rows 0 unless lido_run_options.test_epochs */
} lido_epoch;

/* Any may be NULL. */
typedef struct lido_trainer_events {
    void *context;
    /* After each step; return false to end with LIDO_INTERRUPTED: the last finished epoch (or the
     * initial weights) is already on disk. */
    bool (*step)(void *context, int64_t epoch, int64_t epochs, int64_t done, int64_t total,
                 double loss);
    void (*epoch)(void *context, const lido_epoch *epoch);
    /* After each batch of validation or test; return false to end in the same way. */
    lido_progress evaluation;
} lido_trainer_events;

typedef struct lido_run_options {
    const char *out;        /* folder of the run: made when absent */
    bool resume;            /* continue from out/last.safetensors; start when there is none */
    bool test_epochs;       /* look at the test split after each epoch too: for learning curves,
                               nothing is chosen by it */
    lido_team *team;        /* for all of it */
    lido_data_options data; /* its limit is of the test split; of the training set: the spec's; its
                               team: `team` */
    const lido_trainer_events *events; /* NULL: none */
} lido_run_options;

typedef struct lido_run_result {
    int64_t epochs;        /* finished in all */
    lido_score test;       /* of the last weights; rows 0 when the set has no test split */
    double seconds;        /* of this process */
    bool already_finished; /* resume found a finished run */
} lido_run_result;

/* Trains as the spec says and leaves in `out`: history.csv (a header, a row an epoch),
 * history.jsonl (the same; "learned": what pooling layers learned; with test_epochs "test_loss" and
 * "test_accuracy"), spec.json (resolved),
 * environment.json, last.safetensors, best.safetensors (best validation accuracy, then loss; the
 * same as last without a validation split) and, at the end, result.json. A run stopped at any
 * moment, even by SIGKILL, and resumed ends with the same bits in the checkpoints as one left
 * alone. The last checkpoint stays whole whatever fails. Errors:
 *   LIDO_USAGE       `out` holds a run and resume is false
 *   LIDO_MISMATCH    resume: another spec or data set than the run's; only "epochs" may change, and
 *                    only where the schedule does not depend on it
 *   LIDO_SHAPE       the data set does not fit the network
 *   LIDO_NOT_FINITE  a NaN or infinite loss; names the epoch, the step and the first layer
 *   LIDO_INTERRUPTED an event returned false
 * and those of reading data, making the network and writing files. */
lido_status lido_run(const lido_spec *spec, const lido_train_options *train,
                     const lido_run_options *options, lido_run_result *result, lido_error *error);

#ifdef __cplusplus
}
#endif

#endif
