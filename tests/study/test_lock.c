#include "train/run_helpers.h"

#include "study/lock.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

START_TEST(is_for_one_at_a_time) {
    char folder[LIDO_PATH_SIZE];
    lido_lock first, second = {.file = -1};
    lido_error error;
    temporary_folder(folder);
    assert_ok(lido_lock_take(folder, 0, &first, &error));
    assert_fails(lido_lock_take(folder, 0.1, &second, &error), LIDO_IO,
                 "another process is at work here");
    lido_lock_release(&second);
    lido_lock_release(&first);
    assert_ok(lido_lock_take(folder, 0, &second, &error));
    lido_lock_release(&second);
    remove_folder(folder);
}
END_TEST

/* A process that is killed holds nothing, and who waits gets it. */
START_TEST(ends_with_its_process) {
    char folder[LIDO_PATH_SIZE];
    lido_lock lock;
    lido_error error;
    int ready[2];
    temporary_folder(folder);
    ck_assert_int_eq(pipe(ready), 0);
    pid_t process = fork();
    if (process == 0) {
        bool taken = lido_lock_take(folder, 0, &lock, &error) == LIDO_OK;
        if (write(ready[1], &taken, 1) != 1) _exit(1);
        for (;;) pause();
    }
    bool taken;
    ck_assert_int_eq(read(ready[0], &taken, 1), 1);
    ck_assert(taken);
    assert_fails(lido_lock_take(folder, 0, &lock, &error), LIDO_IO, folder);
    ck_assert_int_eq(kill(process, SIGKILL), 0);
    assert_ok(lido_lock_take(folder, 5, &lock, &error));
    lido_lock_release(&lock);
    waitpid(process, NULL, 0);
    remove_folder(folder);
}
END_TEST

LIDO_TEST_MAIN("lock", is_for_one_at_a_time, ends_with_its_process)
