/* semantics.c - the window rules of other engines. */
#include "kernels/semantics.h"

#include <assert.h>
#include <inttypes.h>

enum { ENGINES = 5 };

const char *const lido_engine_names[] = {"torch", "keras", "onnx", "caffe", "darknet", NULL};

static const lido_engine engines[] = {
    {.name = "torch", .stride_is_kernel = true, .counts_padding = true},
    {.name = "keras", .stride_is_kernel = true},
    {.name = "onnx"},
    {.name = "caffe",
     .stride_is_kernel = true,
     .ceil = true,
     .keeps_last = true,
     .counts_padding = true,
     .plain = true},
    {.name = "darknet", .total_padding = true, .plain = true},
};

static_assert(sizeof engines / sizeof *engines == ENGINES, "an engine for each name");
static_assert(sizeof lido_engine_names / sizeof *lido_engine_names == ENGINES + 1, "and back");

const lido_engine *lido_engine_at(int index) {
    return &engines[index < 0 ? 0 : index];
}

static lido_status check_plain(const lido_engine *engine, const lido_window_options *options,
                               lido_error *error) {
    for (int i = 0; i < options->dilation.count; i++)
        if (options->dilation.at[i] != 1)
            return lido_fail(error, LIDO_SPEC,
                             "\"dilation\" is %" PRId64 ", but pooling in %s has none",
                             options->dilation.at[i], engine->name);
    if (options->padding.mode == LIDO_SAME)
        return lido_fail(error, LIDO_SPEC,
                         "\"padding\" is \"same\", but pooling in %s is padded by numbers",
                         engine->name);
    return LIDO_OK;
}

/* The smaller half of the total lies before. */
static lido_status split_total(const lido_engine *engine, bool given, lido_window_options *options,
                               lido_error *error) {
    lido_padding *padding = &options->padding;
    if (options->ceil)
        return lido_fail(error, LIDO_SPEC, "\"ceil\" is true, but %s rounds down", engine->name);
    if (given && padding->mode == LIDO_VALID) return LIDO_OK;
    if (!given) padding->count = options->kernel.count;
    padding->mode = LIDO_EXPLICIT;
    for (int i = 0; i < padding->count; i++) {
        if (given && padding->before[i] != padding->after[i])
            return lido_fail(error, LIDO_SPEC,
                             "padding in %s is one total for both sides, allowed: n or [n per "
                             "axis]",
                             engine->name);
        int64_t total = given ? padding->before[i] : options->kernel.at[i] - 1;
        padding->before[i] = total / 2;
        padding->after[i] = total - total / 2;
    }
    return LIDO_OK;
}

lido_status lido_engine_apply(const lido_engine *engine, bool padding_given, bool ceil_given,
                              lido_window_options *options, lido_error *error) {
    options->stride_is_kernel = engine->stride_is_kernel;
    options->keeps_last = engine->keeps_last;
    if (!ceil_given) options->ceil = engine->ceil;
    lido_status status = engine->plain ? check_plain(engine, options, error) : LIDO_OK;
    if (!status && engine->total_padding)
        status = split_total(engine, padding_given, options, error);
    return status;
}
