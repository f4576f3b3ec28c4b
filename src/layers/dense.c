/* dense.c - a fully connected layer, y = x W + b, with W stored (in, units). */
#include <lido/layer.h>

#include "base/blas.h"
#include "base/team.h"
#include "kernels/clones.h"
#include "kernels/row_product.h"

#include <limits.h>
#include <string.h>

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

/* ---- blocks -------------------------------------------------------------------------------- */

/* A result is cut into blocks, which threads share. What a sample gives must not be a matter of its
 * batch: the output is made by lido_row_product, to which it is not. How a GEMM rounds a row
 * depends on how many rows it has, so for the gradient of the input samples are always computed by
 * GEMM_SAMPLES, the last ones padded.
 *
 * The sums of the gradients are cut into slices, so that each GEMM takes OpenBLAS's path for small
 * matrices, which packs nothing and is the fastest for these shapes: it asks for at most 10^6
 * products and, where the second operand is transposed, 1200 results. */
enum {
    BLOCK_SAMPLES = 24,
    GEMM_SAMPLES = 8,
    BLOCK_FEATURES = 32,
    BLOCK_COLUMNS = 64,
    LARGEST_GEMM = 1000000,
    SLICE_SUMS = LARGEST_GEMM / (GEMM_SAMPLES * BLOCK_COLUMNS),
    SLICE_SAMPLES = LARGEST_GEMM / (BLOCK_FEATURES * BLOCK_COLUMNS)
};

typedef struct block {
    int64_t row, rows, column, columns;
} block;

static int64_t at_most(int64_t value, int64_t limit) {
    return value < limit ? value : limit;
}

static int64_t blocks_of(int64_t length, int64_t size) {
    return (length + size - 1) / size;
}

static int64_t block_count(int64_t rows, int64_t block_rows, int64_t columns) {
    return blocks_of(rows, block_rows) * blocks_of(columns, BLOCK_COLUMNS);
}

/* Down the rows first: neighbouring blocks share columns of the weights. */
static block block_at(int64_t index, int64_t rows, int64_t block_rows, int64_t columns) {
    int64_t down = blocks_of(rows, block_rows);
    int64_t row = index % down * block_rows, column = index / down * BLOCK_COLUMNS;
    return (block){row, at_most(rows - row, block_rows), column,
                   at_most(columns - column, BLOCK_COLUMNS)};
}

/* ---- the output: y = x W + b ---------------------------------------------------------------- */

static void output_piece(void *context, int64_t index, int worker) {
    (void)worker;
    const lido_call *call = context;
    const int64_t in = call->x_shape[0].channels, units = call->y_shape->channels;
    const block b = block_at(index, call->batch, BLOCK_SAMPLES, units);
    const lido_row_product product = {.rows = b.rows,
                                      .inner = in,
                                      .columns = b.columns,
                                      .x = call->x[0] + b.row * in,
                                      .x_stride = in,
                                      .w = call->w[0] + b.column,
                                      .w_stride = units,
                                      .bias = call->w[1] ? call->w[1] + b.column : NULL,
                                      .y = call->y + b.row * units + b.column,
                                      .y_stride = units};
    lido_row_product_run(&product);
}

/* ---- the gradient of the input: dx = dy W' -------------------------------------------------- */

static size_t padding_size(int64_t units) {
    return (size_t)(GEMM_SAMPLES * (units + BLOCK_COLUMNS)) * sizeof(lido_real);
}

/* dx[GEMM_SAMPLES][columns] = dy W', for columns of the block. */
static void multiply_block(const lido_call *call, const block *b, const lido_real *dy,
                           lido_real *dx, int64_t dx_stride) {
    const int64_t units = call->y_shape->channels;
    const lido_real *w = call->w[0] + b->column * units;
    for (int64_t k = 0; k < units; k += SLICE_SUMS)
        lido_gemm(LIDO_AS_IS, LIDO_TRANSPOSED, GEMM_SAMPLES, b->columns,
                  at_most(units - k, SLICE_SUMS), dy + k, units, w + k, units, k > 0, dx,
                  dx_stride);
}

