/* arguments.c - reading the command line by a table of flags. A new kind of flag is a function and
 * a row of `readers`. */
#include "cli/arguments.h"

#include "base/words.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_FLAGS = 32, NAMES_SIZE = 512 };

/* ---- values --------------------------------------------------------------------------------- */

static lido_status read_switch(const lido_flag *flag, const char *text, void *field,
                               lido_error *error) {
    if (text) return lido_fail(error, LIDO_USAGE, "--%s takes no value", flag->name);
    *(bool *)field = true;
    return LIDO_OK;
}

static lido_status read_text(const lido_flag *flag, const char *text, void *field,
                             lido_error *error) {
    if (!*text) return lido_fail(error, LIDO_USAGE, "--%s is empty", flag->name);
    *(const char **)field = text;
    return LIDO_OK;
}

static lido_status read_texts(const lido_flag *flag, const char *text, void *field,
                              lido_error *error) {
    lido_texts *texts = field;
    if (texts->count == LIDO_MAX_LIST)
        return lido_fail(error, LIDO_USAGE, "--%s is given more than %d times", flag->name,
                         LIDO_MAX_LIST);
    return read_text(flag, text, &texts->at[texts->count++], error);
}

/* All of text as a whole number of at most 2^63 - 1. */
static bool parse_integer(const char *text, int64_t *value) {
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    *value = number;
    return errno == 0 && end != text && *end == '\0' && !isspace((unsigned char)*text);
}

static lido_status read_integer(const lido_flag *flag, const char *text, void *field,
                                lido_error *error) {
    int64_t *value = field;
    if (parse_integer(text, value) && *value >= (int64_t)flag->min && *value <= (int64_t)flag->max)
        return LIDO_OK;
    return lido_fail(error, LIDO_USAGE, "--%s is \"%s\", allowed: an integer in %.0f..%.0f",
                     flag->name, text, flag->min, flag->max);
}

static lido_status read_real(const lido_flag *flag, const char *text, void *field,
                             lido_error *error) {
    char *end;
    double *value = field;
    *value = strtod(text, &end);
    if (end != text && *end == '\0' && *value >= flag->min && *value <= flag->max) return LIDO_OK;
    return lido_fail(error, LIDO_USAGE, "--%s is \"%s\", allowed: a number in %g..%g", flag->name,
                     text, flag->min, flag->max);
}

static lido_status read_choice(const lido_flag *flag, const char *text, void *field,
                               lido_error *error) {
    for (int i = 0; flag->choices[i]; i++) {
        if (strcmp(flag->choices[i], text) != 0) continue;
        *(int *)field = i;
        return LIDO_OK;
    }
    char names[NAMES_SIZE];
    return lido_fail(error, LIDO_USAGE, "--%s is \"%s\", allowed: %s", flag->name, text,
                     lido_text_list("", flag->choices, names, sizeof names));
}

static lido_status read_dims(const lido_flag *flag, const char *text, void *field,
                             lido_error *error) {
    lido_list *list = field;
    for (const char *at = text; list->count < LIDO_MAX_LIST; at++) {
        char *end;
        errno = 0;
        long long number = isdigit((unsigned char)*at) ? strtoll(at, &end, 10) : 0;
        if (number < 1 || errno != 0) break;
        list->at[list->count++] = number;
        if (*end == '\0') return LIDO_OK;
        if (*end != ',') break;
        at = end;
    }
    return lido_fail(error, LIDO_USAGE, "--%s is \"%s\", allowed: sizes as in 64,28,28,1",
                     flag->name, text);
}

typedef lido_status (*reader)(const lido_flag *flag, const char *text, void *field,
                              lido_error *error);

static const reader readers[] = {
    [LIDO_FLAG_SWITCH] = read_switch, [LIDO_FLAG_TEXT] = read_text,
    [LIDO_FLAG_TEXTS] = read_texts,   [LIDO_FLAG_INT] = read_integer,
    [LIDO_FLAG_REAL] = read_real,     [LIDO_FLAG_CHOICE] = read_choice,
    [LIDO_FLAG_DIMS] = read_dims,
};

