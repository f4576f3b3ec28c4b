/* test_graph.c - shapes, parameters, receptive fields and needs, up to networks that are only
 * described: VGG-16 and GoogLeNet at full size, against their published numbers. */
#include "spec_text.h"

#include "net/graph.h"
#include "net/spec.h"

#include <stdio.h>

static lido_graph *graph_of(const char *text) {
    lido_error error = {0};
    lido_graph *graph = NULL;
    lido_spec *spec = parsed(text);
    assert_ok(lido_graph_make(spec, &graph, &error));
    lido_spec_free(spec); /* the graph must not need it */
    return graph;
}

static void assert_shape(const lido_shape *shape, const char *expected) {
    char text[64];
    ck_assert_str_eq(lido_shape_text(shape, text, sizeof text), expected);
}

static int find(const lido_graph *graph, const char *name) {
    for (int i = 0; i < lido_graph_layers(graph); i++) {
        lido_layer_info info;
        lido_graph_layer(graph, i, &info);
        if (strcmp(info.name, name) == 0) return i;
    }
    ck_abort_msg("no layer \"%s\"", name);
    return -1;
}

static lido_layer_info info_of(const lido_graph *graph, const char *name) {
    lido_layer_info info;
    lido_graph_layer(graph, find(graph, name), &info);
    return info;
}

static void assert_field(const lido_graph *graph, const char *name, int64_t field, int64_t stride) {
    lido_layer_info info = info_of(graph, name);
    for (int axis = 1; axis < LIDO_MAX_AXES; axis++) {
        ck_assert_msg(info.field[axis] == field && info.field_stride[axis] == stride,
                      "%s: field %d, stride %d", name, (int)info.field[axis],
                      (int)info.field_stride[axis]);
    }
}

/* ---- small --------------------------------------------------------------------------------- */

static const char keras_mnist[] =
    "{'name': 'keras-mnist', 'input': [28, 28, 1], 'define': {"
    " 'pool': {'type': 'max_pool', 'kernel': 2},"
    " 'head': [{'type': 'flatten'}, {'type': 'dense', 'units': 256, 'activation': 'relu'}]},"
    " 'layers': [{'type': 'conv', 'filters': 32, 'kernel': 3, 'activation': 'relu'},"
    " {'use': 'pool'}, {'type': 'conv', 'filters': 64, 'kernel': 3, 'activation': 'relu'},"
    " {'use': 'pool'}, {'use': 'head'}, {'type': 'dense', 'units': 10}, {'type': 'softmax'}]}";

START_TEST(describes_a_chain) {
    lido_graph *graph = graph_of(keras_mnist);
    ck_assert_str_eq(graph->name, "keras-mnist");
    ck_assert_int_eq(lido_graph_layers(graph), 11);
    assert_shape(lido_graph_input(graph), "[28,28,1]");
    assert_shape(lido_graph_output(graph), "[10]");
    ck_assert_int_eq(lido_graph_params(graph), 320 + 18496 + 1600 * 256 + 256 + 2570);

    lido_layer_info info = info_of(graph, "conv#2");
    ck_assert_str_eq(info.type, "conv");
    assert_shape(&info.y, "[11,11,64]");
    ck_assert_int_eq(info.params, 9 * 32 * 64 + 64);
    ck_assert_int_eq(info.multiply_adds, 11 * 11 * 9 * 32 * 64);
    ck_assert_int_eq(info.activation_bytes, 11 * 11 * 64 * (int64_t)sizeof(lido_real));
    ck_assert_int_eq(info.inputs, 1);
    ck_assert_int_eq(info.input[0], find(graph, "pool#1/max_pool#1"));
    info = info_of(graph, "conv#1");
    ck_assert_int_eq(info.input[0], -1);
    lido_graph_free(graph);
}
END_TEST

