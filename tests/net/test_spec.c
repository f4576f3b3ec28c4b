/* test_spec.c - specs as documents: top-level keys, the resolved form, and texts that are damaged
 * at random. */
#include "spec_text.h"

#include "base/file.h"
#include "net/spec.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

/* Something of everything: definitions, activations, names, scopes, branches, lists, flags. */
static const char everything[] =
    "{'name': 'all of it', 'input': [24, 20, 3],"
    " 'define': {"
    "  'pool': {'type': 'max_pool', 'kernel': 2},"
    "  'block': [{'type': 'conv', 'filters': 4, 'kernel': 3, 'padding': 'same',"
    "             'activation': 'relu', 'name': 'c'},"
    "            {'type': 'conv', 'filters': 4, 'kernel': [3, 1], 'padding': [[1, 1], [0, 0]],"
    "             'name': 'd'},"
    "            {'type': 'add', 'input': ['c', 'd']}],"
    "  'head': [{'type': 'flatten'}, {'type': 'dense', 'units': 16, 'activation': 'leaky_relu'}]},"
    " 'layers': ["
    "  {'type': 'conv', 'filters': 4, 'kernel': 3, 'stride': [1, 1], 'bias': false,"
    "   'activation': 'relu', 'name': 'stem'},"
    "  {'use': 'pool'}, {'use': 'block', 'name': 'b1'}, {'use': 'pool', 'input': 'b1'},"
    "  {'type': 'batch_norm', 'name': 'n'}, {'type': 'dropout', 'rate': 0.1, 'name': 'drop'},"
    "  {'type': 'concat', 'input': ['n', 'drop', 'n']},"
    "  {'use': 'head'}, {'type': 'dense', 'units': 10}, {'type': 'softmax'}],"
    " 'train': {'epochs': 3}}";

START_TEST(reads_the_top_level) {
    lido_spec *spec = parsed(everything);
    ck_assert_str_eq(lido_spec_name(spec), "all of it");
    const lido_shape *input = lido_spec_input(spec);
    ck_assert_int_eq(input->rank, 2);
    ck_assert_int_eq(input->axis[0], 1);
    ck_assert_int_eq(input->axis[1], 24);
    ck_assert_int_eq(input->axis[2], 20);
    ck_assert_int_eq(input->channels, 3);
    int64_t epochs = 0;
    ck_assert(lido_json_integer(lido_json_get(lido_spec_train(spec), "epochs"), &epochs));
    ck_assert_int_eq(epochs, 3);
    lido_spec_free(spec);
}
END_TEST

START_TEST(no_train_is_null) {
    lido_spec *spec = parsed("{'input': [4], 'layers': [{'type': 'relu'}]}");
    ck_assert_ptr_null(lido_spec_train(spec));
    lido_spec_free(spec);
}
END_TEST

