/* conv_pointwise.c - 1x1 convolution: every position's channels times the same matrix. So the image
 * is a factor of a matrix product as it lies, and nothing is gathered:
 *     y = x w,   dx = dy w',   dw = x' dy
 * each cut into blocks of positions and of columns. */
#include "base/blas.h"
#include "base/team.h"
#include "layers/conv.h"

#include <string.h>

enum {
    PRODUCT = 1000000, /* multiply-adds of a product, as in conv_im2col.c */
    LEAST_ROWS = 32,   /* positions of a block, unless the image has fewer */
    COLUMNS = 16,      /* a block has a multiple of so many, unless there are fewer */
    TURN_BLOCK = 16    /* channels whose weights are transposed in one piece */
};

static int64_t at_most(int64_t value, int64_t most) {
    return value > most ? most : value;
}

static int64_t at_least(int64_t value, int64_t least) {
    return value < least ? least : value;
}

static int64_t ceil_div(int64_t a, int64_t b) {
    return (a + b - 1) / b;
}

/* ---- y = x w and dx = dy w' ------------------------------------------------------------------ */

/* to = from matrix + bias, from (batch * positions, inner), matrix (inner, columns). Blocks lie
 * within an image: what a sample gives is then not a matter of its batch. */
typedef struct product {
    const lido_real *from, *matrix, *bias; /* bias NULL: none */
    lido_real *to;
    int64_t positions, inner, columns;
    int64_t rows, width;    /* of a block */
    int64_t blocks, strips; /* of an image: along its positions, along the columns */
} product;

static void cut(product *p) {
    const int64_t least = at_most(LEAST_ROWS, p->positions);
    const int64_t width = PRODUCT / (least * p->inner) / COLUMNS * COLUMNS;
    p->width = at_most(at_least(width, COLUMNS), p->columns);
    p->strips = ceil_div(p->columns, p->width);
    const int64_t rows = at_least(PRODUCT / (p->inner * p->width), least);
    p->blocks = ceil_div(p->positions, rows);
    p->rows = ceil_div(p->positions, p->blocks);
}

static void multiply_block(void *context, int64_t index, int worker) {
    (void)worker;
    const product *p = context;
    const int64_t image = index / p->strips / p->blocks;
    const int64_t begin = index / p->strips % p->blocks * p->rows;
    const int64_t rows = at_most(p->rows, p->positions - begin);
    const int64_t first = index % p->strips * p->width;
    const int64_t width = at_most(p->width, p->columns - first);
    const int64_t row = image * p->positions + begin;
    lido_real *to = p->to + row * p->columns + first;
    for (int64_t r = 0; p->bias && r < rows; r++)
        memcpy(to + r * p->columns, p->bias + first, (size_t)width * sizeof *to);
    lido_gemm(LIDO_AS_IS, LIDO_AS_IS, rows, width, p->inner, p->from + row * p->inner, p->inner,
              p->matrix + first, p->columns, p->bias ? 1 : 0, to, p->columns);
}

static void multiply(const lido_call *call, product *p) {
    cut(p);
    lido_team_run(call->team, call->batch * p->blocks * p->strips, multiply_block, p);
}

static void forward(const lido_conv *conv, const lido_call *call) {
    product p = {.from = call->x[0],
                 .matrix = call->w[0],
                 .bias = call->w[1],
                 .to = call->y,
                 .positions = conv->positions,
                 .inner = conv->channels,
                 .columns = conv->filters};
    multiply(call, &p);
}

typedef struct job {
    const lido_conv *conv;
    const lido_call *call;
} job;

/* scratch[filters][channels] = w', for some channels. */
static void turn_weights(void *context, int64_t index, int worker) {
    (void)worker;
    const job *j = context;
    const int64_t in = j->conv->channels, out = j->conv->filters, first = index * TURN_BLOCK;
    const int64_t end = at_most(first + TURN_BLOCK, in);
    lido_real *turned = j->call->scratch;
    for (int64_t f = 0; f < out; f++)
        for (int64_t c = first; c < end; c++) turned[f * in + c] = j->call->w[0][c * out + f];
}

static void backward_data(const lido_conv *conv, const lido_call *call) {
    lido_team_run(call->team, ceil_div(conv->channels, TURN_BLOCK), turn_weights,
                  &(job){conv, call});
    product p = {.from = call->dy,
                 .matrix = call->scratch,
                 .to = call->dx[0],
                 .positions = conv->positions,
                 .inner = conv->filters,
                 .columns = conv->channels};
    multiply(call, &p);
}

/* ---- dw = x' dy ------------------------------------------------------------------------------ */

static void backward_weights_piece(void *context, int64_t index, int worker) {
    (void)worker;
    const job *j = context;
    const lido_conv *conv = j->conv;
    const lido_call *call = j->call;
    const lido_conv_panel a = lido_conv_panel_at(conv, call->batch, index);
    const int64_t block = PRODUCT / (a.ins * a.outs), end = (a.image + a.images) * conv->positions;
    const int64_t first = a.image * conv->positions;
    lido_real *dw = lido_conv_panel_sum(conv, call, &a);
    for (int64_t row = first; row < end; row += block)
        lido_gemm(LIDO_TRANSPOSED, LIDO_AS_IS, a.ins, a.outs, at_most(block, end - row),
                  call->x[0] + row * conv->channels + a.in, conv->channels,
                  call->dy + row * conv->filters + a.out, conv->filters, row > first, dw,
                  conv->filters);
    lido_conv_panel_bias(conv, call, &a);
}

static void backward(const lido_conv *conv, const lido_call *call) {
    if (call->dx[0]) backward_data(conv, call);
    if (!call->dw[0]) return;
    lido_team_run(call->team, lido_conv_panels(conv, call->batch), backward_weights_piece,
                  &(job){conv, call});
    lido_conv_sum_partials(conv, call);
}

/* ---- the algorithm ------------------------------------------------------------------------- */

static bool applicable(const lido_conv *conv) {
    const lido_geometry *g = &conv->geometry;
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        if (g->kernel[a] != 1 || g->stride[a] != 1 || g->before[a] != 0 || g->after[a] != 0)
            return false;
    return conv->groups == 1;
}

static bool memory(const lido_conv *conv, int64_t batch, lido_needs *needs) {
    int64_t partials;
    if (!lido_mul(lido_conv_most_chunks(conv, batch) * (int64_t)sizeof(lido_real),
                  lido_conv_partial(conv), &partials))
        return false;
    needs->scratch = (size_t)partials; /* which has room for one matrix of weights */
    return true;
}

const lido_conv_algorithm lido_conv_pointwise = {
    .name = "pointwise",
    .doc = "1x1 as one matrix product: the image is a factor as it lies",
    .needs = "a kernel of 1, stride 1, no padding and one group",
    .applicable = applicable,
    .memory = memory,
    .forward = forward,
    .backward = backward,
};
