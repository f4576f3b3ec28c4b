/* lido/net.h - from a JSON spec to a network that runs: parse -> infer -> plan -> run.
 *
 *   lido_spec   the document, checked against the option tables          (parse)
 *   lido_graph  the layers in order with shapes, parameters and needs    (infer)
 *   lido_net    the graph with all its memory placed in one arena        (plan, run)
 *
 * All checking happens in the first two, all memory is placed in the third; a forward or training
 * step then allocates nothing, checks nothing and cannot fail.
 */
#ifndef LIDO_NET_H
#define LIDO_NET_H

#include <lido/layer.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- spec ---------------------------------------------------------------------------------- */

typedef struct lido_spec lido_spec;

/* Reads a model spec from a file, or from memory (`name` opens the messages). Checks all that can
 * be checked without shapes. Errors: LIDO_NOT_FOUND, LIDO_IO, LIDO_SPEC with line and column or
 * JSON path. lido_spec_free releases; NULL is allowed there. */
lido_status lido_spec_read(const char *path, lido_spec **spec, lido_error *error);
lido_status lido_spec_parse(const char *text, size_t size, const char *name, lido_spec **spec,
                            lido_error *error);
void lido_spec_free(lido_spec *spec);

const char *lido_spec_name(const lido_spec *spec);        /* "name", or the file's stem */
const lido_shape *lido_spec_input(const lido_spec *spec); /* the image input */
/* [n,5]: so many rows (0, x1, y1, x2, y2) a picture, in pixels; NULL: there is no such input. */
const lido_shape *lido_spec_boxes(const lido_spec *spec);

/* What is learnt of a sample: "target" in a spec. */
typedef enum lido_target {
    LIDO_TARGET_CLASS,    /* one class: the output is a vector */
    LIDO_TARGET_LABEL_MAP /* a class for each position of the output */
} lido_target;

extern const char *const lido_target_names[]; /* "class", "label_map", NULL */

/* Computes every convolution by one of lido_conv_algorithm_names (an index), whatever its option
 * "algorithm" says; "auto" is the fixed rule of the shapes. lido_graph_make then names the first
 * layer it does not apply to, and what it needs. */
void lido_spec_use_conv_algorithm(lido_spec *spec, int algorithm);

/* The JSON Schema (draft 2020-12) of model specs, generated from the option tables: malloc'ed. */
char *lido_spec_schema(void);

/* ---- graph --------------------------------------------------------------------------------- */

typedef struct lido_graph lido_graph;

/* Expands define/use and inner activations, resolves inputs by name, infers every shape and
 * parameter. The graph keeps what it needs of the spec; both are released on their own.
 * Errors: LIDO_SPEC, LIDO_SHAPE, LIDO_TOO_LARGE, each starting with the layer's place. */
lido_status lido_graph_make(const lido_spec *spec, lido_graph **graph, lido_error *error);
/* The same with another image size (NULL: the spec's); channels and rank must agree. */
lido_status lido_graph_make_for(const lido_spec *spec, const lido_shape *input, lido_graph **graph,
                                lido_error *error);
void lido_graph_free(lido_graph *graph);

/* Instead of the index of a layer: an input of the network. */
enum { LIDO_FROM_IMAGE = -1, LIDO_FROM_BOXES = -2 };

/* What `lido describe` prints of one layer. Text pointers live as long as the graph. */
typedef struct lido_layer_info {
    const char *name;      /* unique: as written, or TYPE#k */
    const char *type;      /* as in a spec */
    const char *algorithm; /* NULL: the only one */
    lido_shape y;
    int64_t params;                      /* trainable numbers */
    int64_t multiply_adds;               /* of one sample, forward */
    int64_t activation_bytes;            /* of one sample's output */
    int64_t field[LIDO_MAX_AXES];        /* receptive field in input cells, clipped to the input */
    int64_t field_stride[LIDO_MAX_AXES]; /* input cells between neighbouring outputs */
    int inputs;
    int input[LIDO_MAX_INPUTS]; /* indices of layers; LIDO_FROM_IMAGE, LIDO_FROM_BOXES */
} lido_layer_info;

int lido_graph_layers(const lido_graph *graph);
void lido_graph_layer(const lido_graph *graph, int index, lido_layer_info *info);
int64_t lido_graph_params(const lido_graph *graph);
const lido_shape *lido_graph_input(const lido_graph *graph);
const lido_shape *lido_graph_boxes(const lido_graph *graph); /* as of the spec */
const lido_shape *lido_graph_output(const lido_graph *graph);
lido_target lido_graph_target(const lido_graph *graph);

/* One segment of the parameter vector or, with state = true, of the running-state vector. */
typedef struct lido_segment {
    char name[LIDO_TEXT_SIZE]; /* "conv#1.weight" */
    int layer, part;           /* which layer, which of its params or states */
    bool state;
    bool decay;
    int64_t offset, count; /* in the vector */
    int rank;
    int64_t dim[LIDO_MAX_DIMS];
} lido_segment;

const lido_segment *lido_graph_segments(const lido_graph *graph, int *count);

/* ---- network ------------------------------------------------------------------------------- */