START_TEST(segments_follow_one_another) {
    lido_graph *graph = graph_of(keras_mnist);
    static const char *const names[] = {
        "conv#1.weight",         "conv#1.bias",         "conv#2.weight",  "conv#2.bias",
        "head#1/dense#1.weight", "head#1/dense#1.bias", "dense#1.weight", "dense#1.bias"};
    int count;
    const lido_segment *segment = lido_graph_segments(graph, &count);
    ck_assert_int_eq(count, 8);
    int64_t offset = 0;
    for (int i = 0; i < count; i++) {
        ck_assert_str_eq(segment[i].name, names[i]);
        ck_assert_int_eq(segment[i].offset, offset);
        ck_assert_int_eq(segment[i].part, i % 2);
        ck_assert(segment[i].decay == (i % 2 == 0));
        ck_assert(!segment[i].state);
        offset += segment[i].count;
    }
    ck_assert_int_eq(segment[6].layer, find(graph, "dense#1"));
    ck_assert_int_eq(segment[6].rank, 2);
    ck_assert_int_eq(segment[6].dim[0], 256);
    ck_assert_int_eq(segment[6].dim[1], 10);
    ck_assert_int_eq(offset, lido_graph_params(graph));
    lido_graph_free(graph);
}
END_TEST

START_TEST(running_state_is_a_vector_of_its_own) {
    lido_graph *graph = graph_of("{'input': [6, 3], 'layers': [{'type': 'batch_norm'}, "
                                 "{'type': 'flatten'}, {'type': 'dense', 'units': 2}, "
                                 "{'type': 'batch_norm'}]}");
    int count;
    const lido_segment *segment = lido_graph_segments(graph, &count);
    ck_assert_int_eq(count, 10);
    int64_t params = 0, states = 0;
    for (int i = 0; i < count; i++) {
        ck_assert(segment[i].state == (i >= 6));
        int64_t *total = segment[i].state ? &states : &params;
        ck_assert_int_eq(segment[i].offset, *total);
        *total += segment[i].count;
    }
    ck_assert_int_eq(graph->params, params);
    ck_assert_int_eq(graph->states, states);
    ck_assert_int_eq(states, 2 * 3 + 2 * 2);
    lido_graph_free(graph);
}
END_TEST

START_TEST(counts_consumers) {
    lido_graph *graph = graph_of("{'input': [6, 3], 'layers': [{'type': 'relu', 'name': 'a'}, "
                                 "{'type': 'tanh', 'name': 'b'},"
                                 "{'type': 'add', 'input': ['a', 'a', 'b', 'image']}]}");
    ck_assert_int_eq(graph->node[0].consumers, 3);
    ck_assert_int_eq(graph->node[1].consumers, 1);
    ck_assert_int_eq(graph->node[2].consumers, 0);
    lido_graph_free(graph);
}
END_TEST

/* The image is normalised, so it may be negative; what a layer says of its output is what the next
 * one is told. */
START_TEST(non_negativity_goes_through) {
    lido_graph *graph =
        graph_of("{'input': [6, 6, 3], 'layers': [{'type': 'max_pool', 'kernel': 2},"
                 "{'type': 'relu'}, {'type': 'max_pool', 'kernel': 3},"
                 "{'type': 'flatten'}, {'type': 'dense', 'units': 2}, {'type': 'tanh'}]}");
    static const bool expected[] = {false, false, true, true, true, false};
    for (int i = 0; i < 6; i++)
        ck_assert_msg(graph->node[i].x_nonnegative[0] == expected[i], "layer %d", i);
    lido_graph_free(graph);
}
END_TEST

START_TEST(needs_of_a_larger_batch) {
    lido_graph *graph = graph_of(keras_mnist);
    lido_error error = {0};
    lido_needs needs;
    for (int i = 0; i < graph->nodes; i++) {
        assert_ok(lido_node_needs(&graph->node[i], 64, &needs, &error));
        ck_assert(lido_shape_equal(&needs.y, &graph->node[i].needs.y));
        ck_assert_uint_ge(needs.saved, graph->node[i].needs.saved);
        ck_assert_uint_ge(needs.scratch, graph->node[i].needs.scratch);
    }
    lido_graph_free(graph);
}
END_TEST

START_TEST(free_takes_null) {
    lido_graph_free(NULL);
}
END_TEST

/* ---- receptive fields ---------------------------------------------------------------------- */

