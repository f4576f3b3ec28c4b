/* blocks.c - cutting a layer's work into blocks of rows for lido_team_run. */
#include "layers/blocks.h"

#include "base/team.h"

enum { BLOCK_ELEMENTS = 16384 };

typedef struct context {
    const lido_call *call;
    int64_t rows, block_rows;
    lido_block block;
} context;

int64_t lido_block_rows(int64_t width) {
    return width >= BLOCK_ELEMENTS ? 1 : BLOCK_ELEMENTS / width;
}

int64_t lido_block_count(int64_t rows, int64_t width) {
    int64_t block_rows = lido_block_rows(width);
    return (rows + block_rows - 1) / block_rows;
}

static void run_block(void *data, int64_t index, int worker) {
    (void)worker;
    const context *c = data;
    int64_t first = index * c->block_rows, left = c->rows - first;
    c->block(c->call, first, left < c->block_rows ? left : c->block_rows);
}

void lido_each_block(const lido_call *call, int64_t rows, int64_t width, lido_block block) {
    context c = {call, rows, lido_block_rows(width), block};
    lido_team_run(call->team, lido_block_count(rows, width), run_block, &c);
}

int64_t lido_call_elements(const lido_call *call) {
    return call->batch * lido_shape_size(call->y_shape);
}

int64_t lido_call_rows(const lido_call *call) {
    return call->batch * lido_shape_positions(call->y_shape);
}
