/* conv.h - what the convolution layer and its algorithms share. conv.c is the layer; each
 * conv_<algorithm>.c computes it one way and is one line of conv_algorithms.def. */
#ifndef LIDO_LAYERS_CONV_H
#define LIDO_LAYERS_CONV_H

#include "kernels/geometry.h"

#include <lido/layer.h>

typedef struct lido_conv_config {
    int64_t filters, groups;
    lido_axes kernel, stride, dilation;
    lido_padding padding;
    int padding_mode; /* lido_border */
    bool bias;
    int init;
    int algorithm; /* index into lido_conv_algorithm_names */
} lido_conv_config;

/* A convolution in place: lies at the start of the layer's tables, followed by the index tables. */
typedef struct lido_conv {
    const struct lido_conv_algorithm *algorithm;
    lido_geometry geometry;
    int64_t channels, filters, groups;
    int border; /* lido_border: what padding cells hold */
    bool bias;
    int64_t positions;                /* OD * OH * OW */
    int64_t taps;                     /* KD * KH * KW */
    int64_t source_at[LIDO_MAX_AXES]; /* where each axis's index table begins (see im2col.h) */
} lido_conv;

/* One way of computing it. The layer gives call->tables = lido_conv; w[0] is (taps, channels /
 * groups, filters), w[1] the bias. */
typedef struct lido_conv_algorithm {
    const char *name;
    const char *doc;     /* one line: when it applies and why it is fast */
    const char *needs;   /* what `applicable` asks for: "stride 1"; NULL: it always applies */
    const void *variant; /* what algorithms of one file differ in; NULL: nothing */
    bool (*applicable)(const lido_conv *conv); /* whether it can; NULL: always */
    bool (*pays)(const lido_conv *conv);       /* where it can, whether it should; NULL: yes */
    /* Fills needs->scratch and needs->scratch_worker; false on overflow. */
    bool (*memory)(const lido_conv *conv, int64_t batch, lido_needs *needs);
    void (*forward)(const lido_conv *conv, const lido_call *call);
    void (*backward)(const lido_conv *conv, const lido_call *call);
} lido_conv_algorithm;

/* Completes a conv whose geometry, channels, filters and groups are set: where its index tables
 * lie, how many bytes all take together, and its algorithm: `wanted`, an index into
 * lido_conv_algorithm_names (LIDO_SHAPE where it does not apply), or for "auto" the first of the
 * list that applies and pays: a fixed rule of the shapes and options, never of the batch size, the
 * machine or a timing. */
lido_status lido_conv_place(lido_conv *conv, int wanted, size_t *tables, lido_error *error);
/* Fills the index tables behind a placed conv. */
void lido_conv_fill(lido_conv *conv);

/* The option that `wanted` comes from, in a configuration's int at `at`. */
#define LIDO_CONV_ALGORITHM_OPTION(at)                                 \
    {                                                                  \
        "algorithm", LIDO_OPTION_CHOICE, at, "\"auto\"",               \
            .choices = lido_conv_algorithm_names,                      \
            .doc = "how it is computed; auto: by a rule of the shapes" \
    }

/* The index tables behind a lido_conv, one for each axis. */
const int32_t *lido_conv_source(const lido_conv *conv, int axis);

/* y[rows][filters] += bias; nothing when bias is NULL. */
void lido_conv_add_bias(lido_real *y, int64_t rows, int64_t filters, const lido_real *bias);

/* ---- partial sums of the gradient of weights and bias (conv_partials.c) ---- */

/* A batch is cut into this many chunks, of that many images (the last may be short). */
int64_t lido_conv_chunks(const lido_conv *conv, int64_t batch);
int64_t lido_conv_chunk_images(const lido_conv *conv, int64_t batch);
/* The most chunks of this batch or a smaller one (9 images are 5 chunks, but 8 are 8). */
int64_t lido_conv_most_chunks(const lido_conv *conv, int64_t batch);
/* Numbers of one partial sum: the weights, then the bias (with or without one). Chunk k's lies at
 * call->scratch + k * lido_conv_partial. */
int64_t lido_conv_partial(const lido_conv *conv);
/* sum[f] += dy[r * pitch + f] over rows. */
void lido_conv_add_rows(lido_real *sum, const lido_real *dy, int64_t rows, int64_t filters,
                        int64_t pitch);
/* dw = the sum of all chunks, in order. */
void lido_conv_sum_partials(const lido_conv *conv, const lido_call *call);

/* A piece of that sum: some images, channels and filters of a convolution of one group. */
typedef struct lido_conv_panel {
    int64_t chunk, image, images;
    int64_t in, ins, out, outs; /* the first and how many of channels, of filters */
} lido_conv_panel;

enum { LIDO_CONV_PANEL = 64 }; /* most channels and filters of a panel */

/* How many there are, and one of them. */
int64_t lido_conv_panels(const lido_conv *conv, int64_t batch);
lido_conv_panel lido_conv_panel_at(const lido_conv *conv, int64_t batch, int64_t index);
/* Where the panel begins in its chunk's partial sum; tap t lies channels * filters further on. */
lido_real *lido_conv_panel_sum(const lido_conv *conv, const lido_call *call,
                               const lido_conv_panel *panel);
/* The panel's part of the bias gradient: that of the panels with channel 0 is all of it. */
void lido_conv_panel_bias(const lido_conv *conv, const lido_call *call,
                          const lido_conv_panel *panel);

#endif