typedef struct lido_net lido_net;

typedef enum lido_loss {
    LIDO_LOSS_CROSS_ENTROPY, /* softmax cross-entropy: the last layer must be softmax; the gradient
                                is taken at its input, from the logits */
    LIDO_LOSS_SQUARED        /* mean over the outputs of (y - one-hot target)^2, as Keras' mse */
} lido_loss;

extern const char *const lido_loss_names[]; /* "cross_entropy", "mse", NULL */

typedef struct lido_net_options {
    int64_t batch; /* largest batch that will be run */
    bool training; /* plan a backward pass too */
    lido_team *team;
    uint64_t seed; /* of initial weights and of every draw */
    lido_loss loss;
    bool undrawn; /* weights and state are 0 for the caller to fill, as from a checkpoint: drawing
                     half a million takes longer than all else from a start to a prediction */
    bool input_gradient; /* with training: the gradient comes from the caller and is wanted at the
                            image (lido_net_backward_from); the loss is not looked at */
} lido_net_options;

/* Plans and allocates: parameters, gradients, running state and one arena. Weights are drawn from
 * (seed, layer key, segment, index), unless undrawn. The graph and the team must outlive the net.
 * Errors: LIDO_USAGE (a batch below 1), LIDO_MEMORY (says how many bytes the plan asks for),
 * LIDO_TOO_LARGE, LIDO_SPEC (a loss that the last layer does not allow). lido_net_free releases;
 * NULL is allowed there. */
lido_status lido_net_make(const lido_graph *graph, const lido_net_options *options, lido_net **net,
                          lido_error *error);
void lido_net_free(lido_net *net);

/* What is run on: count <= batch samples. */
typedef struct lido_batch {
    int64_t count;
    const lido_real *x;     /* (count, input): read, never written */
    const lido_real *boxes; /* (count, n, 5), for a network with boxes: read, never written */
    const int32_t *labels;  /* (count, labels_each): for each position of the output a class, in [0,
                               channels of the output), or -1: it does not count; NULL when there is
                               no loss to compute */
    const int64_t *sample;  /* (count): indices in the data set, for draws; NULL: 0, 1, 2, ... */
    uint64_t step;          /* of training, for draws */
} lido_batch;

typedef struct lido_result {
    double loss;     /* mean over the rows that count */
    int64_t correct; /* rows whose largest output is at the label (first maximum; with
                        cross-entropy, of the softmax's input) */
    int64_t rows;    /* of samples * positions, those with a label */
} lido_result;

/* Evaluates: returns the last layer's output (count, output), owned by the net and valid until the
 * next call. result may be NULL when labels are. */
const lido_real *lido_net_forward(lido_net *net, const lido_batch *batch, lido_result *result);

/* Evaluates `passes` >= 1 times, pass p with the draws of step batch->step + p, and leaves the mean
 * of the outputs in mean[count][output]. The result, which may be NULL when labels are, is that of
 * the mean: with cross-entropy, minus the logarithm of the mean probability. */
void lido_net_forward_mean(lido_net *net, const lido_batch *batch, int passes, lido_real *mean,
                           lido_result *result);

/* Called with each layer that is run, in order. Neither the call nor what it points to may be
 * changed. */
typedef void (*lido_net_viewer)(void *context, int layer, const lido_call *call);

/* Evaluates as lido_net_forward does without labels, showing every layer on the way just before it
 * is run: its inputs are there. (A net made for training runs a rectifier that only max pooling
 * reads behind that, on its output.) */
const lido_real *lido_net_forward_shown(lido_net *net, const lido_batch *batch,
                                        lido_net_viewer viewer, void *context);

/* Training forward and backward: fills the gradient vector with d(mean loss)/d(parameter) and
 * updates running state. Only on a net made with training = true, input_gradient = false; labels
 * are needed. */
void lido_net_gradients(lido_net *net, const lido_batch *batch, lido_result *result);

/* The forward half of a training step (draws and batch statistics as in training, running state
 * updated), returning the output as lido_net_forward does. Only with training = true; labels are
 * not looked at. */
const lido_real *lido_net_forward_training(lido_net *net, const lido_batch *batch);

/* That, then backward from dy (count, output) = df/dy of any scalar f: fills the gradient vector
 * with df/d(parameter) and returns df/d(image) (count, input), owned by the net and valid until the
 * next call. Only with training = input_gradient = true. */
const lido_real *lido_net_backward_from(lido_net *net, const lido_batch *batch,
                                        const lido_real *dy);

/* The flat vectors, owned by the net: parameters, gradients (NULL unless training), running state.
 * Their layout is lido_graph_segments. */
lido_real *lido_net_params(lido_net *net);
const lido_real *lido_net_gradient(const lido_net *net);
lido_real *lido_net_state(lido_net *net);

/* From now on every run tells of what it has just done: of each layer's forward call, of the loss
 * (the last layer, and no call: NULL), and of each layer's backward call (dy is not NULL) with the
 * additions of gradients that followed. For measuring; what layers have written may be gone again.
 * NULL: nobody is told. */
void lido_net_watch(lido_net *net, lido_net_viewer watcher, void *context);

