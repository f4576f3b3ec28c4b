/* antialias.h - "antialias": k beside a layer that subsamples (Zhang 2019): the layer runs at
 * stride 1 and a blur of k taps subsamples in its place. Private to expand.c and schema.c.
 *
 *   conv(stride s), activation       conv(stride 1), activation, blur_pool(k, s)
 *   max_pool(kernel, s)              max_pool(kernel, stride 1), blur_pool(k, s)
 *   avg_pool(kernel, s)              blur_pool(k, s): the blur is the average */
#ifndef LIDO_NET_ANTIALIAS_H
#define LIDO_NET_ANTIALIAS_H

#include "net/spec.h"

/* One row, "antialias". */
extern const lido_option lido_antialias_options[];

/* The blur that comes of it. */
typedef struct lido_antialias {
    lido_axes kernel, stride;
    bool instead; /* it takes the layer's place; else it comes behind */
} lido_antialias;

bool lido_antialias_allowed(const lido_layer *layer);

/* Reads "antialias" of the entry's layer object and sets the entry's stride to 1. `where` is for
 * messages. LIDO_SPEC where the layer has no windows, subsamples nothing, or has options the blur
 * would leave without a meaning. */
lido_status lido_antialias_read(lido_entry *entry, const lido_json *object, const char *where,
                                lido_antialias *blur, lido_error *error);

/* Makes the entry the blur; its name and place stay. */
lido_status lido_antialias_apply(const lido_antialias *blur, lido_entry *entry, lido_error *error);

#endif
