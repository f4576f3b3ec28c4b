#include "study_helpers.h"

#include "study/match.h"

#include <math.h>

#define MATCHED "'seeds': 1, 'parameters': 'match', "

static lido_study_cell cell_of(const lido_study *study, int index) {
    lido_study_cell cell;
    lido_study_cell_get(study, index, &cell);
    return cell;
}

static int64_t filters_of(const lido_study *study, int arm, int layer) {
    lido_layer_info info;
    lido_graph_layer(study->arm[arm].graph, layer, &info);
    return info.y.channels;
}

/* conv(1 -> 4) and dense(36 -> 3) are 40 + 111 = 151 parameters; with f filters, a convolution
 * between and a global head there are 10 f + (9 f + 1) f + 3 f + 3: 171 for f = 3.6, so 3 or 4. */
START_TEST(comes_as_near_as_it_can) {
    bench b;
    lido_error error;
    lido_study *study;
    bench_make(&b, "");
    assert_ok(bench_read(&b,
                         MATCHED "'factors': {'head': {"
                                 "'fc': [{'type': 'flatten'}, {'type': 'dense', 'units': 3}],"
                                 "'deep': [{'type': 'conv', 'filters': 16, 'kernel': 1},"
                                 "{'type': 'avg_pool', 'global': true},"
                                 "{'type': 'dense', 'units': 3}]}}",
                         &study, &error));
    const lido_study_cell fc = cell_of(study, 0), deep = cell_of(study, 1);
    ck_assert_int_eq(fc.params, 151);
    ck_assert_double_eq(fc.scale, 1);
    const int64_t f = filters_of(study, 1, 0), g = filters_of(study, 1, 3);
    ck_assert_int_eq(f, (int64_t)round(4 * deep.scale));
    ck_assert_int_eq(g, (int64_t)round(16 * deep.scale));
    ck_assert_int_eq(deep.params, 10 * f + (f + 1) * g + (g + 1) * 3);
    ck_assert_int_le(llabs(deep.params - 151), 7);
    lido_study_free(study);
    bench_free(&b);
}
END_TEST

/* A head of 1x1 convolutions has as many filters as classes, whatever the scale. */
START_TEST(keeps_the_output) {
    bench b;
    lido_error error;
    lido_study *study;
    bench_make(&b, "");
    assert_ok(bench_read(&b, MATCHED "'factors': {" TWO_HEADS "}", &study, &error));
    const lido_study_cell gap = cell_of(study, 1);
    ck_assert_int_eq(filters_of(study, 1, 3), 3);
    ck_assert_int_eq(lido_graph_output(study->arm[1].graph)->channels, 3);
    const int64_t f = filters_of(study, 1, 0);
    ck_assert_int_eq(gap.params, 10 * f + 3 * f + 3);
    ck_assert_int_le(llabs(gap.params - 151), 7);
    lido_study_free(study);
    bench_free(&b);
}
END_TEST

START_TEST(keeps_whole_groups) {
    bench b;
    lido_error error;
    lido_study *study;
    bench_make(&b, "");
    assert_ok(bench_read(&b,
                         MATCHED "'factors': {'head': {'fc': [{'type': 'flatten'},"
                                 "{'type': 'dense', 'units': 3}],"
                                 "'groups': [{'type': 'conv', 'filters': 8, 'kernel': 3, "
                                 "'padding': 'same', 'groups': 4}, {'type': 'avg_pool', 'global': "
                                 "true}, {'type': 'dense', 'units': 3}]}}",
                         &study, &error));
    ck_assert_int_eq(filters_of(study, 1, 3) % 4, 0);
    ck_assert_int_le(llabs(cell_of(study, 1).params - 151), 7);
    lido_study_free(study);
    bench_free(&b);
}
END_TEST

START_TEST(refuses_what_cannot_be_matched) {
    static const refusal refusals[] = {
        /* at the smallest there is one filter: a head of a thousand units stays too large */
        {MATCHED "'factors': {'head': {'fc': [{'type': 'flatten'}, {'type': 'dense', 'units': 3}],"
                 "'wide': [{'type': 'flatten'}, {'type': 'dense', 'units': 1000},"
                 "{'type': 'dense', 'units': 3}]}}",
         "parameters: head=wide cannot be matched: the baseline has 151 parameters, the nearest"},
    };
    ASSERT_REFUSED(refusals);
}
END_TEST

LIDO_TEST_MAIN("match", comes_as_near_as_it_can, keeps_the_output, keeps_whole_groups,
               refuses_what_cannot_be_matched)
