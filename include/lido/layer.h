/* lido/layer.h - what a layer is: a const record of options and four functions. A layer owns no
 * memory and knows no graph: it is told shapes, says what it needs, and is called with all memory
 * in place. A new layer is one file of src/layers, one line of src/layers/registry.def and one
 * test; everything else (parsing, planning, documentation, schema, the reference, gradient, NaN,
 * thread and speed tests) reads the record.
 */
#ifndef LIDO_LAYER_H
#define LIDO_LAYER_H

#include <lido/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    LIDO_MAX_INPUTS = 16, /* of one layer */
    LIDO_MAX_PARAMS = 4,  /* parameter segments of one layer */
    LIDO_MAX_STATES = 2,  /* running-state segments of one layer */
    LIDO_MAX_DIMS = 5     /* of one parameter */
};

/* ---- parameters ---------------------------------------------------------------------------- */

/* How the weights of a segment start; lido_init_names, ended by NULL, spells them in a spec.
 * normal: N(0, s^2); uniform: U(-s sqrt 3, s sqrt 3); with s^2 = 2 / fan_in (He et al. 2015),
 * 2 / (fan_in + fan_out) (Glorot & Bengio 2010), 1 / fan_in (LeCun et al. 1998). */
typedef enum lido_init {
    LIDO_INIT_HE_NORMAL,
    LIDO_INIT_HE_UNIFORM,
    LIDO_INIT_GLOROT_NORMAL,
    LIDO_INIT_GLOROT_UNIFORM,
    LIDO_INIT_LECUN_NORMAL,
    LIDO_INIT_LECUN_UNIFORM,
    LIDO_INIT_ZEROS,
    LIDO_INIT_CONSTANT /* `value`; not spelt in a spec */
} lido_init;

extern const char *const lido_init_names[];

/* The ways of computing a convolution, as option "algorithm" spells them, ended by NULL: "auto"
 * first, which takes the first of the others that applies and pays. docs/design.md says where each
 * applies and how exact it is. */
extern const char *const lido_conv_algorithm_names[];

/* One segment of the parameter (or running-state) vector. */
typedef struct lido_param {
    const char *name; /* "weight", "bias", ...: static text */
    int rank;
    int64_t dim[LIDO_MAX_DIMS]; /* as stored in checkpoints, row-major; count is their product */
    lido_init init;
    double value; /* LIDO_INIT_CONSTANT */
    int64_t fan_in, fan_out;
    bool decay; /* weight decay applies (weights yes, biases and norms no) */
} lido_param;

/* ---- inference of shapes and needs --------------------------------------------------------- */

/* Where a layer stands. */
typedef struct lido_site {
    const struct lido_layer *layer;
    const void *config; /* of layer->config_size bytes, filled from its option table */
    lido_given given;   /* which options were written */
    int inputs;
    const lido_shape *x;       /* x[inputs] */
    const bool *x_nonnegative; /* x[inputs]: no element can be below zero */
    int64_t batch; /* the largest that will be run: for memory only, never for choices */
    const struct lido_site *of; /* of the layer that option "of" names; NULL: there is none */
} lido_site;

/* What it needs there. Zeroed before infer is called. */
typedef struct lido_needs {
    lido_shape y;
    int params, states;
    lido_param param[LIDO_MAX_PARAMS];
    lido_param state[LIDO_MAX_STATES]; /* running state: updated in training, read in evaluation */
    size_t tables;                     /* bytes that `prepare` fills once (window tables, ...) */
    size_t saved;                      /* bytes kept from a training forward to its backward */
    size_t scratch;                    /* bytes shared by all workers during one call */
    size_t scratch_worker;             /* bytes for each worker during one call */
    int64_t draws;                     /* random numbers of each sample: see lido_draw */
    char draws_text[LIDO_TEXT_SIZE];   /* what they decide, in order: "1 along H, 1 along W" */
    bool draws_evaluating;             /* they are drawn in evaluation too */
    bool switches[2]; /* after a forward in evaluation that lends, in training: layer->switches may
                         be called */
    bool backward_reads_x, backward_reads_y;
    bool in_place;    /* y may be x[0]'s memory and dx[0] dy's (a sole input of the same size) */
    bool view;        /* y is x[0] as it lies: nothing is run, shapes differ (flatten) */
    bool nonnegative; /* no element of y can be below zero */
    bool rectifies;   /* y = max(x, 0), and nothing else happens */
    bool selects;     /* each element of y is the largest of some of x, the first of equals, and
                         backward reads neither: a rectifier before it may as well run behind it */
    int64_t multiply_adds; /* of one sample, forward; 0 where there is no product to count */
    int64_t extent[LIDO_MAX_AXES]; /* input cells seen by one output along an axis (0 means 1) */
    int64_t stride[LIDO_MAX_AXES]; /* input cells between neighbouring outputs at most (0: 1) */
    bool whole_map;                /* every output sees the whole input (dense, global pooling) */
    const char *algorithm;         /* chosen way of computing, for `describe`; NULL: the only one */
} lido_needs;

