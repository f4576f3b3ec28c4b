/* match.h - networks of one size: filters scaled until the parameters are as many. */
#ifndef LIDO_STUDY_MATCH_H
#define LIDO_STUDY_MATCH_H

#include "study/study.h"

/* Multiplies every "filters" of the arm's network by one factor between 1/16 and 16, rounded to
 * whole filters (to multiples of the layer's groups, and at least one), so that its parameters come
 * as near as can be to `params`. A layer whose filters are the channels of the output, as in a head
 * of 1x1 convolutions, keeps them. LIDO_SPEC when nothing comes within 5 %; LIDO_MEMORY. */
lido_status lido_arm_match(const lido_study *study, lido_arm *arm, int64_t params,
                           lido_error *error);

#endif
