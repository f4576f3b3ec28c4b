/* report_exhibits.c - the part of a report that needs trained networks and pictures: where arms
 * disagree, first filters, feature maps. What fails is left out with a note. */
#include "study/report_answers.h"
#include "study/report_maps.h"
#include "study/report_parts.h"
#include "study/report_results.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The test set, and the picture that all networks are shown. */
typedef struct stage {
    lido_report *report;
    lido_dataset *test;
    int64_t picture;
    lido_shown_maps channels;
    lido_json *filters, *filter_rows, *maps, *map_rows;
} stage;

/* The model of a cell's first run. */
static lido_status load_model(const lido_report *report, const lido_json *cell, lido_model *model,
                              lido_error *error) {
    char folder[LIDO_PATH_SIZE];
    const char *inner = lido_results_text(cell, "runs/0/folder");
    *model = (lido_model){0};
    if (!*inner)
        return lido_fail(error, LIDO_NOT_FOUND, "\"%s\" has no run",
                         lido_results_text(cell, "name"));
    lido_status status = lido_path_join(report->folder, inner, folder, sizeof folder, error);
    return status ? status : lido_model_load(folder, 1, report->options->team, model, error);
}

/* As many test pictures as the first run has answers for, or all. */
static int64_t pictures_of(const lido_report *report, const lido_json *cell) {
    char folder[LIDO_PATH_SIZE], path[LIDO_PATH_SIZE];
    lido_npy predictions;
    const char *inner = lido_results_text(cell, "runs/0/folder");
    if (lido_path_join(report->folder, inner, folder, sizeof folder, NULL) ||
        lido_path_join(folder, "predictions.npy", path, sizeof path, NULL) ||
        lido_npy_read(path, &predictions, NULL))
        return 0;
    const int64_t count = predictions.count;
    lido_npy_free(&predictions);
    return count;
}

static lido_status load_test(stage *on, const lido_json *cell, lido_error *error) {
    lido_model model;
    lido_status status = load_model(on->report, cell, &model, error);
    if (status) return status;
    lido_data_options options = on->report->options->data;
    options.limit = pictures_of(on->report, cell);
    options.team = on->report->options->team;
    status = lido_dataset_load(model.options.data, LIDO_TEST, &options, &on->test, error);
    lido_model_free(&model);
    return status;
}

/* The chosen picture as the model's input; the caller frees it. */
static lido_status fill_input(const stage *on, const lido_model *model, lido_real **x,
                              lido_error *error) {
    lido_batch_rule rule = {.set = on->test,
                            .input = *lido_graph_input(model->graph),
                            .normalisation = model->normalisation};
    *x = NULL;
    if (rule.input.rank != 2 || lido_graph_boxes(model->graph))
        return lido_fail(error, LIDO_UNSUPPORTED, "only networks of pictures alone are shown");
    lido_status status = lido_batch_check(&rule, true, error);
    if (status) return status;
    *x = calloc((size_t)lido_shape_size(&rule.input), sizeof **x);
    if (!*x) return lido_fail(error, LIDO_MEMORY, "out of memory for a picture");
    lido_batch_fill(&rule, 0, &on->picture, 1, *x, NULL);
    return LIDO_OK;
}

static lido_status show_cell(stage *on, const lido_json *cell, lido_error *error) {
    lido_model model;
    lido_real *x = NULL;
    lido_status status = load_model(on->report, cell, &model, error);
    if (status) return status;
    const lido_subject subject = {cell, &model, NULL};
    status = lido_report_filters(&subject, on->filters, on->filter_rows, error);
    if (!status) status = fill_input(on, &model, &x, error);
    if (!status) {
        const lido_subject shown = {cell, &model, x};
        status = lido_report_maps(&shown, &on->channels, on->maps, on->map_rows, error);
    }
    free(x);
    lido_model_free(&model);
    return status;
}

static void show_cells(stage *on) {
    const lido_json *cell = lido_json_first(lido_json_get(on->report->results, "cells"));
    lido_error error;
    for (; cell; cell = lido_json_next(cell))
        if (show_cell(on, cell, &error))
            lido_report_note(on->report, "Filters and maps of \"%s\": %s.",
                             lido_results_text(cell, "name"), error.message);
}

static void add_results(stage *on) {
    lido_json *view = on->report->view, *numbers = on->report->numbers;
    char text[128];
    snprintf(text, sizeof text, "test picture %" PRId64 ", class %d", on->picture,
             on->test ? (int)on->test->labels[on->picture * on->test->labels_each] : -1);
    lido_json_add_string(view, "subject", text);
    lido_json_add(view, "filters", on->filters);
    lido_json_add(view, "maps", on->maps);
    lido_json_add(numbers, "filters", on->filter_rows);
    lido_json_add(numbers, "feature_maps", on->map_rows);
}

void lido_report_exhibits(lido_report *report) {
    const char *baseline = lido_results_text(report->results, "baseline");
    const lido_json *cells = lido_json_get(report->results, "cells");
    const lido_json *cell = lido_results_find(cells, "name", baseline);
    lido_error error;
    stage on = {.report = report,
                .filters = lido_json_array(),
                .filter_rows = lido_json_array(),
                .maps = lido_json_array(),
                .map_rows = lido_json_array()};
    if (load_test(&on, cell ? cell : lido_json_first(cells), &error))
        lido_report_note(report, "Pictures: %s.", error.message);
    else if (lido_report_answers(report, on.test, &on.picture, &error))
        lido_report_note(report, "Where arms disagree: %s.", error.message);
    if (on.test) show_cells(&on);
    add_results(&on);
    lido_dataset_free(on.test);
}