START_TEST(fields_of_branches_are_the_widest) {
    lido_graph *graph =
        graph_of("{'input': [64, 64, 2], 'layers': ["
                 "{'type': 'conv', 'filters': 2, 'kernel': 3, 'padding': 'same', 'name': 'a'},"
                 "{'type': 'conv', 'filters': 2, 'kernel': 5, 'padding': 'same', 'name': 'b'},"
                 "{'type': 'conv', 'filters': 2, 'kernel': 3, 'dilation': 4, 'padding': 'same', "
                 "'input': 'a',"
                 " 'name': 'c'},"
                 "{'type': 'add', 'input': ['a', 'b', 'c'], 'name': 'sum'},"
                 "{'type': 'conv', 'filters': 2, 'kernel': 3, 'stride': 2, 'name': 'd'},"
                 "{'type': 'conv', 'filters': 2, 'kernel': 3, 'name': 'e'},"
                 "{'type': 'flatten', 'name': 'f'}, {'type': 'dense', 'units': 2, 'name': 'g'}]}");
    assert_field(graph, "a", 3, 1);
    assert_field(graph, "b", 7, 1);
    assert_field(graph, "c", 11, 1);
    assert_field(graph, "sum", 11, 1);
    assert_field(graph, "d", 13, 2);
    assert_field(graph, "e", 17, 2);
    assert_field(graph, "f", 17, 2);
    lido_layer_info info = info_of(graph, "g");
    ck_assert_int_eq(info.field[1], 64);
    ck_assert_int_eq(info.field[2], 64);
    ck_assert_int_eq(info.field[0], 1); /* the absent axis */
    lido_graph_free(graph);
}
END_TEST

START_TEST(fields_end_at_the_image) {
    lido_graph *graph = graph_of("{'input': [40, 6, 1], 'layers': ["
                                 "{'type': 'max_pool', 'kernel': 5, 'stride': 1}, {'type': "
                                 "'conv', 'filters': 1, 'kernel': [7, 1], 'padding': [[3, 3], [0, "
                                 "0]]}, {'type': 'conv', 'filters': 1, 'kernel': [3, 2]}, {'type': "
                                 "'conv', 'filters': 1, 'kernel': 1}]}");
    lido_layer_info info = info_of(graph, "conv#3");
    ck_assert_int_eq(info.field[1], 13);
    ck_assert_int_eq(info.field[2], 6);
    lido_graph_free(graph);

    graph = graph_of("{'input': [6, 6, 1], 'layers': [{'type': 'conv', 'filters': 1, 'kernel': 3}, "
                     "{'type': 'max_pool', 'global': true}]}");
    info = info_of(graph, "max_pool#1");
    ck_assert_int_eq(info.field[1], 6);
    lido_graph_free(graph);
}
END_TEST

/* A step longer than any image, many times over. */
START_TEST(fields_do_not_overflow) {
    char text[4096];
    int used = snprintf(text, sizeof text, "{'input': [4, 4, 1], 'layers': [");
    for (int i = 0; i < 12; i++)
        used += snprintf(text + used, sizeof text - used,
                         "%s{'type': 'max_pool', 'kernel': 1, 'stride': 1000000}", i ? "," : "");
    snprintf(text + used, sizeof text - used, "]}");
    lido_graph *graph = graph_of(text);
    assert_field(graph, "max_pool#12", 1, LIDO_MAX_ELEMENTS);
    lido_graph_free(graph);
}
END_TEST

/* ---- errors -------------------------------------------------------------------------------- */

static void assert_graph_fails(const char *text, lido_status status, const char *message) {
    lido_error error = {0};
    lido_graph *graph = NULL;
    lido_spec *spec = parsed(text);
    assert_fails(lido_graph_make(spec, &graph, &error), status, message);
    ck_assert_ptr_null(graph);
    lido_spec_free(spec);
}

START_TEST(errors_start_with_the_place) {
    assert_graph_fails("{'input': [8, 8, 1], 'define': {'p': {'type': 'max_pool', 'kernel': 9}}, "
                       "'layers': [{'type': 'relu'}, {'use': 'p'}]}",
                       LIDO_SHAPE, "m.json: layers[1] > define.p (max_pool): ");
    assert_graph_fails("{'input': [8, 8, 1], 'layers': [{'type': 'dense', 'units': 3, 'name': 'd',"
                       "'activation': 'relu'}]}",
                       LIDO_SHAPE, "m.json: layers[0] \"d\" (dense): ");
}
END_TEST

START_TEST(refuses_too_many_parameters) {
    assert_graph_fails("{'input': [1000000], 'layers': ["
                       "{'type': 'dense', 'units': 1000000, 'bias': false},"
                       "{'type': 'dense', 'units': 1000000, 'bias': false}]}",
                       LIDO_TOO_LARGE,
                       "m.json: layers[1] (dense): more than 2^40 parameters up to "
                       "\"dense#2.weight\"");
}
END_TEST

