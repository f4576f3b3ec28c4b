/* report_answers.h - the test pictures on which the arms of a study disagree. */
#ifndef LIDO_STUDY_REPORT_ANSWERS_H
#define LIDO_STUDY_REPORT_ANSWERS_H

#include "study/report_parts.h"

/* view += "disagreements"; numbers += "disagreements". *picture = the one disagreed on most, 0
 * when there is none. An arm's answer is what most of its runs say, of equals the lowest class.
 * Shown are the pictures with the largest spread, over arms, of the share of runs that are right;
 * written are all on which the arms' answers differ. Errors: those of reading predictions, and
 * LIDO_MISMATCH where they are not of this set. */
lido_status lido_report_answers(lido_report *report, const lido_dataset *test, int64_t *picture,
                                lido_error *error);

#endif
