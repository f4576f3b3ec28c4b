/* conv_winograd.c - 3x3 convolution of stride 1 by Winograd's F(4x4, 3x3): tiles of 4x4 outputs are
 * transformed, multiplied as 36 matrix products over channels, and transformed back, with a quarter
 * of the multiplications. The gradient of the input is the same pass over dy with the kernel turned
 * round; the gradient of the weights multiplies transformed tiles of x and dy. Tiles are taken in
 * blocks whose transforms stay in the second-level cache. */
#include "base/blas.h"
#include "base/team.h"
#include "kernels/im2col.h"
#include "kernels/winograd.h"
#include "layers/conv.h"

#include <string.h>

enum {
    TILE = LIDO_WINOGRAD_TILE,
    SIZE = LIDO_WINOGRAD_SIZE,
    FREQUENCIES = LIDO_WINOGRAD_FREQUENCIES,
    TAPS = 9,
    LEAST_CHANNELS = 16, /* with fewer the transforms cost more than they save */
    CACHE = 60000,       /* numbers that the transforms of a block may take */
    LEAST_TILES = 16,    /* of a block */
    PANEL = 64,          /* channels and filters of a block of the weight gradient */
    WEIGHTS_BLOCK = 16   /* channels whose weights are transformed in one piece */
};

static int64_t at_most(int64_t value, int64_t most) {
    return value > most ? most : value;
}

static int64_t ceil_div(int64_t a, int64_t b) {
    return (a + b - 1) / b;
}

/* ---- tiles --------------------------------------------------------------------------------- */

/* A map of vectors and the tiles on it. */
typedef struct map {
    int64_t height, width, channels;
} map;

/* All tiles of a batch: 4x4 of the map `out`, and the 6x6 of the map `in` that they see. */
typedef struct tiling {
    map in, out;
    int64_t before[2]; /* rows and columns of zeros above and left of `in` */
    int64_t down, across;
} tiling;

static tiling make_tiling(map in, map out, int64_t before_h, int64_t before_w) {
    return (tiling){
        in, out, {before_h, before_w}, ceil_div(out.height, TILE), ceil_div(out.width, TILE)};
}

static tiling forward_tiling(const lido_conv *conv) {
    const lido_geometry *g = &conv->geometry;
    return make_tiling((map){g->input[1], g->input[2], conv->channels},
                       (map){g->output[1], g->output[2], conv->filters}, g->before[1],
                       g->before[2]);
}

static tiling backward_tiling(const lido_conv *conv) {
    const tiling t = forward_tiling(conv);
    return make_tiling(t.out, t.in, 2 - t.before[0], 2 - t.before[1]);
}

static int64_t tiles_of_image(const tiling *t) {
    return t->down * t->across;
}

/* The distance between frequencies of `numbers` each: never a power of two, since then all 36 would
 * fall into the same few lines of the cache. */
static int64_t pitch_for(int64_t numbers) {
    const int64_t line = 64 / (int64_t)sizeof(lido_real);
    return (ceil_div(numbers, line) | 1) * line;
}

