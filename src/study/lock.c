/* lock.c - one process at a time in a folder, by flock: the system drops it with its process. */
#define _DEFAULT_SOURCE
#include "study/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

static const double pause_seconds = 0.05;

static void sleep_a_little(void) {
    nanosleep(&(struct timespec){.tv_nsec = (long)(1e9 * pause_seconds)}, NULL);
}

/* True when nobody else can have it: also where the file system knows no locks. */
static bool try_lock(int file) {
    return flock(file, LOCK_EX | LOCK_NB) == 0 || (errno != EWOULDBLOCK && errno != EINTR);
}

lido_status lido_lock_take(const char *folder, double seconds, lido_lock *lock, lido_error *error) {
    lock->file = -1;
    lido_status status = lido_path_join(folder, "lock", lock->path, sizeof lock->path, error);
    if (status) return status;
    int file = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0) return lido_fail(error, LIDO_IO, "%s: %s", lock->path, strerror(errno));
    bool held = try_lock(file);
    for (double waited = 0; !held && waited < seconds; waited += pause_seconds) {
        sleep_a_little();
        held = try_lock(file);
    }
    if (held) {
        lock->file = file;
        return LIDO_OK;
    }
    close(file);
    return lido_fail(error, LIDO_IO, "%s: another process is at work here", folder);
}

void lido_lock_release(lido_lock *lock) {
    if (lock->file < 0) return;
    close(lock->file);
    lock->file = -1;
}
