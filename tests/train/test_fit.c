#include "data_helpers.h"
#include "run_helpers.h"

#include "train/fit.h"

#include <string.h>

static lido_graph *graph_of(const char *text) {
    lido_spec *spec = spec_of(text);
    lido_graph *graph;
    lido_error error;
    assert_ok(lido_graph_make(spec, &graph, &error));
    lido_spec_free(spec);
    return graph;
}

static lido_status check(int64_t side, int classes, bool crop, bool exact, lido_error *error) {
    lido_graph *graph = graph_of("{\"input\": [8, 8, 1], \"layers\": [{\"type\": \"flatten\"},"
                                 "{\"type\": \"dense\", \"units\": 4}, {\"type\": \"softmax\"}]}");
    lido_dataset *set = columns_set(20, side, classes);
    lido_batch_rule rule = plain_rule(set);
    rule.input = *lido_graph_input(graph);
    lido_status status = lido_fit_check(graph, &rule, crop, exact, error);
    lido_dataset_free(set);
    lido_graph_free(graph);
    return status;
}

START_TEST(pictures_and_classes_must_fit) {
    lido_error error;
    assert_ok(check(8, 4, false, true, &error));
    assert_ok(check(9, 4, true, true, &error));
    assert_fails(check(9, 4, false, true, &error), LIDO_SHAPE, "[9,9,1]");
    assert_fails(check(8, 5, false, true, &error), LIDO_SHAPE,
                 "the network has 4 outputs, the data set columns 5 classes");
    assert_fails(check(8, 3, false, true, &error), LIDO_SHAPE, "4 outputs");
    assert_ok(check(8, 3, false, false, &error));
    assert_fails(check(8, 5, false, false, &error), LIDO_SHAPE, "4 outputs");
}
END_TEST

START_TEST(labels_must_be_classes) {
    lido_graph *graph = graph_of("{\"input\": [8, 8, 1], \"layers\": [{\"type\": \"flatten\"},"
                                 "{\"type\": \"dense\", \"units\": 4}, {\"type\": \"softmax\"}]}");
    lido_dataset *set = columns_set(20, 8, 4);
    lido_batch_rule rule = plain_rule(set);
    lido_error error;
    set->labels[13] = 4;
    assert_fails(lido_fit_check(graph, &rule, false, true, &error), LIDO_SHAPE,
                 "columns: label 4 of picture 13 is not in 0..3");
    set->labels[13] = -1;
    assert_fails(lido_fit_check(graph, &rule, false, true, &error), LIDO_SHAPE, "label -1");
    lido_dataset_free(set);
    lido_graph_free(graph);
}
END_TEST

START_TEST(positions_must_have_labels) {
    lido_graph *graph =
        graph_of("{\"input\": [8, 8, 1], \"layers\": ["
                 "{\"type\": \"conv\", \"filters\": 4, \"kernel\": 1}, {\"type\": \"softmax\"}]}");
    lido_dataset *set = columns_set(20, 8, 4);
    lido_batch_rule rule = plain_rule(set);
    lido_error error;
    assert_fails(lido_fit_check(graph, &rule, false, true, &error), LIDO_SHAPE,
                 "the network's output is [8,8,4], the data set columns has 1 label a picture");
    lido_dataset_free(set);
    lido_graph_free(graph);
}
END_TEST

/* A set of label maps of side x side on the network, whose output keeps `kernel` - 1 fewer. */
static lido_status check_map(const char *target, int64_t side, int kernel, int32_t label,
                             lido_error *error) {
    char text[400];
    snprintf(text, sizeof text,
             "{\"input\": [8, 8, 1], \"target\": \"%s\", \"layers\": [{\"type\": \"conv\","
             " \"filters\": 4, \"kernel\": %d}, {\"type\": \"softmax\"}]}",
             target, kernel);
    lido_graph *graph = graph_of(text);
    lido_dataset *set;
    const lido_shape shape = {.rank = 2, .axis = {1, side, side}, .channels = 1};
    ck_assert(lido_dataset_new("maps", &shape, 3, 4, side * side, &set, error) == LIDO_OK);
    memset(set->pixels, 0, (size_t)(3 * side * side));
    for (int64_t i = 0; i < 3 * side * side; i++) set->labels[i] = label;
    lido_batch_rule rule = plain_rule(set);
    rule.input = *lido_graph_input(graph);
    lido_status status = lido_fit_check(graph, &rule, true, true, error);
    lido_dataset_free(set);
    lido_graph_free(graph);
    return status;
}

