/* interrupt.h - Ctrl-C as a question the callbacks ask, so that a run ends between two steps. */
#ifndef LIDO_CLI_INTERRUPT_H
#define LIDO_CLI_INTERRUPT_H

#include <stdbool.h>

/* From now on the first SIGINT or SIGTERM is only noted; a second one ends the program. */
void lido_interrupt_watch(void);
bool lido_interrupted(void);

#endif
