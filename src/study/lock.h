/* lock.h - one process at a time in a folder. */
#ifndef LIDO_STUDY_LOCK_H
#define LIDO_STUDY_LOCK_H

#include "base/file.h"

typedef struct lido_lock {
    int file; /* -1: not held */
    char path[LIDO_PATH_SIZE];
} lido_lock;

/* Takes the lock of a folder, the file "lock" in it, which ends with the process, however that
 * ends. Waits up to `seconds` for it: of a command that was killed some process may not have
 * noticed yet. LIDO_IO when another holds it all the time. Where a file system knows no locks there
 * are none. */
lido_status lido_lock_take(const char *folder, double seconds, lido_lock *lock, lido_error *error);
void lido_lock_release(lido_lock *lock); /* harmless when it is not held */

#endif
