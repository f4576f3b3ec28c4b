/* study_screen.h - a study at work, for people: on a terminal a table of its cells that is drawn
 * anew as runs go on, otherwise a line for each run that ends. */
#ifndef LIDO_CLI_STUDY_SCREEN_H
#define LIDO_CLI_STUDY_SCREEN_H

#include "cli/output.h"
#include "cli/study_pool.h"

typedef struct lido_screen {
    const lido_study *study;
    const lido_output *output;
    bool live;            /* on a terminal */
    int lines;            /* drawn and still there */
    double started, last; /* seconds; of the last drawing */
    lido_run_event *run;  /* run[runs]: the last that was told of each */
    bool *before;         /* before[runs]: finished by an earlier command */
    int finished, failed;
    lido_run_event first_failure;
} lido_screen;

/* LIDO_MEMORY. */
lido_status lido_screen_start(lido_screen *screen, const lido_study *study,
                              const lido_output *output, lido_error *error);
/* A run that need not be done. */
void lido_screen_skip(lido_screen *screen, int run, double accuracy);
void lido_screen_tell(lido_screen *screen, const lido_run_event *event);
/* Draws, at most ten times a second. */
void lido_screen_tick(lido_screen *screen);
/* Takes the table away and frees all but the counts. Harmless on a zeroed struct. */
void lido_screen_stop(lido_screen *screen);

/* "pool=max,head=fc, seed 3" in text[size]. */
char *lido_text_run(const lido_study *study, int run, char *text, size_t size);

#endif