/* The first layer (in order) whose output on this batch holds a NaN or infinity, or -1. Runs the
 * batch forward again layer by layer with the parameters as they are, in training mode on a
 * training net (running state moves on); for the message after a NaN loss. */
int lido_net_find_not_finite(lido_net *net, const lido_batch *batch);

/* Bytes. */
typedef struct lido_net_memory {
    int64_t arena; /* activations, gradients of activations, saved, scratch: as planned, and exactly
                      what is allocated */
    int64_t params, gradients, state, tables;
} lido_net_memory;

void lido_net_memory_get(const lido_net *net, lido_net_memory *memory);

/* ---- what pooling does ---------------------------------------------------------------------- */

/* A pooling layer (a reducer on a grid) over all samples seen. Its input is that of evaluation; the
 * layer itself runs as in training, where gradients are, with draws that depend on the sample
 * alone. A window is counted once for each channel. Values of no meaning are NaN; so is all before
 * the first sample. */
typedef struct lido_pool_summary {
    int layer;          /* index in the graph */
    double mean, zeros; /* of the input: mean value, and the share of elements that are zero */
    double reached;     /* share of the input's elements to which some window sends a gradient */
    double tied;  /* share of the windows in which another cell holds the value of the cell that
                     receives most of its gradient (of several such, the largest value): the maximum
                     attained more than once, of min_pool the minimum */
    double empty; /* share of the windows all of whose cells are zero */
    /* Where in the window gradients go: the entropy, in bits, of the cell's place in the kernel,
     * each window that sends one counting as 1, divided among its cells like its |dx|; and that
     * divided by log2 of the cells, 1 being a place as good as any other. Of max_pool and its like,
     * of the switches. None where all cells of a window always receive the same, as from an
     * average, and on grids whose windows differ in size. */
    double entropy, evenness;
} lido_pool_summary;

typedef struct lido_pool_statistics lido_pool_statistics;

/* For batches of at most that many samples of nets of the graph; graph and team must outlive it.
 * LIDO_USAGE (a batch below 1), LIDO_MEMORY, LIDO_TOO_LARGE.
 * lido_pool_statistics_free releases; NULL is allowed there. */
lido_status lido_pool_statistics_make(const lido_graph *graph, int64_t batch, lido_team *team,
                                      lido_pool_statistics **statistics, lido_error *error);
void lido_pool_statistics_free(lido_pool_statistics *statistics);

/* Evaluates the batch once more and looks on; labels are not read. The results do not depend on
 * threads, nor on how the samples are cut into batches. */
void lido_pool_statistics_add(lido_pool_statistics *statistics, lido_net *net,
                              const lido_batch *batch);

/* Pooling layers, and what is known of each, in running order. */
int lido_pool_statistics_layers(const lido_pool_statistics *statistics);
void lido_pool_statistics_get(const lido_pool_statistics *statistics, int index,
                              lido_pool_summary *summary);

/* A parameter that a pooling layer learns, in the unit of the layer's option: p, r, a, lambda;
 * gates and leaves as they are. Over its elements (channels, cells, positions). */
typedef struct lido_learned {
    int layer;        /* index in the graph */
    const char *name; /* "p": static text */
    int64_t count;
    double mean, min, max;
} lido_learned;

/* That of segment number `segment` of the graph; false where it is none of a pooling layer.
 * params is the vector of lido_net_params. */
bool lido_learned_get(const lido_graph *graph, const lido_real *params, int segment,
                      lido_learned *learned);

/* ---- gradient check ------------------------------------------------------------------------ */

typedef struct lido_gradcheck_options {
    int64_t batch; /* samples; 0: 2 */
    uint64_t seed; /* of weights, input, upstream gradient, draws and the choice of entries */
    lido_team *team;
    int64_t limit;    /* check every entry of a segment of at most so many numbers, and so many,
                         chosen by the seed, of a larger one; 0: 1000 */
    double step;      /* of the differences; 0: 1e-5 in double, 1e-2 in float */
    double tolerance; /* a larger error is a failure; 0: 1e-6 in double, 5e-2 in float */
} lido_gradcheck_options;

typedef struct lido_gradcheck_result {
    double error;             /* the worst |analytic - numeric| / max(1, |analytic|, |numeric|) */
    double analytic, numeric; /* there */
    char segment[LIDO_TEXT_SIZE]; /* "conv#1.weight", or "input" */
    int64_t index;                /* in the segment */
    int64_t checked, failed;      /* entries */
    int64_t kinks; /* entries of `checked` left out of the error, because f has no derivative there:
                      its one-sided differences stay apart however small the step, and the analytic
                      value lies between them */
} lido_gradcheck_result;

/* Compares the gradients of f = sum(y * r), r random, with central differences, in training mode,
 * for parameters and input: with random parameters (as initialised, plus up to 0.1) and input in
 * [-1, 1). Works in either precision; only double says much. Errors: as lido_net_make. */
lido_status lido_gradcheck(const lido_graph *graph, const lido_gradcheck_options *options,
                           lido_gradcheck_result *result, lido_error *error);

#ifdef __cplusplus
}
#endif

#endif
