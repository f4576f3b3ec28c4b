/* resume.h - whether a run may go on from its last checkpoint. */
#ifndef LIDO_TRAIN_RESUME_H
#define LIDO_TRAIN_RESUME_H

#include "train/position.h"

/* LIDO_MISMATCH, naming the first key that differs, unless the run in `folder` was begun with the
 * same resolved spec (`theirs`) as ours. Only "epochs" may differ, where the schedule does not
 * depend on it and no more of them are done already. LIDO_CORRUPT when theirs is not a spec. */
lido_status lido_resume_check(const char *folder, const char *ours, const char *theirs,
                              const lido_train_options *train, const lido_position *position,
                              lido_error *error);

/* True when all epochs or steps are done or patience has run out. */
bool lido_position_finished(const lido_position *position, const lido_train_options *train);

/* Takes in the validation of one more epoch (rows 0: there is none); true when this epoch is the
 * best so far, by accuracy, then by loss. Without validation the last is the best. */
bool lido_position_advance(lido_position *position, const lido_score *validation);

#endif
