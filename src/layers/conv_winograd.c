/* conv_winograd.c - 3x3 convolution of stride 1 by Winograd's F(4x4, 3x3) or F(2x2, 3x3): tiles of
 * outputs are transformed, multiplied as 36 or 16 matrix products over channels, and transformed
 * back, with a quarter or four ninths of the multiplications. The gradient of the input is the same
 * pass over dy with the kernel turned round; the gradient of the weights multiplies transformed
 * tiles of x and dy. Tiles are taken in blocks whose transforms stay in the second-level cache. */
#include "base/blas.h"
#include "base/team.h"
#include "kernels/im2col.h"
#include "kernels/winograd.h"
#include "layers/conv.h"

#include <string.h>

enum {
    MOST_CELLS = LIDO_WINOGRAD_MOST_SIZE * LIDO_WINOGRAD_MOST_SIZE,
    TAPS = 9,
    LEAST_CHANNELS = 16, /* with fewer the transforms cost more than they save */
    CACHE = 60000,       /* numbers that the transforms of a block may take */
    LEAST_TILES = 8,     /* of a block */
    FEW_TILES = 4,       /* of a small product; blocks are multiples of it */
    FILTER_PANEL = 64,   /* filters of a block of a pass over tiles */
    WEIGHTS_BLOCK = 8    /* rows of u that are made in one piece */
};

static int64_t at_most(int64_t value, int64_t most) {
    return value > most ? most : value;
}

static int64_t larger(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static int64_t ceil_div(int64_t a, int64_t b) {
    return (a + b - 1) / b;
}

/* ---- tiles --------------------------------------------------------------------------------- */

/* A map of vectors and the tiles on it. */
typedef struct map {
    int64_t height, width, channels;
} map;

/* All tiles of a batch: of the map `out`, and the larger ones of the map `in` that they see. */
typedef struct tiling {
    const lido_winograd *transform;
    map in, out;
    int64_t before[2]; /* rows and columns of zeros above and left of `in` */
    int64_t down, across;
} tiling;

static tiling make_tiling(const lido_winograd *transform, map in, map out, int64_t before_h,
                          int64_t before_w) {
    return (tiling){.transform = transform,
                    .in = in,
                    .out = out,
                    .before = {before_h, before_w},
                    .down = ceil_div(out.height, transform->tile),
                    .across = ceil_div(out.width, transform->tile)};
}

static const lido_winograd *transform_of(const lido_conv *conv) {
    return conv->algorithm->variant;
}

static tiling forward_tiling(const lido_conv *conv) {
    const lido_geometry *g = &conv->geometry;
    return make_tiling(transform_of(conv), (map){g->input[1], g->input[2], conv->channels},
                       (map){g->output[1], g->output[2], conv->filters}, g->before[1],
                       g->before[2]);
}

static tiling backward_tiling(const lido_conv *conv) {
    const tiling t = forward_tiling(conv);
    return make_tiling(t.transform, t.out, t.in, 2 - t.before[0], 2 - t.before[1]);
}

static int64_t tiles_of_image(const tiling *t) {
    return t->down * t->across;
}

static int64_t frequencies(const lido_winograd *transform) {
    return (int64_t)transform->size * transform->size;
}

/* The distance between frequencies of `numbers` each: never a power of two, since then all would
 * fall into the same few lines of the cache. */
static int64_t pitch_for(int64_t numbers) {
    const int64_t line = 64 / (int64_t)sizeof(lido_real);
    return (ceil_div(numbers, line) | 1) * line;
}

/* Tiles of a block, so that `numbers` for each tile and frequency stay in cache. */
static int64_t block_tiles(const lido_winograd *transform, int64_t numbers) {
    const int64_t tiles = CACHE / (frequencies(transform) * numbers);
    return larger(tiles / FEW_TILES * FEW_TILES, LEAST_TILES);
}

/* Pointers to the size x size cells of a map from (top, left) on; `outside` stands for those that
 * lie beyond it. */
static void point_at_cells(const map *m, const lido_real *image, int64_t top, int64_t left,
                           int size, const lido_real *outside, const lido_real **cell) {
    for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) {
            const int64_t h = top + i, w = left + j;
            const bool inside = h >= 0 && h < m->height && w >= 0 && w < m->width;
            cell[i * size + j] = inside ? image + (h * m->width + w) * m->channels : outside;
        }
    }
}

