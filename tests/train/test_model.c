#include "data_helpers.h"
#include "run_helpers.h"

#include <math.h>

/* A run of two epochs on 100 pictures, tested on 50. */
static lido_run_result train_in(const char *folder) {
    lido_spec *spec = digits_spec("{\"data\": \"synthetic\", \"limit\": 100, \"epochs\": 2, "
                                  "\"validation\": 0.2}");
    lido_train_options options = options_of(spec);
    lido_run_options run = {.out = folder, .data = {.limit = 50}};
    lido_run_result result;
    lido_error error;
    assert_ok(lido_run(spec, &options, &run, &result, &error));
    lido_spec_free(spec);
    return result;
}

static lido_score score_of(lido_model *model) {
    lido_data_options data = {.limit = 50};
    lido_dataset *set;
    lido_score score;
    lido_error error;
    assert_ok(lido_dataset_load(model->options.data, LIDO_TEST, &data, &set, &error));
    lido_batch_rule rule = {.set = set,
                            .input = *lido_graph_input(model->graph),
                            .normalisation = model->normalisation};
    lido_evaluation evaluation = {.rule = &rule, .batch = 7};
    assert_ok(lido_evaluate(model->net, model->graph, &evaluation, &score, &error));
    lido_dataset_free(set);
    return score;
}

static void checkpoint(const char *folder, const char *name, char path[LIDO_PATH_SIZE]) {
    lido_error error;
    assert_ok(lido_path_join(folder, name, path, LIDO_PATH_SIZE, &error));
}

START_TEST(scores_as_the_run_did) {
    char folder[LIDO_PATH_SIZE], path[LIDO_PATH_SIZE];
    lido_model model;
    lido_error error;
    temporary_folder(folder);
    lido_run_result result = train_in(folder);
    assert_ok(lido_model_load(folder, 7, NULL, &model, &error));
    ck_assert_int_eq(model.epoch, 2);
    ck_assert_str_eq(model.options.data, "synthetic");
    ck_assert(model.normalisation.channels == 1 && model.normalisation.deviation[0] < 1);
    lido_score score = score_of(&model);
    ck_assert_double_eq_tol(score.loss, result.test.loss, 1e-12 * score.loss);
    ck_assert(score.accuracy == result.test.accuracy);
    lido_model_free(&model);
    lido_model_free(&model);

    checkpoint(folder, "best.safetensors", path);
    assert_ok(lido_model_load(path, 7, NULL, &model, &error));
    ck_assert(model.epoch >= 1 && isfinite(score_of(&model).loss));
    lido_model_free(&model);
    remove_folder(folder);
}
END_TEST

START_TEST(what_is_no_checkpoint_is_refused) {
    char folder[LIDO_PATH_SIZE], path[LIDO_PATH_SIZE];
    lido_model model;
    lido_error error;
    temporary_folder(folder);
    assert_fails(lido_model_load(folder, 1, NULL, &model, &error), LIDO_NOT_FOUND,
                 "last.safetensors");
    assert_fails(lido_model_load("/no/such/file", 1, NULL, &model, &error), LIDO_NOT_FOUND,
                 "/no/such/file");
    checkpoint(folder, "last.safetensors", path);
    assert_ok(lido_file_write(path, "not a checkpoint", 16, &error));
    assert_fails(lido_model_load(folder, 1, NULL, &model, &error), LIDO_CORRUPT,
                 "last.safetensors");
    ck_assert_ptr_null(model.net);
    remove_folder(folder);
}
END_TEST

START_TEST(a_truncated_checkpoint_is_refused) {
    char folder[LIDO_PATH_SIZE], path[LIDO_PATH_SIZE];
    lido_model model;
    lido_error error;
    temporary_folder(folder);
    train_in(folder);
    size_t size;
    char *data = file_of(folder, "last.safetensors", &size);
    checkpoint(folder, "last.safetensors", path);
    for (size_t kept = 0; kept < size; kept += size / 13 + 1) {
        assert_ok(lido_file_write(path, data, kept, &error));
        assert_fails(lido_model_load(folder, 1, NULL, &model, &error), LIDO_CORRUPT,
                     "last.safetensors");
    }
    free(data);
    remove_folder(folder);
}
END_TEST

/* Replaces the first `from` of a file by `to`, of the same length. */
static void edit(const char *folder, const char *name, const char *from, const char *to) {
    size_t size;
    char path[LIDO_PATH_SIZE], *data = file_of(folder, name, &size);
    lido_error error;
    size_t at = 0, length = strlen(from);
    while (at + length < size && memcmp(data + at, from, length) != 0) at++;
    ck_assert_uint_lt(at + length, size);
    memcpy(data + at, to, length);
    checkpoint(folder, name, path);
    assert_ok(lido_file_write(path, data, size, &error));
    free(data);
}

