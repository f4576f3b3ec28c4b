/* statistics_json.h - the "statistics" of a study's results, from its "cells". */
#ifndef LIDO_STUDY_STATISTICS_JSON_H
#define LIDO_STUDY_STATISTICS_JSON_H

#include "base/json.h"

/* What the runs' predictions are compared with, for McNemar's test. */
typedef struct lido_truth {
    const char *folder;    /* of the study: runs are folder/<run's "folder">/predictions.npy */
    const int32_t *labels; /* of the test set, in its order; -1: does not count */
    int64_t rows;
} lido_truth;

/* *statistics = the object of results.json: reads "factors", "baseline" and "cells" of `results`
 * and changes nothing there. truth NULL: without "mcnemar". Runs that lack a measure, and those
 * without "measures", do not count in it. The caller owns the object. LIDO_SPEC where the results
 * are not of the form that is agreed on (names the place), LIDO_MEMORY, errors of reading. */
lido_status lido_statistics_json(const lido_json *results, const lido_truth *truth,
                                 lido_json **statistics, lido_error *error);

#endif
