/* report_measures.h - the measures of a study as people read them: titles, units, digits. */
#ifndef LIDO_STUDY_REPORT_MEASURES_H
#define LIDO_STUDY_REPORT_MEASURES_H

#include <lido/base.h>

typedef struct lido_measure_kind {
    const char *name;  /* in results.json: "test_accuracy" */
    const char *title; /* "Test accuracy" */
    const char *unit;  /* "%"; "": a plain number */
    const char *difference_unit;
    double factor; /* shown is the value times this: 100 for fractions in per cent */
    int decimals;
    int better; /* 1: more is better, -1: less is, 0: neither */
} lido_measure_kind;

/* All known ones, ended by a NULL name, in the order of a report. */
extern const lido_measure_kind lido_measure_kinds[];
/* One of them; of an unknown name NULL. */
const lido_measure_kind *lido_measure_kind_find(const char *name);

enum { LIDO_VALUE_SIZE = 64 };

/* Each writes into text[LIDO_VALUE_SIZE] and returns it; NaN becomes an en dash, a minus sign is
 * U+2212. kind NULL: four significant digits. */
char *lido_value_text(const lido_measure_kind *kind, double value, char *text);
char *lido_difference_text(const lido_measure_kind *kind, double value, char *text); /* +0.21 */
char *lido_p_text(double p, char *text);         /* 0.012, < 0.001 */
char *lido_whole_text(double value, char *text); /* 1,199,882 */

#endif
