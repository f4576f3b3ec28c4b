/* mcnemar.h - two models on one test set: every cell against the baseline, seed by seed. */
#ifndef LIDO_STUDY_MCNEMAR_H
#define LIDO_STUDY_MCNEMAR_H

#include "study/results_table.h"

/* What the runs' predictions are compared with. */
typedef struct lido_truth {
    const char *folder;    /* of the study: a run's predictions are folder/RUN/predictions.npy, RUN
                              being its "folder" */
    const int32_t *labels; /* of the test set, in its order; -1: does not count */
    int64_t rows;
} lido_truth;

/* [{"cell", "seed", "only_baseline_right", "only_cell_right", "p"}] for all cells but the baseline
 * and all seeds of which both have a run. LIDO_MISMATCH where predictions are not `rows` int32,
 * errors of reading them, LIDO_MEMORY. */
lido_status lido_mcnemar_json(const lido_results_table *results, const lido_truth *truth,
                              lido_json **json, lido_error *error);

#endif
