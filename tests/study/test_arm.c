#include "study_helpers.h"

#include "study/arm.h"

START_TEST(puts_variants_in_place) {
    bench b;
    lido_error error;
    lido_study *study;
    bench_make(&b, "");
    assert_ok(bench_read(
        &b, "'seeds': 1, 'train': {'epochs': 7}, 'factors': {" TWO_POOLS ", " TWO_HEADS "}", &study,
        &error));
    const lido_arm *arm = &study->arm[3];
    ck_assert_str_eq(lido_spec_name(arm->spec), "pool=avg,head=gap");
    ck_assert_int_eq(arm->train.epochs, 7);
    ck_assert_int_eq(arm->train.batch, 10);
    static const char *const types[] = {"conv", "relu", "avg_pool", "conv", "avg_pool", "softmax"};
    ck_assert_int_eq(lido_graph_layers(arm->graph), 6);
    for (int i = 0; i < 6; i++) {
        lido_layer_info info;
        lido_graph_layer(arm->graph, i, &info);
        ck_assert_str_eq(info.type, types[i]);
    }
    lido_study_cell cell;
    lido_study_cell_get(study, 3, &cell);
    ck_assert_int_eq(cell.params, 4 * 9 + 4 + 4 * 3 + 3);
    ck_assert_int_eq(cell.multiply_adds, 36 * 4 * 9 + 9 * 4 * 3);
    ck_assert_double_eq(cell.scale, 1);
    lido_study_free(study);
    bench_free(&b);
}
END_TEST

START_TEST(says_which_cell_does_not_fit) {
    static const refusal refusals[] = {
        {"'seeds': 1, 'factors': {'head': {'fc': [{'type': 'flatten'}, {'type': 'dense', 'units': "
         "3}], 'odd': [{'type': 'flatten'}, {'type': 'max_pool', 'kernel': 2}]}}",
         "head=odd: layers[2] > define.head[1] (max_pool): pooling needs spatial axes"},
        {"'seeds': 1, 'factors': {'head': {'fc': [{'type': 'flatten'}, {'type': 'dense', 'unit': "
         "3}], 'odd': {'type': 'flatten'}}}",
         "head=fc: define.head[1] (dense): unknown key \"unit\"; did you mean \"units\"?"},
        {"'seeds': 1, 'train': {'epoch': 3}, 'factors': {" TWO_POOLS "}",
         "pool=max: train: unknown key \"epoch\"; did you mean \"epochs\"?"},
        {"'seeds': 1, 'train': {'data': null}, 'factors': {" TWO_POOLS "}", "no data set"},
    };
    ASSERT_REFUSED(refusals);
}
END_TEST

START_TEST(refuses_cells_that_do_not_differ) {
    static const refusal refusals[] = {
        {"'seeds': 1, 'factors': {'pool': {'a': {'type': 'max_pool', 'kernel': 2},"
         " 'b': {'type': 'max_pool', 'kernel': 2}}}",
         "the cells pool=a and pool=b are the same network"},
        {"'seeds': 1, 'factors': {'pool': {'a': {'type': 'max_pool', 'kernel': 2},"
         " 'b': [{'type': 'max_pool', 'name': 'other', 'kernel': [2, 2]}]}}",
         "the cells pool=a and pool=b are the same network"},
    };
    ASSERT_REFUSED(refusals);
}
END_TEST

/* Every factor must reach a layer, if only through a definition that some cell uses. */
START_TEST(refuses_definitions_without_use) {
    bench b;
    lido_error error;
    lido_study *study;
    bench_make(&b, "");
    write_json(b.folder, "base.json",
               "{'input': [8, 8, 1], 'define': {'act': {'type': 'relu'}, 'odd': {'type': 'tanh'},"
               " 'block': [{'type': 'conv', 'filters': 2, 'kernel': 3}, {'use': 'act'}]},"
               " 'layers': [{'use': 'block'}, {'type': 'avg_pool', 'global': true}],"
               " 'train': {'data': 'synthetic', 'loss': 'mse'}}");
    assert_ok(bench_read(&b,
                         "'seeds': 1, 'factors': {'act': {'r': {'type': 'relu'}, 't': {'type': "
                         "'tanh'}}}",
                         &study, &error));
    lido_study_free(study);
    assert_fails(bench_read(&b,
                            "'seeds': 1, 'factors': {'odd': {'r': {'type': 'relu'}, 't': {'type': "
                            "'tanh'}}}",
                            &study, &error),
                 LIDO_SPEC, "factors.odd: no layer of the base uses the definition \"odd\"");
    bench_free(&b);
}
END_TEST

LIDO_TEST_MAIN("arm", puts_variants_in_place, says_which_cell_does_not_fit,
               refuses_cells_that_do_not_differ, refuses_definitions_without_use)
