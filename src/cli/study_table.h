/* study_table.h - what a study found, from its results.json. */
#ifndef LIDO_CLI_STUDY_TABLE_H
#define LIDO_CLI_STUDY_TABLE_H

#include "cli/output.h"

/* Prints a line for each cell of the study in a folder: size, cost, accuracy, its difference from
 * the baseline, and then what that difference says. LIDO_NOT_FOUND, LIDO_CORRUPT, LIDO_MEMORY. */
lido_status lido_study_table_print(const char *folder, const lido_output *output,
                                   lido_error *error);

/* [{"name", "runs", "test_accuracy": mean, "difference": mean}], the last but for the baseline; the
 * caller frees it. */
lido_status lido_study_table_json(const char *folder, lido_json **cells, lido_error *error);

#endif
