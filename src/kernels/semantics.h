/* semantics.h - the window rules of other engines: what each assumes where an option is absent, and
 * what it does at the border. One table, so that a published model can be reproduced by naming the
 * engine it was made with.
 *
 *            stride   rounding   padding            last window           average divides by
 *   torch    kernel   down       before and after   starts before its end  cells and padding
 *   keras    kernel   down       before and after   starts before its end  cells
 *   onnx     1        down       before and after   starts before its end  cells
 *   caffe    kernel   up         before and after   any, without padding   cells and padding
 *   darknet  1        down       a total, k - 1     starts before its end  cells
 *
 * Stride, rounding, the total and the average's divisor are defaults: what is written holds. "same"
 * padding never counts in an average. A window beyond the input, which Caffe would answer with
 * -FLT_MAX, is refused like every window without a cell. */
#ifndef LIDO_KERNELS_SEMANTICS_H
#define LIDO_KERNELS_SEMANTICS_H

#include "kernels/geometry.h"

typedef struct lido_engine {
    const char *name;
    bool stride_is_kernel; /* an absent stride is the kernel; else 1 */
    bool ceil;             /* an absent "ceil" is true */
    bool keeps_last;       /* see lido_window_options */
    bool counts_padding;   /* an absent "count_include_pad" is true for explicit padding */
    bool total_padding;    /* padding n is of both sides together, by default k - 1 */
    bool plain;            /* has neither dilation nor "same" padding */
} lido_engine;

/* For an option's choices, ended by NULL. */
extern const char *const lido_engine_names[];

/* The engine of that name's index; torch for -1, the option that is absent. */
const lido_engine *lido_engine_at(int index);

/* Fills in what is absent as the engine does. LIDO_SPEC for what the engine has not. */
lido_status lido_engine_apply(const lido_engine *engine, bool padding_given, bool ceil_given,
                              lido_window_options *options, lido_error *error);

#endif
