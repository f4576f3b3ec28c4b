/* report_results.h - looking things up in the results of a study (results.json), and numbers of its
 * runs taken together. Looking up never fails: what is not there is NULL or NaN. */
#ifndef LIDO_STUDY_REPORT_RESULTS_H
#define LIDO_STUDY_REPORT_RESULTS_H

#include "base/json.h"

/* LIDO_SPEC with the place unless the document has all that a report cannot do without: "study"
 * with a name, "factors" with names, "baseline", and "cells", at least one, each with a name, a
 * level for each factor and runs. */
lido_status lido_results_check(const lido_json *results, lido_error *error);

/* The value at a path of keys and indices: "measures/shift/0/accuracy/3". */
const lido_json *lido_results_at(const lido_json *from, const char *path);
/* The same as a string, "" where there is none. */
const char *lido_results_text(const lido_json *from, const char *path);

/* The element of an array of objects whose member `key` is the string `value`; NULL. */
const lido_json *lido_results_find(const lido_json *array, const char *key, const char *value);

/* statistics.measures[name]."part"[cell]: a cell's mean or difference; NULL. */
const lido_json *lido_results_statistic(const lido_json *results, const char *measure,
                                        const char *part, const char *cell);

/* The levels of a cell: "max · fc", into text[LIDO_LABEL_SIZE], truncated; returns text. */
enum { LIDO_LABEL_SIZE = 512 };
char *lido_results_label(const lido_json *cell, char *text);

/* A number of all runs of a cell that have it. */
typedef struct lido_spread {
    int n;
    double mean, least, most; /* NaN when n is 0 */
} lido_spread;

lido_spread lido_results_spread(const lido_json *cell, const char *path);

#endif