START_TEST(is_named_after_its_file) {
    static const char text[] = "{\"input\": [4], \"layers\": [{\"type\": \"relu\"}]}";
    static const char *const cases[][2] = {
        {"models/lenet5.json", "lenet5"}, {"lenet5.json", "lenet5"}, {"a/b.c", "b.c"}, {"x", "x"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lido_error error = {0};
        lido_spec *spec = NULL;
        assert_ok(lido_spec_parse(text, sizeof text - 1, cases[i][0], &spec, &error));
        ck_assert_str_eq(lido_spec_name(spec), cases[i][1]);
        lido_spec_free(spec);
    }
}
END_TEST

START_TEST(a_long_path_keeps_its_end) {
    static const char text[] = "{\"input\": [4], \"layers\": [{\"type\": \"relu\"}]}";
    char path[400];
    memset(path, 'a', sizeof path);
    strcpy(path + sizeof path - 12, "/file.json");
    lido_error error = {0};
    lido_spec *spec = NULL;
    assert_ok(lido_spec_parse(text, sizeof text - 1, path, &spec, &error));
    ck_assert_str_eq(lido_spec_name(spec), "file");
    ck_assert_mem_eq(spec->path, "...aaa", 6);
    lido_spec_free(spec);
}
END_TEST

START_TEST(reads_files) {
    char path[] = "/tmp/lido-spec-XXXXXX.json";
    int file = mkstemps(path, 5);
    ck_assert_int_ge(file, 0);
    close(file);
    static const char good[] = "{\"input\": [4], \"layers\": [{\"type\": \"relu\"}]}";
    lido_error error = {0};
    lido_spec *spec = NULL;
    assert_ok(lido_file_write(path, good, sizeof good - 1, &error));
    assert_ok(lido_spec_read(path, &spec, &error));
    ck_assert_ptr_nonnull(strstr(path, lido_spec_name(spec)));
    lido_spec_free(spec);

    static const char bad[] = "{\"input\": [4], \"layers\": [{\"type\": \"relu\"}}";
    assert_ok(lido_file_write(path, bad, sizeof bad - 1, &error));
    assert_fails(lido_spec_read(path, &spec, &error), LIDO_SPEC, ":1:");
    ck_assert_ptr_null(spec);
    ck_assert_mem_eq(error.message, path, strlen(path));
    unlink(path);
    assert_fails(lido_spec_read(path, &spec, &error), LIDO_NOT_FOUND, path);
}
END_TEST

START_TEST(free_takes_null) {
    lido_spec_free(NULL);
}
END_TEST

#define RELU "'layers': [{'type': 'relu'}]"

START_TEST(refuses_bad_documents) {
    static const char input[] = "allowed: a list of 1 to 4 integers >= 1, spatial sizes then";
    static const refusal cases[] = {
        {"", "m.json:1:1: "},
        {"[]", "m.json: expected an object, found an array"},
        {"{" RELU "}", "m.json: \"input\" is missing, allowed: a list of 1 to 4 integers"},
        {"{'input': 4, " RELU "}", "m.json: \"input\" is 4, allowed: a list of 1 to 4 integers"},
        {"{'input': [], " RELU "}", input},
        {"{'input': [1, 1, 1, 1, 1], " RELU "}", input},
        {"{'input': [8, 0, 1], " RELU "}", "\"input\" is [8,0,1], allowed: "},
        {"{'input': [8, 1.5], " RELU "}", "\"input\" is [8,1.5], allowed: "},
        {"{'input': ['n', 5], " RELU "}", input},
        {"{'inputs': [4], " RELU "}",
         "m.json: \"inputs\" is [4], allowed: an object of \"image\" and \"boxes\""},
        {"{'inputs': {}, " RELU "}", "m.json: \"inputs.image\" is missing, allowed: a list"},
        {"{'input': [4], 'inputs': {'image': [4]}, " RELU "}",
         "m.json: both \"input\" and \"inputs\""},
        {"{'inputs': {'image': [4], 'box': [4, 5]}, " RELU "}",
         "m.json: inputs: unknown key \"box\"; did you mean \"boxes\"?"},
        {"{'inputs': {'image': [4], 'boxes': ['n', 5]}, " RELU "}",
         "m.json: \"inputs.boxes\" is [\"n\",5], allowed: [n, 5] with n >= 1 boxes a picture"},
        {"{'inputs': {'image': [4], 'boxes': [4, 4]}, " RELU "}", "\"inputs.boxes\" is [4,4]"},
        {"{'inputs': {'image': [4], 'boxes': [0, 5]}, " RELU "}", "\"inputs.boxes\" is [0,5]"},
        {"{'inputs': {'image': [4], 'boxes': [4, 5, 1]}, " RELU "}", "\"inputs.boxes\" is [4,5,1]"},
        {"{'inputs': {'image': [4], 'boxes': [4, 5]}, " RELU "}",
         "m.json: \"inputs.boxes\" is not used"},
        {"{'inputs': {'image': [4], 'boxes': [4, 5]},"
         " 'layers': [{'type': 'flatten', 'input': 'boxes', 'name': 'boxes'}]}",
         "the name \"boxes\" is that of the network's input"},
        {"{'input': [4], 'Layers': 3, " RELU "}",
         "unknown key \"Layers\"; did you mean \"layers\"?"},
        {"{'input': [4], 'zzzzzz': 3, " RELU "}",
         "unknown key \"zzzzzz\"; allowed: name, input, inputs, target, define, "
         "layers, train"},
        {"{'input': [4], 'input': [4], " RELU "}", "m.json: input: duplicate key"},
        {"{'input': [4], 'layers': [{'type': 'relu', 'type': 'relu'}]}",
         "m.json: layers[0].type: duplicate key"},
        {"{'input': [4], 'target': 'maps', " RELU "}",
         "m.json: \"target\" is \"maps\", allowed: \"class\", \"label_map\""},
        {"{'input': [4], 'target': 1, " RELU "}", "m.json: \"target\" is 1, allowed: \"class\""},
        {"{'input': [4]}", "m.json: \"layers\" is missing, allowed: a list of layers"},
        {"{'input': [4], 'layers': {}}", "\"layers\" is {}, allowed: a list of layers"},
        {"{'input': [4], 'define': [], " RELU "}",
         "\"define\" is [], allowed: an object of layers"},
        {"{'input': [4], 'train': 3, " RELU "}", "m.json: \"train\" is 3, allowed: an object"},
        {"{'input': [4], 'train': null, " RELU "}", "\"train\" is null, allowed: an object"},
        {"{'name': 3, 'input': [4], " RELU "}", "\"name\" is 3, allowed: a line of 1 to 127 bytes"},
        {"{'name': '', 'input': [4], " RELU "}", "\"name\" is \"\", allowed: a line"},
        {"{'name': 'a\\u001b[2J', 'input': [4], " RELU "}", "\"name\" is \"a\\u001b[2J\", allowed"},
    };
    ASSERT_REFUSED(cases);
}
END_TEST

START_TEST(refuses_an_input_beyond_all_sizes) {
    lido_error error = {0};
    lido_spec *spec = NULL;
    assert_fails(parse_quoted("{'input': [1048576, 1048576, 3], " RELU "}", &spec, &error),
                 LIDO_TOO_LARGE, "m.json: \"input\": a sample of more than 2^40 elements");
    ck_assert_ptr_null(spec);
}
END_TEST

/* ---- the resolved form --------------------------------------------------------------------- */

static char *resolved_text(const lido_spec *spec) {
    lido_json *json = lido_spec_resolved(spec);
    char *text = lido_json_print(json, true);
    lido_json_free(json);
    ck_assert_ptr_nonnull(text);
    return text;
}

/* Reading the resolved form gives the same layers, with the same names and inputs. */
static void assert_same_again(lido_spec *spec) {
    lido_error error = {0};
    lido_spec *again = NULL;
    char *once = resolved_text(spec);
    assert_ok(lido_spec_parse(once, strlen(once), "m.json", &again, &error));
    char *twice = resolved_text(again);
    ck_assert_str_eq(once, twice);
    ck_assert_int_eq(spec->entries, again->entries);
    for (int i = 0; i < spec->entries; i++) {
        const lido_entry *a = &spec->entry[i], *b = &again->entry[i];
        ck_assert_str_eq(a->name, b->name);
        ck_assert_ptr_eq(a->layer, b->layer);
        ck_assert_int_eq(a->inputs, b->inputs);
        ck_assert_mem_eq(a->input, b->input, sizeof a->input);
        ck_assert_mem_eq(a->config, b->config, a->layer->config_size);
    }
    free(once);
    free(twice);
    lido_spec_free(again);
}

static void assert_round_trip(const char *text) {
    lido_spec *spec = parsed(text);
    assert_same_again(spec);
    lido_spec_free(spec);
}

START_TEST(resolved_reads_back_the_same) {
    assert_round_trip(everything);
    assert_round_trip("{'input': [4], 'layers': [{'type': 'relu'}]}");
    assert_round_trip("{'input': [9, 4], 'layers': [{'type': 'tanh', 'name': 'a'}, "
                      "{'type': 'add', 'input': ['image', 'a', 'a']}]}");
    assert_round_trip("{'input': [8, 8, 1], 'layers': [{'type': 'avg_pool', 'kernel': 2, "
                      "'padding': 'valid'}, {'type': 'max_pool', 'global': true}]}");
}
END_TEST

START_TEST(models_of_the_project_are_sound) {
    static const char folder[] = LIDO_SOURCE_DIR "/models";
    DIR *listing = opendir(folder);
    ck_assert_ptr_nonnull(listing);
    int models = 0;
    for (struct dirent *each; (each = readdir(listing)) != NULL;) {
        const char *end = strrchr(each->d_name, '.');
        if (!end || strcmp(end, ".json") != 0) continue;
        char path[LIDO_PATH_SIZE];
        lido_error error = {0};
        lido_spec *spec = NULL;
        lido_graph *graph = NULL;
        assert_ok(lido_path_join(folder, each->d_name, path, sizeof path, &error));
        assert_ok(lido_spec_read(path, &spec, &error));
        assert_ok(lido_graph_make(spec, &graph, &error));
        assert_same_again(spec);
        lido_graph_free(graph);
        lido_spec_free(spec);
        models++;
    }
    closedir(listing);
    ck_assert_int_gt(models, 0);
}
END_TEST

START_TEST(resolved_fills_in_and_names_everything) {
    lido_spec *spec = parsed("{'input': [4], 'define': {'d': {'type': 'dense', 'units': 3}},"
                             " 'layers': [{'use': 'd', 'name': 'x'},"
                             " {'type': 'dense', 'units': 3, 'input': 'image',"
                             "  'activation': 'relu', 'name': 'e'},"
                             " {'type': 'add', 'input': ['x', 'e']}], 'train': {}}");
    lido_json *json = lido_spec_resolved(spec);
    char *text = lido_json_print(json, false);
    ck_assert_str_eq(
        text, "{\"name\":\"m\",\"input\":[4],\"target\":\"class\",\"layers\":["
              "{\"type\":\"dense\",\"name\":\"d#1/dense#1\",\"units\":3,\"bias\":true,"
              "\"init\":\"he_normal\"},"
              "{\"type\":\"dense\",\"name\":\"e\",\"input\":\"image\",\"units\":3,\"bias\":true,"
              "\"init\":\"he_normal\"},"
              "{\"type\":\"relu\",\"name\":\"e/relu\"},"
              "{\"type\":\"add\",\"name\":\"add#1\",\"input\":[\"d#1/dense#1\",\"e/relu\"]}]}");
    free(text);
    lido_json_free(json);
    lido_spec_free(spec);
}
END_TEST

/* Which options were written is part of what a layer knows: it survives even where the written
 * value is the one that stands for absent. */
START_TEST(resolved_keeps_what_was_written) {
    lido_error error = {0};
    lido_spec *spec = parsed("{'input': [8, 8, 1], 'layers': [{'type': 'avg_pool', 'kernel': 2,"
                             " 'padding': 'valid', 'count_include_pad': false}]}"),
              *again = NULL;
    char *text = resolved_text(spec);
    assert_ok(lido_spec_parse(text, strlen(text), "m.json", &again, &error));
    lido_given given = spec->entry[0].given;
    ck_assert(lido_is_given(spec->entry[0].layer->options, given, "padding"));
    ck_assert_uint_eq(given & again->entry[0].given, given);
    free(text);
    lido_spec_free(spec);
    lido_spec_free(again);
}
END_TEST

/* ---- damage -------------------------------------------------------------------------------- */

static uint64_t draw(uint64_t round, uint64_t index, uint64_t below) {
    return lido_random_below(lido_key_make(1, "damage", round), 0, index, below);
}

/* A token: a string, a run of letters and digits, or one other character. */
static size_t token_length(const char *text) {
    if (*text == '"') {
        const char *end = strchr(text + 1, '"');
        return end ? (size_t)(end - text) + 1 : 1;
    }
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.");
    return length ? length : 1;
}

static void swap_tokens(uint64_t round, char *text, size_t size) {
    char copy[4096];
    size_t a = draw(round, 1, size), b = draw(round, 2, size);
    if (a > b) {
        size_t swapped = a;
        a = b;
        b = swapped;
    }
    size_t a_length = token_length(text + a), b_length = token_length(text + b);
    if (a + a_length > b) return;
    size_t between = b - a - a_length;
    memcpy(copy, text + b, b_length);
    memcpy(copy + b_length, text + a + a_length, between);
    memcpy(copy + b_length + between, text + a, a_length);
    memcpy(text + a, copy, b_length + between + a_length);
}

/* Damages text[size] in place; returns its new size. */
static size_t damage(uint64_t round, char *text, size_t size) {
    size_t at = draw(round, 1, size), count = 1 + draw(round, 2, 12);
    switch (draw(round, 0, 4)) {
    case 0:
        text[at] = (char)(text[at] ^ 1 << draw(round, 3, 8));
        break;
    case 1:
        if (at + count > size) count = size - at;
        memmove(text + at, text + at + count, size - at - count);
        return size - count;
    case 2:
        swap_tokens(round, text, size);
        break;
    default:
        text[at] = "{}[]:,\"0-"[draw(round, 3, 9)];
    }
    return size;
}

START_TEST(survives_damage) {
    lido_spec *whole = parsed(everything);
    char *text = lido_json_print(whole->document, false), damaged[4096];
    size_t length = strlen(text);
    ck_assert_uint_lt(length, sizeof damaged);
    int accepted = 0, refused = 0;
    for (uint64_t round = 0; round < 2000; round++) {
        lido_error error = {0};
        lido_spec *spec = NULL;
        lido_graph *graph = NULL;
        memcpy(damaged, text, length + 1);
        size_t size = damage(round, damaged, length);
        /* a copy of its own size, so that a sanitizer sees every byte read beyond it */
        char *exact = malloc(size);
        memcpy(exact, damaged, size);
        lido_status status = lido_spec_parse(exact, size, "m.json", &spec, &error);
        free(exact);
        ck_assert_int_eq(status == LIDO_OK, spec != NULL);
        ck_assert_int_eq(status == LIDO_OK, error.message[0] == '\0');
        if (spec && lido_graph_make(spec, &graph, &error) == LIDO_OK) accepted++;
        if (!spec) refused++;
        lido_graph_free(graph);
        lido_spec_free(spec);
    }
    ck_assert_int_gt(accepted, 20);
    ck_assert_int_gt(refused, 1000);
    free(text);
    lido_spec_free(whole);
}
END_TEST

START_TEST(convolutions_are_computed_as_told) {
    static const char text[] =
        "{'input': [8, 8, 2], 'layers': [{'type': 'conv', 'filters': 2, 'kernel': 3},"
        "{'type': 'relu'}, {'type': 'transposed_conv', 'filters': 2, 'kernel': 3,"
        " 'algorithm': 'direct'}]}";
    int im2col = 0;
    while (strcmp(lido_conv_algorithm_names[im2col], "im2col") != 0) im2col++;
    lido_spec *spec = parsed(text);
    lido_spec_use_conv_algorithm(spec, im2col);
    lido_graph *graph;
    lido_layer_info info;
    lido_error error;
    assert_ok(lido_graph_make(spec, &graph, &error));
    for (int i = 0; i < lido_graph_layers(graph); i++) {
        lido_graph_layer(graph, i, &info);
        if (i == 1)
            ck_assert_ptr_null(info.algorithm);
        else
            ck_assert_str_eq(info.algorithm, "im2col");
    }
    lido_graph_free(graph);
    lido_spec_free(spec);
}
END_TEST

START_TEST(reads_boxes) {
    static const char text[] = "{'inputs': {'boxes': [3, 5], 'image': [4, 4, 2]}, 'layers': ["
                               "{'type': 'flatten', 'name': 'f'},"
                               "{'type': 'flatten', 'name': 'b', 'input': 'boxes'},"
                               "{'type': 'concat', 'input': ['f', 'b']}]}";
    lido_spec *spec = parsed(text);
    const lido_shape *boxes = lido_spec_boxes(spec);
    ck_assert_ptr_nonnull(boxes);
    ck_assert(boxes->rank == 1 && boxes->axis[2] == 3 && boxes->channels == 5);
    ck_assert_int_eq(lido_spec_input(spec)->channels, 2);
    ck_assert_int_eq(spec->entry[1].input[0], LIDO_FROM_BOXES);
    lido_json *json = lido_spec_resolved(spec);
    char *resolved = lido_json_print(json, false);
    lido_json_free(json);
    ck_assert_ptr_nonnull(
        strstr(resolved, "\"inputs\":{\"image\":[4,4,2],\"boxes\":[3,5]},\"target\""));
    ck_assert_ptr_nonnull(strstr(resolved, "\"input\":\"boxes\""));
    free(resolved);
    lido_spec_free(spec);
    spec = parsed("{'inputs': {'image': [4]}, 'layers': [{'type': 'relu', 'name': 'boxes'}]}");
    ck_assert_ptr_null(lido_spec_boxes(spec));
    lido_spec_free(spec);
}
END_TEST

LIDO_TEST_MAIN("spec", reads_the_top_level, convolutions_are_computed_as_told, reads_boxes,
               no_train_is_null, is_named_after_its_file, a_long_path_keeps_its_end, reads_files,
               free_takes_null, refuses_bad_documents, refuses_an_input_beyond_all_sizes,
               resolved_reads_back_the_same, models_of_the_project_are_sound,
               resolved_fills_in_and_names_everything, resolved_keeps_what_was_written,
               survives_damage)
