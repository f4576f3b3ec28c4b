/* environment.h - environment.json: what a run ran on. */
#ifndef LIDO_TRAIN_ENVIRONMENT_H
#define LIDO_TRAIN_ENVIRONMENT_H

#include <lido/train.h>

typedef struct lido_environment {
    int threads;
    int64_t seed;
    const char *data;
    int64_t training, validation, test; /* pictures */
} lido_environment;

/* Version, compiler, machine, BLAS, date (UTC) and the above, as indented JSON: malloc'ed; NULL
 * when memory ran out. */
char *lido_environment_text(const lido_environment *environment);

#endif