/* Points at the inputs of tile `index` of the batch, x being the first channel wanted. */
static void point_at_inputs(const tiling *t, const lido_real *x, int64_t index,
                            const lido_real *outside, const lido_real **cell) {
    const int64_t n = index / tiles_of_image(t), at = index % tiles_of_image(t);
    const int64_t tile = t->transform->tile;
    point_at_cells(&t->in, x + n * t->in.height * t->in.width * t->in.channels,
                   at / t->across * tile - t->before[0], at % t->across * tile - t->before[1],
                   t->transform->size, outside, cell);
}

/* The same for its outputs. */
static void point_at_outputs(const tiling *t, const lido_real *y, int64_t index,
                             const lido_real *outside, const lido_real **cell) {
    const int64_t n = index / tiles_of_image(t), at = index % tiles_of_image(t);
    const int64_t tile = t->transform->tile;
    point_at_cells(&t->out, y + n * t->out.height * t->out.width * t->out.channels,
                   at / t->across * tile, at % t->across * tile, t->transform->tile, outside, cell);
}

/* ---- transformed weights ------------------------------------------------------------------- */

typedef struct weights_job {
    const lido_conv *conv;
    const lido_call *call;
} weights_job;

static lido_real *worker_memory(const lido_call *call, int worker) {
    return (lido_real *)(void *)(call->worker_scratch + (size_t)worker * call->worker_stride);
}

/* u[frequencies][channels][filters] for some channels. */
static void transform_weights(void *context, int64_t index, int worker) {
    (void)worker;
    const weights_job *j = context;
    const int64_t in = j->conv->channels, out = j->conv->filters, first = index * WEIGHTS_BLOCK;
    lido_real *u = j->call->scratch;
    transform_of(j->conv)->weights(j->call->w[0] + first * out, in * out,
                                   at_most(WEIGHTS_BLOCK, in - first) * out, u + first * out,
                                   pitch_for(in * out));
}

/* u[frequencies][filters][channels] of the kernel turned by 180 degrees, for some filters. */
static void transform_turned_weights(void *context, int64_t index, int worker) {
    const weights_job *j = context;
    const int64_t in = j->conv->channels, out = j->conv->filters, first = index * WEIGHTS_BLOCK;
    const int64_t filters = at_most(WEIGHTS_BLOCK, out - first);
    lido_real *turned = worker_memory(j->call, worker), *u = j->call->scratch;
    for (int64_t t = 0; t < TAPS; t++) {
        const lido_real *w = j->call->w[0] + (TAPS - 1 - t) * in * out + first;
        for (int64_t c = 0; c < in; c++)
            for (int64_t f = 0; f < filters; f++)
                turned[(t * filters + f) * in + c] = w[c * out + f];
    }
    transform_of(j->conv)->weights(turned, filters * in, filters * in, u + first * in,
                                   pitch_for(in * out));
}

/* ---- forward and gradient of the input: one pass over tiles --------------------------------- */

typedef struct pass {
    const lido_call *call;
    tiling tiling;
    int64_t tiles, block, panels;
    int64_t rows; /* tiles of a product; a block is a multiple */
    const lido_real *x, *bias;
    lido_real *y;
    int64_t held[LIDO_MAX_THREADS]; /* the block whose inputs a worker has transformed, plus 1 */
} pass;

/* Tiles of a block at least. Transformed weights that are too many for the cache are read anew for
 * every block, which more tiles then have to share. */
static int64_t least_tiles(const tiling *t) {
    return larger(at_most(t->in.channels * t->out.channels / 2048, 4 * LEAST_TILES), LEAST_TILES);
}

/* Tiles of a block: an even number of blocks to an image, so that two workers share one. */
static int64_t filter_tiles(const tiling *t) {
    const int64_t tiles = tiles_of_image(t);
    const int64_t most =
        block_tiles(t->transform, t->in.channels + at_most(t->out.channels, FILTER_PANEL));
    const int64_t even = ceil_div(tiles, 2 * ceil_div(tiles, 2 * most));
    return ceil_div(larger(even, least_tiles(t)), FEW_TILES) * FEW_TILES;
}

