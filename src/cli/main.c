/* main.c - the program: finds the command, prints help and errors, and chooses the exit status:
 * 0 ok, 1 failed, 2 bad usage or spec. */
#include "cli/command.h"
#include "cli/output.h"
#include "cli/sibling.h"
#include "cli/study_ranks.h"

#include "base/words.h"

#include <lido/lido.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIDO_COMMAND(name) extern const lido_command lido_command_##name;
#include "cli/commands.def"
#undef LIDO_COMMAND

static const lido_command *const commands[] = {
#define LIDO_COMMAND(name) &lido_command_##name,
#include "cli/commands.def"
#undef LIDO_COMMAND
};

enum { COMMANDS = sizeof commands / sizeof *commands, EXIT_BAD_USAGE = 2 };

static const lido_command *find_command(const char *name) {
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i]->name, name) == 0) return commands[i];
    return NULL;
}

static lido_status fail_unknown(const char *name, lido_error *error) {
    const char *names[COMMANDS + 1] = {NULL};
    for (int i = 0; i < COMMANDS; i++) names[i] = commands[i]->name;
    const char *nearest = lido_nearest(name, names);
    if (nearest)
        return lido_fail(error, LIDO_USAGE, "unknown command \"%s\"; did you mean \"%s\"?", name,
                         nearest);
    char list[512];
    return lido_fail(error, LIDO_USAGE, "unknown command \"%s\"; %s", name,
                     lido_text_list("commands: ", names, list, sizeof list));
}

/* ---- help ----------------------------------------------------------------------------------- */

static void print_usage(FILE *stream, const lido_command *command) {
    const char *gap = command && *command->operands ? " " : "";
    if (command)
        fprintf(stream, "usage: lido %s%s%s [FLAGS]\n", command->name, gap, command->operands);
    else
        fprintf(stream, "usage: lido COMMAND ...\n");
}

static void print_help(void) {
    lido_output output = {.people = stdout};
    print_usage(stdout, NULL);
    printf("\nLido %s trains small convolutional networks described in JSON, to compare\n"
           "pooling.\n\n",
           lido_version());
    for (int i = 0; i < COMMANDS; i++) {
        printf("  %-11s", commands[i]->name);
        lido_say_wrapped(&output, 13, commands[i]->doc);
    }
    printf("\n`lido help COMMAND` tells about one of them.\n");
}

static int flag_width(const lido_flag *flag) {
    return (int)(strlen(flag->name) + (flag->value ? 1 + strlen(flag->value) : 0));
}

static void print_command_help(const lido_command *command) {
    lido_output output = {.people = stdout};
    print_usage(stdout, command);
    printf("\n");
    lido_say_wrapped(&output, 0, command->doc);
    if (command->details) {
        printf("\n");
        lido_say_wrapped(&output, 0, command->details);
    }
    printf("\n");
    int width = 0;
    for (const lido_flag *flag = command->flags; flag->name; flag++)
        if (flag_width(flag) > width) width = flag_width(flag);
    for (const lido_flag *flag = command->flags; flag->name; flag++) {
        printf("  --%s %-*s  ", flag->name, width - (int)strlen(flag->name) - 1,
               flag->value ? flag->value : "");
        lido_say_wrapped(&output, width + 6, flag->doc);
    }
}

/* `lido help [COMMAND]` */
static lido_status help(int count, char *const *words, lido_error *error) {
    if (count > 1) return lido_fail(error, LIDO_USAGE, "help takes the name of one command");
    const lido_command *command = count == 1 ? find_command(words[0]) : NULL;
    if (count == 1 && !command) return fail_unknown(words[0], error);
    if (command)
        print_command_help(command);
    else
        print_help();
    return LIDO_OK;
}

/* ---- running -------------------------------------------------------------------------------- */

static bool asks_for_help(int count, char *const *words) {
    for (int i = 0; i < count && strcmp(words[i], "--") != 0; i++)
        if (strcmp(words[i], "--help") == 0) return true;
    return false;
}

static lido_status check_operands(const lido_command *command, const lido_operands *operands,
                                  lido_error *error) {
    if (operands->count < command->min_operands)
        return lido_fail(error, LIDO_USAGE, "%s is missing", command->operands);
    if (operands->count > command->max_operands)
        return lido_fail(error, LIDO_USAGE, "\"%s\" is one argument too many",
                         operands->at[command->max_operands]);
    return LIDO_OK;
}

lido_status lido_command_run(const lido_command *command, int count, char *const *words,
                             lido_error *error) {
    lido_operands operands = {.at = malloc((size_t)(count + 1) * sizeof *operands.at)};
    void *options = calloc(1, command->options_size);
    lido_status status = operands.at && options ? lido_arguments_read(command->flags, count, words,
                                                                      options, &operands, error)
                                                : lido_fail(error, LIDO_MEMORY, "out of memory");
    if (!status) status = check_operands(command, &operands, error);
    if (!status) status = command->run(options, &operands, error);
    free(options);
    free(operands.at);
    return status;
}

#ifdef LIDO_DOUBLE
enum { IN_DOUBLE = true };
#else
enum { IN_DOUBLE = false };
#endif

/* Some commands run in another program: see sibling.h. */
static lido_status run_command(const lido_command *command, char *const *argv, int count,
                               lido_error *error) {
    if (command->in_double && !IN_DOUBLE)
        return lido_sibling_become(LIDO_SIBLING_DOUBLE, argv, error);
    if (command->on_ranks && lido_ranks_wanted() && !lido_ranks_built)
        return lido_sibling_become(LIDO_SIBLING_MPI, argv, error);
    return lido_command_run(command, count - 1, argv + 2, error);
}

/* *command is set when the arguments name one. */
static lido_status run(int argc, char *const *argv, const lido_command **command,
                       lido_error *error) {
    int count = argc - 1;
    char *const *words = argv + 1;
    if (count < 1) return lido_fail(error, LIDO_USAGE, "no command; see `lido help`");
    if (strcmp(words[0], "help") == 0 || strcmp(words[0], "--help") == 0)
        return help(count - 1, words + 1, error);
    if (strcmp(words[0], "--version") == 0) {
        printf("lido %s\n", lido_version());
        return LIDO_OK;
    }
    *command = find_command(words[0]);
    if (!*command) return fail_unknown(words[0], error);
    if (asks_for_help(count - 1, words + 1)) {
        print_command_help(*command);
        return LIDO_OK;
    }
    return run_command(*command, argv, count, error);
}

static int exit_status(lido_status status) {
    if (status == LIDO_OK) return EXIT_SUCCESS;
    bool bad = status == LIDO_USAGE || status == LIDO_SPEC || status == LIDO_SHAPE;
    return bad ? EXIT_BAD_USAGE : EXIT_FAILURE;
}

int main(int argc, char **argv) {
    lido_error error = {LIDO_OK, ""};
    const lido_command *command = NULL;
    lido_status status = run(argc, argv, &command, &error);
    if ((fflush(stdout) != 0 || ferror(stdout)) && !status)
        status = lido_fail(&error, LIDO_IO, "standard output: %s", strerror(errno));
    if (status)
        fprintf(stderr, "lido%s%s: %s\n", command ? " " : "", command ? command->name : "",
                error.message);
    if (status == LIDO_USAGE) print_usage(stderr, command);
    return exit_status(status);
}
