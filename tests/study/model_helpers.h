/* model_helpers.h - trained networks without training: weights that a test sets itself. */
#ifndef LIDO_TESTS_STUDY_MODEL_HELPERS_H
#define LIDO_TESTS_STUDY_MODEL_HELPERS_H

#include "lido_check.h"

#include <lido/train.h>
#include <stdio.h>

/* A model of these layers on pictures [side, side, 1], fed as bytes / 255, of batches of 4. */
static inline lido_model model_of(const char *layers, int side, const char *more, lido_team *team) {
    char text[1024];
    lido_model model = {.normalisation = {.channels = 1, .deviation = {1}}};
    lido_error error;
    int size = snprintf(text, sizeof text, "{\"input\": [%d, %d, 1], \"layers\": [%s]%s}", side,
                        side, layers, more);
    ck_assert_int_lt(size, (int)sizeof text);
    assert_ok(lido_spec_parse(text, strlen(text), "test", &model.spec, &error));
    assert_ok(lido_train_options_read(model.spec, &model.options, &error));
    assert_ok(lido_graph_make(model.spec, &model.graph, &error));
    model.options.batch = 4;
    const lido_net_options options = {
        .batch = 4, .seed = 3, .team = team, .loss = (lido_loss)model.options.loss};
    assert_ok(lido_net_make(model.graph, &options, &model.net, &error));
    return model;
}

/* Pictures [side, side, 1], each a white pixel on black at (rows[i], columns[i]) of class
 * columns[i] * 2 / side: left or right half. */
static inline lido_dataset *points_set(int64_t side, int64_t count, const int *rows,
                                       const int *columns) {
    const int64_t dims[] = {side, side, 1};
    lido_shape shape;
    lido_dataset *set;
    lido_error error;
    assert_ok(lido_shape_make(dims, 3, &shape, &error));
    assert_ok(lido_dataset_new("points", &shape, count, 2, 1, &set, &error));
    memset(set->pixels, 0, (size_t)(side * side * count));
    for (int64_t i = 0; i < count; i++) {
        set->labels[i] = (int32_t)(columns[i] * 2 / side);
        set->pixels[(i * side + rows[i]) * side + columns[i]] = 255;
    }
    return set;
}

/* Of a model of flatten, dense 2, softmax on pictures of that side: says with what confidence
 * (logit `sure`) that a point is left or right; of a black picture left, by a hair. */
static inline void make_halves(lido_model *model, int side, double sure) {
    lido_real *params = lido_net_params(model->net);
    for (int p = 0; p < side * side; p++)
        for (int c = 0; c < 2; c++)
            params[p * 2 + c] = (p % side * 2 / side == c) ? (lido_real)sure : 0;
    params[side * side * 2] = (lido_real)(sure / 1000);
    params[side * side * 2 + 1] = 0;
}

#define HALVES \
    "{\"type\": \"flatten\"}, {\"type\": \"dense\", \"units\": 2}, {\"type\": \"softmax\"}"

#endif
