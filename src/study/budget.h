/* budget.h - how long each cell of a study is trained. */
#ifndef LIDO_STUDY_BUDGET_H
#define LIDO_STUDY_BUDGET_H

#include "study/study.h"

/* Settles the steps of every arm, given how many pictures there are to train on. By epochs or steps
 * they are the same for all, since arms share data and batch; by multiply-adds, as many as cost
 * what the baseline's do; by seconds, as many as take that long. For the latter steps of each arm
 * are timed, and the steps written to steps.json in the study's folder, where they are found the
 * next time: a wall clock never says the same twice. Errors of training and of files; LIDO_SPEC for
 * a budget of less than a step. */
lido_status lido_study_budget(lido_study *study, const lido_study_place *place, int64_t pictures,
                              lido_error *error);

#endif
