/* study_pool.h - runs of a study in processes of their own, so many at a time: a run that crashes
 * takes no other with it, and nothing they do can differ from doing it alone. */
#ifndef LIDO_CLI_STUDY_POOL_H
#define LIDO_CLI_STUDY_POOL_H

#include <lido/study.h>

typedef enum lido_run_stage {
    LIDO_RUN_STARTED,
    LIDO_RUN_TRAINING,
    LIDO_RUN_EVALUATING,
    LIDO_RUN_FINISHED,
    LIDO_RUN_FAILED,
    LIDO_RUN_INTERRUPTED
} lido_run_stage;

/* What is told of a run. A plain value: it goes through pipes and between machines. */
typedef struct lido_run_event {
    int run;
    lido_run_stage stage;
    int64_t epoch, epochs;    /* training */
    double fraction;          /* training: of all its steps; evaluating: of what is under way */
    double loss;              /* training: of the step */
    double accuracy, seconds; /* finished */
    bool already_finished;    /* finished: by an earlier command */
    lido_status status;       /* failed */
    char message[512];
} lido_run_event;

/* Instead of a run's number. */
enum { LIDO_POOL_WAIT = -1, LIDO_POOL_END = -2 };

typedef struct lido_pool {
    const lido_study *study;       /* prepared */
    const lido_study_place *place; /* its team is not looked at: each process has one of its own */
    int jobs, threads;             /* processes, and threads of each */
    /* The number of a run to start, LIDO_POOL_WAIT (ask again) or LIDO_POOL_END. */
    int (*next)(void *context);
    void (*event)(void *context, const lido_run_event *event);
    void (*tick)(void *context); /* many times a second; NULL: none */
    void *context;
} lido_pool;

enum { LIDO_POOL_JOBS = 256 }; /* most at a time */

/* Until `next` says end and all that were started have ended. SIGINT and SIGTERM (of
 * lido_interrupt_watch) end the runs after their step, and are LIDO_INTERRUPTED; a run that fails
 * is told by its event and is no error here. LIDO_IO, LIDO_MEMORY when a process cannot be started.
 */
lido_status lido_pool_work(const lido_pool *pool, lido_error *error);

#endif
