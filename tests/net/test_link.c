/* test_link.c - inputs by name: scopes, what may be named, and every mistake's message. */
#include "spec_text.h"

#include "net/spec.h"

#include <stdio.h>

#define SPEC(define, layers) "{'input': [8, 8, 1], 'define': {" define "}, 'layers': [" layers "]}"
#define LAYERS(layers) SPEC("", layers)

/* Entry `index` has these inputs, ended by -2. */
static void assert_inputs(const lido_spec *spec, int index, const int *expected) {
    const lido_entry *entry = &spec->entry[index];
    int i = 0;
    for (; expected[i] != -2; i++) {
        ck_assert_int_lt(i, entry->inputs);
        ck_assert_int_eq(entry->input[i], expected[i]);
    }
    ck_assert_int_eq(entry->inputs, i);
}

#define ASSERT_INPUTS(spec, index, ...) assert_inputs(spec, index, (const int[]){__VA_ARGS__, -2})

START_TEST(a_chain_needs_no_names) {
    lido_spec *spec = parsed(LAYERS("{'type': 'relu', 'activation': 'tanh'}, {'type': 'tanh'}"));
    ck_assert_int_eq(spec->entries, 3);
    for (int i = 0; i < 3; i++) ASSERT_INPUTS(spec, i, i - 1);
    lido_spec_free(spec);
}
END_TEST

START_TEST(inputs_by_name) {
    lido_spec *spec = parsed(LAYERS("{'type': 'tanh', 'name': 'a'}, {'type': 'tanh', 'name': 'b'},"
                                    "{'type': 'relu', 'input': 'a', 'name': 'c'},"
                                    "{'type': 'relu', 'input': ['image'], 'name': 'd'},"
                                    "{'type': 'add', 'input': ['d', 'image', 'c', 'b', 'b']}"));
    ASSERT_INPUTS(spec, 2, 0);
    ASSERT_INPUTS(spec, 3, -1);
    ASSERT_INPUTS(spec, 4, 3, -1, 2, 1, 1);
    lido_spec_free(spec);
}
END_TEST

/* What a layer is called is what comes out of the object that has the name. */
START_TEST(a_name_is_the_output_behind_the_activation) {
    lido_spec *spec =
        parsed(LAYERS("{'type': 'tanh', 'name': 'a', 'activation': 'relu'}, {'type': 'tanh',"
                      "'name': 'b'}, {'type': 'add', 'input': ['a', 'b']}"));
    ASSERT_INPUTS(spec, 3, 1, 2);
    lido_spec_free(spec);
}
END_TEST

START_TEST(a_use_takes_an_input_and_a_name) {
    lido_spec *spec = parsed(SPEC("'p': [{'type': 'tanh'}, {'type': 'relu', 'activation': 'tanh'}]",
                                  "{'type': 'tanh', 'name': 'a'}, {'use': 'p', 'name': 'b'},"
                                  "{'use': 'p', 'input': 'a', 'name': 'c'},"
                                  "{'type': 'add', 'input': ['b', 'c']}"));
    ASSERT_INPUTS(spec, 1, 0);
    ASSERT_INPUTS(spec, 4, 0);
    ASSERT_INPUTS(spec, 5, 4);
    ASSERT_INPUTS(spec, 7, 3, 6);
    lido_spec_free(spec);
}
END_TEST

/* The input of a use goes through to the first layer of all, names being those of the outside. */
START_TEST(a_use_hands_its_inputs_inwards) {
    lido_spec *spec = parsed(SPEC("'sum': {'type': 'add'}, 'outer': [{'use': 'sum'}]",
                                  "{'type': 'tanh', 'name': 'a'}, {'type': 'tanh', 'name': 'b'},"
                                  "{'use': 'outer', 'input': ['a', 'b']}"));
    ck_assert_str_eq(spec->entry[2].name, "outer#1/sum#1/add#1");
    ASSERT_INPUTS(spec, 2, 0, 1);
    lido_spec_free(spec);
}
END_TEST

START_TEST(names_are_looked_up_from_the_inside_out) {
    lido_spec *spec =
        parsed(SPEC("'p': [{'type': 'tanh', 'name': 'a'},"
                    "      {'type': 'add', 'name': 'sum', 'input': ['a', 'b']}, {'use': 'q'}],"
                    "'q': [{'type': 'add', 'input': ['sum', 'a', 'b']}]",
                    "{'type': 'tanh', 'name': 'a'}, {'type': 'tanh', 'name': 'b'},"
                    "{'use': 'p', 'name': 'c'}, {'type': 'add', 'input': ['a', 'p#1/a', 'c']}"));
    ASSERT_INPUTS(spec, 3, 2, 1);
    ASSERT_INPUTS(spec, 4, 3, 2, 1);
    ASSERT_INPUTS(spec, 5, 0, 2, 4);
    lido_spec_free(spec);
}
END_TEST

