/* blocks.h - cutting a layer's work into blocks of rows for lido_team_run. */
#ifndef LIDO_LAYERS_BLOCKS_H
#define LIDO_LAYERS_BLOCKS_H

#include <lido/layer.h>

/* Work on rows [first, first + count). */
typedef void (*lido_block)(const lido_call *call, int64_t first, int64_t count);

/* Rows of `width` elements that make one block: about 16k elements, enough to be worth a thread and
 * small enough for L2. A function of the width alone. */
int64_t lido_block_rows(int64_t width);

/* How many blocks there are. */
int64_t lido_block_count(int64_t rows, int64_t width);

/* Calls `block` for every block of the rows, on call->team. Elementwise work has rows of
 * width 1. */
void lido_each_block(const lido_call *call, int64_t rows, int64_t width, lido_block block);

/* Elements of the output, and rows of channels in it, over the whole batch. */
int64_t lido_call_elements(const lido_call *call);
int64_t lido_call_rows(const lido_call *call);

#endif