START_TEST(label_maps_must_fit) {
    lido_error error;
    assert_ok(check_map("label_map", 8, 1, 3, &error));
    assert_ok(check_map("label_map", 11, 1, 0, &error)); /* cropped, map and all */
    assert_ok(check_map("label_map", 8, 1, -1, &error));
    assert_fails(check_map("label_map", 8, 1, -2, &error), LIDO_SHAPE, "label -2 of picture 0");
    assert_fails(check_map("label_map", 8, 1, 4, &error), LIDO_SHAPE, "label 4 of picture 0");
    assert_fails(check_map("class", 8, 1, 0, &error), LIDO_SHAPE,
                 "\"target\" is \"class\", but the data set maps has a label for each position");
    assert_fails(check_map("label_map", 8, 3, 0, &error), LIDO_SHAPE,
                 "output is [6,6,4], the data set maps has a label for each position of the input "
                 "[8,8,1]");
}
END_TEST

START_TEST(label_map_networks_need_label_maps) {
    lido_graph *graph =
        graph_of("{\"input\": [8, 8, 1], \"target\": \"label_map\", \"layers\": ["
                 "{\"type\": \"conv\", \"filters\": 4, \"kernel\": 1}, {\"type\": \"softmax\"}]}");
    lido_dataset *set = columns_set(20, 8, 4);
    lido_batch_rule rule = plain_rule(set);
    lido_error error;
    assert_fails(lido_fit_check(graph, &rule, false, true, &error), LIDO_SHAPE,
                 "\"target\" is \"label_map\", but the data set columns has one label a picture");
    lido_dataset_free(set);
    lido_graph_free(graph);
}
END_TEST

/* A set with `boxes` boxes a picture (0: none) on a network that takes two, or none. */
static lido_status check_boxed(bool takes, int64_t boxes, int kernel, lido_error *error) {
    char text[600];
    snprintf(text, sizeof text,
             "{\"inputs\": {\"image\": [8, 8, 1]%s}, \"target\": \"label_map\", \"layers\": ["
             "{\"type\": \"conv\", \"input\": \"%s\", \"filters\": 4, \"kernel\": %d},"
             "{\"type\": \"softmax\"}]}",
             takes ? ", \"boxes\": [2, 5]" : "", takes ? "boxes" : "image", kernel);
    lido_graph *graph = graph_of(text);
    lido_dataset *set;
    const lido_shape shape = {.rank = 2, .axis = {1, 8, 8}, .channels = 1};
    ck_assert(lido_dataset_new("boxed", &shape, 3, 4, boxes ? boxes : 64, &set, error) == LIDO_OK);
    if (boxes) ck_assert(lido_dataset_add_boxes(set, error) == LIDO_OK);
    memset(set->pixels, 0, 3 * 64);
    for (int64_t i = 0; i < 3 * set->labels_each; i++) set->labels[i] = (int32_t)(i % 2) - 1;
    lido_batch_rule rule = plain_rule(set);
    rule.input = *lido_graph_input(graph);
    lido_status status = lido_fit_check(graph, &rule, true, true, error);
    lido_dataset_free(set);
    lido_graph_free(graph);
    return status;
}

START_TEST(boxes_must_fit) {
    lido_error error;
    assert_ok(check_boxed(true, 2, 1, &error));
    assert_ok(check_boxed(false, 0, 1, &error));
    assert_fails(check_boxed(true, 3, 1, &error), LIDO_SHAPE,
                 "the network takes 2 boxes a picture, the data set boxed has 3");
    assert_fails(check_boxed(false, 2, 1, &error), LIDO_SHAPE, "takes 0 boxes a picture");
    assert_fails(check_boxed(true, 0, 1, &error), LIDO_SHAPE, "the data set boxed has 0");
    assert_fails(check_boxed(true, 2, 2, &error), LIDO_SHAPE,
                 "output is [1,4], the data set boxed has 2 labels a picture");
}
END_TEST

LIDO_TEST_MAIN("fit", pictures_and_classes_must_fit, labels_must_be_classes,
               positions_must_have_labels, label_maps_must_fit, label_map_networks_need_label_maps,
               boxes_must_fit)
