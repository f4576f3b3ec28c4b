/* conv_im2col.c - convolution as matrix products over gathered patches. Patches are gathered in
 * blocks small enough to stay in cache, never for a whole image or batch:
 *     y[block] = patches[block] w,   dpatches[block] = dy[block] w',   dw += patches[block]' dy
 * Where the image has one channel patches are gathered transposed, in long runs along the W axis.
 */
#include "base/blas.h"
#include "base/team.h"
#include "kernels/im2col.h"
#include "layers/conv.h"

#include <string.h>

enum {
    /* Matrix products of at most this many multiply-adds: OpenBLAS then packs nothing and runs near
     * the peak for every shape, and block and patches stay in the second-level cache. */
    PRODUCT = 1000000,
    LEAST_ROWS = 32, /* output positions of a block, unless the image has fewer */
    CHUNKS = 8,      /* partial sums of the weight gradient */
    SHORT_ROW = 16   /* numbers; shorter kernel rows are gathered transposed */
};

/* How the work is cut: a function of the shapes alone. */
typedef struct cut {
    int64_t in, out;    /* channels and filters of a group */
    int64_t tap_rows;   /* KD * KH */
    int64_t row;        /* numbers of one tap row of a group: KW * in */
    int64_t taps_each;  /* tap rows to a product */
    int64_t tap_groups; /* products to a block */
    int64_t rows;       /* output positions of a block */
    int64_t blocks;     /* blocks of an image */
    bool transposed;
} cut;

static int64_t at_least(int64_t value, int64_t least) {
    return value < least ? least : value;
}

static int64_t at_most(int64_t value, int64_t most) {
    return value > most ? most : value;
}

static int64_t ceil_div(int64_t a, int64_t b) {
    return (a + b - 1) / b;
}

static cut make_cut(const lido_conv *conv) {
    const lido_geometry *g = &conv->geometry;
    cut c = {.in = conv->channels / conv->groups,
             .out = conv->filters / conv->groups,
             .tap_rows = g->kernel[0] * g->kernel[1]};
    c.row = g->kernel[2] * c.in;
    c.transposed = c.in == 1 && c.row < SHORT_ROW;
    const int64_t least = at_most(LEAST_ROWS, conv->positions);
    c.taps_each = at_most(at_least(PRODUCT / (least * c.out * c.row), 1), c.tap_rows);
    c.tap_groups = ceil_div(c.tap_rows, c.taps_each);
    const int64_t rows = at_least(PRODUCT / (c.taps_each * c.row * c.out), least);
    c.blocks = ceil_div(conv->positions, at_most(rows, conv->positions));
    c.rows = ceil_div(conv->positions, c.blocks);
    return c;
}

/* One product's place: a block of positions of an image, a group of filters, some tap rows. */
typedef struct tile {
    int64_t begin, rows; /* output positions */
    int64_t group;
    int64_t tap, taps; /* tap rows */
    int64_t length;    /* numbers of a patch: taps * row */
} tile;

static tile make_tile(const lido_conv *conv, const cut *c, int64_t block, int64_t group,
                      int64_t tap_group) {
    tile t = {.begin = block * c->rows, .group = group, .tap = tap_group * c->taps_each};
    t.rows = at_most(c->rows, conv->positions - t.begin);
    t.taps = at_most(c->taps_each, c->tap_rows - t.tap);
    t.length = t.taps * c->row;
    return t;
}

static lido_patches make_patches(const lido_conv *conv, const cut *c, const tile *t) {
    return (lido_patches){
        .geometry = &conv->geometry,
        .source = {lido_conv_source(conv, 0), lido_conv_source(conv, 1), lido_conv_source(conv, 2)},
        .channels = conv->channels,
        .first = t->group * c->in,
        .count = c->in,
        .tap_first = t->tap,
        .tap_count = t->taps};
}

/* The weights a tile multiplies by: rows of the matrix (taps * in, filters), filters of a group. */
static int64_t weights_at(const lido_conv *conv, const cut *c, const tile *t) {
    return t->tap * c->row * conv->filters + t->group * c->out;
}

static void gather(const lido_conv *conv, const cut *c, const tile *t, const lido_real *image,
                   lido_real *patches) {
    const lido_patches p = make_patches(conv, c, t);
    if (c->transposed)
        lido_im2col_transposed(&p, image, t->begin, t->begin + t->rows, patches);
    else
        lido_im2col(&p, image, t->begin, t->begin + t->rows, patches);
}

typedef struct job {
    const lido_conv *conv;
    const lido_call *call;
    cut cut;
} job;

static lido_real *worker_patches(const job *j, int worker) {
    return (lido_real *)(void *)(j->call->worker_scratch + (size_t)worker * j->call->worker_stride);
}

static int64_t image_size(const job *j) {
    return lido_shape_size(j->call->x_shape);
}

/* ---- forward ------------------------------------------------------------------------------- */