/* Tiles of a product: a block, unless in that of a lone image too much would be left empty. */
static int64_t product_rows(const tiling *t, int64_t block) {
    const int64_t tiles = tiles_of_image(t), empty = ceil_div(tiles, block) * block - tiles;
    return 4 * empty > tiles ? FEW_TILES : block;
}

/* A worker's memory during a pass. */
typedef struct desk {
    lido_real *outside; /* a vector of zeros, then one that takes what lies beyond the map */
    lido_real *v, *m;   /* [frequencies][tiles][channels] of a block: inputs, products */
} desk;

static desk desk_of(const pass *p, int worker) {
    const tiling *t = &p->tiling;
    lido_real *outside = worker_memory(p->call, worker);
    lido_real *v = outside + t->in.channels + FILTER_PANEL;
    return (desk){outside, v, v + frequencies(t->transform) * pitch_for(p->block * t->in.channels)};
}

/* Transforms the inputs of a block, unless the worker's last piece was of the same block. How a
 * product rounds a row depends on how many rows it has, so all have as many, the last some of
 * zeros: what a sample gives is then not a matter of its batch. */
static void transform_inputs(pass *p, const desk *d, int64_t block, int64_t tiles, int worker) {
    if (p->held[worker] == block + 1) return;
    const int64_t in = p->tiling.in.channels, pitch = pitch_for(p->block * in);
    const lido_real *cell[MOST_CELLS];
    memset(d->outside, 0, (size_t)in * sizeof *d->outside);
    for (int64_t i = 0; i < tiles; i++) {
        point_at_inputs(&p->tiling, p->x, block * p->block + i, d->outside, cell);
        p->tiling.transform->input(cell, in, d->v + i * in, pitch);
    }
    const int64_t empty = ceil_div(tiles, p->rows) * p->rows - tiles;
    for (int64_t k = 0; empty > 0 && k < frequencies(p->tiling.transform); k++)
        memset(d->v + k * pitch + tiles * in, 0, (size_t)(empty * in) * sizeof *d->v);
    p->held[worker] = block + 1;
}

/* A block of tiles, and some of their outputs' channels. */
static void filter_piece(void *context, int64_t index, int worker) {
    pass *p = context;
    const lido_winograd *transform = p->tiling.transform;
    const int64_t in = p->tiling.in.channels, out = p->tiling.out.channels;
    const int64_t begin = index / p->panels * p->block;
    const int64_t tiles = at_most(p->block, p->tiles - begin);
    const int64_t first = index % p->panels * FILTER_PANEL;
    const int64_t filters = at_most(FILTER_PANEL, out - first);
    const int64_t v_pitch = pitch_for(p->block * in), m_pitch = pitch_for(p->block * filters);
    const lido_real *u = (const lido_real *)p->call->scratch + first, *cell[MOST_CELLS];
    const desk d = desk_of(p, worker);
    transform_inputs(p, &d, index / p->panels, tiles, worker);
    for (int64_t k = 0; k < frequencies(transform); k++)
        for (int64_t i = 0; i < tiles; i += p->rows)
            lido_gemm(LIDO_AS_IS, LIDO_AS_IS, p->rows, filters, in, d.v + k * v_pitch + i * in, in,
                      u + k * pitch_for(in * out), out, 0, d.m + k * m_pitch + i * filters,
                      filters);
    for (int64_t i = 0; i < tiles; i++) {
        point_at_outputs(&p->tiling, p->y + first, begin + i, d.outside + in, cell);
        transform->output(d.m + i * filters, m_pitch, filters, p->bias ? p->bias + first : NULL,
                          (lido_real *const *)cell);
    }
}

/* Transforms the weights by `transform`, a piece of it for some of the channels that are read; then
 * runs over all tiles. */
