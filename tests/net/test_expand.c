/* test_expand.c - define, use and inner activations written out; names; every mistake's message. */
#include "spec_text.h"

#include "base/options.h"
#include "net/spec.h"

#include <stdio.h>

/* The names of a spec's layers, separated by blanks. */
static void assert_names(const char *text, const char *expected) {
    lido_spec *spec = parsed(text);
    char names[4096] = "";
    for (int i = 0; i < spec->entries; i++) {
        if (i > 0) strcat(names, " ");
        strcat(names, spec->entry[i].name);
    }
    lido_spec_free(spec);
    ck_assert_str_eq(names, expected);
}

START_TEST(names_layers_by_type_and_ordinal) {
    assert_names("{'input': [8, 8, 1], 'layers': ["
                 "{'type': 'conv', 'filters': 2, 'kernel': 3}, {'type': 'relu'},"
                 "{'type': 'conv', 'filters': 2, 'kernel': 3, 'name': 'c'}, {'type': 'relu'},"
                 "{'type': 'conv', 'filters': 2, 'kernel': 3}]}",
                 "conv#1 relu#1 c relu#2 conv#2");
}
END_TEST

START_TEST(activation_is_a_layer_that_counts_for_nothing) {
    assert_names("{'input': [8, 8, 1], 'layers': ["
                 "{'type': 'relu'},"
                 "{'type': 'conv', 'filters': 2, 'kernel': 3, 'activation': 'relu'},"
                 "{'type': 'conv', 'filters': 2, 'kernel': 3, 'name': 'c', 'activation': 'tanh'},"
                 "{'type': 'relu'}]}",
                 "relu#1 conv#1 conv#1/relu c c/tanh relu#2");
}
END_TEST

START_TEST(activation_has_default_options) {
    lido_spec *spec = parsed("{'input': [4], 'layers': [{'type': 'dense', 'units': 3, "
                             "'activation': 'leaky_relu'}]}");
    ck_assert_int_eq(spec->entries, 2);
    ck_assert_str_eq(spec->entry[1].layer->name, "leaky_relu");
    ck_assert_uint_eq(spec->entry[1].given, 0);
    const lido_layer *layer = spec->entry[1].layer;
    void *config = calloc(1, layer->config_size);
    lido_error error = {0};
    assert_ok(lido_options_default(layer->options, config, &error));
    ck_assert_mem_eq(config, spec->entry[1].config, layer->config_size);
    free(config);
    lido_spec_free(spec);
}
END_TEST

START_TEST(use_is_a_scope_of_its_own) {
    assert_names("{'input': [16, 16, 1], 'define': {"
                 "'pool': [{'type': 'conv', 'filters': 2, 'kernel': 2, 'stride': 2},"
                 "         {'type': 'relu', 'name': 'r'}]},"
                 "'layers': [{'type': 'conv', 'filters': 2, 'kernel': 3}, {'use': 'pool'},"
                 "{'type': 'conv', 'filters': 2, 'kernel': 3}, {'use': 'pool', 'name': 'p'},"
                 "{'type': 'relu'}]}",
                 "conv#1 pool#1/conv#1 pool#1/r conv#2 pool#2/conv#1 pool#2/r relu#1");
}
END_TEST

START_TEST(uses_nest) {
    assert_names("{'input': [4], 'define': {'a': {'type': 'relu'}, 'b': [{'use': 'a'}, "
                 "{'type': 'tanh'}, {'use': 'a'}]}, 'layers': [{'use': 'b'}, {'use': 'a'}, "
                 "{'use': 'b'}]}",
                 "b#1/a#1/relu#1 b#1/tanh#1 b#1/a#2/relu#1 a#1/relu#1 "
                 "b#2/a#1/relu#1 b#2/tanh#1 b#2/a#2/relu#1");
}
END_TEST

