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
} lido_conv_config;

/* A convolution in place: lies at the start of the layer's tables, followed by the index tables. */
typedef struct lido_conv {
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
    const char *doc; /* one line: when it applies and why it is fast */
    bool (*applicable)(const lido_conv *conv);
    /* Fills needs->scratch and needs->scratch_worker; false on overflow. */
    bool (*memory)(const lido_conv *conv, int64_t batch, lido_needs *needs);
    void (*forward)(const lido_conv *conv, const lido_call *call);
    void (*backward)(const lido_conv *conv, const lido_call *call);
} lido_conv_algorithm;

/* The first applicable one of the list: a fixed rule of the shapes and options, never of the batch
 * size, the machine or a timing. */
const lido_conv_algorithm *lido_conv_choose(const lido_conv *conv);

/* Completes a conv whose geometry, channels, filters and groups are set: where its index tables lie
 * and how many bytes all take together. */
lido_status lido_conv_place(lido_conv *conv, size_t *tables, lido_error *error);
/* Fills the index tables behind a placed conv. */
void lido_conv_fill(lido_conv *conv);

/* The index tables behind a lido_conv, one for each axis. */
const int32_t *lido_conv_source(const lido_conv *conv, int axis);

/* y[rows][filters] += bias; nothing when bias is NULL. */
void lido_conv_add_bias(lido_real *y, int64_t rows, int64_t filters, const lido_real *bias);

/* ---- partial sums of the gradient of weights and bias (conv_partials.c) ---- */

/* A batch is cut into this many chunks, of that many images (the last may be short). */
int64_t lido_conv_chunks(int64_t batch);
int64_t lido_conv_chunk_images(int64_t batch);
/* The most chunks of this batch or a smaller one (9 images are 5 chunks, but 8 are 8). */
int64_t lido_conv_most_chunks(int64_t batch);
/* Numbers of one partial sum: the weights, then the bias (with or without one). Chunk k's lies at
 * call->scratch + k * lido_conv_partial. */
int64_t lido_conv_partial(const lido_conv *conv);
/* sum[f] += dy[r * pitch + f] over rows. */
void lido_conv_add_rows(lido_real *sum, const lido_real *dy, int64_t rows, int64_t filters,
                        int64_t pitch);
/* dw = the sum of all chunks, in order. */
void lido_conv_sum_partials(const lido_conv *conv, const lido_call *call);

#endif
