/* report_tables.h - what every figure shows, as tables of plain numbers: they are drawn in the page
 * and written as CSV files. A table is an array of flat objects with the same keys. */
#ifndef LIDO_STUDY_REPORT_TABLES_H
#define LIDO_STUDY_REPORT_TABLES_H

#include "base/json.h"

#include <stdio.h>

/* An object of tables by name; those that would have no rows are not there:
 *   seeds         arm, a column "factor.NAME" for each factor, seed, and every single number that
 *                 was measured of the run
 *   means         measure, arm, n, mean, sd, low, high           of "statistics"
 *   differences   measure, arm, n, mean, low, high, ..., decided, seeds_needed
 *   effects       measure, factors, f, df, df_error, p, p_holm, eta_squared
 *   mcnemar       arm, seed, only_baseline_right, only_arm_right, p
 *   levels        factor, level, other, n, mean, least, most     of test accuracy; other: the
 *                 levels of the other factors
 *   curves        arm, measure, epoch, n, mean, least, most
 *   shift         arm, fill, measure, pixels, n, mean, least, most
 *   robustness    arm, kind, amount, n, mean, least, most
 *   cost          arm, parameters, multiply_adds, activation_bytes, seconds_per_epoch
 *   epochs_to     arm, accuracy, n, runs, mean, least, most      n of the runs reached it
 *   confusion     arm, class, taken_for, rows                    added up over runs
 *   pooling       arm, layer, quantity, n, mean, least, most */
lido_json *lido_report_tables(const lido_json *results);

/* Writes an array of flat objects: a header, then a line each (RFC 4180, but lines end in \n). */
void lido_report_csv(const lido_json *table, FILE *out);

/* Adds n, mean, least and most of a number of all runs of a cell to a row. */
void lido_report_add_spread(lido_json *row, const lido_json *cell, const char *path);

#endif