/* The reader keeps names short enough for every segment; the graph does not rely on it. */
START_TEST(refuses_segment_names_that_do_not_fit) {
    lido_error error = {0};
    lido_graph *graph = NULL;
    lido_spec *spec = parsed("{'input': [4], 'layers': [{'type': 'dense', 'units': 2}]}");
    char *name = spec->entry[0].name;
    memset(name, 'x', LIDO_TEXT_SIZE - 1);
    name[LIDO_TEXT_SIZE - 1 - (int)strlen(".weight")] = '\0';
    assert_ok(lido_graph_make(spec, &graph, &error));
    lido_graph_free(graph);
    memset(name, 'x', LIDO_TEXT_SIZE - strlen(".weight"));
    assert_fails(lido_graph_make(spec, &graph, &error), LIDO_SPEC,
                 "m.json: layers[0] (dense): the");
    ck_assert_ptr_null(graph);
    lido_spec_free(spec);
}
END_TEST

/* Filling in defaults must not make options conflict that did not. */
START_TEST(resolved_infers_the_same) {
    static const char *const layers[] = {
        "{'type': 'max_pool', 'kernel': 2}",
        "{'type': 'max_pool', 'kernel': [3, 2], 'stride': 2, 'padding': 1, 'ceil': true}",
        "{'type': 'avg_pool', 'kernel': 3, 'padding': 'same'}",
        "{'type': 'avg_pool', 'kernel': 3, 'padding': 1, 'count_include_pad': false}",
        "{'type': 'avg_pool', 'global': true}",
        "{'type': 'avg_pool', 'global': true, 'keepdims': true}",
        "{'type': 'max_pool', 'output_size': [3, null]}",
        "{'type': 'conv', 'filters': 3, 'kernel': 3, 'padding': 'same', 'dilation': 2}",
        "{'type': 'flatten'}",
        "{'type': 'dropout'}",
    };
    char text[512];
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        snprintf(text, sizeof text, "{'input': [9, 8, 2], 'layers': [%s]}", layers[i]);
        lido_error error = {0};
        lido_graph *graph = graph_of(text), *again = NULL;
        lido_spec *spec = parsed(text), *resolved = NULL;
        lido_json *json = lido_spec_resolved(spec);
        char *written = lido_json_print(json, false);
        assert_ok(lido_spec_parse(written, strlen(written), "resolved", &resolved, &error));
        assert_ok(lido_graph_make(resolved, &again, &error));
        ck_assert(lido_shape_equal(lido_graph_output(graph), lido_graph_output(again)));
        ck_assert_int_eq(lido_graph_params(graph), lido_graph_params(again));
        free(written);
        lido_json_free(json);
        lido_graph_free(graph);
        lido_graph_free(again);
        lido_spec_free(spec);
        lido_spec_free(resolved);
    }
}
END_TEST

START_TEST(takes_another_image_size) {
    lido_error error = {0};
    lido_graph *graph = NULL;
    lido_spec *spec = parsed("{'input': [8, 8, 2], 'layers': [{'type': 'conv', 'filters': 4, "
                             "'kernel': 3}, {'type': 'avg_pool', 'global': true}]}");
    lido_shape shape;
    assert_ok(lido_shape_make((const int64_t[]){11, 5, 2}, 3, &shape, &error));
    assert_ok(lido_graph_make_for(spec, &shape, &graph, &error));
    assert_shape(lido_graph_input(graph), "[11,5,2]");
    assert_shape(&graph->node[0].needs.y, "[9,3,4]");
    lido_graph_free(graph);

    assert_ok(lido_shape_make((const int64_t[]){11, 5, 3}, 3, &shape, &error));
    assert_fails(lido_graph_make_for(spec, &shape, &graph, &error), LIDO_SHAPE,
                 "m.json: an input of [11,5,3], but the network is for [8,8,2]");
    ck_assert_ptr_null(graph);
    assert_ok(lido_shape_make((const int64_t[]){11, 2}, 2, &shape, &error));
    assert_fails(lido_graph_make_for(spec, &shape, &graph, &error), LIDO_SHAPE,
                 "m.json: an input of [11,2], but");
    assert_ok(lido_shape_make((const int64_t[]){2, 2, 2}, 3, &shape, &error));
    assert_fails(lido_graph_make_for(spec, &shape, &graph, &error), LIDO_SHAPE,
                 "m.json: layers[0] (conv): ");
    lido_spec_free(spec);
}
END_TEST

