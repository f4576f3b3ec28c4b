/* Tests of report_maps.c: values and chosen cells of a pooling layer worked out by hand, channels,
 * layers that choose nothing, and networks that pool nothing. */
#include "small_results.h"

#include "study/report_maps.h"
#include "study/report_results.h"

/* What is shown of a network of these layers on a 4x4 picture of two channels. */
typedef struct shown {
    lido_model model;
    lido_json *results, *view, *rows;
    lido_shown_maps channels;
    lido_status status;
} shown;

static shown show(const char *layers) {
    /* Channel 0 counts up; channel 1, which varies more, falls from 160 by tens. */
    lido_real x[4 * 4 * 2];
    for (int i = 0; i < 16; i++) {
        x[2 * i] = (lido_real)i;
        x[2 * i + 1] = (lido_real)(160 - 10 * i);
    }
    char text[1024];
    shown s = {.view = lido_json_array(), .rows = lido_json_array()};
    lido_error error;
    s.results = small_results(NULL, NULL);
    snprintf(text, sizeof text, "{\"input\": [4, 4, 2], \"layers\": [%s]}", layers);
    assert_ok(lido_spec_parse(text, strlen(text), "test", &s.model.spec, &error));
    assert_ok(lido_graph_make(s.model.spec, &s.model.graph, &error));
    const lido_net_options options = {.batch = 1, .loss = LIDO_LOSS_SQUARED};
    assert_ok(lido_net_make(s.model.graph, &options, &s.model.net, &error));
    const lido_subject subject = {lido_results_at(s.results, "cells/0"), &s.model, x};
    s.status = lido_report_maps(&subject, &s.channels, s.view, s.rows, &error);
    return s;
}

static void free_shown(shown *s) {
    lido_json_free(s->rows);
    lido_json_free(s->view);
    lido_json_free(s->results);
    lido_model_free(&s->model);
}

#ifdef LIDO_HAVE_PNG

/* Row `index` of what follows the first channel's 16 cells: its four outputs. */
static void check_output(const shown *s, int index, double value, double y, double x) {
    char path[32];
    snprintf(path, sizeof path, "%d", 16 + index);
    const lido_json *row = lido_results_at(s->rows, path);
    ck_assert_str_eq(lido_results_text(row, "stage"), "after");
    ck_assert_double_eq(lido_json_number(lido_json_get(row, "value")), value);
    if (y >= 0) {
        ck_assert_double_eq(lido_json_number(lido_json_get(row, "taken_y")), y);
        ck_assert_double_eq(lido_json_number(lido_json_get(row, "taken_x")), x);
    } else {
        ck_assert_int_eq(lido_json_kind_of(lido_json_get(row, "taken_y")), LIDO_JSON_NULL);
    }
}

START_TEST(shows_what_max_pooling_takes) {
    shown s = show("{\"type\": \"relu\"}, {\"type\": \"max_pool\", \"name\": \"p\", \"kernel\": 2},"
                   "{\"type\": \"flatten\"}, {\"type\": \"dense\", \"units\": 2}");
    ck_assert_int_eq(s.status, LIDO_OK);
    ck_assert_int_eq(s.channels.count, 2);
    ck_assert_int_eq(s.channels.channel[0], 1);
    ck_assert_int_eq(lido_json_count(s.rows), 2 * (16 + 4));
    ck_assert_double_eq(lido_json_number(lido_results_at(s.rows, "5/value")), 110);
    check_output(&s, 0, 160, 0, 0);
    check_output(&s, 1, 140, 0, 2);
    check_output(&s, 2, 80, 2, 0);
    check_output(&s, 3, 60, 2, 2);
    ck_assert_double_eq(lido_json_number(lido_results_at(s.rows, "39/value")), 15);
    ck_assert_double_eq(lido_json_number(lido_results_at(s.rows, "39/taken_x")), 3);
    ck_assert_str_eq(lido_results_text(s.view, "0/layer"), "p");
    ck_assert_str_eq(
        lido_results_text(s.view, "0/note"),
        "max_pool, 4\u00d74 to 2\u00d72; dots: the cells that outputs were taken from");
    ck_assert_str_eq(lido_results_text(s.view, "0/maps/0/channel"), "1");
    free_shown(&s);
}
END_TEST

START_TEST(an_average_takes_no_cell) {
    shown s = show("{\"type\": \"avg_pool\", \"kernel\": 2}, {\"type\": \"flatten\"}, "
                   "{\"type\": \"dense\", \"units\": 2}");
    ck_assert_int_eq(s.status, LIDO_OK);
    check_output(&s, 0, (160 + 150 + 120 + 110) / 4.0, -1, -1);
    ck_assert_ptr_nonnull(strstr(lido_results_text(s.view, "0/note"), "from a single cell"));
    free_shown(&s);
}
END_TEST

#else

START_TEST(shows_what_max_pooling_takes) {
    shown s = show("{\"type\": \"max_pool\", \"kernel\": 2}, {\"type\": \"flatten\"}, "
                   "{\"type\": \"dense\", \"units\": 2}");
    ck_assert_int_eq(s.status, LIDO_UNSUPPORTED);
    free_shown(&s);
}
END_TEST

START_TEST(an_average_takes_no_cell) {
    shown s = show("{\"type\": \"avg_pool\", \"kernel\": 2}, {\"type\": \"flatten\"}, "
                   "{\"type\": \"dense\", \"units\": 2}");
    ck_assert_int_eq(s.status, LIDO_UNSUPPORTED);
    free_shown(&s);
}
END_TEST

#endif

START_TEST(shows_nothing_where_nothing_shrinks) {
    shown s = show("{\"type\": \"conv\", \"filters\": 2, \"kernel\": 3}, {\"type\": \"flatten\"},"
                   "{\"type\": \"dense\", \"units\": 2}");
    ck_assert_int_eq(s.status, LIDO_OK);
    ck_assert_int_eq(lido_json_count(s.view) + lido_json_count(s.rows), 0);
    free_shown(&s);
}
END_TEST

LIDO_TEST_MAIN("report_maps", shows_what_max_pooling_takes, an_average_takes_no_cell,
               shows_nothing_where_nothing_shrinks)
