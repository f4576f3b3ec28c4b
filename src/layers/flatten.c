/* flatten.c - a map as one long vector, row-major with channels last; a vector as it is. Nothing
 * moves: the output is the input's memory under another shape. */
#include <lido/layer.h>

static lido_status infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    int64_t size = lido_shape_size(&site->x[0]);
    needs->view = true;
    needs->nonnegative = site->x_nonnegative[0];
    return lido_shape_make(&size, 1, &needs->y, error);
}

const lido_layer lido_layer_flatten = {
    .name = "flatten",
    .doc = "a map as one vector (row-major, channels last)",
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = infer,
};