/* The last samples, in scratch of a full block's size. */
static void multiply_padded(const lido_call *call, const block *b, const lido_real *dy,
                            lido_real *dx, lido_real *scratch) {
    const int64_t units = call->y_shape->channels, in = call->x_shape[0].channels;
    lido_real *result = scratch + GEMM_SAMPLES * units;
    memset(scratch, 0, (size_t)(GEMM_SAMPLES * units) * sizeof *scratch);
    memcpy(scratch, dy, (size_t)(b->rows * units) * sizeof *scratch);
    multiply_block(call, b, scratch, result, BLOCK_COLUMNS);
    for (int64_t row = 0; row < b->rows; row++)
        memcpy(dx + row * in, result + row * BLOCK_COLUMNS, (size_t)b->columns * sizeof *dx);
}

static void input_gradient_piece(void *context, int64_t index, int worker) {
    const lido_call *call = context;
    const int64_t units = call->y_shape->channels, in = call->x_shape[0].channels;
    const block b = block_at(index, call->batch, GEMM_SAMPLES, in);
    const lido_real *dy = call->dy + b.row * units;
    lido_real *dx = call->dx[0] + b.row * in + b.column;
    char *scratch = call->worker_scratch + (size_t)worker * call->worker_stride;
    if (b.rows == GEMM_SAMPLES)
        multiply_block(call, &b, dy, dx, in);
    else
        multiply_padded(call, &b, dy, dx, (lido_real *)scratch);
}

/* ---- gradients of the weights --------------------------------------------------------------- */

/* db = the sum of dy over the batch, in its order. */
LIDO_CLONES
static void sum_rows(const lido_real *dy, int64_t batch, int64_t stride, int64_t columns,
                     lido_real *db) {
    memset(db, 0, (size_t)columns * sizeof *db);
    for (int64_t n = 0; n < batch; n++)
        for (int64_t c = 0; c < columns; c++) db[c] += dy[n * stride + c];
}

/* A block of dW = x' dy over the whole batch; the first row of blocks sums db on the way. */
static void weight_gradient_piece(void *context, int64_t index, int worker) {
    (void)worker;
    const lido_call *call = context;
    int64_t in = call->x_shape[0].channels, units = call->y_shape->channels;
    block b = block_at(index, in, BLOCK_FEATURES, units);
    const lido_real *x = call->x[0] + b.row, *dy = call->dy + b.column;
    lido_real *dw = call->dw[0] + b.row * units + b.column;
    for (int64_t n = 0; n < call->batch; n += SLICE_SAMPLES)
        lido_gemm(LIDO_TRANSPOSED, LIDO_AS_IS, b.rows, b.columns,
                  at_most(call->batch - n, SLICE_SAMPLES), x + n * in, in, dy + n * units, units,
                  n > 0, dw, units);
    if (b.row == 0 && call->dw[1])
        sum_rows(dy, call->batch, units, b.columns, call->dw[1] + b.column);
}

/* ---- the layer ------------------------------------------------------------------------------ */

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
    needs->scratch_worker = padding_size(units);
    needs->backward_reads_x = true;
    needs->multiply_adds = in * units;
    needs->whole_map = true;
    return lido_shape_make(&units, 1, &needs->y, error);
}

static void forward(const lido_call *call) {
    lido_team_run(call->team, block_count(call->batch, BLOCK_SAMPLES, call->y_shape->channels),
                  output_piece, (void *)call);
}

static void backward(const lido_call *call) {
    int64_t in = call->x_shape[0].channels, units = call->y_shape->channels;
    if (call->dx[0])
        lido_team_run(call->team, block_count(call->batch, GEMM_SAMPLES, in), input_gradient_piece,
                      (void *)call);
    if (call->dw[0])
        lido_team_run(call->team, block_count(in, BLOCK_FEATURES, units), weight_gradient_piece,
                      (void *)call);
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
