/* arm.h - the network of a cell: the base with the cell's variants in place. */
#ifndef LIDO_STUDY_ARM_H
#define LIDO_STUDY_ARM_H

#include "study/study.h"

/* The cell's spec as a document: the base's with its definitions replaced, the study's "train"
 * merged over its own, and the cell's name. The caller frees it; memory that ran out spoils it. */
lido_json *lido_arm_document(const lido_study *study, const lido_arm *arm);

/* The spec and graph of a document. LIDO_SPEC and LIDO_SHAPE, naming the cell and the layer;
 * LIDO_TOO_LARGE, LIDO_MEMORY. */
lido_status lido_arm_infer(const lido_study *study, const lido_arm *arm, const lido_json *document,
                           lido_spec **spec, lido_graph **graph, lido_error *error);

/* Gives the arm the network of the document in the place of the one it had. Errors as above. */
lido_status lido_arm_make(const lido_study *study, lido_arm *arm, const lido_json *document,
                          lido_error *error);
void lido_arm_free(lido_arm *arm);

/* LIDO_SPEC, naming it, when a factor's definition is used by no layer of any cell, or when two
 * cells have the same network. */
lido_status lido_arms_check(const lido_study *study, lido_error *error);

#endif