/* The layers both arms of a study share must have the same keys in both. */
START_TEST(arms_share_keys) {
    static const char *const arms[] = {
        "{'type': 'max_pool', 'kernel': 2}",
        "[{'type': 'conv', 'filters': 4, 'kernel': 2, 'stride': 2, 'activation': 'relu'}]",
    };
    char text[1024];
    for (int i = 0; i < 2; i++) {
        snprintf(text, sizeof text,
                 "{'input': [16, 16, 1], 'define': {'pool': %s}, 'layers': ["
                 "{'type': 'conv', 'filters': 4, 'kernel': 3, 'activation': 'relu'},"
                 "{'use': 'pool'}, {'type': 'conv', 'filters': 4, 'kernel': 3}]}",
                 arms[i]);
        lido_spec *spec = parsed(text);
        ck_assert_str_eq(spec->entry[0].name, "conv#1");
        ck_assert_str_eq(spec->entry[spec->entries - 1].name, "conv#2");
        lido_spec_free(spec);
    }
}
END_TEST

START_TEST(places_say_where_it_is_written) {
    lido_spec *spec = parsed("{'input': [4], 'define': {'a': [{'type': 'relu', 'name': 'r'}], "
                             "'b': {'type': 'dense', 'units': 2, 'activation': 'relu'}}, "
                             "'layers': [{'type': 'relu', 'name': 'x'}, {'use': 'a'}, "
                             "{'use': 'b'}]}");
    ck_assert_str_eq(spec->entry[0].where, "layers[0] \"x\" (relu)");
    ck_assert_str_eq(spec->entry[1].where, "layers[1] > define.a[0] \"r\" (relu)");
    ck_assert_str_eq(spec->entry[2].where, "layers[2] > define.b (dense)");
    ck_assert_str_eq(spec->entry[3].where, "layers[2] > define.b.activation (relu)");
    lido_spec_free(spec);
}
END_TEST

#define LAYERS(text) "{'input': [8, 8, 1], 'layers': [" text "]}"
#define DEFINED(define, text) "{'input': [8, 8, 1], 'define': {" define "}, 'layers': [" text "]}"

START_TEST(refuses_bad_layers) {
    static const refusal cases[] = {
        {LAYERS(""), "m.json: layers: an empty list, expected at least one layer"},
        {LAYERS("3"), "m.json: layers[0]: expected an object, found a number"},
        {LAYERS("{}"), "m.json: layers[0]: neither \"type\" nor \"use\""},
        {LAYERS("{'type': 'relu', 'use': 'x'}"), "layers[0]: both \"type\" and \"use\""},
        {LAYERS("{'type': 3}"), "layers[0]: \"type\" is 3, allowed: the name of a layer type"},
        {LAYERS("{'type': 'relu'}, {'type': 'covn'}"),
         "layers[1]: unknown type \"covn\"; did you mean \"conv\"?"},
        {LAYERS("{'type': 'xyzzy'}"), "unknown type \"xyzzy\"; allowed: conv, dense, relu"},
        {LAYERS("{'type': 'max_pool', 'name': 'pool2', 'kernel': 2, 'strides': 2}"),
         "m.json: layers[0] \"pool2\" (max_pool): unknown key \"strides\"; did you mean "
         "\"stride\"?"},
        {LAYERS("{'type': 'relu', 'nam': 'x'}"),
         "layers[0] (relu): unknown key \"nam\"; did you mean \"name\"?"},
        {LAYERS("{'type': 'dense'}"), "layers[0] (dense): \"units\" is missing"},
        {LAYERS("{'type': 'dense', 'units': 0}"), "layers[0] (dense): \"units\" is 0, allowed: "},
        {LAYERS("{'type': 'relu', 'activation': 'gelu'}"),
         "layers[0]: \"activation\" is \"gelu\", allowed: one of relu, leaky_relu, sigmoid, tanh, "
         "softmax"},
        {LAYERS("{'type': 'relu', 'activation': null}"), "\"activation\" is null, allowed: one of"},
        {LAYERS("{'type': 'relu', 'input': 3}"),
         "layers[0]: \"input\" is 3, allowed: the name of a layer or a list of 1 to 16 names"},
        {LAYERS("{'type': 'relu', 'input': []}"), "\"input\" is [], allowed: the name"},
        {LAYERS("{'type': 'relu', 'input': ['a', 3]}"),
         "\"input\" is [\"a\",3], allowed: the name"},
        {LAYERS("{'type': 'relu', 'input': ['a','a','a','a','a','a','a','a','a','a','a','a','a',"
                "'a','a','a','a']}"),
         "allowed: the name of a layer or a list of 1 to 16 names"},
    };
    ASSERT_REFUSED(cases);
}
END_TEST

