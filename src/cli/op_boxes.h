/* op_boxes.h - boxes that say themselves which sample they lie on: a file (K, 5) of rows (sample,
 * x1, y1, x2, y2), as torchvision and ONNX route them. A layer takes as many boxes of every sample;
 * those that a sample has fewer are made up: their outputs are dropped and their gradients zero. */
#ifndef LIDO_CLI_OP_BOXES_H
#define LIDO_CLI_OP_BOXES_H

#include <lido/base.h>

typedef struct lido_op_boxes {
    int64_t count, samples; /* rows of the file; count 0: boxes lie with their samples */
    int64_t each;           /* boxes of a sample */
    int64_t *slot;          /* slot[count]: sample * each + place among its boxes; malloc'ed */
} lido_op_boxes;

/* Reads rows[count][5]. LIDO_MISMATCH: a sample that is not one of 0 .. samples - 1. */
lido_status lido_op_boxes_make(const lido_real *rows, int64_t count, int64_t samples,
                               lido_op_boxes *boxes, lido_error *error);
void lido_op_boxes_free(lido_op_boxes *boxes); /* zeroed is allowed */

/* from[count][bytes] by box as made[samples][each][bytes] by sample, zero where there is none;
 * malloc'ed, NULL when memory runs out. */
void *lido_op_boxes_spread(const lido_op_boxes *boxes, size_t bytes, const void *from);
/* The way back. */
void *lido_op_boxes_gather(const lido_op_boxes *boxes, size_t bytes, const void *from);

#endif