static void forward_block(void *context, int64_t index, int worker) {
    const job *j = context;
    const lido_conv *conv = j->conv;
    const cut *c = &j->cut;
    const int64_t n = index / c->blocks, block = index % c->blocks;
    const lido_real *image = j->call->x[0] + n * image_size(j);
    lido_real *patches = worker_patches(j, worker);
    lido_real *y = j->call->y + (n * conv->positions + block * c->rows) * conv->filters;
    int64_t rows = 0;
    for (int64_t i = 0; i < conv->groups * c->tap_groups; i++) {
        const tile t = make_tile(conv, c, block, i / c->tap_groups, i % c->tap_groups);
        gather(conv, c, &t, image, patches);
        rows = t.rows;
        lido_gemm(c->transposed ? LIDO_TRANSPOSED : LIDO_AS_IS, LIDO_AS_IS, t.rows, c->out,
                  t.length, patches, c->transposed ? t.rows : t.length,
                  j->call->w[0] + weights_at(conv, c, &t), conv->filters, t.tap > 0,
                  y + t.group * c->out, conv->filters);
    }
    lido_conv_add_bias(y, rows, conv->filters, j->call->w[1]);
}

/* ---- backward ------------------------------------------------------------------------------ */

static void backward_data_image(void *context, int64_t n, int worker) {
    const job *j = context;
    const lido_conv *conv = j->conv;
    const cut *c = &j->cut;
    lido_real *patches = worker_patches(j, worker);
    lido_real *dx = j->call->dx[0] + n * image_size(j);
    memset(dx, 0, (size_t)image_size(j) * sizeof *dx);
    for (int64_t i = 0; i < c->blocks * conv->groups * c->tap_groups; i++) {
        const tile t = make_tile(conv, c, i / (conv->groups * c->tap_groups),
                                 i / c->tap_groups % conv->groups, i % c->tap_groups);
        const lido_real *dy = j->call->dy + (n * conv->positions + t.begin) * conv->filters;
        lido_gemm(LIDO_AS_IS, LIDO_TRANSPOSED, t.rows, t.length, c->out, dy + t.group * c->out,
                  conv->filters, j->call->w[0] + weights_at(conv, c, &t), conv->filters, 0, patches,
                  t.length);
        const lido_patches p = make_patches(conv, c, &t);
        lido_col2im(&p, patches, t.begin, t.begin + t.rows, dx);
    }
}

/* The partial sum over one chunk of images for one group of tap rows. */
static void backward_weights_piece(void *context, int64_t index, int worker) {
    const job *j = context;
    const lido_conv *conv = j->conv;
    const cut *c = &j->cut;
    const int64_t chunk = index / c->tap_groups, tap_group = index % c->tap_groups;
    const int64_t images = lido_conv_chunk_images(conv, j->call->batch), first = chunk * images;
    const int64_t end = at_most(first + images, j->call->batch);
    lido_real *patches = worker_patches(j, worker);
    lido_real *dw = (lido_real *)j->call->scratch + chunk * lido_conv_partial(conv);
    lido_real *db = dw + lido_conv_partial(conv) - conv->filters;
    if (tap_group == 0) memset(db, 0, (size_t)conv->filters * sizeof *db);
    for (int64_t n = first; n < end; n++) {
        const lido_real *image = j->call->x[0] + n * image_size(j);
        for (int64_t i = 0; i < c->blocks * conv->groups; i++) {
            const tile t = make_tile(conv, c, i / conv->groups, i % conv->groups, tap_group);
            const lido_real *dy = j->call->dy + (n * conv->positions + t.begin) * conv->filters;
            gather(conv, c, &t, image, patches);
            lido_gemm(c->transposed ? LIDO_AS_IS : LIDO_TRANSPOSED, LIDO_AS_IS, t.length, c->out,
                      t.rows, patches, c->transposed ? t.rows : t.length, dy + t.group * c->out,
                      conv->filters, n > first || t.begin > 0, dw + weights_at(conv, c, &t),
                      conv->filters);
            if (tap_group == 0 && t.group == 0)
                lido_conv_add_rows(db, dy, t.rows, conv->filters, conv->filters);
        }
    }
}

/* ---- the algorithm ------------------------------------------------------------------------- */

static bool memory(const lido_conv *conv, int64_t batch, lido_needs *needs) {
    const cut c = make_cut(conv);
    int64_t patches, partials;
    if (!lido_mul(c.rows * (int64_t)sizeof(lido_real), c.taps_each * c.row, &patches) ||
        !lido_mul(lido_conv_most_chunks(conv, batch) * (int64_t)sizeof(lido_real),
                  lido_conv_partial(conv), &partials))
        return false;
    needs->scratch_worker = (size_t)patches;
    needs->scratch = (size_t)partials;
    return true;
}

static void forward(const lido_conv *conv, const lido_call *call) {
    job j = {conv, call, make_cut(conv)};
    lido_team_run(call->team, call->batch * j.cut.blocks, forward_block, &j);
}

static void backward(const lido_conv *conv, const lido_call *call) {
    job j = {conv, call, make_cut(conv)};
    if (call->dx[0]) lido_team_run(call->team, call->batch, backward_data_image, &j);
    if (!call->dw[0]) return;
    lido_team_run(call->team, lido_conv_chunks(conv, call->batch) * j.cut.tap_groups,
                  backward_weights_piece, &j);
    lido_conv_sum_partials(conv, call);
}

const lido_conv_algorithm lido_conv_im2col = {
    .name = "im2col",
    .doc = "matrix products over patches gathered in cache-sized blocks",
    .memory = memory,
    .forward = forward,
    .backward = backward,
};