/* ---- published networks -------------------------------------------------------------------- */

/* Simonyan & Zisserman 2014, configuration D: 138,357,544 parameters (torchvision's vgg16), 15.47 G
 * multiply-adds, receptive fields 196 and 212 at the last convolution and pooling. */
START_TEST(vgg_16) {
    lido_graph *graph = graph_of(
        "{'input': [224, 224, 3], 'define': {"
        "'a': {'type': 'conv', 'filters': 64, 'kernel': 3, 'padding': 1, 'activation': 'relu'},"
        "'b': {'type': 'conv', 'filters': 128, 'kernel': 3, 'padding': 1, 'activation': 'relu'},"
        "'c': {'type': 'conv', 'filters': 256, 'kernel': 3, 'padding': 1, 'activation': 'relu'},"
        "'d': {'type': 'conv', 'filters': 512, 'kernel': 3, 'padding': 1, 'activation': 'relu'},"
        "'p': {'type': 'max_pool', 'kernel': 2},"
        "'fc': [{'type': 'dense', 'units': 4096, 'activation': 'relu'}, {'type': 'dropout'}]},"
        "'layers': [{'use': 'a'}, {'use': 'a'}, {'use': 'p'}, {'use': 'b'}, {'use': 'b'},"
        "{'use': 'p'}, {'use': 'c'}, {'use': 'c'}, {'use': 'c'}, {'use': 'p'}, {'use': 'd'},"
        "{'use': 'd'}, {'use': 'd'}, {'use': 'p'}, {'use': 'd'}, {'use': 'd'}, {'use': 'd'},"
        "{'use': 'p'}, {'type': 'flatten'}, {'use': 'fc'}, {'use': 'fc'},"
        "{'type': 'dense', 'units': 1000}, {'type': 'softmax'}]}");
    ck_assert_int_eq(lido_graph_params(graph), 138357544);
    int64_t multiply_adds = 0;
    for (int i = 0; i < lido_graph_layers(graph); i++) {
        lido_layer_info info;
        lido_graph_layer(graph, i, &info);
        multiply_adds += info.multiply_adds;
    }
    ck_assert_int_eq(multiply_adds, 15470264320);
    assert_field(graph, "d#6/conv#1", 196, 16);
    assert_field(graph, "p#5/max_pool#1", 212, 32);
    lido_graph_free(graph);
}
END_TEST

/* Adds one inception module of the given name: branches 1x1, 1x1-3x3, 1x1-5x5 and pool-1x1 of the
 * layer `input`, and their concatenation. */
static int add_inception(char *text, size_t size, const char *name, const char *input,
                         const int filters[6]) {
#define CONV "{'type': 'conv', 'padding': 'same', 'activation': 'relu', "
    return snprintf(text, size,
                    CONV "'kernel': 1, 'filters': %d, 'name': '%s-a', 'input': '%s'}, " CONV
                         "'kernel': 1, 'filters': %d, 'name': '%s-r3', 'input': '%s'}, " CONV
                         "'kernel': 3, 'filters': %d, 'name': '%s-b'}, " CONV
                         "'kernel': 1, 'filters': %d, 'name': '%s-r5', 'input': '%s'}, " CONV
                         "'kernel': 5, 'filters': %d, 'name': '%s-c'}, "
                         "{'type': 'max_pool', 'kernel': 3, 'stride': 1, 'padding': 'same',"
                         " 'name': '%s-p', 'input': '%s'}, " CONV
                         "'kernel': 1, 'filters': %d, 'name': '%s-d'}, "
                         "{'type': 'concat', 'name': '%s',"
                         " 'input': ['%s-a', '%s-b', '%s-c', '%s-d']}, ",
                    filters[0], name, input, filters[1], name, input, filters[2], name, filters[3],
                    name, input, filters[4], name, name, input, filters[5], name, name, name, name,
                    name, name);
#undef CONV
}

/* Szegedy et al. 2014, table 1, without the auxiliary classifiers: 6,998,552 parameters (the sum
 * over Caffe's bvlc_googlenet). */
