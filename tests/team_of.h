/* team_of.h - teams for tests. */
#ifndef LIDO_TEAM_OF_H
#define LIDO_TEAM_OF_H

#include "lido_check.h"

enum { TEAM_OF_MOST = 8 };

/* A team of so many threads: started when it is first asked for, and kept until the process ends.
 * NULL for one. */
static inline lido_team *team_of(int threads) {
    static lido_team *team[TEAM_OF_MOST + 1];
    lido_error error;
    ck_assert(threads >= 1 && threads <= TEAM_OF_MOST);
    if (threads > 1 && !team[threads]) assert_ok(lido_team_start(threads, &team[threads], &error));
    return team[threads];
}

#endif
