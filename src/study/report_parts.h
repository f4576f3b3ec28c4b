/* report_parts.h - a report while it is made: what its pieces share. */
#ifndef LIDO_STUDY_REPORT_PARTS_H
#define LIDO_STUDY_REPORT_PARTS_H

#include "base/json.h"
#include "study/report.h"

typedef struct lido_report {
    const char *folder; /* of the study */
    const lido_report_options *options;
    const lido_json *results;
    lido_json *tables;  /* by name: drawn in the page, and written as CSV */
    lido_json *numbers; /* by name: what pictures show, written as CSV alone */
    lido_json *view;    /* what the templates show: texts ready to be read */
    lido_report_result *result;
} lido_report;

/* Says what is left out. */
void lido_report_note(lido_report *report, const char *format, ...) LIDO_PRINTF(2, 3);

/* view += the texts of all that consists of numbers and words. */
void lido_report_view(lido_report *report);
/* view += "headline", "verdict", "cautions". */
void lido_report_verdict(lido_report *report);
/* view += "disagreements", "filters", "maps", with the pictures; numbers += theirs. */
void lido_report_exhibits(lido_report *report);

#endif
