/* dense.c - a fully connected layer, y = x W + b, with W stored (in, units). */
#include <lido/layer.h>

#include "base/blas.h"
#include "base/parallel.h"

#include <limits.h>

typedef struct dense {
    int64_t units;
    bool bias;
    int init;
} dense;

static const lido_option options[] = {
    {"units", LIDO_OPTION_INT, offsetof(dense, units), NULL, 1, INT_MAX, NULL, NULL,
     "length of the output vector"},
    {"bias", LIDO_OPTION_BOOL, offsetof(dense, bias), "true", 0, 0, NULL, NULL,
     "add a learned vector to the output"},
    {"init", LIDO_OPTION_CHOICE, offsetof(dense, init), "\"he_normal\"", 0, 0, lido_init_names,
     NULL, "how the weights start"},
    {0},
};

static lido_status infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    const dense *config = site->config;
    const lido_shape *x = &site->x[0];
    int64_t in = x->channels, units = config->units;
    if (x->rank > 0) {
        char text[64];
        return lido_fail(
            error, LIDO_SHAPE,
            "dense takes a vector, not %s; put a flatten or a global pooling before it",
            lido_shape_text(x, text, sizeof text));
    }
    if (in > INT_MAX || site->batch > INT_MAX)
        return lido_fail(error, LIDO_TOO_LARGE,
                         "a vector of %lld times a batch of %lld is too large", (long long)in,
                         (long long)site->batch);
    if (in * units > LIDO_MAX_ELEMENTS)
        return lido_fail(error, LIDO_TOO_LARGE, "%lld x %lld weights are too many", (long long)in,
                         (long long)units);
    needs->param[0] = (lido_param){.name = "weight",
                                   .rank = 2,
                                   .dim = {in, units},
                                   .init = (lido_init)config->init,
                                   .fan_in = in,
                                   .fan_out = units,
                                   .decay = true};
    needs->param[1] = (lido_param){.name = "bias",
                                   .rank = 1,
                                   .dim = {units},
                                   .init = LIDO_INIT_ZEROS,
                                   .fan_in = in,
                                   .fan_out = units};
    needs->params = config->bias ? 2 : 1;
    needs->backward_reads_x = true;
    needs->multiply_adds = in * units;
    needs->whole_map = true;
    return lido_shape_make(&units, 1, &needs->y, error);
}

/* ---- blocks -------------------------------------------------------------------------------- */

/* A GEMM is cut into blocks of rows x columns of its result, so that threads share it and each
 * block takes OpenBLAS's path for small matrices, which packs nothing (at most 10^6 products of
 * M N K). Neither side depends on the batch. */
enum { BLOCK_ROWS = 32, BLOCK_COLUMNS = 64 };

typedef struct cut {
    int64_t rows, columns; /* of the result */
    int64_t across;        /* blocks along the columns */
} cut;

typedef struct block {
    int64_t row, rows, column, columns;
} block;

static int64_t blocks_of(int64_t length, int64_t block_length) {
    return (length + block_length - 1) / block_length;
}

static cut cut_make(int64_t rows, int64_t columns) {
    return (cut){rows, columns, blocks_of(columns, BLOCK_COLUMNS)};
}

static int64_t cut_blocks(const cut *c) {
    return blocks_of(c->rows, BLOCK_ROWS) * c->across;
}

static int64_t at_most(int64_t value, int64_t limit) {
    return value < limit ? value : limit;
}

static block cut_block(const cut *c, int64_t index) {
    int64_t row = index / c->across * BLOCK_ROWS, column = index % c->across * BLOCK_COLUMNS;
    return (block){row, at_most(c->rows - row, BLOCK_ROWS), column,
                   at_most(c->columns - column, BLOCK_COLUMNS)};
}

typedef struct job {
    const lido_call *call;
    int64_t in, units;
    cut cut;
} job;

static void run(const lido_call *call, int64_t rows, int64_t columns, lido_piece piece) {
    job j = {call, call->x_shape[0].channels, call->y_shape->channels, cut_make(rows, columns)};
    lido_parallel(call->threads, cut_blocks(&j.cut), piece, &j);
}

/* ---- forward and backward ------------------------------------------------------------------ */

/* y starts as the bias and the product is added to it. */
static void forward_block(void *context, int64_t index, int worker) {
    (void)worker;
    const job *j = context;
    const lido_call *call = j->call;
    int64_t in = j->in, units = j->units;
    block b = cut_block(&j->cut, index);
    lido_real *y = call->y + b.row * units + b.column;
    const lido_real *bias = call->w[1];
    for (int64_t row = 0; bias && row < b.rows; row++)
        for (int64_t c = 0; c < b.columns; c++) y[row * units + c] = bias[b.column + c];
    lido_gemm(LIDO_AS_IS, LIDO_AS_IS, b.rows, b.columns, in, call->x[0] + b.row * in, in,
              call->w[0] + b.column, units, bias ? 1 : 0, y, units);
}

/* dx = dy W' */
static void input_gradient_block(void *context, int64_t index, int worker) {
    (void)worker;
    const job *j = context;
    const lido_call *call = j->call;
    int64_t in = j->in, units = j->units;
    block b = cut_block(&j->cut, index);
    lido_gemm(LIDO_AS_IS, LIDO_TRANSPOSED, b.rows, b.columns, units, call->dy + b.row * units,
              units, call->w[0] + b.column * units, units, 0, call->dx[0] + b.row * in + b.column,
              in);
}

/* dW += x' dy, a block of it over the whole batch. */
static void weight_gradient_block(void *context, int64_t index, int worker) {
    (void)worker;
    const job *j = context;
    const lido_call *call = j->call;
    int64_t in = j->in, units = j->units;
    block b = cut_block(&j->cut, index);
    lido_gemm(LIDO_TRANSPOSED, LIDO_AS_IS, b.rows, b.columns, call->batch, call->x[0] + b.row, in,
              call->dy + b.column, units, 1, call->dw[0] + b.row * units + b.column, units);
}

/* db += the sum of dy over the batch, in its order. */
static void bias_gradient(const lido_real *dy, int64_t batch, int64_t units, lido_real *db) {
    for (int64_t n = 0; n < batch; n++)
        for (int64_t c = 0; c < units; c++) db[c] += dy[n * units + c];
}

static void forward(const lido_call *call) {
    run(call, call->batch, call->y_shape->channels, forward_block);
}

static void backward(const lido_call *call) {
    int64_t in = call->x_shape[0].channels, units = call->y_shape->channels;
    if (call->dx[0]) run(call, call->batch, in, input_gradient_block);
    if (!call->dw[0]) return;
    run(call, in, units, weight_gradient_block);
    if (call->dw[1]) bias_gradient(call->dy, call->batch, units, call->dw[1]);
}

const lido_layer lido_layer_dense = {
    .name = "dense",
    .doc = "fully connected: every output from every input",
    .options = options,
    .config_size = sizeof(dense),
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
