/* command.h - what a command of the program is. A command is one file of src/cli and one line of
 * commands.def. */
#ifndef LIDO_CLI_COMMAND_H
#define LIDO_CLI_COMMAND_H

#include "cli/arguments.h"

typedef struct lido_command {
    const char *name;
    const char *operands; /* as in the usage line: "SPEC"; "" for none */
    const char *doc;      /* one line */
    const char *details;  /* further paragraphs of help; NULL: none */
    int min_operands, max_operands;
    bool in_double;         /* runs in the program in double precision */
    bool on_ranks;          /* started by mpirun, it runs in the program built with MPI */
    const lido_flag *flags; /* ended by a NULL name */
    size_t options_size;    /* of a struct that begins with lido_common */
    /* Does it all. A failure is printed by main, and LIDO_USAGE, LIDO_SPEC and LIDO_SHAPE become
     * exit status 2, every other one 1. */
    lido_status (*run)(const void *options, const lido_operands *operands, lido_error *error);
} lido_command;

enum { LIDO_ANY_NUMBER = 1 << 20 }; /* of operands */

/* Reads a command line (without the command's name) and runs it. */
lido_status lido_command_run(const lido_command *command, int count, char *const *words,
                             lido_error *error);

#endif