START_TEST(googlenet) {
    static const struct {
        const char *name, *input;
        int filters[6];
        bool pool; /* behind it, called NAME-pool */
    } modules[] = {
        {"3a", "stem", {64, 96, 128, 16, 32, 32}, false},
        {"3b", "3a", {128, 128, 192, 32, 96, 64}, true},
        {"4a", "3b-pool", {192, 96, 208, 16, 48, 64}, false},
        {"4b", "4a", {160, 112, 224, 24, 64, 64}, false},
        {"4c", "4b", {128, 128, 256, 24, 64, 64}, false},
        {"4d", "4c", {112, 144, 288, 32, 64, 64}, false},
        {"4e", "4d", {256, 160, 320, 32, 128, 128}, true},
        {"5a", "4e-pool", {256, 160, 320, 32, 128, 128}, false},
        {"5b", "5a", {384, 192, 384, 48, 128, 128}, false},
    };
    static char text[16384];
    size_t used = (size_t)snprintf(
        text, sizeof text,
        "{'input': [224, 224, 3], 'define': {'half': {'type': 'max_pool', 'kernel': 3,"
        "'stride': 2, 'padding': 'same'}}, 'layers': [{'type': 'conv', 'filters': 64, 'kernel': 7,"
        "'stride': 2, 'padding': 3, 'activation': 'relu'}, {'use': 'half'},"
        "{'type': 'conv', 'filters': 64, 'kernel': 1, 'activation': 'relu'},"
        "{'type': 'conv', 'filters': 192, 'kernel': 3, 'padding': 1, 'activation': 'relu'},"
        "{'use': 'half', 'name': 'stem'},");
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
        used += (size_t)add_inception(text + used, sizeof text - used, modules[i].name,
                                      modules[i].input, modules[i].filters);
        if (modules[i].pool)
            used += (size_t)snprintf(text + used, sizeof text - used,
                                     "{'use': 'half', 'name': '%s-pool'},", modules[i].name);
    }
    snprintf(text + used, sizeof text - used,
             "{'type': 'avg_pool', 'global': true}, {'type': 'dropout', 'rate': 0.4},"
             "{'type': 'dense', 'units': 1000}, {'type': 'softmax'}]}");
    lido_graph *graph = graph_of(text);
    ck_assert_int_eq(lido_graph_params(graph), 6998552);
    lido_layer_info info = info_of(graph, "3b");
    assert_shape(&info.y, "[28,28,480]");
    info = info_of(graph, "5b");
    assert_shape(&info.y, "[7,7,1024]");
    ck_assert_int_eq(info.inputs, 4);
    lido_graph_free(graph);
}
END_TEST

START_TEST(a_label_map_needs_positions) {
    static const char map[] = "{'input': [4, 4, 1], 'target': 'label_map', 'layers': ["
                              "{'type': 'conv', 'filters': 3, 'kernel': 1}, {'type': 'softmax'}]}";
    static const char vector[] = "{'input': [4, 4, 1], 'target': 'label_map', 'layers': ["
                                 "{'type': 'flatten'}, {'type': 'softmax'}]}";
    lido_error error = {0};
    lido_graph *graph;
    lido_spec *spec = parsed(map);
    assert_ok(lido_graph_make(spec, &graph, &error));
    ck_assert_int_eq(lido_graph_target(graph), LIDO_TARGET_LABEL_MAP);
    lido_graph_free(graph);
    lido_spec_free(spec);
    spec = parsed(vector);
    assert_fails(lido_graph_make(spec, &graph, &error), LIDO_SHAPE,
                 "m.json: \"target\" is \"label_map\", but the last layer's output is [16]");
    lido_spec_free(spec);
}
END_TEST

LIDO_TEST_MAIN("graph", describes_a_chain, a_label_map_needs_positions, segments_follow_one_another,
               running_state_is_a_vector_of_its_own, counts_consumers, non_negativity_goes_through,
               needs_of_a_larger_batch, free_takes_null, fields_of_branches_are_the_widest,
               fields_end_at_the_image, fields_do_not_overflow, errors_start_with_the_place,
               refuses_too_many_parameters, refuses_segment_names_that_do_not_fit,
               resolved_infers_the_same, takes_another_image_size, vgg_16, googlenet)
