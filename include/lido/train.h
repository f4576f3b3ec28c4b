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
    int64_t seed;
    int loss;          /* lido_loss */
    double clip;       /* largest global norm of the gradient; 0: no clipping */
    double validation; /* fraction of the training set held out, [0, 1) */
    int64_t patience;  /* stop after so many epochs without a better validation; 0: never */
    int64_t limit;     /* use only the first so many training pictures; 0: all */
    bool normalise;    /* input minus mean over deviation of the training set; else x/255 */
    const lido_optimizer *optimizer;
    unsigned char optimizer_config[256]; /* of optimizer->config_size bytes; starts with
                                            lido_optimizer_common */
    lido_schedule schedule;
    bool augmented; /* "augment" was written */
    lido_augment augment;
} lido_train_options;

extern const lido_option lido_train_option_table[];

/* Defaults, then what the spec's "train" says. LIDO_SPEC with the JSON path. */
lido_status lido_train_options_read(const lido_spec *spec, lido_train_options *options,
                                    lido_error *error);

/* The spec with every default filled, training included, as indented JSON: malloc'ed. */
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

/* From a checkpoint file, or the last.safetensors of a run's folder. Errors: LIDO_NOT_FOUND,
 * LIDO_CORRUPT (truncated, bad header, NaN weights are accepted), LIDO_MISMATCH (tensors are not
 * those of the network). */
lido_status lido_model_load(const char *path, int64_t batch, int threads, lido_model *model,
                            lido_error *error);
void lido_model_free(lido_model *model);

typedef struct lido_score {
    double loss, accuracy; /* accuracy a fraction */
    int64_t rows;
} lido_score;

/* Called after each batch; return false to stop. */
typedef bool (*lido_progress)(void *context, int64_t done, int64_t total);

/* Loss and accuracy over a data set, in batches. progress may be NULL. */
lido_status lido_evaluate(lido_net *net, const lido_batch_rule *rule, int64_t batch,
                          lido_progress progress, void *context, lido_score *score,
                          lido_error *error);

/* ---- training ------------------------------------------------------------------------------ */

typedef struct lido_epoch {
    int64_t epoch;         /* 1, 2, ... */
    double lr;             /* of the last step */
    lido_score train;      /* running means over the epoch's batches */
    lido_score validation; /* rows 0 without a validation split */
    double seconds;
} lido_epoch;

typedef struct lido_trainer_events {
    void *context;
    /* After each step; return false to end with LIDO_INTERRUPTED after writing a checkpoint of the
     * last finished epoch (already on disk). */
    bool (*step)(void *context, int64_t epoch, int64_t epochs, int64_t done, int64_t total,
                 double loss);
    void (*epoch)(void *context, const lido_epoch *epoch);
} lido_trainer_events;

typedef struct lido_run_options {
    const char *out; /* folder of the run: made when absent */
    bool resume;     /* continue from out/last.safetensors; start when there is none */
    int threads;     /* 0: all cores */
    lido_data_options data;
    const lido_trainer_events *events; /* NULL: none */
} lido_run_options;

typedef struct lido_run_result {
    int64_t epochs;        /* finished in all */
    lido_score test;       /* of the last weights; rows 0 when the set has no test split */
    double seconds;        /* of this process */
    bool already_finished; /* resume found a finished run */
} lido_run_result;

/* Trains as the spec says and leaves in `out`: history.csv (a header, a row an epoch),
 * history.jsonl, spec.json (resolved), environment.json, last.safetensors and best.safetensors
 * (best by validation; the same as last without a validation split). A NaN or infinite loss ends
 * with LIDO_NOT_FINITE naming the first layer that made it; the last good checkpoint stays. A run
 * stopped at any moment, even by SIGKILL, and resumed ends with the same bits as one left alone. */
lido_status lido_run(const lido_spec *spec, const lido_train_options *train,
                     const lido_run_options *options, lido_run_result *result, lido_error *error);

#ifdef __cplusplus
}
#endif

#endif