START_TEST(refuses_unknown_names) {
    static const refusal cases[] = {
        {LAYERS("{'type': 'relu', 'name': 'stem'}, {'type': 'relu', 'name': 'r', 'input': 'stme'}"),
         "m.json: layers[1] \"r\" (relu): \"input\" names \"stme\", which no layer has; did you "
         "mean \"stem\"?"},
        {LAYERS("{'type': 'relu', 'name': 'stem'}, {'type': 'relu', 'input': 'xyzzy'}"),
         "names \"xyzzy\", which no layer has; earlier names: stem, image"},
        {LAYERS("{'type': 'relu'}, {'type': 'relu', 'input': 'relu#1'}"),
         "names \"relu#1\", which no layer has; earlier names: image"},
        {LAYERS("{'type': 'relu', 'input': ['image', 'imag']}"), "did you mean \"image\"?"},
        {SPEC("'p': [{'type': 'relu', 'name': 'inside'}, {'type': 'relu', 'input': 'insid'}]",
              "{'use': 'p'}"),
         "layers[0] > define.p[1] (relu): \"input\" names \"insid\", which no layer has; did you "
         "mean \"inside\"?"},
        {SPEC("'p': [{'type': 'relu', 'name': 'inside'}]",
              "{'use': 'p'}, {'type': 'relu', 'input': 'inside'}"),
         "names \"inside\", which no layer has; earlier names: p#1/inside, image"},
    };
    ASSERT_REFUSED(cases);
}
END_TEST

START_TEST(refuses_a_name_longer_than_any) {
    char text[512], name[200];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    snprintf(text, sizeof text, LAYERS("{'type': 'relu', 'input': '%s'}"), name);
    assert_refused(&(refusal){text, "..., which no layer has; earlier names: image"}, 1);
}
END_TEST

START_TEST(refuses_names_that_come_later) {
    static const refusal cases[] = {
        {LAYERS("{'type': 'relu', 'input': 'b'}, {'type': 'tanh', 'name': 'b'}"),
         "m.json: layers[0] (relu): \"input\" names \"b\", which is not earlier: layers[1] \"b\" "
         "(tanh); allowed: layers before this one, \"image\""},
        {LAYERS("{'type': 'relu', 'name': 'a', 'input': 'a'}"),
         "names \"a\", which is not earlier: layers[0] \"a\" (relu)"},
        {LAYERS("{'type': 'relu', 'name': 'a', 'input': 'a', 'activation': 'tanh'}"),
         "names \"a\", which is not earlier: layers[0].activation (tanh)"},
        /* the innermost scope that has the name decides */
        {SPEC("'p': [{'type': 'relu', 'input': 'a'}, {'type': 'relu', 'name': 'a'}]",
              "{'type': 'relu', 'name': 'a'}, {'use': 'p'}"),
         "names \"a\", which is not earlier: layers[1] > define.p[1] \"a\" (relu)"},
    };
    ASSERT_REFUSED(cases);
}
END_TEST

START_TEST(refuses_wrong_numbers_of_inputs) {
    static const refusal cases[] = {
        {LAYERS("{'type': 'add'}"),
         "m.json: layers[0] (add): \"input\" is missing: a list that names 2 to 16 inputs"},
        {LAYERS("{'type': 'concat', 'input': 'image'}"),
         "layers[0] (concat): takes 2 to 16 inputs, \"input\" names 1"},
        {LAYERS("{'type': 'relu', 'input': ['image', 'image']}"),
         "layers[0] (relu): takes 1 input, \"input\" names 2"},
    };
    ASSERT_REFUSED(cases);
}
END_TEST

START_TEST(refuses_outputs_nobody_uses) {
    static const refusal cases[] = {
        {LAYERS("{'type': 'relu', 'name': 'x'}, {'type': 'tanh', 'input': 'image'}"),
         "m.json: the output of layers[0] \"x\" (relu) is not used"},
        {SPEC("'p': {'type': 'relu'}", "{'use': 'p'}, {'type': 'tanh', 'input': 'image'}"),
         "the output of layers[0] > define.p (relu) is not used"},
    };
    ASSERT_REFUSED(cases);
}
END_TEST

LIDO_TEST_MAIN("link", a_chain_needs_no_names, inputs_by_name,
               a_name_is_the_output_behind_the_activation, a_use_takes_an_input_and_a_name,
               a_use_hands_its_inputs_inwards, names_are_looked_up_from_the_inside_out,
               refuses_unknown_names, refuses_a_name_longer_than_any, refuses_names_that_come_later,
               refuses_wrong_numbers_of_inputs, refuses_outputs_nobody_uses)