static void filter(const lido_conv *conv, pass *p, lido_piece transform) {
    const lido_call *call = p->call;
    lido_team_run(call->team, ceil_div(p->tiling.in.channels, WEIGHTS_BLOCK), transform,
                  &(weights_job){conv, call});
    p->tiles = call->batch * tiles_of_image(&p->tiling);
    p->panels = ceil_div(p->tiling.out.channels, FILTER_PANEL);
    p->block = filter_tiles(&p->tiling);
    p->rows = product_rows(&p->tiling, p->block);
    lido_team_run(call->team, ceil_div(p->tiles, p->block) * p->panels, filter_piece, p);
}

static void forward(const lido_conv *conv, const lido_call *call) {
    pass p = {.call = call,
              .tiling = forward_tiling(conv),
              .x = call->x[0],
              .bias = call->w[1],
              .y = call->y};
    filter(conv, &p, transform_weights);
}

static void backward_data(const lido_conv *conv, const lido_call *call) {
    pass p = {.call = call, .tiling = backward_tiling(conv), .x = call->dy, .y = call->dx[0]};
    filter(conv, &p, transform_turned_weights);
}

/* ---- gradient of the weights --------------------------------------------------------------- */

typedef struct weights_pass {
    const lido_conv *conv;
    const lido_call *call;
    tiling tiling;
} weights_pass;

/* du[frequencies][in][out] = the sum over all tiles of the panel's images of x' dy, both
 * transformed. */
static void multiply_tiles(const weights_pass *p, const lido_conv_panel *a, lido_real *outside,
                           lido_real *du) {
    const lido_winograd *transform = p->tiling.transform;
    const int64_t block = block_tiles(transform, a->ins + a->outs);
    const int64_t first = a->image * tiles_of_image(&p->tiling);
    const int64_t end = first + a->images * tiles_of_image(&p->tiling);
    const int64_t du_pitch = pitch_for(a->ins * a->outs);
    lido_real *v = du + frequencies(transform) * du_pitch;
    lido_real *z = v + frequencies(transform) * pitch_for(block * a->ins);
    const lido_real *cell[MOST_CELLS];
    for (int64_t begin = first; begin < end; begin += block) {
        const int64_t tiles = at_most(block, end - begin);
        const int64_t v_pitch = pitch_for(tiles * a->ins), z_pitch = pitch_for(tiles * a->outs);
        for (int64_t i = 0; i < tiles; i++) {
            point_at_inputs(&p->tiling, p->call->x[0] + a->in, begin + i, outside, cell);
            transform->input(cell, a->ins, v + i * a->ins, v_pitch);
            point_at_outputs(&p->tiling, p->call->dy + a->out, begin + i, outside, cell);
            transform->output_gradient(cell, a->outs, z + i * a->outs, z_pitch);
        }
        for (int64_t k = 0; k < frequencies(transform); k++)
            lido_gemm(LIDO_TRANSPOSED, LIDO_AS_IS, a->ins, a->outs, tiles, v + k * v_pitch, a->ins,
                      z + k * z_pitch, a->outs, begin > first, du + k * du_pitch, a->outs);
    }
}

static void backward_weights_piece(void *context, int64_t index, int worker) {
    const weights_pass *p = context;
    const lido_conv *conv = p->conv;
    const lido_conv_panel a = lido_conv_panel_at(conv, p->call->batch, index);
    lido_real *outside = worker_memory(p->call, worker), *du = outside + LIDO_CONV_PANEL;
    memset(outside, 0, LIDO_CONV_PANEL * sizeof *outside);
    multiply_tiles(p, &a, outside, du);
    lido_real *dw = lido_conv_panel_sum(conv, p->call, &a);
    for (int64_t c = 0; c < a.ins; c++)
        p->tiling.transform->weights_gradient(du + c * a.outs, pitch_for(a.ins * a.outs), a.outs,
                                              dw + c * conv->filters,
                                              conv->channels * conv->filters);
    lido_conv_panel_bias(conv, p->call, &a);
}

static void backward(const lido_conv *conv, const lido_call *call) {
    if (call->dx[0]) backward_data(conv, call);
    if (!call->dw[0]) return;
    weights_pass p = {conv, call, forward_tiling(conv)};
    lido_team_run(call->team, lido_conv_panels(conv, call->batch), backward_weights_piece, &p);
    lido_conv_sum_partials(conv, call);
}

/* ---- the algorithm ------------------------------------------------------------------------- */