START_TEST(tensors_of_another_network_are_refused) {
    char folder[LIDO_PATH_SIZE];
    lido_model model;
    lido_error error;
    temporary_folder(folder);
    train_in(folder);
    edit(folder, "last.safetensors", "\"dense#1.bias\"", "\"dense#2.bias\"");
    assert_fails(lido_model_load(folder, 1, NULL, &model, &error), LIDO_MISMATCH, "dense#1.bias");
    remove_folder(folder);
}
END_TEST

/* A run of one epoch on a network that ends in `head`. */
static void train_head(const char *folder, const char *head) {
    char text[1024];
    lido_error error;
    snprintf(
        text, sizeof text,
        "{\"input\": [28, 28, 1], \"layers\": [{\"type\": \"conv\", \"filters\": 4, "
        "\"kernel\": 3, \"stride\": 2}, {\"type\": \"batch_norm\"}, {\"type\": \"relu\"}, %s, "
        "{\"type\": \"dense\", \"units\": 10}, {\"type\": \"softmax\"}], \"train\": {\"data\": "
        "\"synthetic\", \"limit\": 100, \"epochs\": 1}}",
        head);
    lido_spec *spec = NULL;
    assert_ok(lido_spec_parse(text, strlen(text), "test", &spec, &error));
    lido_train_options options = options_of(spec);
    lido_run_options run = {.out = folder, .data = {.limit = 50}};
    lido_run_result result;
    assert_ok(lido_run(spec, &options, &run, &result, &error));
    lido_spec_free(spec);
}

START_TEST(takes_larger_pictures_where_the_head_allows) {
    static const lido_shape larger = {.rank = 2, .axis = {1, 40, 33}, .channels = 1};
    char folder[LIDO_PATH_SIZE];
    lido_model model;
    lido_error error;
    temporary_folder(folder);
    train_head(folder, "{\"type\": \"avg_pool\", \"global\": true}");
    assert_ok(lido_model_load(folder, 2, NULL, &model, &error));
    /* Without padding an even picture gives an even map, so its average knows no size. */
    lido_real x[40 * 33], before[10];
    for (int i = 0; i < 40 * 33; i++) x[i] = (lido_real)0.3;
    const lido_batch batch = {.count = 1, .x = x};
    memcpy(before, lido_net_forward(model.net, &batch, NULL), sizeof before);
    const lido_shape original = *lido_graph_input(model.graph);
    assert_ok(lido_model_resize(&model, &larger, 3, NULL, &error));
    ck_assert(lido_shape_equal(lido_graph_input(model.graph), &larger));
    const lido_real *after = lido_net_forward(model.net, &batch, NULL);
    for (int i = 0; i < 10; i++) ck_assert_double_eq_tol(after[i], before[i], 1e-6);
    assert_ok(lido_model_resize(&model, &original, 2, NULL, &error));
    ck_assert_mem_eq(lido_net_forward(model.net, &batch, NULL), before, sizeof before);
    lido_model_free(&model);
    remove_folder(folder);
}
END_TEST

START_TEST(keeps_its_size_where_weights_depend_on_it) {
    static const lido_shape larger = {.rank = 2, .axis = {1, 40, 33}, .channels = 1};
    static const lido_shape colour = {.rank = 2, .axis = {1, 28, 28}, .channels = 3};
    char folder[LIDO_PATH_SIZE];
    lido_model model;
    lido_error error;
    temporary_folder(folder);
    train_head(folder, "{\"type\": \"flatten\"}");
    assert_ok(lido_model_load(folder, 2, NULL, &model, &error));
    assert_fails(
        lido_model_resize(&model, &larger, 1, NULL, &error), LIDO_SHAPE,
        "pictures of [40,33,1]: \"dense#1.weight\" holds 6760 numbers and would need 12160");
    assert_fails(lido_model_resize(&model, &colour, 1, NULL, &error), LIDO_SHAPE, "channels");
    ck_assert_int_eq(lido_graph_input(model.graph)->axis[1], 28);
    lido_model_free(&model);
    remove_folder(folder);
}
END_TEST

LIDO_TEST_MAIN("model", scores_as_the_run_did, what_is_no_checkpoint_is_refused,
               a_truncated_checkpoint_is_refused, tensors_of_another_network_are_refused,
               takes_larger_pictures_where_the_head_allows,
               keeps_its_size_where_weights_depend_on_it)
