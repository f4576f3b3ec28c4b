/* report.c - the report of a study: results become tables, tables and runs become texts and
 * pictures, and these fill the templates of src/study/report. */
#define _POSIX_C_SOURCE 200809L
#include "study/report.h"

#include "study/assets.h"
#include "study/report_measures.h"
#include "study/report_parts.h"
#include "study/report_results.h"
#include "study/report_tables.h"
#include "study/template.h"

#include <stdarg.h>
#include <stdlib.h>

/* The tables that charts are drawn from. */
static const char *const drawn[] = {"seeds", "means",      "differences", "curves",
                                    "shift", "robustness", "cost",        NULL};

void lido_report_note(lido_report *report, const char *format, ...) {
    lido_report_result *result = report->result;
    if (result->notes == LIDO_REPORT_NOTES) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(result->note[result->notes++], sizeof *result->note, format, arguments);
    va_end(arguments);
}

/* ---- what scripts read ---------------------------------------------------------------------- */

static lido_json *cells_data(const lido_json *results) {
    lido_json *cells = lido_json_array();
    const lido_json *cell = lido_json_first(lido_json_get(results, "cells"));
    for (; cell; cell = lido_json_next(cell)) {
        lido_json *data = lido_json_object();
        lido_json_add_string(data, "name", lido_results_text(cell, "name"));
        lido_json_add(data, "levels", lido_json_copy(lido_json_get(cell, "levels")));
        lido_json_append(cells, data);
    }
    return cells;
}

static lido_json *measures_data(void) {
    lido_json *measures = lido_json_array();
    for (const lido_measure_kind *kind = lido_measure_kinds; kind->name; kind++) {
        lido_json *data = lido_json_object();
        lido_json_add_string(data, "name", kind->name);
        lido_json_add_string(data, "title", kind->title);
        lido_json_add_string(data, "unit", kind->unit);
        lido_json_add_string(data, "difference_unit", kind->difference_unit);
        lido_json_add_number(data, "factor", kind->factor);
        lido_json_add_number(data, "decimals", kind->decimals);
        lido_json_append(measures, data);
    }
    return measures;
}

static lido_json *page_data(const lido_report *report) {
    lido_json *data = lido_json_object(), *factors = lido_json_array();
    lido_json *tables = lido_json_object();
    const lido_json *factor = lido_json_first(lido_json_get(report->results, "factors"));
    for (; factor; factor = lido_json_next(factor))
        lido_json_append(factors, lido_json_from_string(lido_results_text(factor, "name")));
    for (const char *const *name = drawn; *name; name++) {
        const lido_json *table = lido_json_get(report->tables, *name);
        if (table) lido_json_add(tables, *name, lido_json_copy(table));
    }
    lido_json_add(data, "factors", factors);
    lido_json_add_string(data, "baseline", lido_results_text(report->results, "baseline"));
    lido_json_add(data, "cells", cells_data(report->results));
    lido_json_add(data, "measures", measures_data());
    lido_json_add(data, "tables", tables);
    return data;
}

/* view.data = the document as it may stand in a script element. */
static lido_status add_data(lido_report *report, lido_error *error) {
    lido_json *data = page_data(report);
    char *text = lido_json_print(data, false), *escaped = NULL;
    size_t size;
    FILE *memory = text ? open_memstream(&escaped, &size) : NULL;
    lido_json_free(data);
    if (memory) lido_escape_script(text, memory);
    const bool whole = memory && fclose(memory) == 0;
    if (whole) lido_json_add_string(report->view, "data", escaped);
    free(text);
    free(escaped);
    return whole ? LIDO_OK : lido_fail(error, LIDO_MEMORY, "out of memory for the page's data");
}

/* ---- what templates ask for besides -----------------------------------------------------------
 */

/* "has_NAME" for what a section can only be there with. */
static void add_sections(lido_report *report) {
    static const char *const lists[] = {"columns", "verdict",     "epochs_to", "mcnemar",
                                        "effects", "pooling",     "confusion", "filters",
                                        "maps",    "environment", NULL};
    static const char *const tables[] = {"curves",     "differences", "shift",
                                         "robustness", "means",       NULL};
    char flag[64];
    for (const char *const *name = lists; *name; name++) {
        snprintf(flag, sizeof flag, "has_%s", *name);
        lido_json_add_bool(report->view, flag,
                           lido_json_first(lido_json_get(report->view, *name)) != NULL);
    }
    for (const char *const *name = tables; *name; name++) {
        snprintf(flag, sizeof flag, "has_%s", *name);
        lido_json_add_bool(report->view, flag, lido_json_get(report->tables, *name) != NULL);
    }
}

static void add_shift_images(lido_report *report) {
    char text[LIDO_VALUE_SIZE];
    const lido_json *images = lido_results_at(report->results, "study/measures/shift/images");
    const double number = lido_json_number(images);
    lido_json_add_string(report->view, "shift_images",
                         number > 0 ? lido_whole_text(number, text) : "");
}

/* "{llrrr}": factors to the left, numbers to the right. */
static void add_tex_columns(lido_report *report) {
    char text[64] = "{";
    size_t used = 1;
    const int left = lido_json_count(lido_json_get(report->view, "factors"));
    const int right = 5 + lido_json_count(lido_json_get(report->view, "columns"));
    for (int i = 0; i < left + right && used + 2 < sizeof text; i++)
        text[used++] = i < left ? 'l' : 'r';
    snprintf(text + used, sizeof text - used, "}");
    lido_json_add_string(report->view, "tex_columns", text);
}

