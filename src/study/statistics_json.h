/* statistics_json.h - the "statistics" of a study's results, from its "cells". */
#ifndef LIDO_STUDY_STATISTICS_JSON_H
#define LIDO_STUDY_STATISTICS_JSON_H

#include "study/mcnemar.h"

/* *statistics = the object of results.json; reads "factors", "baseline" and "cells" of `document`
 * (as lido_results_table_read) and changes nothing there. For each of test_accuracy, test_loss,
 * train_accuracy, calibration_error and shift_consistency that some run has, a member of
 * "measures":
 *   name
 *   cells         for each cell "cell", "n" seeds, "mean", "sd" and the 95 % interval "low", "high"
 *   differences   for each cell but the baseline, over the seeds of which both have a run: "cell",
 *                 "n", "mean" (cell minus baseline), "low", "high", "t", "p_t", "p_sign_flip",
 *                 "p_sign_flip_least" (the smallest that n seeds can reach), "p_t_holm" and
 *                 "p_sign_flip_holm" (corrected for all differences of this measure),
 *                 "effect_size", "decided", "seeds_needed", and the "verdict" in plain words
 *   effects       of a full factorial that has all seeds in all cells, at least two: "factors",
 *                 "f", "df", "df_error", "p", "p_holm" (corrected for all effects of this measure),
 *                 "eta_squared"; otherwise [] and "effects_left_out" says why
 * and "mcnemar" (lido_mcnemar_json) where the truth is given, NULL being allowed. What cannot be
 * said is null. Functions of statistics.h, comparison.h and factorial.h say what all this is. The
 * caller owns the object. Errors: those of the two functions named, LIDO_MEMORY. */
lido_status lido_statistics_json(const lido_json *document, const lido_truth *truth,
                                 lido_json **statistics, lido_error *error);

#endif
