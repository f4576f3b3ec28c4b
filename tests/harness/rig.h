/* rig.h - one layer on its own: parsed from JSON, placed in guarded memory, run both ways.
 *
 * Every run starts from the same contents, writes into memory pre-filled with NaN, and checks that
 * the guards around every buffer and all that the layer may only read are as they were. Values are
 * drawn without ties and away from zero, so that no rounding decides a maximum. */
#ifndef LIDO_HARNESS_RIG_H
#define LIDO_HARNESS_RIG_H

#include <lido/layer.h>

#include "base/json.h"

/* Memory between two guards, and what it holds when a run starts. */
typedef struct lido_buffer {
    size_t bytes;
    char *memory; /* guard, data, guard */
    void *data;
    void *start; /* NULL: every byte 0xff, which reads as NaN */
} lido_buffer;

typedef struct lido_rig {
    const lido_layer *layer;
    void *config;
    lido_given given;
    lido_json *options; /* all of them, defaults filled */
    int inputs;
    int64_t batch;
    lido_shape x_shape[LIDO_MAX_INPUTS];
    bool x_nonnegative[LIDO_MAX_INPUTS];
    uint64_t step;      /* of the random draws */
    int64_t *sample;    /* sample[batch]: 0, 1, ... until changed */
    const float *draws; /* draws[batch][needs.draws]: to be used instead; NULL: drawn */
    lido_needs needs;
    lido_buffer x[LIDO_MAX_INPUTS], dx[LIDO_MAX_INPUTS], y, dy;
    lido_buffer w[LIDO_MAX_PARAMS], dw[LIDO_MAX_PARAMS], state[LIDO_MAX_STATES];
    lido_buffer tables, saved, scratch, worker_scratch;
    size_t worker_stride;
    bool lends;        /* what it saves is written in evaluation too */
    int64_t *switches; /* switches[batch][y]: what the layer says after a run; NULL: it has none */
    struct lido_rig *of; /* the layer that option "of" names, run before this one; NULL: none */
} lido_rig;

/* How to run: all zero is training on one thread with every gradient wanted. */
typedef struct lido_way {
    bool evaluation; /* forward only */
    int threads;
    bool in_place;   /* y is x's memory, dx is dy's */
    bool without_dx; /* gradients not wanted */
    bool without_dw;
    bool hide_unread; /* backward finds NaN in the x or y it did not ask for */
} lido_way;

enum { LIDO_RIG_THREADS = 8 }; /* the most a way may have */

/* `json` is a layer as in a spec, `shapes` its inputs: "[5,7,3] [3]". With nonnegative, the inputs
 * are drawn so and the layer is told. The layer that option "of" names is written beside it, with
 * its input: {"type": "max_unpool", "of": "p", "layer": {"type": ..., "input": [4,4,1]}}. Fails as
 * reading the options and inferring do. */
lido_status lido_rig_open(const char *json, const char *shapes, int64_t batch, bool nonnegative,
                          lido_rig *rig, lido_error *error);
void lido_rig_free(lido_rig *rig);

/* Forward, and backward when training; the results lie in the buffers' data. */
void lido_rig_run(lido_rig *rig, const lido_way *way);

/* True of the boxes of a region-of-interest layer: numbers of pixels, some over the edges of the
 * map, to which no gradient goes. */
bool lido_rig_is_boxes(const lido_rig *rig, int input);

/* Where the rig's random draws come from. */
lido_draw lido_rig_draw(const lido_rig *rig);
/* The numbers of its whole batch, to be given back; malloc'ed. */
float *lido_rig_draws(const lido_rig *rig);

/* The data of a buffer, and how many numbers it has. */
lido_real *lido_reals(const lido_buffer *buffer);
int64_t lido_count(const lido_buffer *buffer);
/* What the buffer starts with; to be changed before a run. */
lido_real *lido_start(const lido_buffer *buffer);

/* set_values(&rig.x[0], 1, 2, 3) makes these the numbers a run starts with; assert_values(&rig.y,
 * 1, 2, 3) compares what it left, to 1e-6 of the magnitude; NaN equals NaN. All must be listed. */
#define set_values(buffer, ...) lido_set_values(buffer, LIDO_VALUES(__VA_ARGS__))
#define assert_values(buffer, ...) lido_assert_values(buffer, LIDO_VALUES(__VA_ARGS__))
#define LIDO_VALUES(...) \
    (const double[]){__VA_ARGS__}, (int64_t)(sizeof((const double[]){__VA_ARGS__}) / sizeof(double))
void lido_set_values(const lido_buffer *buffer, const double *value, int64_t count);
void lido_assert_values(const lido_buffer *buffer, const double *value, int64_t count);

/* Values in (-1, 1) or (0, 1), evenly spaced in random order, none of them 0. */
void lido_fill_spaced(const char *purpose, bool nonnegative, int64_t count, lido_real *values);

#endif
