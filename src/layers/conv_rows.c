/* conv_rows.c - convolution of stride 1 with few channels straight from the rows of the image (see
 * kernels/row_conv.h). */
#include "base/team.h"
#include "kernels/im2col.h"
#include "kernels/row_conv.h"
#include "layers/conv.h"

#include <string.h>

/* Where this is the fastest way, found by timing. */
enum { MOST_CHANNELS = 8, MOST_FILTERS = 64, MOST_PAIRS = 256 /* channels x filters */ };

static lido_row_conv rows_of(const lido_conv *conv) {
    const lido_geometry *g = &conv->geometry;
    lido_row_conv rows = {.channels = conv->channels, .filters = conv->filters};
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        rows.output[a] = g->output[a];
        rows.kernel[a] = g->kernel[a];
    }
    return rows;
}

/* Scratch: the partial sums, then the weights as forward or backward reads them. */
static lido_real *packed_at(const lido_conv *conv, const lido_call *call) {
    const int64_t partials = lido_conv_most_chunks(conv, call->batch) * lido_conv_partial(conv);
    return (lido_real *)call->scratch + partials;
}

typedef struct job {
    const lido_conv *conv;
    const lido_call *call;
    lido_row_conv rows;
} job;

static lido_real *room_of(const job *j, int worker) {
    return (lido_real *)(void *)(j->call->worker_scratch + (size_t)worker * j->call->worker_stride);
}

/* The image with its padding: itself where there is none. */
static const lido_real *padded(const job *j, int64_t n, int worker) {
    const lido_geometry *g = &j->conv->geometry;
    const lido_real *x = j->call->x[0] + n * lido_shape_size(j->call->x_shape);
    if (lido_row_conv_image(&j->rows) == lido_shape_size(j->call->x_shape)) return x;
    lido_real *room = room_of(j, worker);
    lido_row_conv_pad(&j->rows, x, g->input, g->before, room);
    return room;
}

static void forward_image(void *context, int64_t n, int worker) {
    const job *j = context;
    lido_row_conv_forward(&j->rows, padded(j, n, worker), packed_at(j->conv, j->call),
                          j->call->y + n * j->conv->positions * j->conv->filters);
}

static void backward_data_image(void *context, int64_t n, int worker) {
    const job *j = context;
    const lido_geometry *g = &j->conv->geometry;
    lido_row_conv_data(&j->rows, j->call->dy + n * j->conv->positions * j->conv->filters,
                       packed_at(j->conv, j->call), g->input, g->before, room_of(j, worker),
                       j->call->dx[0] + n * lido_shape_size(j->call->x_shape));
}

/* The partial sum over one chunk of images. */
static void backward_weights_chunk(void *context, int64_t chunk, int worker) {
    const job *j = context;
    const lido_conv *conv = j->conv;
    const int64_t images = lido_conv_chunk_images(conv, j->call->batch), first = chunk * images;
    const int64_t size = conv->positions * conv->filters, partial = lido_conv_partial(conv);
    lido_real *dw = (lido_real *)j->call->scratch + chunk * partial;
    memset(dw, 0, (size_t)partial * sizeof *dw);
    for (int64_t n = first; n < first + images && n < j->call->batch; n++) {
        const lido_real *dy = j->call->dy + n * size;
        lido_row_conv_weights(&j->rows, padded(j, n, worker), dy, dw);
        lido_conv_add_rows(dw + partial - conv->filters, dy, conv->positions, conv->filters,
                           conv->filters);
    }
}

/* ---- the algorithm ------------------------------------------------------------------------- */

static bool applicable(const lido_conv *conv) {
    const lido_geometry *g = &conv->geometry;
    const lido_row_conv rows = rows_of(conv);
    bool plain = conv->groups == 1 && conv->border == LIDO_BORDER_ZERO;
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        plain = plain && g->stride[a] == 1 && g->dilation[a] == 1 && g->before[a] < g->kernel[a];
    return plain && conv->channels <= MOST_CHANNELS && conv->filters <= MOST_FILTERS &&
           conv->channels * conv->filters <= MOST_PAIRS && lido_row_conv_fits(&rows);
}

static int64_t larger(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static bool memory(const lido_conv *conv, int64_t batch, lido_needs *needs) {
    const lido_row_conv rows = rows_of(conv);
    int64_t partials;
    if (!lido_mul(lido_conv_most_chunks(conv, batch), lido_conv_partial(conv), &partials))
        return false;
    const int64_t packed = larger(lido_row_conv_packed(&rows), lido_row_conv_turned(&rows));
    const int64_t room = larger(lido_row_conv_image(&rows), lido_row_conv_work(&rows));
    needs->scratch = (size_t)(partials + packed) * sizeof(lido_real);
    needs->scratch_worker = (size_t)room * sizeof(lido_real);
    return true;
}

static void forward(const lido_conv *conv, const lido_call *call) {
    job j = {conv, call, rows_of(conv)};
    lido_row_conv_pack(&j.rows, call->w[0], call->w[1], packed_at(conv, call));
    lido_team_run(call->team, call->batch, forward_image, &j);
}

static void backward(const lido_conv *conv, const lido_call *call) {
    job j = {conv, call, rows_of(conv)};
    if (call->dx[0]) {
        lido_row_conv_turn(&j.rows, call->w[0], packed_at(conv, call));
        lido_team_run(call->team, call->batch, backward_data_image, &j);
    }
    if (!call->dw[0]) return;
    lido_team_run(call->team, lido_conv_chunks(conv, call->batch), backward_weights_chunk, &j);
    lido_conv_sum_partials(conv, call);
}

const lido_conv_algorithm lido_conv_rows = {
    .name = "rows",
    .doc = "straight from the rows of the image: few channels and filters, stride 1",
    .needs =
        "at most 8 channels, 64 filters, 256 pairs of both and 512 taps of all channels, stride "
        "1, dilation 1, zeros for padding, less of it than the kernel is long, and one group",
    .applicable = applicable,
    .memory = memory,
    .forward = forward,
    .backward = backward,
};
