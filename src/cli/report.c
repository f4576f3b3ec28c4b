/* report.c - `lido report DIR`: the report of a study, made anew from its results and runs. */
#include "cli/command.h"
#include "cli/output.h"

#include "study/report.h"

#include <lido/lido.h>

typedef struct report_options {
    lido_common common;
} report_options;

static lido_json *result_json(const lido_report_result *result) {
    lido_json *json = lido_json_object(), *notes = lido_json_array();
    for (int i = 0; i < result->notes; i++)
        lido_json_append(notes, lido_json_from_string(result->note[i]));
    lido_json_add_string(json, "report", result->page);
    lido_json_add(json, "left_out", notes);
    return json;
}

static lido_status run(const void *given, const lido_operands *operands, lido_error *error) {
    const lido_common *common = &((const report_options *)given)->common;
    lido_output output = lido_output_of(common);
    lido_report_options options = {.data = {.dir = common->data_dir}};
    lido_report_result result;
    lido_status status = lido_team_start((int)common->threads, &options.team, error);
    if (!status) status = lido_report_write(operands->at[0], &options, &result, error);
    lido_team_stop(options.team);
    if (status) return status;
    for (int i = 0; i < result.notes; i++) {
        lido_say(&output, "left out: ");
        lido_say_wrapped(&output, 10, result.note[i]);
    }
    lido_say(&output, "%s\n", result.page);
    return lido_output_json(&output, result_json(&result), error);
}

static const lido_flag flags[] = {
    LIDO_FLAG_DATA_DIR,
    LIDO_FLAG_THREADS,
    LIDO_FLAGS_OUTPUT,
    {.name = NULL},
};

extern const lido_command lido_command_report;
const lido_command lido_command_report = {
    .name = "report",
    .operands = "DIR",
    .doc = "Writes the report of a study anew: a page, tables for a README and for LaTeX, and the "
           "data of every figure as CSV.",
    .details = "DIR is the folder of a study. DIR/report then holds index.html, which shows "
               "everything and needs nothing else, summary.md, table.tex and the CSV files. What "
               "cannot be shown, as pictures of a data set that is not here, is left out, and said "
               "so.",
    .min_operands = 1,
    .max_operands = 1,
    .flags = flags,
    .options_size = sizeof(report_options),
    .run = run,
};
