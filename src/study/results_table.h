/* results_table.h - the "cells" of a study's results.json as a table: cells by seeds. */
#ifndef LIDO_STUDY_RESULTS_TABLE_H
#define LIDO_STUDY_RESULTS_TABLE_H

#include "base/json.h"

/* Text and JSON belong to the document the table was read from, which must outlive it. */
typedef struct lido_results_table {
    const lido_json *factors; /* [{"name", "variants"}] */
    int cells, seeds;
    const char **cell;       /* cell[cells]: names */
    const lido_json **level; /* level[cells]: "levels" */
    int baseline;            /* index of a cell; -1: there is none of its name yet */
    int64_t *seed;           /* seed[seeds], ascending */
    const lido_json **run;   /* run[cell * seeds + seed]; NULL: there is none */
} lido_results_table;

/* LIDO_SPEC, with the place, where the document is not of the form: "cells" a list of objects of
 * different "name", with "levels" and "runs", a list of objects with a whole "seed", different in
 * each cell. LIDO_MEMORY. */
lido_status lido_results_table_read(const lido_json *document, lido_results_table *results,
                                    lido_error *error);
void lido_results_table_free(lido_results_table *results); /* harmless on a zeroed struct */

/* The run's measure of that name, NaN where there is none; "shift_consistency" is the mean of
 * consistency over shifts 1..m, fill "zero". */
double lido_results_table_measure(const lido_results_table *results, int cell, int seed,
                                  const char *name);

/* Fills levels[factor] with the number of variants and cell_at[] with the cells in the order of
 * their levels, the last factor's changing fastest: a full factorial. Otherwise returns why it is
 * none, in words. cell_at has room for the cells. */
const char *lido_results_table_factorial(const lido_results_table *results, int levels[],
                                         int cell_at[]);

#endif