START_TEST(refuses_bad_names) {
    static const char word[] = "m.json: layers[0]: \"name\" is ";
    static const refusal cases[] = {
        {LAYERS("{'type': 'relu', 'name': 3}"), word},
        {LAYERS("{'type': 'relu', 'name': ''}"), word},
        {LAYERS("{'type': 'relu', 'name': 'a b'}"),
         "allowed: a word of letters, digits, _ . and -"},
        {LAYERS("{'type': 'relu', 'name': 'a/'}"), word},
        {LAYERS("{'type': 'relu', 'name': '/a'}"), word},
        {LAYERS("{'type': 'relu', 'name': 'a#'}"), word},
        {LAYERS("{'type': 'relu', 'name': '#1'}"), word},
        {LAYERS("{'type': 'relu', 'name': 'image'}"),
         "layers[0]: the name \"image\" is that of the network's input"},
        {LAYERS("{'type': 'relu', 'name': 'a'}, {'type': 'relu', 'name': 'a'}"),
         "layers[1] \"a\" (relu): the name \"a\" is already that of layers[0] \"a\" (relu)"},
        {LAYERS("{'type': 'relu'}, {'type': 'tanh', 'name': 'relu#1'}"),
         "the name \"relu#1\" is already that of layers[0] (relu)"},
        {LAYERS("{'type': 'tanh', 'name': 'a/relu'}, {'type': 'tanh', 'name': 'a', 'activation': "
                "'relu'}"),
         "layers[1].activation (relu): the name \"a/relu\" is already that of layers[0]"},
        {DEFINED("'p': {'type': 'relu'}",
                 "{'type': 'tanh', 'name': 'a'}, {'use': 'p', 'name': 'a'}"),
         "layers[1]: the name \"a\" is already that of layers[0] \"a\" (tanh)"},
        {DEFINED("'p': {'type': 'relu'}",
                 "{'use': 'p', 'name': 'a'}, {'type': 'tanh', 'name': 'a'}"),
         "layers[1] \"a\" (tanh): the name \"a\" is already that of layers[0] > define.p (relu)"},
        {DEFINED("'p': {'type': 'relu'}", "{'use': 'p', 'name': 'image'}"),
         "the name \"image\" is that of"},
    };
    ASSERT_REFUSED(cases);
}
END_TEST

START_TEST(refuses_long_names) {
    char text[512], name[98];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    static const char *const forms[] = {
        LAYERS("{'type': 'relu', 'name': '%s'}"),
        LAYERS("{'type': 'tanh', 'name': '%.92s', 'activation': 'relu'}"),
        DEFINED("'p': {'type': 'relu', 'name': '%.93s'}", "{'use': 'p'}"),
        DEFINED("'%.63s': {'type': 'relu', 'name': '%.31s'}", "{'use': '%.63s'}"),
        DEFINED("'%.50s': {'type': 'relu'}, 'y%.50s': {'use': '%.50s'}", "{'type': 'relu'}"),
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        snprintf(text, sizeof text, forms[i], name, name, name);
        assert_refused(&(refusal){text, "\" has more than 96 letters"}, 1);
    }
    snprintf(text, sizeof text, LAYERS("{'type': 'relu', 'name': '%.96s'}"), name);
    lido_spec_free(parsed(text));
}
END_TEST

START_TEST(refuses_bad_uses) {
    static const refusal cases[] = {
        {LAYERS("{'use': 'pool'}"), "layers[0]: \"define\" has no \"pool\"; nothing is defined"},
        {DEFINED("'pool': {'type': 'relu'}", "{'use': 'pol'}"),
         "layers[0]: \"define\" has no \"pol\"; did you mean \"pool\"?"},
        {DEFINED("'pool': {'type': 'relu'}, 'head': {'type': 'relu'}", "{'use': 'xyz'}"),
         "\"define\" has no \"xyz\"; allowed: pool, head"},
        {DEFINED("'pool': {'type': 'relu'}", "{'use': 1}"),
         "layers[0]: \"use\" is 1, allowed: the name of a definition"},
        {DEFINED("'pool': {'type': 'relu'}", "{'use': 'pool', 'kernel': 2}"),
         "layers[0]: unknown key \"kernel\"; allowed: use, name, input"},
        {DEFINED("'pool': {'type': 'relu'}", "{'use': 'pool', 'name': 'a b'}"),
         "layers[0]: \"name\" is \"a b\", allowed: a word"},
        {DEFINED("'pool': {'type': 'relu', 'input': 'image'}", "{'use': 'pool', 'input': 'image'}"),
         "layers[0] > define.pool: \"input\" is written both here and beside \"use\""},
    };
    ASSERT_REFUSED(cases);
}
END_TEST