/* ---- running ------------------------------------------------------------------------------- */

/* Where random draws come from: word i of sample n's draw for this layer is at key, hi = step,
 * lo = f(sample[n], i). Evaluation uses the same counters under another key. */
typedef struct lido_draw {
    lido_key key;
    uint64_t step;
    const int64_t *sample; /* sample[batch]: indices in the data set */
    const float *given;    /* given[batch][needs.draws]: to be used instead; NULL: drawn */
} lido_draw;

/* One call: all memory is there, all sizes are checked, nothing can fail. Arrays are (batch, D, H,
 * W, C). Forward overwrites y (and saved when training); backward overwrites dx[i] (NULL: not
 * wanted) and dw[j] (all NULL: not wanted), and must not read what it did not ask for. Work is
 * split with lido_team_run into pieces fixed by the shapes. */
typedef struct lido_call {
    const void *config;
    const void *tables;
    int inputs;
    int64_t batch;
    const lido_shape *x_shape; /* x_shape[inputs] */
    const lido_shape *y_shape;
    const lido_real *const *x; /* x[inputs] */
    lido_real *y;              /* written by forward; read by backward when asked for */
    const lido_real *dy;
    lido_real *const *dx; /* dx[inputs] */
    const lido_real *w[LIDO_MAX_PARAMS];
    lido_real *dw[LIDO_MAX_PARAMS];
    lido_real *state[LIDO_MAX_STATES];
    void *saved;
    bool lends;                 /* others read saved: it is written in evaluation too */
    const struct lido_call *of; /* of the layer that option "of" names: its saved bytes */
    void *scratch;
    char *worker_scratch; /* worker i's lies at worker_scratch + i * worker_stride, 64-aligned */
    size_t worker_stride;
    lido_team *team;
    bool training;
    lido_draw draw;
} lido_call;

typedef struct lido_layer {
    const char *name;           /* as in a spec: "max_pool" */
    const char *doc;            /* one line */
    const lido_option *options; /* ended by a NULL name; NULL: none */
    size_t config_size;
    int min_inputs, max_inputs;
    /* The type of the earlier layer that this one's option "of" (LIDO_OPTION_TEXT) names: infer
     * sees where it stands, forward and backward what it saved. NULL: no such option. */
    const char *borrows;
    const void *family; /* what a family adapter needs (a pooling reducer); NULL otherwise */
    /* All checking. LIDO_SHAPE, LIDO_SPEC (options that conflict), LIDO_TOO_LARGE; messages need
     * not name the layer, the caller does. */
    lido_status (*infer)(const lido_site *site, lido_needs *needs, lido_error *error);
    /* Fills needs->tables bytes; NULL when there are none. */
    void (*prepare)(const lido_site *site, const lido_needs *needs, void *tables);
    void (*forward)(const lido_call *call);
    void (*backward)(const lido_call *call);
    /* After a forward, where needs.switches says so: position[batch][y] = (d H + h) W + w of the
     * cell of x[0], in the output's sample and channel, that each element of y was taken from; -1:
     * from none. NULL where needs.switches never are. */
    void (*switches)(const lido_call *call, int64_t *position);
} lido_layer;

/* All layers, in the order of the registry. */
const lido_layer *const *lido_layers(size_t *count);
/* NULL when there is none of that name. */
const lido_layer *lido_layer_find(const char *name);

#ifdef __cplusplus
}
#endif

#endif
