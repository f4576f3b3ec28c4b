/* factors.h - what a study compares: factors, cells, the baseline, seeds. */
#ifndef LIDO_STUDY_FACTORS_H
#define LIDO_STUDY_FACTORS_H

#include "study/study.h"

/* Reads them from study->document into the study, whose arms get their names and variants and no
 * more. On failure what has been made so far stays for lido_study_free. LIDO_SPEC with the place
 * in the file, LIDO_MEMORY. */
lido_status lido_study_read_factors(lido_study *study, lido_error *error);
lido_status lido_study_read_cells(lido_study *study, lido_error *error);
lido_status lido_study_read_seeds(lido_study *study, lido_error *error);

/* The cell as the file writes it: {"pool": "max", "head": "fc"}. The caller frees it. */
lido_json *lido_arm_levels(const lido_study *study, const lido_arm *arm);

#endif