/* Tiles of a block, so that `numbers` for each tile and frequency stay in cache. */
static int64_t block_tiles(int64_t numbers) {
    const int64_t tiles = CACHE / (FREQUENCIES * numbers);
    return tiles < LEAST_TILES ? LEAST_TILES : tiles / 4 * 4;
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

/* Points at the inputs (side = SIZE) or outputs (side = TILE) of tile `index` of the batch. */
static void point_at_tile(const tiling *t, const lido_real *x, int64_t index, int side,
                          const lido_real *outside, const lido_real **cell) {
    const map *m = side == SIZE ? &t->in : &t->out;
    const int64_t n = index / tiles_of_image(t), at = index % tiles_of_image(t);
    int64_t top = at / t->across * TILE, left = at % t->across * TILE;
    if (side == SIZE) {
        top -= t->before[0];
        left -= t->before[1];
    }
    point_at_cells(m, x + n * m->height * m->width * m->channels, top, left, side, outside, cell);
}

/* ---- transformed weights ------------------------------------------------------------------- */

typedef struct weights_job {
    const lido_conv *conv;
    const lido_call *call;
} weights_job;

static lido_real *worker_memory(const lido_call *call, int worker) {
    return (lido_real *)(void *)(call->worker_scratch + (size_t)worker * call->worker_stride);
}

/* u[36][channels][filters] for some channels. */
static void transform_weights(void *context, int64_t index, int worker) {
    (void)worker;
    const weights_job *j = context;
    const int64_t in = j->conv->channels, out = j->conv->filters, first = index * WEIGHTS_BLOCK;
    lido_real *u = j->call->scratch;
    lido_winograd_weights(j->call->w[0] + first * out, in * out,
                          at_most(WEIGHTS_BLOCK, in - first) * out, u + first * out,
                          pitch_for(in * out));
}

/* u[36][filters][channels] of the kernel turned by 180 degrees, for some channels. */
static void transform_turned_weights(void *context, int64_t index, int worker) {
    const weights_job *j = context;
    const int64_t in = j->conv->channels, out = j->conv->filters, first = index * WEIGHTS_BLOCK;
    const int64_t channels = at_most(WEIGHTS_BLOCK, in - first), pitch = pitch_for(channels * out);
    lido_real *u = worker_memory(j->call, worker), *turned = j->call->scratch;
    lido_winograd_weights(j->call->w[0] + (TAPS - 1) * in * out + first * out, -in * out,
                          channels * out, u, pitch);
    for (int64_t k = 0; k < FREQUENCIES; k++)
        for (int64_t f = 0; f < out; f++)
            for (int64_t c = 0; c < channels; c++)
                turned[k * pitch_for(in * out) + f * in + first + c] = u[k * pitch + c * out + f];
}

/* ---- forward and gradient of the input: one pass over tiles --------------------------------- */

typedef struct pass {
    const lido_call *call;
    tiling tiling;
    int64_t tiles, block;
    const lido_real *x, *bias;
    lido_real *y;
} pass;

static void filter_block(void *context, int64_t index, int worker) {
    const pass *p = context;
    const int64_t in = p->tiling.in.channels, out = p->tiling.out.channels;
    const int64_t begin = index * p->block, tiles = at_most(p->block, p->tiles - begin);
    const int64_t v_pitch = pitch_for(tiles * in), m_pitch = pitch_for(tiles * out);
    lido_real *outside = worker_memory(p->call, worker);
    lido_real *v = outside + (in > out ? in : out), *m = v + FREQUENCIES * v_pitch;
    const lido_real *u = p->call->scratch, *cell[SIZE * SIZE];
    memset(outside, 0, (size_t)in * sizeof *outside);
    for (int64_t i = 0; i < tiles; i++) {
        point_at_tile(&p->tiling, p->x, begin + i, SIZE, outside, cell);
        lido_winograd_input(cell, in, v + i * in, v_pitch);
    }
    for (int64_t k = 0; k < FREQUENCIES; k++)
        lido_gemm(LIDO_AS_IS, LIDO_AS_IS, tiles, out, in, v + k * v_pitch, in,
                  u + k * pitch_for(in * out), out, 0, m + k * m_pitch, out);
    for (int64_t i = 0; i < tiles; i++) {
        point_at_tile(&p->tiling, p->y, begin + i, TILE, outside, cell);
        lido_winograd_output(m + i * out, m_pitch, out, p->bias, (lido_real *const *)cell);
    }
}

/* Transforms the weights by `transform`, then runs over all tiles. */
static void filter(const lido_conv *conv, pass *p, lido_piece transform) {
    const lido_call *call = p->call;
    lido_team_run(call->team, ceil_div(conv->channels, WEIGHTS_BLOCK), transform,
                  &(weights_job){conv, call});
    p->tiles = call->batch * tiles_of_image(&p->tiling);
    p->block = block_tiles(p->tiling.in.channels + p->tiling.out.channels);
    lido_team_run(call->team, ceil_div(p->tiles, p->block), filter_block, p);
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
    int64_t panels_in, panels_out;
} weights_pass;

/* The part of the gradient that a piece computes: some images, channels and filters. */
typedef struct panel {
    int64_t chunk, image, images;
    int64_t in, in_count, out, out_count;
} panel;

static panel make_panel(const weights_pass *p, int64_t index) {
    const int64_t in = index / p->panels_out % p->panels_in, out = index % p->panels_out;
    const int64_t images = lido_conv_chunk_images(p->call->batch);
    panel a = {
        .chunk = index / (p->panels_in * p->panels_out), .in = in * PANEL, .out = out * PANEL};
    a.image = a.chunk * images;
    a.images = at_most(images, p->call->batch - a.image);
    a.in_count = at_most(PANEL, p->conv->channels - a.in);
    a.out_count = at_most(PANEL, p->conv->filters - a.out);
    return a;
}

/* du[36][in][out] = the sum over all tiles of the panel's images of x' dy, both transformed. */
static void multiply_tiles(const weights_pass *p, const panel *a, lido_real *outside,
                           lido_real *du) {
    const int64_t block = block_tiles(a->in_count + a->out_count);
    const int64_t first = a->image * tiles_of_image(&p->tiling);
    const int64_t end = first + a->images * tiles_of_image(&p->tiling);
    const int64_t du_pitch = pitch_for(a->in_count * a->out_count);
    lido_real *v = du + FREQUENCIES * du_pitch;
    lido_real *z = v + FREQUENCIES * pitch_for(block * a->in_count);
    const lido_real *cell[SIZE * SIZE];
    for (int64_t begin = first; begin < end; begin += block) {
        const int64_t tiles = at_most(block, end - begin);
        const int64_t v_pitch = pitch_for(tiles * a->in_count);
        const int64_t z_pitch = pitch_for(tiles * a->out_count);
        for (int64_t i = 0; i < tiles; i++) {
            point_at_tile(&p->tiling, p->call->x[0] + a->in, begin + i, SIZE, outside, cell);
            lido_winograd_input(cell, a->in_count, v + i * a->in_count, v_pitch);
            point_at_tile(&p->tiling, p->call->dy + a->out, begin + i, TILE, outside, cell);
            lido_winograd_output_gradient(cell, a->out_count, z + i * a->out_count, z_pitch);
        }
        for (int64_t k = 0; k < FREQUENCIES; k++)
            lido_gemm(LIDO_TRANSPOSED, LIDO_AS_IS, a->in_count, a->out_count, tiles,
                      v + k * v_pitch, a->in_count, z + k * z_pitch, a->out_count, begin > first,
                      du + k * du_pitch, a->out_count);
    }
}

static void backward_weights_piece(void *context, int64_t index, int worker) {
    const weights_pass *p = context;
    const lido_conv *conv = p->conv;
    const panel a = make_panel(p, index);
    lido_real *outside = worker_memory(p->call, worker), *du = outside + PANEL;
    memset(outside, 0, PANEL * sizeof *outside);
    multiply_tiles(p, &a, outside, du);
    lido_real *dw = (lido_real *)p->call->scratch + a.chunk * lido_conv_partial(conv);
    for (int64_t c = 0; c < a.in_count; c++)
        lido_winograd_weights_gradient(du + c * a.out_count, pitch_for(a.in_count * a.out_count),
                                       a.out_count, dw + (a.in + c) * conv->filters + a.out,
                                       conv->channels * conv->filters);
    if (a.in > 0) return;
    lido_real *db = dw + TAPS * conv->channels * conv->filters + a.out;
    memset(db, 0, (size_t)a.out_count * sizeof *db);
    lido_conv_add_rows(db, p->call->dy + a.image * conv->positions * conv->filters + a.out,
                       a.images * conv->positions, a.out_count, conv->filters);
}

static void backward(const lido_conv *conv, const lido_call *call) {
    if (call->dx[0]) backward_data(conv, call);
    if (!call->dw[0]) return;
    weights_pass p = {.conv = conv,
                      .call = call,
                      .tiling = forward_tiling(conv),
                      .panels_in = ceil_div(conv->channels, PANEL),
                      .panels_out = ceil_div(conv->filters, PANEL)};
    lido_team_run(call->team, lido_conv_chunks(call->batch) * p.panels_in * p.panels_out,
                  backward_weights_piece, &p);
    lido_conv_sum_partials(conv, call);
}

/* ---- the algorithm ------------------------------------------------------------------------- */

static bool applicable(const lido_conv *conv) {
    const lido_geometry *g = &conv->geometry;
    if (g->rank != 2 || conv->groups != 1 || conv->border != LIDO_BORDER_ZERO) return false;
    for (int a = 1; a < LIDO_MAX_AXES; a++)
        if (g->kernel[a] != 3 || g->stride[a] != 1 || g->dilation[a] != 1) return false;
    if (conv->channels < LEAST_CHANNELS || conv->filters < LEAST_CHANNELS) return false;
    const tiling t = forward_tiling(conv);
    return tiles_of_image(&t) * FREQUENCIES * 3 <= conv->positions * TAPS * 2;
}

static int64_t larger(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static bool memory(const lido_conv *conv, int64_t batch, lido_needs *needs) {
    const int64_t in = conv->channels, out = conv->filters, real = sizeof(lido_real);
    const int64_t panel_in = at_most(in, PANEL), panel_out = at_most(out, PANEL);
    const int64_t tiles = block_tiles(in + out), panel_tiles = block_tiles(panel_in + panel_out);
    const int64_t filtering =
        larger(in, out) + FREQUENCIES * (pitch_for(tiles * in) + pitch_for(tiles * out));
    const int64_t weighing =
        PANEL + FREQUENCIES * (pitch_for(panel_in * panel_out) + pitch_for(panel_tiles * panel_in) +
                               pitch_for(panel_tiles * panel_out));
    const int64_t turning = FREQUENCIES * pitch_for(at_most(in, WEIGHTS_BLOCK) * out);
    int64_t partials, transformed;
    if (!lido_mul(lido_conv_most_chunks(batch) * real, lido_conv_partial(conv), &partials) ||
        !lido_mul(FREQUENCIES * real, pitch_for(in * out), &transformed))
        return false;
    needs->scratch_worker = (size_t)(real * larger(larger(filtering, weighing), turning));
    needs->scratch = (size_t)larger(transformed, partials);
    return true;
}

const lido_conv_algorithm lido_conv_winograd = {
    .name = "winograd",
    .doc = "F(4x4, 3x3): a quarter of the multiplications of a 3x3 convolution of stride 1",
    .applicable = applicable,
    .memory = memory,
    .forward = forward,
    .backward = backward,
};
