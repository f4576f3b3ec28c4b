/* test_antialias.c - "antialias" beside a layer is the same network as the one written out, keeps
 * the names of all other layers, and is refused where it would do nothing. */
#include "spec_text.h"

#include "net/antialias.h"

#include <stdio.h>

static char *resolved(const char *text) {
    lido_spec *spec = parsed(text);
    lido_json *json = lido_spec_resolved(spec);
    char *line = lido_json_print(json, false);
    ck_assert_ptr_nonnull(line);
    lido_json_free(json);
    lido_spec_free(spec);
    return line;
}

#define LAYERS(text) "{'input': [16, 16, 3], 'layers': [" text "]}"

/* The two specs are one network, and its resolved form reads back as itself. */
static void assert_written_out(const char *brief, const char *full) {
    char *a = resolved(brief), *b = resolved(full), *again = resolved(a);
    ck_assert_str_eq(a, b);
    ck_assert_str_eq(a, again);
    free(a);
    free(b);
    free(again);
}

START_TEST(convolution_activation_blur) {
    assert_written_out(
        LAYERS(
            "{'type': 'conv', 'filters': 4, 'kernel': 3, 'stride': 2, 'padding': 1, 'antialias': "
            "5, 'activation': 'relu'}"),
        LAYERS("{'type': 'conv', 'name': 'conv#1', 'filters': 4, 'kernel': 3, 'stride': 1, "
               "'padding': 1}, {'type': 'relu', 'name': 'conv#1/relu'},"
               "{'type': 'blur_pool', 'name': 'conv#1/blur', 'kernel': 5, 'stride': 2}"));
}
END_TEST

START_TEST(maximum_blur) {
    assert_written_out(
        LAYERS("{'type': 'max_pool', 'kernel': 3, 'padding': 'same', 'antialias': [4, 2], 'name': "
               "'p'}, {'type': 'relu'}"),
        LAYERS("{'type': 'max_pool', 'name': 'p', 'kernel': 3, 'stride': 1, 'padding': 'same'},"
               "{'type': 'blur_pool', 'name': 'p/blur', 'kernel': [4, 2], 'stride': 3},"
               "{'type': 'relu', 'name': 'relu#1'}"));
    assert_written_out(
        LAYERS("{'type': 'max_pool', 'kernel': 2, 'stride': [1, 2], 'antialias': 1}"),
        LAYERS("{'type': 'max_pool', 'name': 'max_pool#1', 'kernel': 2, 'stride': 1},"
               "{'type': 'blur_pool', 'name': 'max_pool#1/blur', 'kernel': 1, 'stride': [1, 2]}"));
}
END_TEST

START_TEST(average_is_the_blur) {
    assert_written_out(
        LAYERS("{'type': 'avg_pool', 'kernel': 2, 'antialias': 3, 'activation': 'tanh'}"),
        LAYERS("{'type': 'blur_pool', 'name': 'avg_pool#1', 'kernel': 3, 'stride': 2},"
               "{'type': 'tanh', 'name': 'avg_pool#1/tanh'}"));
}
END_TEST

/* What others call the layer is the blur's output. */
START_TEST(name_is_that_of_the_blur) {
    lido_spec *spec =
        parsed(LAYERS("{'type': 'conv', 'filters': 4, 'kernel': 1, 'stride': 2, 'antialias': 3, "
                      "'activation': 'relu', 'name': 'c'}, {'type': 'relu', 'name': 'r'},"
                      "{'type': 'add', 'input': ['c', 'r']}"));
    ck_assert_int_eq(spec->entries, 5);
    ck_assert_str_eq(spec->entry[2].name, "c/blur");
    ck_assert_str_eq(spec->entry[2].where, "layers[0].antialias (blur_pool)");
    ck_assert_int_eq(spec->entry[4].input[0], 2);
    lido_spec_free(spec);
}
END_TEST

/* The arms of a study, with and without it, have the same keys and so the same weights. */
START_TEST(counters_do_not_advance) {
    static const char *const arms[] = {"", ", 'antialias': 3"};
    char text[512];
    for (int i = 0; i < 2; i++) {
        snprintf(text, sizeof text,
                 LAYERS("{'type': 'conv', 'filters': 4, 'kernel': 3, 'stride': 2%s},"
                        "{'type': 'max_pool', 'kernel': 2%s}, {'type': 'blur_pool', 'kernel': 1,"
                        "'stride': 1}, {'type': 'conv', 'filters': 4, 'kernel': 1}"),
                 arms[i], arms[i]);
        lido_spec *spec = parsed(text);
        ck_assert_str_eq(spec->entry[0].name, "conv#1");
        ck_assert_str_eq(spec->entry[spec->entries - 2].name, "blur_pool#1");
        ck_assert_str_eq(spec->entry[spec->entries - 1].name, "conv#2");
        lido_spec_free(spec);
    }
}
END_TEST

START_TEST(refusals) {
    static const refusal cases[] = {
        {LAYERS("{'type': 'relu', 'antialias': 3}"),
         "layers[0] (relu): \"antialias\" is for layers that subsample by a window: conv, "
         "max_pool, avg_pool"},
        {LAYERS("{'type': 'max_pool', 'kernel': 3, 'stride': 1, 'antialias': 3}"),
         "layers[0] (max_pool): \"antialias\" has no meaning with a stride of 1"},
        {LAYERS("{'type': 'conv', 'filters': 1, 'kernel': 3, 'antialias': 3}"), "a stride of 1"},
        {LAYERS("{'type': 'max_pool', 'global': true, 'antialias': 3}"),
         "\"antialias\" needs the windows of a \"kernel\""},
        {LAYERS("{'type': 'avg_pool', 'output_size': 4, 'antialias': 3}"),
         "\"antialias\" needs the windows of a \"kernel\""},
        {LAYERS("{'type': 'max_pool', 'kernel': 2, 'antialias': 8}"),
         "layers[0] (max_pool): \"antialias\" is 8, allowed: "},
        {LAYERS("{'type': 'max_pool', 'kernel': 2, 'antialias': null}"), "\"antialias\" is null"},
        {LAYERS("{'type': 'max_pool', 'kernel': 2, 'antialias': 'yes'}"), "\"antialias\" is"},
        {LAYERS("{'type': 'max_pool', 'kernel': 2, 'ceil': true, 'antialias': 3}"),
         "\"ceil\" has no meaning with \"antialias\": a blur subsamples"},
        {LAYERS("{'type': 'avg_pool', 'kernel': 2, 'padding': 1, 'antialias': 3}"),
         "\"padding\" has no meaning with \"antialias\": a blur takes the place of the average"},
        {LAYERS("{'type': 'avg_pool', 'kernel': 2, 'divisor': 1, 'antialias': 3}"),
         "\"divisor\" has no meaning"},
    };
    ASSERT_REFUSED(cases);
}
END_TEST

LIDO_TEST_MAIN("antialias", convolution_activation_blur, maximum_blur, average_is_the_blur,
               name_is_that_of_the_blur, counters_do_not_advance, refusals)
