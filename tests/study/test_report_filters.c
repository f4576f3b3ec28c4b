/* Tests of report_filters.c: the weights of the first convolution, and a network without any. */
#include "small_results.h"

#include "study/report_maps.h"
#include "study/report_results.h"

/* A network of one sample with these layers, its weights 1, 2, 3, ... */
static lido_model model_of(const char *layers) {
    char text[1024];
    lido_model model = {.epoch = 0};
    lido_error error;
    snprintf(text, sizeof text, "{\"input\": [4, 4, 2], \"layers\": [%s]}", layers);
    assert_ok(lido_spec_parse(text, strlen(text), "test", &model.spec, &error));
    assert_ok(lido_graph_make(model.spec, &model.graph, &error));
    const lido_net_options options = {.batch = 1, .loss = LIDO_LOSS_SQUARED};
    assert_ok(lido_net_make(model.graph, &options, &model.net, &error));
    for (int64_t i = 0; i < lido_graph_params(model.graph); i++)
        lido_net_params(model.net)[i] = (lido_real)(i + 1);
    return model;
}

START_TEST(shows_averages_of_the_first_convolution) {
    lido_model model = model_of("{\"type\": \"max_pool\", \"kernel\": 1}, {\"type\": \"conv\", "
                                "\"filters\": 3, \"kernel\": [1, 2]}, {\"type\": \"flatten\"}, "
                                "{\"type\": \"dense\", \"units\": 2}");
    lido_json *results = small_results(NULL, NULL), *shown = lido_json_array();
    lido_json *rows = lido_json_array();
    const lido_subject subject = {lido_results_at(results, "cells/0"), &model, NULL};
    lido_error error;
    const lido_status status = lido_report_filters(&subject, shown, rows, &error);
    /* (KH, KW, C, filters) = (1, 2, 2, 3): filter f at x averages 6x + f + 1 and 6x + f + 4. */
    ck_assert_int_eq(lido_json_count(rows), 6);
    for (int f = 0; f < 3; f++)
        for (int x = 0; x < 2; x++) {
            char path[32];
            snprintf(path, sizeof path, "%d", 2 * f + x);
            const lido_json *row = lido_results_at(rows, path);
            ck_assert_str_eq(lido_results_text(row, "arm"), "pool=max");
            ck_assert_double_eq(lido_json_number(lido_json_get(row, "filter")), f);
            ck_assert_double_eq(lido_json_number(lido_json_get(row, "x")), x);
            ck_assert_double_eq(lido_json_number(lido_json_get(row, "weight")), 6 * x + f + 2.5);
        }
#ifdef LIDO_HAVE_PNG
    ck_assert_int_eq(status, LIDO_OK);
    ck_assert_str_eq(lido_results_text(shown, "0/arm"), "max");
    ck_assert_str_eq(lido_results_text(shown, "0/scale"),
                     "3 of 3 filters of 1\u00d72; full colour \u00b110.5");
#else
    ck_assert_int_eq(status, LIDO_UNSUPPORTED);
#endif
    lido_json_free(rows);
    lido_json_free(shown);
    lido_json_free(results);
    lido_model_free(&model);
}
END_TEST

START_TEST(shows_nothing_without_convolutions) {
    lido_model model = model_of("{\"type\": \"flatten\"}, {\"type\": \"dense\", \"units\": 2}");
    lido_json *shown = lido_json_array(), *rows = lido_json_array();
    const lido_subject subject = {NULL, &model, NULL};
    lido_error error;
    assert_ok(lido_report_filters(&subject, shown, rows, &error));
    ck_assert_int_eq(lido_json_count(shown) + lido_json_count(rows), 0);
    lido_json_free(rows);
    lido_json_free(shown);
    lido_model_free(&model);
}
END_TEST

LIDO_TEST_MAIN("report_filters", shows_averages_of_the_first_convolution,
               shows_nothing_without_convolutions)
