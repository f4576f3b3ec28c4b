/* pool_reducers.h - what tests of all reducers share: finding them in the registry, so that a new
 * one is covered without a line of test, and trying a grid on one. */
#ifndef LIDO_POOL_REDUCERS_H
#define LIDO_POOL_REDUCERS_H

#include "harness/rig.h"
#include "layers/pool.h"
#include "lido_check.h"

#include <stdio.h>

static lido_error error;

static inline bool is_reducer(const lido_layer *layer) {
    return layer->infer == lido_pool_infer;
}

/* Calls `visit` for every reducer. */
static inline void each_reducer(void (*visit)(const char *type)) {
    size_t count;
    int reducers = 0;
    const lido_layer *const *layers = lido_layers(&count);
    for (size_t i = 0; i < count; i++) {
        if (!is_reducer(layers[i])) continue;
        visit(layers[i]->name);
        reducers++;
    }
    ck_assert_int_ge(reducers, 16);
}

/* Opens a reducer on non-negative numbers, which all of them take; false when it refuses the grid.
 */
static inline bool open_on(const char *type, const char *grid, const char *shape, int64_t batch,
                           lido_rig *rig) {
    char json[512];
    snprintf(json, sizeof json, "{\"type\": \"%s\", %s}", type, grid);
    lido_status status = lido_rig_open(json, shape, batch, true, rig, &error);
    ck_assert_msg(status == LIDO_OK || status == LIDO_SPEC, "%s on %s: %s", json, shape,
                  error.message);
    return status == LIDO_OK;
}

#endif
