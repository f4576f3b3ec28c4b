/* report.h - the report of a study: pages, tables and figures of its results.json and the folders
 * of its runs. */
#ifndef LIDO_STUDY_REPORT_H
#define LIDO_STUDY_REPORT_H

#include "base/file.h"

#include <lido/data.h>

typedef struct lido_report_options {
    lido_data_options data; /* where test pictures are looked for; its limit is not looked at */
    lido_team *team;
} lido_report_options;

enum { LIDO_REPORT_NOTES = 16 };

typedef struct lido_report_result {
    char page[LIDO_PATH_SIZE]; /* FOLDER/report/index.html */
    int notes;
    char note[LIDO_REPORT_NOTES][512]; /* what was left out, and why: a sentence each */
} lido_report_result;

/* Reads FOLDER/results.json and, for pictures, the checkpoints and predictions of its runs; writes
 * into FOLDER/report
 *   index.html   one page that holds all it shows: no network is asked for anything
 *   NAME.csv     what each figure and table shows, a file each
 *   summary.md   the main table and the verdict in Markdown
 *   table.tex    the main table in LaTeX (booktabs)
 * Each file is replaced whole. What cannot be shown (runs or pictures that are not there, a build
 * without libpng or without a chart library) is left out and noted in the page and the result.
 * Errors: LIDO_NOT_FOUND (no results.json), LIDO_SPEC (not the results of a study; the place),
 * LIDO_IO, LIDO_MEMORY. */
lido_status lido_report_write(const char *folder, const lido_report_options *options,
                              lido_report_result *result, lido_error *error);

#endif