static void add_files(lido_report *report) {
    lido_json *files = lido_json_array();
    const lido_json *const groups[] = {report->tables, report->numbers};
    for (int i = 0; i < 2; i++)
        for (const lido_json *t = lido_json_first(groups[i]); t; t = lido_json_next(t)) {
            char name[128];
            snprintf(name, sizeof name, "%s.csv", lido_json_key(t));
            if (lido_json_first(t)) lido_json_append(files, lido_json_from_string(name));
        }
    lido_json_append(files, lido_json_from_string("summary.md"));
    lido_json_append(files, lido_json_from_string("table.tex"));
    lido_json_add(report->view, "files", files);
}

static void add_assets(lido_report *report) {
    const bool charts = lido_asset_vega_js.size > 0;
    lido_json *view = report->view;
    lido_json_add_string(view, "css", lido_asset_page_css.text);
    lido_json_add_string(view, "page_js", lido_asset_page_js.text);
    lido_json_add_string(view, "vega_js", lido_asset_vega_js.text);
    lido_json_add_string(view, "charts_js", lido_asset_charts_js.text);
    lido_json_add_string(view, "chart_licence", lido_asset_vega_licence.text);
    lido_json_add_bool(view, "has_charts", charts);
    if (!charts)
        lido_report_note(report,
                         "Charts: this Lido was built without the chart library (libjs-vega); "
                         "tables and CSV files hold what they would show.");
}

static void add_notes(lido_report *report) {
    lido_json *notes = lido_json_array();
    for (int i = 0; i < report->result->notes; i++)
        lido_json_append(notes, lido_json_from_string(report->result->note[i]));
    lido_json_add(report->view, "notes", notes);
}

/* ---- writing -------------------------------------------------------------------------------- */

/* Opens FOLDER/report/NAME. */
static lido_status open_file(const lido_report *report, const char *name, lido_atomic_file *file,
                             lido_error *error) {
    char folder[LIDO_PATH_SIZE], path[LIDO_PATH_SIZE];
    lido_status status = lido_path_join(report->folder, "report", folder, sizeof folder, error);
    if (!status) status = lido_make_folder(folder, error);
    if (!status) status = lido_path_join(folder, name, path, sizeof path, error);
    return status ? status : lido_atomic_open(path, file, error);
}

static lido_status write_template(const lido_report *report, const char *name,
                                  const lido_asset *asset, lido_escape escape, lido_error *error) {
    lido_atomic_file file;
    lido_status status = open_file(report, name, &file, error);
    if (status) return status;
    status =
        lido_template_write(asset->text, asset->size, report->view, escape, file.stream, error);
    if (!status) return lido_atomic_commit(&file, error);
    lido_atomic_abandon(&file);
    return lido_fail_in(error, status, "%s", name);
}

static lido_status write_tables(const lido_report *report, const lido_json *tables,
                                lido_error *error) {
    for (const lido_json *t = lido_json_first(tables); t; t = lido_json_next(t)) {
        char name[128];
        lido_atomic_file file;
        if (!lido_json_first(t)) continue;
        snprintf(name, sizeof name, "%s.csv", lido_json_key(t));
        lido_status status = open_file(report, name, &file, error);
        if (status) return status;
        lido_report_csv(t, file.stream);
        status = lido_atomic_commit(&file, error);
        if (status) return status;
    }
    return LIDO_OK;
}

static lido_status write_files(const lido_report *report, lido_error *error) {
    lido_status status = write_tables(report, report->tables, error);
    if (!status) status = write_tables(report, report->numbers, error);
    if (!status)
        status = write_template(report, "summary.md", &lido_asset_summary_md, lido_escape_markdown,
                                error);
    if (!status)
        status =
            write_template(report, "table.tex", &lido_asset_table_tex, lido_escape_latex, error);
    if (!status)
        status =
            write_template(report, "index.html", &lido_asset_page_html, lido_escape_html, error);
    return status;
}

/* ---- all ------------------------------------------------------------------------------------ */

static lido_status fill(lido_report *report, lido_error *error) {
    report->tables = lido_report_tables(report->results);
    lido_report_view(report);
    lido_report_verdict(report);
    lido_report_exhibits(report);
    add_sections(report);
    add_shift_images(report);
    add_tex_columns(report);
    add_files(report);
    add_assets(report);
    add_notes(report);
    lido_status status = add_data(report, error);
    if (status) return status;
    /* A part that memory ran out for must not be missing in silence. */
    char *whole = lido_json_print(report->view, false);
    free(whole);
    return whole ? LIDO_OK : lido_fail(error, LIDO_MEMORY, "out of memory for the report");
}

lido_status lido_report_write(const char *folder, const lido_report_options *options,
                              lido_report_result *result, lido_error *error) {
    char path[LIDO_PATH_SIZE];
    lido_json *results = NULL;
    *result = (lido_report_result){.notes = 0};
    lido_status status = lido_path_join(folder, "results.json", path, sizeof path, error);
    if (!status)
        status =
            lido_path_join(folder, "report/index.html", result->page, sizeof result->page, error);
    if (!status) status = lido_json_read(path, &results, error);
    if (status) return status;
    lido_report report = {.folder = folder,
                          .options = options,
                          .results = results,
                          .numbers = lido_json_object(),
                          .view = lido_json_object(),
                          .result = result};
    status = lido_results_check(results, error);
    if (status) lido_fail_in(error, status, "%s", path);
    if (!status) status = fill(&report, error);
    if (!status) status = write_files(&report, error);
    lido_json_free(report.view);
    lido_json_free(report.numbers);
    lido_json_free(report.tables);
    lido_json_free(results);
    return status;
}