static bool applicable(const lido_conv *conv) {
    const lido_geometry *g = &conv->geometry;
    if (g->rank != 2 || conv->groups != 1 || conv->border != LIDO_BORDER_ZERO) return false;
    for (int a = 1; a < LIDO_MAX_AXES; a++)
        if (g->kernel[a] != 3 || g->stride[a] != 1 || g->dilation[a] != 1) return false;
    return true;
}

/* Multiplications for one channel, filter and image. */
static int64_t products(const lido_conv *conv, const lido_winograd *transform) {
    const lido_geometry *g = &conv->geometry;
    return ceil_div(g->output[1], transform->tile) * ceil_div(g->output[2], transform->tile) *
           frequencies(transform);
}

/* Enough channels, and tiles that are not so ragged that more than two thirds of the
 * multiplications are left. */
static bool pays(const lido_conv *conv, const lido_winograd *transform) {
    return conv->channels >= LEAST_CHANNELS && conv->filters >= LEAST_CHANNELS &&
           3 * products(conv, transform) <= 2 * TAPS * conv->positions;
}

/* Where larger tiles save nothing over smaller ones, on maps of 1, 2, 5 or 6 cells to a side, these
 * are faster. */
static bool pays_4x4(const lido_conv *conv) {
    return pays(conv, &lido_winograd_4x4) &&
           products(conv, &lido_winograd_4x4) < products(conv, &lido_winograd_2x2);
}

static bool pays_2x2(const lido_conv *conv) {
    return pays(conv, &lido_winograd_2x2);
}

/* Numbers of a desk. */
static int64_t desk_size(const tiling *t) {
    const int64_t tiles = filter_tiles(t), in = t->in.channels;
    return in + FILTER_PANEL +
           frequencies(t->transform) * (pitch_for(tiles * in) + pitch_for(tiles * FILTER_PANEL));
}

static bool memory(const lido_conv *conv, int64_t batch, lido_needs *needs) {
    const lido_winograd *transform = transform_of(conv);
    const int64_t in = conv->channels, out = conv->filters, real = sizeof(lido_real);
    const int64_t ins = at_most(in, LIDO_CONV_PANEL), outs = at_most(out, LIDO_CONV_PANEL);
    const int64_t panel_tiles = block_tiles(transform, ins + outs);
    const tiling along = forward_tiling(conv), back = backward_tiling(conv);
    const int64_t weighing =
        LIDO_CONV_PANEL +
        frequencies(transform) *
            (pitch_for(ins * outs) + pitch_for(panel_tiles * ins) + pitch_for(panel_tiles * outs));
    const int64_t turning = TAPS * at_most(out, WEIGHTS_BLOCK) * in;
    int64_t partials, transformed;
    if (!lido_mul(lido_conv_most_chunks(conv, batch) * real, lido_conv_partial(conv), &partials) ||
        !lido_mul(frequencies(transform) * real, pitch_for(in * out), &transformed))
        return false;
    needs->scratch_worker = (size_t)(real * larger(larger(desk_size(&along), desk_size(&back)),
                                                   larger(weighing, turning)));
    needs->scratch = (size_t)larger(transformed, partials);
    return true;
}

#define NEEDS \
    "two spatial axes, a 3x3 kernel of stride 1 and dilation 1, padded with zeros, in one group"

const lido_conv_algorithm lido_conv_winograd_4x4 = {
    .name = "winograd_4x4",
    .doc = "F(4x4, 3x3): a quarter of the multiplications of a 3x3 convolution of stride 1",
    .needs = NEEDS,
    .variant = &lido_winograd_4x4,
    .applicable = applicable,
    .pays = pays_4x4,
    .memory = memory,
    .forward = forward,
    .backward = backward,
};

const lido_conv_algorithm lido_conv_winograd_2x2 = {
    .name = "winograd_2x2",
    .doc = "F(2x2, 3x3): four ninths of the multiplications, and more exact than F(4x4, 3x3)",
    .needs = NEEDS,
    .variant = &lido_winograd_2x2,
    .applicable = applicable,
    .pays = pays_2x2,
    .memory = memory,
    .forward = forward,
    .backward = backward,
};