static void set_fallback(const lido_flag *flag, void *field) {
    if (flag->kind == LIDO_FLAG_INT) *(int64_t *)field = (int64_t)flag->fallback;
    if (flag->kind == LIDO_FLAG_REAL) *(double *)field = flag->fallback;
    if (flag->kind == LIDO_FLAG_CHOICE) *(int *)field = (int)flag->fallback;
}

/* ---- words ---------------------------------------------------------------------------------- */

static lido_status fail_unknown(const lido_flag *flags, const char *word, size_t length,
                                lido_error *error) {
    char found[LIDO_TEXT_SIZE];
    if (length >= sizeof found) length = sizeof found - 1;
    memcpy(found, word, length);
    found[length] = '\0';

    const char *names[MOST_FLAGS + 1] = {NULL};
    for (int i = 0; flags[i].name; i++) names[i] = flags[i].name;
    const char *nearest = lido_nearest(found + strspn(found, "-"), names);
    if (nearest)
        return lido_fail(error, LIDO_USAGE, "unknown flag %s; did you mean --%s?", found, nearest);
    char allowed[NAMES_SIZE];
    return lido_fail(error, LIDO_USAGE, "unknown flag %s; %s", found,
                     lido_text_list("flags here: ", names, allowed, sizeof allowed));
}

/* Reads the flag at words[*at], moving on when its value is the next word. */
static lido_status read_flag(const lido_flag *flags, int count, char *const *words, int *at,
                             bool *given, void *options, lido_error *error) {
    const char *word = words[*at];
    const char *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word) : strlen(word);

    int index = 0;
    while (flags[index].name &&
           (strncmp(word, "--", 2) != 0 || strlen(flags[index].name) != length - 2 ||
            strncmp(flags[index].name, word + 2, length - 2) != 0))
        index++;
    const lido_flag *flag = &flags[index];
    if (!flag->name) return fail_unknown(flags, word, length, error);
    if (given[index] && flag->kind != LIDO_FLAG_TEXTS)
        return lido_fail(error, LIDO_USAGE, "--%s is given twice", flag->name);
    given[index] = true;

    const char *value = equals ? equals + 1 : NULL;
    if (!value && flag->kind != LIDO_FLAG_SWITCH) {
        if (*at + 1 == count || strncmp(words[*at + 1], "--", 2) == 0)
            return lido_fail(error, LIDO_USAGE, "--%s needs a value: --%s %s", flag->name,
                             flag->name, flag->value);
        value = words[++*at];
    }
    return readers[flag->kind](flag, value, (char *)options + flag->offset, error);
}

lido_status lido_arguments_read(const lido_flag *flags, int count, char *const *words,
                                void *options, lido_operands *operands, lido_error *error) {
    bool given[MOST_FLAGS] = {false};
    for (int i = 0; flags[i].name; i++) {
        assert(i < MOST_FLAGS);
        set_fallback(&flags[i], (char *)options + flags[i].offset);
    }

    bool flags_ended = false;
    operands->count = 0;
    for (int i = 0; i < count; i++) {
        if (flags_ended || words[i][0] != '-' || words[i][1] == '\0') {
            operands->at[operands->count++] = words[i];
        } else if (strcmp(words[i], "--") == 0) {
            flags_ended = true;
        } else {
            lido_status status = read_flag(flags, count, words, &i, given, options, error);
            if (status) return status;
        }
    }
    return LIDO_OK;
}

int lido_arguments_split(char *line, char **words, int most) {
    int count = 0;
    char *from = line;
    for (;;) {
        while (isspace((unsigned char)*from)) from++;
        if (*from == '\0') return count;
        if (count == most) return -1;
        char *to = words[count++] = from;
        char quote = '\0';
        for (; *from && (quote || !isspace((unsigned char)*from)); from++) {
            if (*from == quote)
                quote = '\0';
            else if (!quote && (*from == '\'' || *from == '"'))
                quote = *from;
            else
                *to++ = *from;
        }
        if (quote) return -1;
        if (*from) from++;
        *to = '\0';
    }
}