START_TEST(refuses_bad_definitions) {
    static const refusal cases[] = {
        {DEFINED("'a b': {'type': 'relu'}", "{'type': 'relu'}"),
         "m.json: define: the name \"a b\" is not a word of letters"},
        {DEFINED("'a#1': {'type': 'relu'}", "{'type': 'relu'}"), "define: the name \"a#1\" is not"},
        {DEFINED("'p': 3", "{'type': 'relu'}"),
         "m.json: define.p: expected a layer or a list of layers, found a number"},
        {DEFINED("'p': []", "{'use': 'p'}"),
         "define.p: an empty list, expected at least one layer"},
        {DEFINED("'p': [3]", "{'use': 'p'}"), "define.p[0]: expected an object, found a number"},
        /* also when it is not used */
        {DEFINED("'p': {'type': 'max_pol'}", "{'type': 'relu'}"),
         "m.json: define.p: unknown type \"max_pol\"; did you mean \"max_pool\"?"},
        {DEFINED("'p': [{'type': 'relu', 'x': 1}]", "{'type': 'relu'}"),
         "m.json: define.p[0] (relu): unknown key \"x\""},
        {DEFINED("'p': {'use': 'p'}", "{'type': 'relu'}"),
         "define.p: a definition that uses itself: p -> p"},
        {DEFINED("'a': {'use': 'b'}, 'b': [{'type': 'relu'}, {'use': 'c'}], 'c': {'use': 'b'}",
                 "{'use': 'a'}"),
         "a definition that uses itself: b -> c -> b"},
    };
    ASSERT_REFUSED(cases);
}
END_TEST

START_TEST(bounds_nesting) {
    char text[4096];
    for (int depth = 16; depth <= 17; depth++) {
        int used = snprintf(text, sizeof text, "{'input': [4], 'define': {'a': {'type': 'relu'}");
        for (int i = 1; i < depth; i++)
            used += snprintf(text + used, sizeof text - used, ", '%c': {'use': '%c'}", 'a' + i,
                             'a' + i - 1);
        snprintf(text + used, sizeof text - used, "}, 'layers': [{'use': '%c'}]}", 'a' + depth - 1);
        if (depth == 16)
            lido_spec_free(parsed(text));
        else
            assert_refused(&(refusal){text, "definitions nested more than 16 deep"}, 1);
    }
}
END_TEST

/* Twelve doublings are 4096 layers, thirteen too many: and quickly so. */
START_TEST(bounds_layers) {
    char text[4096];
    int used = snprintf(text, sizeof text, "{'input': [4], 'define': {'d0': {'type': 'relu'}");
    for (int i = 1; i < 14; i++)
        used += snprintf(text + used, sizeof text - used,
                         ", 'd%d': [{'use': 'd%d'}, {'use': 'd%d'}]", i, i - 1, i - 1);
    snprintf(text + used, sizeof text - used, "}, 'layers': [{'use': 'd13'}]}");
    assert_refused(&(refusal){text, "more than 4096 layers"}, 1);
}
END_TEST

LIDO_TEST_MAIN("expand", names_layers_by_type_and_ordinal,
               activation_is_a_layer_that_counts_for_nothing, activation_has_default_options,
               use_is_a_scope_of_its_own, uses_nest, arms_share_keys,
               places_say_where_it_is_written, refuses_bad_layers, refuses_bad_names,
               refuses_long_names, refuses_bad_uses, refuses_bad_definitions, bounds_nesting,
               bounds_layers)
