/* arguments.h - the command line: a table of flags for each command drives reading, messages and
 * help. Flags are long only, `--flag value` or `--flag=value`; `--` ends them. */
#ifndef LIDO_CLI_ARGUMENTS_H
#define LIDO_CLI_ARGUMENTS_H

#include <lido/layer.h>

typedef enum lido_flag_kind {
    LIDO_FLAG_SWITCH, /* bool; takes no value */
    LIDO_FLAG_TEXT,   /* const char *; NULL when not given */
    LIDO_FLAG_TEXTS,  /* lido_texts; may be given again and again */
    LIDO_FLAG_INT,    /* int64_t in min..max */
    LIDO_FLAG_REAL,   /* double in min..max */
    LIDO_FLAG_CHOICE, /* int: index into choices */
    LIDO_FLAG_DIMS,   /* lido_list: N,H,W,C; count 0 when not given */
} lido_flag_kind;

/* The values of a flag that may be repeated, in the order given. */
typedef struct lido_texts {
    int count;
    const char *at[LIDO_MAX_LIST];
} lido_texts;

typedef struct lido_flag {
    const char *name; /* without the dashes */
    lido_flag_kind kind;
    size_t offset;              /* of the field in the command's options */
    const char *value;          /* what the value is called in help: "DIR"; NULL for a switch */
    const char *doc;            /* one line */
    double fallback;            /* INT, REAL, CHOICE: the field when the flag is not given */
    double min, max;            /* INT, REAL: inclusive */
    const char *const *choices; /* CHOICE: names ended by NULL */
} lido_flag;

/* The words that are not flags; at[] points into the command line. */
typedef struct lido_operands {
    int count;
    const char **at;
} lido_operands;

/* Reads words[count] by a table ended by a NULL name: fills `options` (zeroed by the caller) and
 * operands->at[], which the caller made with room for `count` entries. LIDO_USAGE, naming the
 * nearest flag for an unknown one and what a value may be for a wrong one. */
lido_status lido_arguments_read(const lido_flag *flags, int count, char *const *words,
                                void *options, lido_operands *operands, lido_error *error);

/* Cuts a line into words at blanks, in place; '...' and "..." keep blanks together. Fills
 * words[most] and returns how many there are, or -1 when there are more or a quote is left open. */
int lido_arguments_split(char *line, char **words, int most);

/* ---- flags that many commands share --------------------------------------------------------- */

/* The beginning of every command's options. */
typedef struct lido_common {
    bool json, quiet;
    int64_t threads;      /* 0: all cores */
    int64_t seed;         /* -1: not given */
    const char *data;     /* NULL: not given */
    const char *data_dir; /* NULL: not given */
    int conv_algorithm;   /* index into lido_conv_algorithm_names; -1: not given */
} lido_common;

#define LIDO_FLAGS_OUTPUT                                                                  \
    {.name = "json",                                                                       \
     .kind = LIDO_FLAG_SWITCH,                                                             \
     .offset = offsetof(lido_common, json),                                                \
     .doc = "print the result as one line of JSON on standard output"},                    \
    {                                                                                      \
        .name = "quiet", .kind = LIDO_FLAG_SWITCH, .offset = offsetof(lido_common, quiet), \
        .doc = "print nothing for people to read"                                          \
    }

#define LIDO_FLAG_THREADS                                                                   \
    {                                                                                       \
        .name = "threads", .kind = LIDO_FLAG_INT, .offset = offsetof(lido_common, threads), \
        .value = "T", .min = 1, .max = LIDO_MAX_THREADS,                                    \
        .doc = "run on T threads (all cores); the result does not depend on it"             \
    }

#define LIDO_FLAG_SEED(text)                                                          \
    {                                                                                 \
        .name = "seed", .kind = LIDO_FLAG_INT, .offset = offsetof(lido_common, seed), \
        .value = "S", .fallback = -1, .max = 9007199254740992.0, .doc = text          \
    }

#define LIDO_FLAG_DATA                                                                  \
    {                                                                                   \
        .name = "data", .kind = LIDO_FLAG_TEXT, .offset = offsetof(lido_common, data),  \
        .value = "NAME", .doc = "data set instead of the spec's: a name or FORMAT:PATH" \
    }

#define LIDO_FLAG_CONV_ALGORITHM                                                          \
    {                                                                                     \
        .name = "conv-algorithm", .kind = LIDO_FLAG_CHOICE,                               \
        .offset = offsetof(lido_common, conv_algorithm), .value = "NAME", .fallback = -1, \
        .choices = lido_conv_algorithm_names,                                             \
        .doc = "compute every convolution so, whatever the spec says (lido list conv)"    \
    }

#define LIDO_FLAG_DATA_DIR                                                                     \
    {                                                                                          \
        .name = "data-dir", .kind = LIDO_FLAG_TEXT, .offset = offsetof(lido_common, data_dir), \
        .value = "DIR", .doc = "look for data sets in DIR first"                               \
    }

#endif
